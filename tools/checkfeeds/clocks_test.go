package checkfeeds_test

import (
	"context"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/checkfeeds"
)

// Clocks that are wrong, each in a feed of its own beside orders with honest
// hours: dates only, dates of another zone, nights, and a summer an hour late.
const brokenClocks = `
program: {name: Broken, currency: EUR}
feeds:
  members: {sql: "SELECT 1 AS member_id, TIMESTAMP '2025-01-01 10:00:00' AS enrolled_at"}
  points:
    sql: |
      SELECT d.n AS entry_id, 1 AS member_id, 'earn' AS kind, 1 AS points, TIMESTAMP '2025-07-01 00:00:00' + d.n * INTERVAL '1 day' AS occurred_at
      FROM generate_series(0, 364) AS d(n)
  surveys:
    sql: |
      SELECT 1 AS member_id, 'csat' AS kind, 5 AS score, TIMESTAMP '2025-07-01 22:00:00' + d.n * INTERVAL '1 day' AS responded_at
      FROM generate_series(0, 363) AS d(n)
  redemptions:
    sql: |
      SELECT d.n * 1000 + k.n AS redemption_id, 1 AS member_id, 1 AS reward_id, 1 AS points,
        TIMESTAMP '2025-07-01 21:00:00' + d.n * INTERVAL '1 day' + k.n * INTERVAL '1 hour' AS redeemed_at
      FROM generate_series(0, 363) AS d(n) CROSS JOIN generate_series(1, 10) AS k(n)
  engagement:
    sql: |
      SELECT 1 AS member_id, 'open' AS kind,
        TIMESTAMP '2025-07-01 07:00:00' + d.n * INTERVAL '1 day' + floor(sqrt(k.n)) * INTERVAL '1 hour'
        + CASE WHEN d.n < 90 OR d.n > 270 THEN 1 ELSE 0 END * INTERVAL '1 hour' AS occurred_at
      FROM generate_series(0, 364) AS d(n) CROSS JOIN generate_series(1, 80) AS k(n)
`

func TestBrokenClocksAreFound(t *testing.T) {
	found := checked(t, brokenClocks)
	same(t, counts(found), map[string]int64{
		"points/dates_only": 365, "surveys/shifted_dates": 364, "redemptions/night_activity": 2184, "engagement/dst_step": 29200,
		"redemptions/unlike_ledger": 12, "points/late_ledger": 181,
	})
}

// Days are those of the program's zone, also where its hours start at half
// past.
func TestDaysAreTheProgramsOwn(t *testing.T) {
	for _, d := range desks(t, `
program: {name: Delhi, currency: INR, time_zone: Asia/Kolkata}
feeds:
  members: {sql: "SELECT 1 AS member_id, TIMESTAMP '2025-12-01 10:00:00' AS enrolled_at"}
  orders:
    sql: |
      SELECT 1 AS order_id, 1 AS member_id, 5 AS net, TIMESTAMP '2026-01-01 18:15:00' AS ordered_at
      UNION ALL SELECT 2, 1, 5, TIMESTAMP '2026-01-01 18:45:00'
`) {
		r, err := checkfeeds.Check(context.Background(), d)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Feeds {
			if f.Feed == "orders" && (f.First != "2026-01-01" || f.Last != "2026-01-02" || *f.Rows != 2) {
				t.Errorf("%s: orders go from %s to %s", r.Engine, f.First, f.Last)
			}
		}
	}
}

// A member enrolled in the middle of a month has a row for the whole of it, and
// a member who bought on the day of leaving has left after that.
func TestDaysAndMonthsAreNotTakenForMoments(t *testing.T) {
	d := testdesk.Config(t, `
program: {name: Grains, currency: EUR}
feeds:
  members: {sql: "SELECT 1 AS member_id, TIMESTAMP '2026-01-20 10:00:00' AS enrolled_at, DATE '2026-03-05' AS cancelled_at"}
  points_monthly: {sql: "SELECT 1 AS member_id, DATE '2026-01-01' AS month, 5 AS earned, 0 AS redeemed"}
  orders:
    sql: |
      SELECT 1 AS order_id, 1 AS member_id, 5 AS net, TIMESTAMP '2026-01-20 09:00:00' AS ordered_at
      UNION ALL SELECT 2, 1, 5, TIMESTAMP '2026-03-05 18:00:00'
`, t.TempDir(), "")
	same(t, findings(t, d), map[string]int64{})
}
