package checkfeeds_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/checkfeeds"
	"loyaltymcp/tools/run"
)

// desks returns the program on each engine, all with one store, so that their
// salts agree. PostgreSQL reads the same SQL, of constants, without any table.
func desks(t *testing.T, config string) map[string]*run.Desk {
	t.Helper()
	out := map[string]*run.Desk{"duckdb": testdesk.Config(t, config, t.TempDir(), "")}
	if os.Getenv("LOYALTY_TEST_POSTGRES_URL") != "" || os.Getenv("CI") != "" {
		out["postgres"] = testdesk.Config(t, config, t.TempDir(), testdesk.PostgresURL(t))
		out["postgres"].Store = out["duckdb"].Store
	} else {
		t.Log("LOYALTY_TEST_POSTGRES_URL is not set: only the embedded engine is tested")
	}
	return out
}

// checked returns what is found in the program, which all engines must agree
// on to the letter.
func checked(t *testing.T, config string) []checkfeeds.Finding {
	t.Helper()
	programs := desks(t, config)
	var want []checkfeeds.Finding
	for _, engine := range []string{"duckdb", "postgres"} {
		d, ok := programs[engine]
		if !ok {
			continue
		}
		r, err := checkfeeds.Check(context.Background(), d)
		if err != nil {
			t.Fatalf("%s: %v", engine, err)
		}
		if want == nil {
			want = r.Findings
			continue
		}
		w, _ := json.MarshalIndent(want, "", " ")
		g, _ := json.MarshalIndent(r.Findings, "", " ")
		if string(w) != string(g) {
			t.Errorf("duckdb found\n%s\n%s found\n%s", w, engine, g)
		}
	}
	return want
}

// counts are findings by feed and check.
func counts(findings []checkfeeds.Finding) map[string]int64 {
	out := map[string]int64{}
	for _, f := range findings {
		out[f.Feed+"/"+f.ID] = f.Count
	}
	return out
}

