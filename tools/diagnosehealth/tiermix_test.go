package diagnosehealth_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/run"
)

// Sixty members, whose tiers were worked out by hand. On 2026-06-01, of the 40 who
// were Basic a month before, 10 are Silver and 2 have cancelled; of the 20 Silver
// ones 4 are Basic. One more joins. All enrolled on 2025-07-01 but the last.
const tiered = `program: {name: Tiered, currency: EUR}
definitions: {tier_review: enrolment}
privacy: {min_members: 1, min_members_for_rates: 1}
%s
feeds:
  members:
    sql: |
      SELECT i AS member_id, CASE WHEN i = 60 THEN TIMESTAMP '2026-05-20 00:00:00' ELSE TIMESTAMP '2025-07-01 09:00:00' END AS enrolled_at,
        CASE WHEN i IN (38, 39) THEN TIMESTAMP '2026-05-25 00:00:00' END AS cancelled_at FROM generate_series(0, 60) AS g(i)
  tiers: {sql: "SELECT * FROM (VALUES ('Basic', 1, 0.0, 'spend', '12 months'), ('Silver', 2, 120.0, 'spend', '12 months')) AS t(tier, rank, qualify_threshold, qualify_basis, period)"}
  tier_history:
    sql: |
      SELECT i AS member_id, CASE WHEN i < 40 OR i = 60 THEN 'Basic' ELSE 'Silver' END AS tier,
        CASE WHEN i = 60 THEN TIMESTAMP '2026-05-20 00:00:00' ELSE TIMESTAMP '2025-07-01 09:00:00' END AS effective_from,
        CASE WHEN i < 10 OR i IN (40, 41, 42, 43) THEN TIMESTAMP '2026-05-15 00:00:00' END AS effective_to FROM generate_series(0, 60) AS g(i)
      UNION ALL SELECT i, CASE WHEN i < 10 THEN 'Silver' ELSE 'Basic' END, TIMESTAMP '2026-05-15 00:00:00', CAST(NULL AS timestamp) FROM generate_series(0, 60) AS g(i) WHERE i < 10 OR i IN (40, 41, 42, 43)
  orders:
    sql: |
      SELECT 100 * m.i + k.i AS order_id, m.i AS member_id, TIMESTAMP '2025-07-02 10:00:00' + k.i * INTERVAL '30 days' AS ordered_at,
        CASE WHEN m.i < 10 THEN 20.0 WHEN m.i < 50 THEN 10.5 ELSE 5.0 END AS net
      FROM generate_series(0, 59) AS m(i) CROSS JOIN generate_series(0, 10) AS k(i)
      UNION ALL SELECT 99999, 0, TIMESTAMP '2026-05-31 20:00:00', 0.0
`

