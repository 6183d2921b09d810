package surfaceinsights_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/surfaceinsights"
)

func surface(t *testing.T, d *run.Desk, request run.Request) *surfaceinsights.Result {
	t.Helper()
	ctx := context.Background()
	r, err := d.Open(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	result, err := surfaceinsights.Compute(ctx, d, r)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// Six kinds of member, twenty of each (id modulo 6); who is in which segment
// was worked out by hand. As of 2026-06-01; lapse 60 days.
const people = `
program: {name: Kinds, currency: EUR, point_value: 0.01}
definitions: {lapse_days: 60}
feeds:
  members:
    sql: |
      SELECT i AS member_id, CASE WHEN i % 6 = 5 THEN TIMESTAMP '2026-04-01 00:00:00' ELSE TIMESTAMP '2024-01-01 00:00:00' END AS enrolled_at,
        CASE WHEN i % 6 IN (0, 1) THEN 'Silver' ELSE 'Basic' END AS tier, i % 12 < 6 AS consent_marketing
      FROM generate_series(0, 119) AS g(i)
  tiers: {sql: "SELECT * FROM (VALUES ('Basic', 1, 0.0, 'spend', '12 months'), ('Silver', 2, 100.0, 'spend', '12 months')) AS t(tier, rank, qualify_threshold, qualify_basis, period)"}
  orders:
    sql: |
      -- 0: Silver, last seen 40 days ago: slipping
      SELECT i AS order_id, i AS member_id, TIMESTAMP '2026-04-22 12:00:00' AS ordered_at, 50.0 AS net FROM generate_series(0, 114, 6) AS g(i)
      -- 1: Silver, bought yesterday
      UNION ALL SELECT 1000 + i, i, TIMESTAMP '2026-05-31 12:00:00', 30.0 FROM generate_series(1, 115, 6) AS g(i)
      -- 2: Basic, two orders, lapsed 80 days ago: worth winning back
      UNION ALL SELECT 2000 + i, i, TIMESTAMP '2026-03-13 12:00:00', 20.0 FROM generate_series(2, 116, 6) AS g(i)
      UNION ALL SELECT 3000 + i, i, TIMESTAMP '2025-06-13 12:00:00', 22.0 FROM generate_series(2, 116, 6) AS g(i)
      -- 3: Basic, spent 90 of 100 this year: near the next tier
      UNION ALL SELECT 4000 + i, i, TIMESTAMP '2026-05-20 12:00:00', 90.0 FROM generate_series(3, 117, 6) AS g(i)
      -- 5: a newcomer with one order 45 days ago
      UNION ALL SELECT 5000 + i, i, TIMESTAMP '2026-04-17 12:00:00', 12.5 FROM generate_series(5, 119, 6) AS g(i)
  points:
    sql: |
      -- 4: earned 300 that expire in 10 days, never redeemed
      SELECT i AS entry_id, i AS member_id, TIMESTAMP '2025-06-11 00:00:00' AS occurred_at, 'earn' AS kind, 300 AS points, TIMESTAMP '2026-06-11 00:00:00' AS expires_at FROM generate_series(4, 118, 6) AS g(i)
      -- 1: earned 500 in two lots, redeemed 200: 100 of the first lot are left
      UNION ALL SELECT 1000 + i, i, TIMESTAMP '2025-06-11 00:00:00', 'earn', 300, TIMESTAMP '2026-06-11 00:00:00' FROM generate_series(1, 115, 6) AS g(i)
      UNION ALL SELECT 2000 + i, i, TIMESTAMP '2026-05-11 00:00:00', 'earn', 200, TIMESTAMP '2027-05-11 00:00:00' FROM generate_series(1, 115, 6) AS g(i)
      UNION ALL SELECT 3000 + i, i, TIMESTAMP '2026-05-12 00:00:00', 'redeem', -200, NULL FROM generate_series(1, 115, 6) AS g(i)
  rewards: {sql: "SELECT 1 AS reward_id, 'Mug' AS name, 250 AS cost_points UNION ALL SELECT 2, 'Old mug', 10"}
`

func TestSegmentsByHand(t *testing.T) {
	// The cheap old reward is off the shelf, so the cheapest costs 250.
	text := people[:len(people)-len("SELECT 2, 'Old mug', 10\"}\n")] + "SELECT 2, 'Old mug', 300\"}\n"
	d := testdesk.Config(t, text, t.TempDir(), "")
	r := surface(t, d, run.Request{AsOf: "2026-06-01"})
	want := map[string][2]float64{ // members, value
		"slipping":         {20, 20 * 50},
		"win_back":         {20, 20 * 42},
		"points_expiring":  {40, 20*3 + 20*1}, // 300 and 100 points at 0.01
		"near_next_tier":   {20, 20 * 10},
		"first_redemption": {20, 20 * 3}, // 300 points, at least 250
		"one_and_done":     {20, 20 * 12.5},
		"lapsed_for_good":  {20, 0}, // 4: quiet for a year, and never bought
		"near_reward":      {0, 0},
		"hoarders":         {0, 0},
	}
	for _, s := range r.Segments {
		w, ok := want[s.ID]
		if !ok {
			t.Errorf("unexpected segment %s", s.ID)
			continue
		}
		if s.Members == nil || *s.Members != w[0] || s.Value == nil || math.Abs(*s.Value-w[1]) > 1e-6 {
			t.Errorf("%s: %v members worth %v, want %v worth %v", s.ID, deref(s.Members), deref(s.Value), w[0], w[1])
		}
		if s.Contactable == nil || *s.Contactable != w[0]/2 {
			t.Errorf("%s: %v contactable, want half of %v", s.ID, deref(s.Contactable), w[0])
		}
		if math.Abs(deref(s.Share)-w[0]/120) > 1e-6 {
			t.Errorf("%s: share %v, want %v", s.ID, deref(s.Share), w[0]/120)
		}
		delete(want, s.ID)
	}
	if len(want) > 0 {
		t.Errorf("missing %v; unavailable %+v", want, r.Unavailable)
	}
}

func deref(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}

func TestWhatCantBeToldSaysWhy(t *testing.T) {
	r := surface(t, testdesk.Airline(t), run.Request{Window: "quarter"})
	for _, u := range r.Unavailable {
		if u.Reason == "" {
			t.Errorf("%s is unavailable without a reason", u.ID)
		}
	}
	if len(r.Segments)+len(r.Unavailable) != 13 {
		t.Errorf("%d told and %d untold, want 13 together", len(r.Segments), len(r.Unavailable))
	}
}

func TestSmallSegmentsAreSuppressed(t *testing.T) {
	text := people + "privacy: {min_members: 30}\n"
	for _, s := range surface(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{AsOf: "2026-06-01"}).Segments {
		if s.ID == "slipping" && (!s.Suppressed || s.Members != nil || s.Value != nil) {
			t.Errorf("20 members are shown under a minimum of 30: %+v", s)
		}
	}
}

// A tier is near by whatever qualifies for it.
func TestNearByEveryBasis(t *testing.T) {
	for basis, c := range map[string]struct {
		threshold      string
		members, value float64
		reason         string
	}{
		"spend":             {"100.0", 20, 20 * 10, ""},  // 3 spent 90
		"orders":            {"2.0", 40, 40 * 1, ""},     // 3 and 5 ordered once
		"earned":            {"400.0", 20, 20 * 100, ""}, // 4 earned 300
		"qualifying_points": {"100.0", 0, 0, "can't be computed"},
	} {
		t.Run(basis, func(t *testing.T) {
			text := strings.ReplaceAll(people, "'spend', '12 months'", "'"+basis+"', '12 months'")
			text = strings.Replace(text, "('Silver', 2, 100.0,", "('Silver', 2, "+c.threshold+",", 1)
			text = strings.Replace(text, "definitions: {lapse_days: 60}", "definitions: {lapse_days: 60, near_tier_share: 0.5}", 1)
			r := surface(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{AsOf: "2026-06-01"})
			if c.reason != "" {
				said := ""
				for _, u := range r.Unavailable {
					if u.ID == "near_next_tier" {
						said = u.Reason
					}
				}
				if !strings.Contains(said, c.reason) || len(r.Segments) < 5 {
					t.Errorf("%d segments, near_next_tier: %q, want %q", len(r.Segments), said, c.reason)
				}
				return
			}
			s := find(t, r, "near_next_tier")
			if deref(s.Members) != c.members || math.Abs(deref(s.Value)-c.value) > 1e-6 {
				t.Errorf("%v members lack %v, want %v and %v", deref(s.Members), deref(s.Value), c.members, c.value)
			}
		})
	}
}