func same(t *testing.T, got, want map[string]int64) {
	t.Helper()
	for id, n := range want {
		if got[id] != n {
			t.Errorf("%s = %d, want %d", id, got[id], n)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[id]; !ok {
			t.Errorf("unexpected finding %s (%d)", id, got[id])
		}
	}
}

// A small program with one of each mistake in members, tiers and ledger.
const brokenLedger = `
program: {name: Broken, currency: EUR}
feeds:
  members:
    sql: |
      SELECT * FROM (VALUES
        (1, TIMESTAMP '2026-01-01 10:00:00', CAST(NULL AS timestamp), 'Gold', 'active'),
        (2, TIMESTAMP '2026-02-03 10:00:00', TIMESTAMP '2026-03-01 00:00:00', 'Lead', 'cancelled'),
        (2, TIMESTAMP '2026-02-03 10:00:00', TIMESTAMP '2026-03-01 00:00:00', 'Lead', 'cancelled'),
        (3, TIMESTAMP '2026-03-05 10:00:00', TIMESTAMP '2026-03-01 00:00:00', 'Gold', 'cancelled'),
        (4, TIMESTAMP '2026-03-06 10:00:00', CAST(NULL AS timestamp), NULL, 'cancelled'),
        (5, TIMESTAMP '2026-03-06 10:00:00', CAST(NULL AS timestamp), NULL, 'active'),
        (5, TIMESTAMP '2026-03-16 10:00:00', CAST(NULL AS timestamp), NULL, 'closed')
      ) AS t(member_id, enrolled_at, cancelled_at, tier, status)
  tiers: {sql: "SELECT 'Gold' AS tier, 1 AS rank"}
  tier_history:
    sql: |
      SELECT * FROM (VALUES
        (1, 'Gold', TIMESTAMP '2026-01-01 10:00:00', TIMESTAMP '2026-02-01 00:00:00'),
        (1, 'Gold', TIMESTAMP '2026-01-20 00:00:00', TIMESTAMP '2026-02-10 00:00:00'),
        (1, 'Golden', TIMESTAMP '2026-03-10 00:00:00', TIMESTAMP '2026-03-09 00:00:00')
      ) AS t(member_id, tier, effective_from, effective_to)
  points:
    sql: |
      SELECT * FROM (VALUES
        (1, 1, TIMESTAMP '2026-01-02 10:00:00', 'earn', 10.5),
        (2, 1, TIMESTAMP '2026-01-03 10:00:00', 'redeem', 5),
        (3, 1, TIMESTAMP '2025-12-03 10:00:00', 'gift', 5),
        (4, 2, TIMESTAMP '2026-03-02 10:00:00', 'redeem', -8),
        (5, 9, TIMESTAMP '2026-03-02 10:00:00', 'earn', 8),
        (6, 1, TIMESTAMP '2027-03-02 10:00:00', 'earn', 8),
        (6, 1, NULL, 'earn', 8),
        (7, 1, TIMESTAMP '2026-03-02 10:00:00', 'earn', 8),
        (7, 1, TIMESTAMP '2026-03-02 10:00:00', 'earn', 8),
        (8, 1, TIMESTAMP '2026-03-02 10:00:00', 'earn', 8),
        (8, 1, TIMESTAMP '2026-03-02 10:00:00', 'earn', 9),
        (9, 1, TIMESTAMP '1970-01-01 00:00:00', 'earn', 9)
      ) AS t(entry_id, member_id, occurred_at, kind, points)
`

func TestEachMistakeOfTheLedgerIsFound(t *testing.T) {
	findings := checked(t, brokenLedger)
	same(t, counts(findings), map[string]int64{
		"members/duplicate_keys": 1, "members/colliding_ids": 1, "members/cancelled_before_enrolling": 1, "members/undated_cancellation": 1,
		"members/unknown_tiers": 2, "members/unknown_statuses": 1,
		"tier_history/overlapping_tiers": 1, "tier_history/tier_gaps": 1, "tier_history/backward_spells": 1, "tier_history/unknown_tiers": 1,
		"points/duplicate_keys": 2, "points/colliding_ids": 1, "points/nulls": 1, "points/orphans": 1, "points/before_enrollment": 2, "points/after_cancellation": 1,
		"points/future": 1, "points/far_past": 1, "points/unknown_kinds": 1, "points/wrong_signs": 1, "points/fractional_points": 1, "points/negative_balances": 1,
	})
	for _, f := range findings {
		if f.Feed == "points" && f.ID == "after_cancellation" {
			if f.From != "2026-03-02" || f.To != "2026-03-02" || f.Of != 12 || f.Share == nil || *f.Share != 0.0833 || f.Unit != "rows" {
				t.Errorf("after_cancellation is told as %+v", f)
			}
		}
	}
}

const brokenSales = `
program: {name: Broken, currency: EUR, time_zone: Europe/Berlin}
feeds:
  members: {sql: "SELECT 'm' || CAST(g.i AS text) AS member_id, TIMESTAMP '2026-01-01 10:00:00' AS enrolled_at FROM generate_series(1, 9) AS g(i)"}
  orders:
    sql: |
      SELECT * FROM (VALUES
        ('a', 'm1', TIMESTAMP '2026-01-02 10:00:00', 10.0, 12.0, 0.0, 'paid', 'EUR'),
        ('b', 'm1', TIMESTAMP '2026-01-01 08:00:00', 10.0, 12.0, 0.0, 'paid', 'eur '),
        ('c', 'm1', TIMESTAMP '2026-01-04 10:00:00', -10.0, -9.0, 0.0, 'paid', NULL),
        ('d', NULL, TIMESTAMP '2026-01-05 10:00:00', 10.0, 9.0, 0.0, 'paid', 'USD'),
        ('e', 'm2', TIMESTAMP '2026-01-06 10:00:00', 10.0, 12.0, -2.0, 'Canceled', 'USD'),
        ('f', 'm2', TIMESTAMP '2026-01-07 10:00:00', 10.0, 12.0, 0.0, 'paid', '<script>')
      ) AS t(order_id, member_id, ordered_at, net, gross, refund, status, currency)
  redemptions:
    sql: |
      SELECT * FROM (VALUES
        (1, 'm1', 7, TIMESTAMP '2026-01-02 10:00:00', 100, 'used', TIMESTAMP '2026-01-01 10:00:00', 'USD'),
        (2, 'm1', 7, TIMESTAMP '2026-01-03 10:00:00', -100, 'used', TIMESTAMP '2026-01-03 10:00:00', 'USD'),
        (2, 'm1', 7, TIMESTAMP '2026-01-03 10:00:00', -100, 'used', TIMESTAMP '2026-01-03 10:00:00', 'USD')
      ) AS t(redemption_id, member_id, reward_id, redeemed_at, points, status, used_at, currency)
  rewards: {sql: "SELECT 7 AS reward_id, 'Mug' AS name, -5 AS cost_points"}
  engagement: {sql: "SELECT 'm1' AS member_id, TIMESTAMP '2026-01-05 10:00:00' AS occurred_at, 'poke' AS kind"}
  surveys: {sql: "SELECT TIMESTAMP '2026-01-05 10:00:00' AS responded_at, TIMESTAMP '2026-01-06 10:00:00' AS invited_at, 'csat' AS kind, 9 AS score"}
  experiments:
    sql: |
      SELECT 'x' AS experiment_id, 'X' AS name, TIMESTAMP '2026-01-05 10:00:00' AS started_at, TIMESTAMP '2026-01-04 10:00:00' AS ended_at
  assignments:
    sql: |
      SELECT * FROM (VALUES
        ('x', 'm1', 'a', TIMESTAMP '2026-01-05 08:00:00', CAST(NULL AS timestamp)),
        ('x', 'm1', 'b', TIMESTAMP '2026-01-05 10:00:00', NULL),
        ('x', 'm2', 'a', TIMESTAMP '2026-01-04 10:00:00', TIMESTAMP '2026-01-03 10:00:00'),
        ('y', 'm3', 'a', TIMESTAMP '2026-01-06 10:00:00', NULL),
        ('x', 'm4', 'a', TIMESTAMP '2026-01-06 10:00:00', NULL),
        ('x', 'm4', 'a', TIMESTAMP '2026-01-06 10:00:00', NULL)
      ) AS t(experiment_id, unit_id, arm, assigned_at, exposed_at)
`

func TestEachMistakeOfSalesIsFound(t *testing.T) {
	findings := checked(t, brokenSales)
	same(t, counts(findings), map[string]int64{
		"orders/negative_orders": 1, "orders/net_above_gross": 1, "orders/wrong_signs": 1, "orders/status_counts": 1, "orders/currencies": 3,
		"redemptions/currencies": 3, "redemptions/used_too_soon": 1, "redemptions/wrong_signs": 2, "redemptions/duplicate_keys": 1, "redemptions/stale": 4,
		"rewards/wrong_signs": 1, "engagement/unknown_kinds": 1, "surveys/off_scale": 1, "surveys/answered_too_soon": 1,
		"experiments/backward_spells": 1, "assignments/two_arms": 1, "assignments/duplicate_keys": 1, "assignments/before_start": 1,
		"assignments/exposed_too_soon": 1, "assignments/unknown_experiments": 1,
	})
	for _, f := range findings {
		if f.Feed == "orders" && f.ID == "currencies" {
			if !strings.HasSuffix(f.Says, "All rows by currency: EUR 2, USD 2, 1 have none and count as EUR, others 1.") || f.Severity != checkfeeds.Error {
				t.Errorf("currencies: %s %s", f.Severity, f.Says)
			}
		}
	}
}

// Half a year of orders, with a hole of four days, two last days that are
// hardly there and a clock seven hours ahead of engagement's, which ends three
// days early.
const brokenDays = `
program: {name: Broken, currency: EUR}
feeds:
  members: {sql: "SELECT 1 AS member_id, TIMESTAMP '2025-12-01 10:00:00' AS enrolled_at"}
  orders:
    sql: |
      SELECT d.n * 1000 + k.n AS order_id, 1 AS member_id, 5.0 AS net,
        TIMESTAMP '2026-01-01 13:00:00' + d.n * INTERVAL '1 day' + floor(sqrt(k.n)) * INTERVAL '1 hour' AS ordered_at
      FROM generate_series(0, 179) AS d(n) CROSS JOIN generate_series(1, 80) AS k(n)
      WHERE d.n NOT BETWEEN 100 AND 103 AND (d.n < 178 OR k.n <= 20)
  engagement:
    sql: |
      SELECT 1 AS member_id, 'open' AS kind,
        TIMESTAMP '2026-01-01 06:00:00' + d.n * INTERVAL '1 day' + floor(sqrt(k.n)) * INTERVAL '1 hour' AS occurred_at
      FROM generate_series(0, 176) AS d(n) CROSS JOIN generate_series(1, 80) AS k(n)
`

func TestBrokenDaysAndClocksAreFound(t *testing.T) {
	findings := checked(t, brokenDays)
	same(t, counts(findings), map[string]int64{
		"orders/day_gaps": 4, "orders/drops": 2, "orders/ahead": 40, "engagement/shifted_hours": 14160, "engagement/stale": 1,
	})
	for id, want := range map[string]string{
		"day_gaps":      "Days without rows where the weeks around have some nearly every day: 4. The longest: 2026-04-11 to 2026-04-14 (0 rows, about 320 expected).",
		"drops":         "Days with less than half the rows of the same weekday in the weeks around: 2. When: 2026-06-28 to 2026-06-29 (40 rows, about 160 expected).",
		"shifted_hours": "The feed's day has the shape of the orders feed's when its clock is moved: it runs 7 hours behind it. One of the two clocks is wrong.",
		"stale":         "The feed ends on 2026-06-26; days that the newest one goes further: 1. About 80 rows are missing.",
		"ahead":         "Rows after 2026-06-27, the last day on which any feed of events has its usual number: 40, from 2026-06-28 to 2026-06-29.",
	} {
		n := slices.IndexFunc(findings, func(f checkfeeds.Finding) bool { return f.ID == id })
		if n >= 0 && findings[n].Says != want {
			t.Errorf("%s says %q, want %q", id, findings[n].Says, want)
		}
	}
}

// The same mistakes in files.
func TestMistakesInFilesAreFound(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"members.csv": "member_id,enrolled_at,region\n1,2026-01-01,N\n2,2026-01-02,S\n2,2026-02-02,N\n",
		"orders.csv":  "order_id,member_id,ordered_at,net,currency\n1,1,2026-02-01 09:00:00,5.00,EUR\n1,1,2026-02-01 09:00:00,5.00,EUR\n2,7,2026-02-02 09:00:00,,USD\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d := testdesk.Config(t, "program: {name: Files, currency: EUR}\nfeeds: {members: {file: members.csv}, orders: {file: orders.csv}}\n", dir, "")
	same(t, findings(t, d), map[string]int64{
		"members/colliding_ids": 1, "orders/duplicate_keys": 1, "orders/nulls": 1, "orders/orphans": 1, "orders/currencies": 1,
	})
}

// Redemptions of which the ledger knows nothing, in one of three whole months.
func TestRedemptionsUnlikeTheLedger(t *testing.T) {
	config := `
program: {name: Broken, currency: EUR}
feeds:
  members: {sql: "SELECT 1 AS member_id, TIMESTAMP '2025-12-01 10:00:00' AS enrolled_at"}
  points:
    sql: |
      SELECT 0 AS entry_id, 1 AS member_id, TIMESTAMP '2026-01-01 10:00:00' AS occurred_at, 'earn' AS kind, 100000 AS points
      UNION ALL SELECT d.n, 1, TIMESTAMP '2026-01-01 11:00:00' + d.n * INTERVAL '1 day', 'redeem', -100 FROM generate_series(1, 150) AS d(n)
      UNION ALL SELECT 1000, 1, TIMESTAMP '2026-02-05 11:00:00', 'reimburse', 100
  redemptions:
    sql: |
      SELECT d.n AS redemption_id, 1 AS member_id, 1 AS reward_id, TIMESTAMP '2026-01-01 11:00:00' + d.n * INTERVAL '1 day' AS redeemed_at,
        CASE WHEN d.n BETWEEN 70 AND 75 THEN 500 ELSE 100 END AS points, CASE WHEN d.n = 34 THEN 'cancelled' ELSE 'used' END AS status
      FROM generate_series(1, 150) AS d(n)
`
	findings := checked(t, config)
	same(t, counts(findings), map[string]int64{"redemptions/unlike_ledger": 1})
	if len(findings) == 1 && !strings.Contains(findings[0].Says, "2026-03 (5500 against 3100 in the ledger)") {
		t.Error(findings[0].Says)
	}
}

// Orders whose clock runs ahead for part of the time, or one of which is dated
// months later, don't make the other feeds late.
func TestAFeedAheadIsToldNotFollowed(t *testing.T) {
	const program = `
program: {name: Ahead, currency: EUR}
feeds:
  members: {sql: "SELECT 1 AS member_id, TIMESTAMP '2025-01-01 10:00:00' AS enrolled_at"}
  engagement:
    sql: |
      SELECT 1 AS member_id, 'login' AS kind, TIMESTAMP '2026-01-01 09:00:00' + d.n * INTERVAL '1 day' + floor(sqrt(k.n)) * INTERVAL '1 hour' AS occurred_at
      FROM generate_series(0, 150) AS d(n) CROSS JOIN generate_series(1, 80) AS k(n)
  orders:
    sql: |
      SELECT d.n * 1000 + k.n AS order_id, 1 AS member_id, 5.0 AS net,
        TIMESTAMP '2026-01-01 09:00:00' + d.n * INTERVAL '1 day' + floor(sqrt(k.n)) * INTERVAL '1 hour' AS ordered_at
      FROM generate_series(0, 150) AS d(n) CROSS JOIN generate_series(1, 80) AS k(n)`
	for _, c := range []struct {
		rows     string
		count    int64
		severity string
	}{
		{" UNION ALL SELECT -1, 1, 5.0, TIMESTAMP '2026-06-29 12:00:00'", 1, checkfeeds.Warning},
		{" UNION ALL SELECT -k.n, 1, 5.0, TIMESTAMP '2026-06-01 00:00:00' + k.n * INTERVAL '5 hours' FROM generate_series(1, 100) AS k(n)", 100, checkfeeds.Error},
	} {
		found := checked(t, program+c.rows+"\n")
		same(t, counts(found), map[string]int64{"orders/ahead": c.count})
		for _, f := range found {
			if f.Severity != c.severity || f.From < "2026-06-01" {
				t.Errorf("%d rows are told as %+v, want %s", c.count, f, c.severity)
			}
		}
	}
}

// A month counts from the day on which its last day is there, the newest and
// the first like all others.
func TestTheNewestMonthIsComparedWithTheLedger(t *testing.T) {
	const program = `
program: {name: Newest, currency: EUR}
feeds:
  members: {sql: "SELECT 1 AS member_id, TIMESTAMP '2025-12-01 10:00:00' AS enrolled_at"}
  points:
    sql: |
      SELECT 0 AS entry_id, 1 AS member_id, TIMESTAMP '2026-01-01 10:00:00' AS occurred_at, 'earn' AS kind, 100000 AS points
      UNION ALL SELECT d.n, 1, TIMESTAMP '2025-12-31 11:00:00' + d.n * INTERVAL '1 day', 'redeem', -100 FROM generate_series(1, LAST) AS d(n)
  redemptions:
    sql: |
      SELECT d.n AS redemption_id, 1 AS member_id, 1 AS reward_id, TIMESTAMP '2025-12-31 11:00:00' + d.n * INTERVAL '1 day' AS redeemed_at,
        CASE WHEN d.n = ODD THEN 500 ELSE 100 END AS points FROM generate_series(1, LAST) AS d(n)
`
	for _, c := range []struct{ last, odd, want string }{
		{"181", "170", "2026-06 (3400 against 3000 in the ledger)"}, // to 2026-06-30
		{"180", "170", ""}, // June lacks a day
		{"181", "9", "2026-01 (3500 against 3100 in the ledger)"},
	} {
		found := checked(t, strings.NewReplacer("LAST", c.last, "ODD", c.odd).Replace(program))
		got := ""
		if len(found) == 1 && found[0].ID == "unlike_ledger" {
			got = found[0].Says
		}
		if (c.want == "") != (len(found) == 0) || !strings.Contains(got, c.want) {
			t.Errorf("up to day %s, odd on day %s: %+v, want %q", c.last, c.odd, found, c.want)
		}
	}
}

// A spell loaded twice is one finding, and no error: figures by tier hold.
func TestCopiesOfSpellsAreAWarning(t *testing.T) {
	found := checked(t, `
program: {name: Copies, currency: EUR}
feeds:
  members: {sql: "SELECT 1 AS member_id, TIMESTAMP '2026-01-01 10:00:00' AS enrolled_at"}
  tier_history:
    sql: |
      SELECT * FROM (VALUES
        (1, 'Silver', TIMESTAMP '2026-01-01 10:00:00', TIMESTAMP '2026-02-01 00:00:00'),
        (1, 'Silver', TIMESTAMP '2026-01-01 10:00:00', TIMESTAMP '2026-02-01 00:00:00'),
        (1, 'Gold', TIMESTAMP '2026-02-01 00:00:00', CAST(NULL AS timestamp)),
        (1, 'Gold', TIMESTAMP '2026-02-01 00:00:00', CAST(NULL AS timestamp))
      ) AS t(member_id, tier, effective_from, effective_to)
`)
	same(t, counts(found), map[string]int64{"tier_history/duplicate_keys": 2})
	if len(found) == 1 && (found[0].Severity != checkfeeds.Warning || strings.Contains(found[0].Next, "summed")) {
		t.Errorf("copies are told as %+v", found[0])
	}
}

// Returns have always been there; sales with the wrong sign begin one day, or
// have a negative gross.
func TestSalesWithTheWrongSignAreNoReturns(t *testing.T) {
	for _, c := range []struct{ net, gross, severity, says string }{
		{"CASE WHEN k.n = 1 THEN -5.0 ELSE 5.0 END", "5.0", checkfeeds.Info, "Orders with a negative net: 150."},
		{"CASE WHEN k.n = 1 AND d.n >= 120 THEN -5.0 ELSE 5.0 END", "5.0", checkfeeds.Warning,
			"Orders with a negative net: 30. They start on 2026-05-01; at their rate about 120 were to be expected among the 1200 orders before, and there is none."},
		{"CASE WHEN k.n = 1 AND d.n >= 145 THEN -5.0 ELSE 5.0 END", "5.0", checkfeeds.Warning, "They start on 2026-05-26"},
		{"CASE WHEN k.n = 1 AND d.n IN (9, 99) THEN -5.0 ELSE 5.0 END", "5.0", checkfeeds.Info, "Orders with a negative net: 2."},
		{"CASE WHEN k.n = 1 THEN -5.0 ELSE 5.0 END", "CASE WHEN k.n = 1 THEN -4.0 ELSE 6.0 END", checkfeeds.Warning, "150, of which gross is negative too: 150"},
	} {
		found := checked(t, `
program: {name: Signs, currency: EUR}
feeds:
  members: {sql: "SELECT 1 AS member_id, TIMESTAMP '2025-01-01 10:00:00' AS enrolled_at"}
  orders:
    sql: |
      SELECT d.n * 1000 + k.n AS order_id, 1 AS member_id, `+c.net+` AS net, `+c.gross+` AS gross, TIMESTAMP '2026-01-01 09:00:00' + d.n * INTERVAL '1 day' AS ordered_at
      FROM generate_series(0, 149) AS d(n) CROSS JOIN generate_series(1, 10) AS k(n)
`)
		n := slices.IndexFunc(found, func(f checkfeeds.Finding) bool { return f.ID == "negative_orders" })
		if n < 0 || found[n].Severity != c.severity || !strings.Contains(found[n].Says, c.says) {
			t.Errorf("net %s, gross %s: %+v, want %s, %q", c.net, c.gross, found, c.severity, c.says)
		}
	}
}
