// Package pullmetrics is the first stage: the KPIs of the window against the
// previous one and a year ago, by the definitions of the metric catalogue,
// with alert states and breakdowns.
//
// What the definitions ask of one source is one query (sheet.go): its rows come
// from the source's template, are summed by member for every condition that a
// measure names, and over members for every window and split at once
// (sql/reduce.sql). The findings (gather.go) become values (evaluate.go) with
// intervals (interval.go), each unknown one with its reason (reasons.go).
package pullmetrics

import (
	"context"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// The indexes of the windows that a query computes.
const (
	current = iota
	previous
	yearAgo
)

// Compute returns the stage's result, from the run's store if it is there.
func Compute(ctx context.Context, d *run.Desk, r *run.Run) (*Result, error) {
	return run.Do(ctx, d, r, run.PullMetrics, func(ctx context.Context, s *warehouse.Snapshot) (*Result, error) {
		return compute(ctx, d, r, s)
	})
}

func compute(ctx context.Context, d *run.Desk, r *run.Run, s *warehouse.Snapshot) (*Result, error) {
	sources, err := metric.LoadSources()
	if err != nil {
		return nil, err
	}
	windows := []run.Window{current: r.Window, previous: r.Window.Previous(), yearAgo: r.Window.YearAgo()}
	why := reasons{run: r, catalog: s.Catalog, sources: sources, events: d.Config.Definitions.ActiveEvents, lapse: d.Config.Definitions.LapseDays}
	g := &gatherer{snapshot: s, desk: d, run: r, windows: windows, sources: sources, splits: splits(r.Dimensions), filters: r.Filters}
	possible := why.possible(d.Metrics)
	all := sheets(possible, sources)
	for _, m := range []metric.Measure{openAtEnd, openAtStart} {
		all = counting(all, m, sources)
	}
	order, err := breakdown.TierOrder(ctx, s, queries)
	if err != nil {
		return nil, err
	}
	e := evaluator{reasons: why, windows: windows, tiers: order, filters: r.Filters, known: map[string][]string{}, ledger: ledger(possible)}
	if e.found, err = g.gather(ctx, all); err != nil {
		return nil, err
	}
	split := e.openly
	if len(r.Filters) > 0 {
		if split, err = e.narrowly(ctx, g, all); err != nil {
			return nil, err
		}
	}
	result := &Result{Head: r.Head(), Previous: windows[previous].Span(), YearAgo: windows[yearAgo].Span(), Next: "Next: diagnose_health, surface_insights and review_experiments with this run_id, side by side; then write_plan."}
	for _, definition := range d.Metrics {
		k := e.kpi(definition)
		if target, ok := d.Config.Targets[definition.ID]; ok {
			k.Target = &target
		}
		result.KPIs = append(result.KPIs, k)
	}
	if result.Series, err = e.trends(ctx, g, possible, result.KPIs); err != nil {
		return nil, err
	}
	splitters := split(d.Config.Privacy)
	for _, splitter := range splitters {
		for _, definition := range possible {
			if b, ok := splitter.breakdown(definition); ok {
				result.Breakdowns = append(result.Breakdowns, b)
			}
		}
	}
	result.Alerts = alerts(result, r.Bands)
	result.Drivers = e.why(splitters, possible, result.KPIs)
	leads(result.Drivers, result.leading)
	if err := remember(d, r, result); err != nil {
		return nil, err
	}
	result.Caveats = append(memories(result), caveats(r, s.Catalog, result, d.Now())...)
	result.Verdict = alarmed(verdict(result), r)
	return result, nil
}

// possible returns the definitions that the feeds can carry, by their
// fallbacks where it takes them.
func (r reasons) possible(all metric.Catalog) []metric.Definition {
	var out []metric.Definition
	for _, d := range all {
		if d = r.fitting(d); r.none(d) == "" {
			out = append(out, d)
		}
	}
	return out
}

// counting adds a measure that every run counts.
func counting(all []*sheet, m metric.Measure, sources metric.Sources) []*sheet {
	for _, s := range all {
		if s.source.Name == m.Source && s.span == (span{}) {
			s.want(m)
			return all
		}
	}
	source, _ := sources.Find(m.Source)
	return append(all, &sheet{source: source, measures: []metric.Measure{m}})
}

// ledger returns the amounts of the ledger's lines in the windows themselves.
func ledger(definitions []metric.Definition) []metric.Measure {
	var out []metric.Measure
	for _, d := range definitions {
		for _, m := range d.Measures() {
			if m.Source == "points" && m.Aggregate == metric.SumColumn && spanOf(d) == (span{}) {
				out = append(out, m)
			}
		}
	}
	return out
}
