package bench

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// pair is what a stage runs beside what somebody wrote by hand for the same
// numbers.
type pair struct {
	name   string // the stage's query, with the partner where there are several
	stage  string
	own    bool // the partner is of handwritten.sql
	ours   []query
	theirs []query
	agree  agreement
}

// agreement says how the numbers of both are compared.
type agreement struct {
	keys, theirKeys int       // leading columns that only place a row
	only            string    // of ours, only rows with this key count
	scales          []float64 // ours over theirs, by column; the last holds for the rest
	by              int       // with among: how many leading columns say which rows belong together, 1 if 0
	among           bool      // each of their columns is one of ours, which has further ones; the first columns say which rows of both belong together
	sums            []int     // for shared queries: their columns whose sums ours must hold; nil means all numbers are the same
}

// Scales of ours over theirs: exact figures are in ten-thousandths.
var (
	plain   = []float64{1}
	exact   = []float64{10_000}
	history = []float64{1, 1, 1, 1, 1, 1, 10_000} // counts and days, then spend
)

// measured is a stage's query beside its hand-written partners.
type measured struct {
	stage, query string
	partner      string // in handwritten.sql; "" means the query's name
	args         []any
	agree        agreement
	shared       []sharedQuery // that compute the same, or part of it
}

type sharedQuery struct {
	name string
	args []any
	sums []int
}

// pairs lines up the queries that the run ran with the hand-written ones.
// Every query must have a partner.
func (p *program) pairs(t testing.TB, r *run.Run, costs map[string]stageCost) []pair {
	t.Helper()
	byHand, others := parse(handwritten), shared(t)
	ran := map[string][]query{}
	for _, stage := range stages {
		for _, q := range costs[stage].queries {
			if q.name != "" {
				ran[q.name] = append(ran[q.name], q)
			}
		}
	}
	write := func(texts map[string]string, name string, args []any) query {
		text, ok := texts[name]
		if !ok {
			t.Fatalf("there is no hand-written query %q", name)
		}
		return query{name: name, sql: inline(text, relations), args: args, hints: hints(text)}
	}
	var out []pair
	for _, m := range p.plan(r, ran, p.trials(t, p.reader(t), r.AsOf)) {
		label := m.stage + "/" + m.query
		if len(ran[label]) == 0 {
			t.Fatalf("the stage ran no (further) query %s", label)
		}
		var ours, theirs []query
		switch label {
		case "run/coverage": // one query a feed
			ours = ran[label]
			for _, feed := range []string{"members", "tier_history", "surveys", "experiments", "assignments"} {
				theirs = append(theirs, write(byHand, "coverage_"+feed, m.args))
			}
		case "run/days": // one query a feed of events
			ours = ran[label]
			for _, feed := range []string{"orders", "points", "redemptions", "engagement"} {
				theirs = append(theirs, write(byHand, "days_"+feed, m.args))
			}
		default:
			ours = ran[label][:1]
			partner := m.partner
			if partner == "" {
				partner = m.query
			}
			theirs = []query{write(byHand, partner, m.args)}
		}
		ran[label] = ran[label][len(ours):]
		name := label
		for n := 2; slices.ContainsFunc(out, func(o pair) bool { return o.name == name }); n++ {
			name = fmt.Sprintf("%s_%d", label, n)
		}
		stage := m.stage
		if stage == "run" {
			stage = "open"
		}
		out = append(out, pair{name: name, stage: stage, own: true, ours: ours, theirs: theirs, agree: m.agree})
		if others == nil || len(m.shared) == 0 {
			continue
		}
		var names []string
		var queries []query
		for _, s := range m.shared {
			queries = append(queries, write(others, s.name, s.args))
			if head, _, _ := strings.Cut(s.name, "_"); !slices.Contains(names, head) {
				names = append(names, head)
			}
		}
		out = append(out, pair{name: name + "_beside_" + strings.Join(names, "_"), stage: stage, ours: ours, theirs: queries, agree: agreement{keys: m.agree.keys, scales: m.agree.scales, sums: m.shared[0].sums}})
	}
	for _, name := range slices.Sorted(maps.Keys(ran)) {
		for range ran[name] {
			if !slices.Contains(small, name) && !slices.Contains(joined, name) && !strings.HasPrefix(name, warehouse.Looking) {
				t.Errorf("%s has no hand-written partner", name)
			}
		}
	}
	return out
}

