package bench

import (
	"slices"
	"strings"
	"testing"
	"time"

	"loyaltymcp/tools/run"
)

// historyDays is how long before the window the series start, as pull_metrics
// has it: three years and eight weeks.
const historyDays = 3*366 + 8*7

// kpis names the partners of the queries of pull_metrics: those of the windows,
// by source and horizon, and those of the series, by day. The partners compute
// the main figures of each; ours also the members behind every figure, and sums
// of products by member, of which intervals are made.
func kpis(r *run.Run, lapse int) []measured {
	w, before, year := r.Window, r.Window.Previous(), r.Window.YearAgo()
	days := func(t time.Time, n int) time.Time { return t.AddDate(0, 0, n) }
	line := func(t time.Time) time.Time { return days(t, -lapse) }
	windows := func(horizon int, more ...any) []any {
		var out []any
		for _, t := range []time.Time{w.Start, w.End, before.Start, year.Start, year.End} {
			out = append(out, days(t, -horizon))
		}
		return append(out, more...)
	}
	exactly := agreement{keys: 4, theirKeys: 1, scales: exact, among: true}
	at := func(query, partner string, args []any, shared ...sharedQuery) measured {
		return measured{stage: run.PullMetrics, query: query, partner: partner, args: args, agree: exactly, shared: shared}
	}
	out := []measured{
		at("enrolled", "", windows(0)),
		at("enrolled", "enrolled_90", windows(90)),
		at("enrolled", "enrolled_30", windows(30)),
		at("cancelled", "", windows(0)),
		at("start", "", windows(0, line(w.Start), line(w.End), line(before.Start), line(year.Start), line(year.End))),
		at("open", "open_members", windows(0)),
		at("engagement", "", windows(0)),
		at("points", "", windows(0)),
		at("balances", "balance", windows(0),
			sharedQuery{"q05_balance_buckets", []any{w.End}, []int{2}}, sharedQuery{"q05_balance_buckets", []any{w.Start}, nil}, sharedQuery{"q05_balance_buckets", []any{year.End}, nil}),
		at("lots", "", []any{w.End, days(w.End, 30), days(w.End, 60), days(w.End, 90)}),
		at("redemptions", "", windows(0)),
		at("orders", "", windows(0),
			sharedQuery{"q01_kpi_window", []any{before.Start, w.Start, w.End}, []int{0, 1, 2, 3, 4, 5}}, sharedQuery{"q01_kpi_window", []any{year.Start, year.Start, year.End}, nil}),
		at("surveys", "", windows(0)),
		at("first_orders", "", windows(0)),
	}
	for _, horizon := range []int{30, 60, 90} {
		out = append(out, at("first_orders", "second_orders", windows(horizon, horizon)))
	}
	series := []any{days(w.Start, -historyDays), w.End}
	for _, source := range []string{"enrolled", "cancelled", "activity", "engagement", "points", "redemptions", "orders", "surveys", "first_orders"} {
		out = append(out, at(source, source+"_daily", series))
	}
	return out
}

// byDay reports whether a query of pull_metrics is for the series.
func (q query) byDay() bool { return strings.Contains(q.sql, "DATE '1970-01-01'") }

// scans counts how often the queries read each feed; the look at members that
// leaves out test members apart.
func scans(queries []query) map[string]int {
	out := map[string]int{}
	for _, q := range queries {
		for _, feed := range []string{"members", "tiers", "tier_history", "orders", "points", "rewards", "redemptions", "engagement", "surveys"} {
			out[feed] += strings.Count(q.sql, `FROM "`+feed+`" AS s`)
		}
	}
	return out
}

// TestOneQueryASource shows that a source is asked once for all KPIs, windows
// and splits: once a horizon, and once more by day.
func TestOneQueryASource(t *testing.T) {
	p := demand(t)
	_, costs := p.run(t)
	type span struct{ horizon, lookback int }
	spans := map[string][]span{}
	for _, source := range []string{"open", "start"} { // of every run
		spans[source] = []span{{}}
	}
	for _, d := range p.desk.Metrics {
		for _, m := range d.Measures() {
			if s := (span{d.Horizon, d.Lookback}); !slices.Contains(spans[m.Source], s) {
				spans[m.Source] = append(spans[m.Source], s)
			}
		}
	}
	asked := map[bool]map[string]int{true: {}, false: {}}
	kinds := map[bool][]query{}
	for _, q := range costs[run.PullMetrics].queries {
		if source := strings.TrimPrefix(q.name, run.PullMetrics+"/"); source != q.name && source != "tier_order" {
			asked[q.byDay()][source]++
			kinds[q.byDay()] = append(kinds[q.byDay()], q)
		}
	}
	if len(asked[false]) == 0 || len(asked[true]) == 0 {
		t.Fatalf("no queries for the windows, or none by day: %v", asked)
	}
	for source, n := range asked[false] {
		if want := len(spans[source]); n > want {
			t.Errorf("%s is asked %d times for the windows, want %d at most", source, n, want)
		}
	}
	for source, n := range asked[true] {
		if n > 1 {
			t.Errorf("%s is asked %d times by day, want once", source, n)
		}
	}
	t.Logf("%d queries for the windows, which scan %v", len(kinds[false]), scans(kinds[false]))
	t.Logf("%d queries by day, which scan %v", len(kinds[true]), scans(kinds[true]))
}
