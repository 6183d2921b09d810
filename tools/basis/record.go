package basis

import (
	"slices"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/metric"
	"loyaltymcp/warehouse"
)

// Given is what a basis is recorded of.
type Given struct {
	Config     *config.Config
	Metrics    metric.Catalog
	Catalog    *warehouse.Catalog // the mapping, bound to the data as they are
	Thresholds []Threshold
	// Scope is what the run is narrowed to, "" for the whole program.
	Scope           string
	Engine, Version string
}

// Record returns the basis.
func Record(g Given) (*Basis, error) {
	sources, err := metric.LoadSources()
	if err != nil {
		return nil, err
	}
	b := &Basis{Engine: g.Engine, Version: g.Version, Config: g.Config.Hash(), Other: other(g.Config), Choices: choices(g.Config),
		Thresholds: append([]Threshold{}, g.Thresholds...), Targets: map[string]float64{}}
	if g.Scope != "" {
		b.Choices[choiceScope] = g.Scope
	}
	for kpi, target := range g.Config.Targets {
		b.Targets[kpi] = target
	}
	for _, f := range warehouse.Feeds() {
		if mapped, ok := g.Config.Feeds[f.Name]; ok {
			b.Feeds = append(b.Feeds, Feed{Name: f.Name, Mapping: hash(mapped), Columns: append([]string{}, g.Catalog.Columns(f.Name)...)})
		}
	}
	supply := metric.Supply{Catalog: g.Catalog, Sources: sources, Activity: breakdown.ActivityFeeds(g.Catalog, g.Config.Definitions.ActiveEvents)}
	for _, d := range g.Metrics {
		b.Definitions = append(b.Definitions, record(supply.Fitting(d), supply))
	}
	return b, nil
}

func record(d metric.Definition, supply metric.Supply) Definition {
	out := Definition{ID: d.ID, Hash: d.Hash(), Label: d.Label, Kind: string(d.Kind), Unit: string(d.Unit), Better: d.Better,
		Numerator: d.Numerator, Denominator: d.Denominator, N: d.N, Interval: d.Interval, Horizon: d.Horizon, Lookback: d.Lookback,
		Change: d.Change, Variant: d.Variant, Custom: d.Custom, Text: d.Text}
	if d.Daily != nil {
		out.Daily = d.Daily.Numerator
		if d.Daily.Denominator != "" {
			out.Daily += " / " + d.Daily.Denominator
		}
	}
	if supply.Catalog.Has("members", testFlag) {
		out.Feeds = []string{"members"} // whose test members count nowhere
	}
	for _, m := range d.Measures() {
		out.Feeds = append(out.Feeds, supply.Reads(m)...)
		out.Columns = append(out.Columns, supply.Columns(m)...)
		out.Choices = append(out.Choices, supply.Choices(m)...)
	}
	out.Feeds, out.Columns, out.Choices = sorted(out.Feeds), sorted(out.Columns), sorted(out.Choices)
	return out
}

// sorted returns the distinct names in order.
func sorted(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return slices.Compact(names)
}
