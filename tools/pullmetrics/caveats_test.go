package pullmetrics_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
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

// The tool says that nobody has looked at the data, and who does; the kept
// result, which monitor_loyalty reads beside a check, does not.
func TestFiguresOfTheToolAreToldToBeUnchecked(t *testing.T) {
	d := testdesk.Demo(t)
	tool, err := pullmetrics.Tool(testdesk.Schemas(t), func(context.Context) (*run.Desk, error) { return d, nil })
	if err != nil {
		t.Fatal(err)
	}
	answer, err := tool.Call(t.Context(), []byte(`{"dimensions": ["tier", "region"]}`))
	if err != nil {
		t.Fatal(err)
	}
	var result pullmetrics.Result
	if err := json.Unmarshal(answer.JSON, &result); err != nil {
		t.Fatal(err)
	}
	if len(result.Caveats) == 0 || !strings.Contains(result.Caveats[0], "not checked") || !strings.HasPrefix(result.Next, "Next: check_feeds") {
		t.Errorf("caveats %q, next %q", result.Caveats, result.Next)
	}
	if n := tools.Tokens(answer.JSON); n > tools.SummaryTokens {
		t.Errorf("the result costs %d tokens", n)
	}
	r, err := d.Resume(result.RunID)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := pullmetrics.Compute(t.Context(), d, r)
	if err != nil || strings.Contains(strings.Join(kept.Caveats, "\n"), "not checked") {
		t.Errorf("the kept result says %q, %v", kept.Caveats, err)
	}
}

// What a run did again stands among the caveats.
func TestRetriesAreCaveats(t *testing.T) {
	d := testdesk.Wrapped(t, `program: {name: Small, currency: EUR}
feeds:
  members: {sql: "SELECT 1 AS member_id, TIMESTAMP '2020-01-01 00:00:00' AS enrolled_at"}
  orders: {sql: "SELECT 1 AS order_id, TIMESTAMP '2026-06-20 10:00:00' AS ordered_at, 5 AS net"}
`, t.TempDir(), "", func(e warehouse.Engine) warehouse.Engine { return &flaky{Engine: e} })
	p := warehouse.NewPatience(warehouse.Backoff{Sleep: func(context.Context, time.Duration) error { return nil }})
	tool, err := pullmetrics.Tool(testdesk.Schemas(t), func(context.Context) (*run.Desk, error) { return d, nil })
	if err != nil {
		t.Fatal(err)
	}
	answer, err := tool.Call(warehouse.WithPatience(t.Context(), p), []byte(`{}`))
	if err != nil || !strings.Contains(string(answer.JSON), "Done again: ") || !strings.Contains(string(answer.JSON), "08006 connection failure") {
		t.Errorf("answer %s, %v", answer.JSON, err)
	}
}

// flaky is an engine that loses its first snapshot.
type flaky struct {
	warehouse.Engine
	lost bool
}

func (f *flaky) Begin(ctx context.Context) (warehouse.Reader, error) {
	r, err := f.Engine.Begin(ctx)
	return &flakyReader{r, f}, err
}

type flakyReader struct {
	warehouse.Reader
	of *flaky
}

func (r *flakyReader) Query(ctx context.Context, sql string, args []any, scan func(warehouse.Row) error) error {
	if !r.of.lost {
		r.of.lost = true
		return &warehouse.Transient{Class: "08006 connection failure", Lost: true, Fault: fault.New(fault.Unavailable, "warehouse", "it broke")}
	}
	return r.Reader.Query(ctx, sql, args, scan)
}
