package pullmetrics_test

import (
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
)

// One order dated after the data's end is told before everything else, and in
// the verdict.
func TestAFeedAheadIsADataAlarm(t *testing.T) {
	d := testdesk.Config(t, `program: {name: Small, currency: EUR}
feeds:
  members: {sql: "SELECT 1 AS member_id, TIMESTAMP '2020-01-01 00:00:00' AS enrolled_at"}
  orders:
    sql: |
      SELECT d.n * 100 + k.n AS order_id, 1 AS member_id, TIMESTAMP '2026-01-05 09:00:00' + d.n * INTERVAL '1 day' AS ordered_at, 10 AS net
      FROM generate_series(0, 146) AS d(n) CROSS JOIN generate_series(1, 10) AS k(n)
      UNION ALL SELECT -1, 1, TIMESTAMP '2026-06-28 09:00:00', 10
`, t.TempDir(), "")
	for asOf, want := range map[string]string{
		"":           "the orders feed has 1 rows, from 2026-06-28 to 2026-06-28, after the last day on which any feed has its usual number: they are in no figure",
		"2026-06-29": "the window reaches into days that hold only these",
	} {
		r, err := d.Open(t.Context(), run.Request{AsOf: asOf})
		if err != nil {
			t.Fatal(err)
		}
		result, err := pullmetrics.Compute(t.Context(), d, r)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(result.Caveats[0], "DATA ALARM: ") || !strings.Contains(result.Caveats[0], want) {
			t.Errorf("as of %q: the first caveat is %q, want %q", asOf, result.Caveats[0], want)
		}
		if !strings.HasSuffix(result.Verdict, " Data alarm: rows after the usual end of the data in orders.") {
			t.Errorf("as of %q: the verdict is %q", asOf, result.Verdict)
		}
		if k := result.KPI("revenue"); asOf == "" && (run.Day(r.AsOf) != "2026-06-01" || k.Value == nil || *k.Value != 3000) {
			t.Errorf("as of %s, revenue %v; want 2026-06-01, 3000", run.Day(r.AsOf), k.Value)
		}
		if len(result.Caveats) < 2 || asOf == "" && !strings.Contains(strings.Join(result.Caveats, "\n"), "The data end 31 days ago") {
			t.Errorf("as of %q: the caveats are %q", asOf, result.Caveats)
		}
	}
}