// small are queries over tables of a few rows.
var small = []string{"run/size", "pull_metrics/tier_order", "diagnose_health/tier_order", "surface_insights/qualification", "surface_insights/shelf", "surface_insights/tier_order", "diagnose_health/qualification", "review_experiments/experiments"}

// joined are queries that put together what others tell, each with a partner of
// its own: the histories of the members in each segment.
var joined = []string{"surface_insights/segment_facts"}

// plan names the partner and its arguments for every query, in the order in
// which the stages run them.
func (p *program) plan(r *run.Run, ran map[string][]query, trials map[string]trial) []measured {
	w, before, year := r.Window, r.Window.Previous(), r.Window.YearAgo()
	definitions := p.desk.Config.Definitions
	days := func(t time.Time, n int) time.Time { return t.AddDate(0, 0, n) }
	windows := []any{w.Start, w.End, before.Start, year.Start, year.End}
	// Only the arguments that a query names may be bound.
	upTo := func(n int) []any { return windows[:n] }
	asOf, lapse := r.AsOf, -definitions.LapseDays
	flat := agreement{keys: 3, scales: exact}
	one := agreement{scales: exact}
	plan := []measured{
		{stage: "run", query: "coverage", agree: agreement{scales: plain}},
		{stage: "run", query: "days", agree: agreement{keys: 1, theirKeys: 1, scales: plain}},
		{stage: run.DiagnoseHealth, query: "tier_sales", args: upTo(2), agree: agreement{keys: 1, theirKeys: 1, scales: plain}},
		{stage: run.DiagnoseHealth, query: "tier_moves", partner: "tier_moves_window", args: upTo(2), agree: agreement{keys: 4, theirKeys: 4, scales: plain}},
		{stage: run.DiagnoseHealth, query: "tier_moves", partner: "tier_moves_months", args: []any{w.End, 12}, agree: agreement{keys: 4, theirKeys: 4, scales: plain}},
		{stage: run.DiagnoseHealth, query: "reviews", args: []any{asOf}, agree: agreement{keys: 1, theirKeys: 1, scales: plain}},
		{stage: run.DiagnoseHealth, query: "mix", args: []any{w.Start, w.End, w.End.AddDate(-1, 0, 0)}, agree: agreement{keys: 3, theirKeys: 3, scales: exact}},
		{stage: run.DiagnoseHealth, query: "balances", partner: "balances_by_tier", args: upTo(2), agree: agreement{keys: 3, theirKeys: 2, scales: exact, only: "tier"}},
		{stage: run.DiagnoseHealth, query: "lapse", args: []any{w.Start, w.End, days(w.Start, lapse), days(w.End, lapse)}, agree: agreement{keys: 2, scales: exact}},
		{stage: run.DiagnoseHealth, query: "retention", args: []any{w.End}, agree: agreement{keys: 1, theirKeys: 1, scales: plain}},
		{stage: run.DiagnoseHealth, query: "histories", args: []any{w.Start, w.End, step(ran, 0)}, agree: agreement{keys: 2, scales: history}},
		{stage: run.DiagnoseHealth, query: "histories", args: []any{w.End, w.End, step(ran, 1)}, agree: agreement{keys: 2, scales: history}},
		{stage: run.DiagnoseHealth, query: "spends", args: []any{w.End}, agree: agreement{scales: []float64{1, 1, 1, 10_000}}},
		{stage: run.DiagnoseHealth, query: "movements", args: upTo(2), agree: agreement{keys: 1, theirKeys: 1, scales: exact},
			shared: []sharedQuery{{"q17_liability", []any{w.End}, []int{1}}}},
		{stage: run.DiagnoseHealth, query: "balances", args: upTo(2), agree: flat,
			shared: []sharedQuery{{"q05_balance_buckets", []any{w.End}, []int{2}}, {"q05_balance_buckets", []any{w.Start}, nil}}},
		{stage: run.DiagnoseHealth, query: "expiring", args: []any{w.End, days(w.End, 30), days(w.End, 60), days(w.End, 90)}, agree: one},
		{stage: run.DiagnoseHealth, query: "lot_moves", args: []any{w.End}, agree: agreement{scales: []float64{1, 1, 1, 1, 10_000}}},
		{stage: run.DiagnoseHealth, query: "sales", args: []any{w.End}, agree: agreement{scales: plain}},
		{stage: run.DiagnoseHealth, query: "windows", args: []any{w.End, days(w.End, -9*w.Days()), w.Days()}, agree: agreement{scales: plain}},
		{stage: run.DiagnoseHealth, query: "claims", args: upTo(2), agree: one},
		{stage: run.DiagnoseHealth, query: "breakage", args: []any{w.End}, agree: one},
		{stage: run.SurfaceInsights, query: "open", args: []any{asOf}, agree: agreement{scales: plain}},
		{stage: run.SurfaceInsights, query: "segments", args: []any{asOf, -lapse, asOf.AddDate(0, -12, 0), 1 - definitions.NearTierShare, days(asOf, definitions.ExpiringDays), asOf.AddDate(-1, 0, 0), days(asOf, -90)},
			agree: agreement{keys: 1, theirKeys: 1, scales: plain}},
		{stage: run.SurfaceInsights, query: "lifecycle", args: []any{w.Start, asOf, -lapse}, agree: agreement{keys: 3, theirKeys: 3, scales: plain}},
		{stage: run.SurfaceInsights, query: "margins", args: []any{asOf, asOf.AddDate(-1, 0, 0)}, agree: agreement{scales: plain}},
		{stage: run.SurfaceInsights, query: "reach", args: []any{asOf}, agree: agreement{scales: plain}},
	}
	plan = append(plan, kpis(r, definitions.LapseDays)...)
	for _, moments := range ran[run.ReviewExperiments+"/moments"] {
		id := subject(moments)
		x := trials[id]
		args, sums := []any{id, x.end}, agreement{keys: 2, theirKeys: 2, scales: plain}
		plan = append(plan,
			measured{stage: run.ReviewExperiments, query: "entries", args: args, agree: agreement{keys: 3, theirKeys: 3, scales: plain}},
			measured{stage: run.ReviewExperiments, query: "moments", args: args, agree: agreement{keys: 5, theirKeys: 5, scales: plain, among: true, by: 5},
				shared: []sharedQuery{{"q12_cuped", []any{id, x.end, 0}, []int{1, 2, 3}}}})
		weeks := "weeks_buyers"
		if x.goal == "revenue_per_member" {
			weeks = "weeks"
			plan = append(plan, measured{stage: run.ReviewExperiments, query: "spread", args: append(slices.Clone(args), width(ran)), agree: sums})
		}
		plan = append(plan,
			measured{stage: run.ReviewExperiments, query: "weeks", partner: weeks, args: args, agree: sums},
			measured{stage: run.ReviewExperiments, query: "channels", args: args, agree: sums})
	}
	return plan
}

