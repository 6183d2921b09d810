package pullmetrics

import (
	"slices"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// What a column may need beside feeds and their columns.
const (
	activity  = metric.NeedsActivity
	anyPoints = metric.NeedsPoints
)

// reasons tells, for each measure and window, why it is unknown.
type reasons struct {
	run     *run.Run
	catalog *warehouse.Catalog
	sources metric.Sources
	events  []string // that make a member active
	lapse   int      // days
}

// supply is what the feeds hold.
func (r reasons) supply() metric.Supply {
	return metric.Supply{Catalog: r.catalog, Sources: r.sources, Activity: breakdown.ActivityFeeds(r.catalog, r.events)}
}

// feeds returns the feeds that a measure reads.
func (r reasons) feeds(m metric.Measure) []string { return r.supply().Reads(m) }

// uncovered says why the measure, though there, can't tell about the window.
func (r reasons) uncovered(m metric.Measure, w run.Window) string {
	source, _ := r.sources.Find(m.Source)
	for _, feed := range r.feeds(m) {
		look := w
		switch {
		// A state needs the data at its own moment only.
		case feed == "members" && m.Source == "open" && w.End.Day() == 1:
			look.Start = w.End.AddDate(0, -1, 0)
		case feed == "members" && m.Source == "start" && w.Start.Day() == 1 && !slices.Contains(m.Columns(), "cancelled"):
			look.End = w.Start.AddDate(0, 1, 0)
		case feed == "points" && (m.Source == "balances" || m.Source == "lots"):
			look.Start = w.End.AddDate(0, 0, -1)
		case feed != "members" && slices.ContainsFunc(m.Columns(), func(name string) bool { c, _ := source.Column(name); return c.Join == "lapse" }):
			look.Start = w.Start.AddDate(0, 0, -r.lapse)
		case feed == "rewards" || feed == "tiers" || feed == "tier_history":
			if reason := r.catalog.Missing(feed); reason != "" {
				return reason
			}
			continue
		}
		if reason := r.run.Unknown(r.catalog, feed, look); reason != "" {
			return reason
		}
	}
	return ""
}

// Unavailable says why no window can have the metric's value, whatever its
// dates; "" when some can.
func Unavailable(c *warehouse.Catalog, events []string, d metric.Definition) string {
	sources, err := metric.LoadSources()
	if err != nil {
		return err.Error()
	}
	r := reasons{catalog: c, sources: sources, events: events}
	return r.none(r.fitting(d))
}

// none says why the definition can't be computed at all.
func (r reasons) none(d metric.Definition) string { return r.supply().Missing(d) }

// fitting returns the definition by its fallback where the feeds can't carry
// its formula, but the fallback's.
func (r reasons) fitting(d metric.Definition) metric.Definition { return r.supply().Fitting(d) }