func TestTierMoves(t *testing.T) {
	d := testdesk.Config(t, fmt.Sprintf(tiered, ""), t.TempDir(), "")
	r := diagnose(t, d, run.Request{Window: "2026-05-02..2026-06-01"})
	mix := r.TierMix
	if mix.Status != "ok" {
		t.Errorf("%s: %s", mix.Status, mix.Reason)
	}
	for point, want := range map[string]float64{
		"health/tier_mix/upgraded": 10.0 / 60, "health/tier_mix/downgraded": 4.0 / 60, "health/tier_mix/cancelled": 2.0 / 60,
		"health/tier_mix/joined": 1, "health/tier_mix/net_moves": 6, "health/tier_mix/upper_change": 26.0/20 - 1,
		"health/tier_mix/reviews_due": 26,
		// Of the 26 Silver ones, 10 have spent 220, 6 have 115.50 and 10 have 55 so
		// far. With 30 days to go, those of 115.50 come to 125 at their pace.
		"health/tier_mix/keeping": 16.0 / 26,
	} {
		if f := r.Figure(point); f == nil || f.Value == nil || math.Abs(*f.Value-want) > 1e-6 {
			t.Errorf("%s: %+v, want %v", point, f, want)
		}
	}
	share := func(from, to string) float64 {
		for _, row := range mix.Moves.Matrix {
			for _, c := range row.To {
				if row.From == from && c.To == to {
					return *c.Share
				}
			}
		}
		return -1
	}
	if a, b, c := share("Basic", "Silver"), share("Basic", "(cancelled)"), share("Silver", "Basic"); a != 0.25 || b != 0.05 || c != 0.2 {
		t.Errorf("Basic to Silver %v, cancelled %v, Silver to Basic %v", a, b, c)
	}
	for _, tier := range mix.Tiers {
		// 300 of the sales of May, all before the moves, are of 40 Basic members.
		if tier.Tier == "Basic" && (*tier.Members != 33 || tier.ShareYearAgo != nil) {
			t.Errorf("Basic: %v members, %v a year ago, before anyone enrolled", *tier.Members, tier.ShareYearAgo)
		}
	}
	p := mix.Projection
	if p == nil || p.Months != 12 || p.At != "2027-06-01" {
		t.Fatalf("projection %+v", p)
	}
	var members float64
	for _, tier := range p.Tiers {
		members += *tier.Members
	}
	if members >= 59 || members < 40 {
		t.Errorf("%v of 59 members in a year, some of whom cancel", members)
	}
	if len(mix.Reviews.Tiers) != 1 || *mix.Reviews.Tiers[0].Secured != 10 {
		t.Errorf("reviews %+v, want 10 secured", mix.Reviews.Tiers)
	}
	if mix.Health != diagnosehealth.Healthy || !strings.Contains(mix.Rule, "at review") {
		t.Errorf("%s by %q; 10 of 26 lose their tier", mix.Health, mix.Rule)
	}
	text := fmt.Sprintf(tiered, "health: {tier_mix: {losing: {watch: 0.3, act: 0.38}}}")
	if mix := diagnose(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{Window: "2026-05-02..2026-06-01"}).TierMix; mix.Health != diagnosehealth.Act {
		t.Errorf("%s by %q; 10 of 26 lose their tier", mix.Health, mix.Rule)
	}
}

// Reviews count from when the tier was reached, if the program says so.
func TestReviewsFromTheTier(t *testing.T) {
	text := strings.Replace(fmt.Sprintf(tiered, ""), "tier_review: enrolment", "tier_review: tier_start", 1)
	r := diagnose(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{Window: "2026-05-02..2026-06-01"})
	// Ten became Silver on 2026-05-15 and are reviewed in May 2027.
	if f := r.Figure("health/tier_mix/reviews_due"); f == nil || *f.Value != 16 {
		t.Errorf("due: %+v, want 16", f)
	}
}

// What can't be told is said, and the rest is given.
func TestTierMixWithLess(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		reason   string
		tiers    int
	}{
		"one tier":        {"CASE WHEN i < 10 THEN 'Silver' ELSE 'Basic' END", "'Basic'", "", 2},
		"no qualifying":   {"'spend', '12 months'", "'miles', '12 months'", "requalification: a tier qualified for by", 2},
		"an odd period":   {"'12 months'", "'a while'", "requalification: the tiers feed's period", 2},
		"periods of none": {"'12 months'", "'0 months'", "requalification: the tiers feed's period", 2},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.ReplaceAll(fmt.Sprintf(tiered, ""), c.old, c.new)
			r := diagnose(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{Window: "2026-05-02..2026-06-01"})
			if !strings.Contains(r.TierMix.Reason, c.reason) || len(r.TierMix.Tiers) != c.tiers {
				t.Errorf("%d tiers, reason %q, want %q", len(r.TierMix.Tiers), r.TierMix.Reason, c.reason)
			}
		})
	}
	t.Run("a single tier, and no history", func(t *testing.T) {
		d := testdesk.Config(t, `program: {name: One, currency: EUR}
feeds:
  members: {sql: "SELECT i AS member_id, TIMESTAMP '2025-07-01 09:00:00' + i * INTERVAL '3 days' AS enrolled_at, 'Basic' AS tier FROM generate_series(0, 100) AS g(i)"}
`, t.TempDir(), "")
		r := diagnose(t, d, run.Request{Window: "30d"})
		if r.TierMix.Status != "partial" || !strings.Contains(r.TierMix.Reason, "tier_history") || len(r.TierMix.Tiers) != 1 || r.TierMix.Health != diagnosehealth.Unknown {
			t.Errorf("%+v", r.TierMix)
		}
	})
}