// step reads the days of a bin from the arguments of the n-th query of
// histories, which widens them with the size of the program.
func step(ran map[string][]query, n int) int {
	if histories := ran[run.DiagnoseHealth+"/histories"]; n < len(histories) {
		for _, a := range histories[n].args {
			if days, ok := a.(int); ok {
				return days
			}
		}
	}
	return 1
}

// subject reads an experiment's id from the arguments of its query, of which it is
// the only text.
func subject(q query) string {
	for _, a := range q.args {
		if id, ok := a.(string); ok {
			return id
		}
	}
	return ""
}

// width reads one over the width of the bins from the arguments of the query of a spread.
func width(ran map[string][]query) float64 {
	for _, a := range ran[run.ReviewExperiments+"/spread"][0].args {
		if w, ok := a.(float64); ok {
			return w
		}
	}
	return 1
}

// trial is an experiment of the program.
type trial struct {
	goal string
	end  time.Time
}

// trials reads the experiments of the program.
func (p *program) trials(t testing.TB, reader warehouse.Reader, asOf time.Time) map[string]trial {
	t.Helper()
	out := map[string]trial{}
	err := reader.Query(t.Context(), "SELECT experiment_id, primary_metric, ended_at FROM experiments", nil, func(row warehouse.Row) error {
		var id, goal string
		var ended *time.Time
		err := row.Scan(&id, &goal, &ended)
		if ended == nil || ended.After(asOf) {
			ended = &asOf
		}
		out[id] = trial{goal, *ended}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
