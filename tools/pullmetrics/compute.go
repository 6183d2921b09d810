// Package pullmetrics is the first stage: the KPIs of the window against the
// previous one and a year ago, by the definitions of the metric catalogue,
// with alert states and breakdowns.
package pullmetrics

import (
	"context"

	"loyaltymcp/tools/breakdown"
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
	windows := []run.Window{current: r.Window, previous: r.Window.Previous(), yearAgo: r.Window.YearAgo()}
	data := breakdown.Query{Activity: d.Config.Definitions.ActiveEvents}
	for i, w := range windows {
		data.Periods = append(data.Periods, breakdown.Period{Index: i, Start: w.Start, End: w.End})
	}
	data.Groupings = breakdown.Groupings(s.Catalog, r.Dimensions)
	active := breakdown.ActivityFeeds(s.Catalog, data.Activity)
	found, err := measure(ctx, s, data, groups(s.Catalog, active))
	if err != nil {
		return nil, err
	}
	order, err := breakdown.TierOrder(ctx, s, queries)
	if err != nil {
		return nil, err
	}
	e := evaluator{tiers: order, found: found, windows: windows, reasons: reasons{run: r, catalog: s.Catalog, active: active}}
	result := &Result{Head: r.Head(), Previous: windows[previous].Span(), YearAgo: windows[yearAgo].Span(), Next: "Next: diagnose_health, surface_insights and review_experiments with this run_id, side by side; then write_plan."}
	for _, definition := range d.Metrics {
		k := e.kpi(definition)
		if target, ok := d.Config.Targets[definition.ID]; ok {
			k.Target = &target
		}
		result.KPIs = append(result.KPIs, k)
	}
	for _, dimension := range r.Dimensions {
		split := e.split(dimension, d.Config.Privacy.MinMembers, d.Config.Privacy.MinMembersForRates)
		for _, definition := range d.Metrics {
			if b, ok := split.breakdown(definition); ok {
				result.Breakdowns = append(result.Breakdowns, b)
			}
		}
	}
	result.Alerts = alerts(result, r.Bands)
	result.Caveats = caveats(r, s.Catalog, result, d.Now())
	result.Verdict = alarmed(verdict(result), r)
	return result, nil
}
