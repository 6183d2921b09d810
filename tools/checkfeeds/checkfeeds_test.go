package checkfeeds_test

import (
	"context"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/checkfeeds"
	"loyaltymcp/tools/run"
)

func findings(t *testing.T, d *run.Desk) map[string]int64 {
	t.Helper()
	r, err := checkfeeds.Check(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int64{}
	for _, f := range r.Findings {
		out[f.Feed+"/"+f.ID] = f.Count
	}
	return out
}

// The counts were taken from the published files by hand.
func TestAirlineTraps(t *testing.T) {
	got := findings(t, testdesk.Airline(t))
	want := map[string]int64{
		"points_monthly/colliding_ids": 163, "points_monthly/before_enrollment": 6637,
		"points_monthly/fractional_points": 20937, "points_monthly/negative_balances": 212,
	}
	for id, n := range want {
		if got[id] != n {
			t.Errorf("%s = %d, want %d", id, got[id], n)
		}
	}
	for id, n := range got {
		if _, ok := want[id]; !ok {
			t.Errorf("unexpected finding %s (%d)", id, n)
		}
	}
}

func TestDemoIsClean(t *testing.T) {
	for id, n := range findings(t, testdesk.Demo(t)) {
		t.Errorf("unexpected finding %s (%d)", id, n)
	}
}

// A small program with one of each mistake.
const broken = `
program: {name: Broken, currency: EUR}
feeds:
  members:
    sql: |
      SELECT * FROM (VALUES
        (1, TIMESTAMP '2026-01-01 10:00:00', CAST(NULL AS timestamp), 'Gold', 'active'),
        (2, TIMESTAMP '2026-02-03 10:00:00', TIMESTAMP '2026-03-01 00:00:00', 'Lead', 'cancelled'),
        (2, TIMESTAMP '2026-02-03 10:00:00', TIMESTAMP '2026-03-01 00:00:00', 'Lead', 'cancelled'),
        (3, TIMESTAMP '2026-03-05 10:00:00', TIMESTAMP '2026-03-01 00:00:00', 'Gold', 'cancelled'),
        (4, TIMESTAMP '2026-03-06 10:00:00', CAST(NULL AS timestamp), NULL, 'cancelled')
      ) AS t(member_id, enrolled_at, cancelled_at, tier, status)
  tiers: {sql: "SELECT 'Gold' AS tier, 1 AS rank"}
  points:
    sql: |
      SELECT * FROM (VALUES
        (1, 1, TIMESTAMP '2026-01-02 10:00:00', 'earn', 10.5),
        (2, 1, TIMESTAMP '2026-01-03 10:00:00', 'redeem', 5),
        (3, 1, TIMESTAMP '2025-12-03 10:00:00', 'gift', 5),
        (4, 2, TIMESTAMP '2026-03-02 10:00:00', 'redeem', -8),
        (5, 9, TIMESTAMP '2026-03-02 10:00:00', 'earn', 8),
        (6, 1, TIMESTAMP '2027-03-02 10:00:00', 'earn', 8),
        (6, 1, NULL, 'earn', 8)
      ) AS t(entry_id, member_id, occurred_at, kind, points)
`

func TestEachMistakeIsFound(t *testing.T) {
	dir := t.TempDir()
	got := findings(t, testdesk.Config(t, broken, dir, ""))
	want := map[string]int64{
		"members/duplicate_keys": 1, "members/cancelled_before_enrolling": 1, "members/undated_cancellation": 1, "members/unknown_tiers": 2,
		"points/duplicate_keys": 1, "points/nulls": 1, "points/orphans": 1, "points/before_enrollment": 1, "points/after_cancellation": 1,
		"points/future": 1, "points/unknown_kinds": 1, "points/wrong_signs": 1, "points/fractional_points": 1, "points/negative_balances": 1,
	}
	for id, n := range want {
		if got[id] != n {
			t.Errorf("%s = %d, want %d", id, got[id], n)
		}
	}
	for id, n := range got {
		if _, ok := want[id]; !ok {
			t.Errorf("unexpected finding %s (%d)", id, n)
		}
	}
}
