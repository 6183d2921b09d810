package pullmetrics

import (
	"slices"
	"strings"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// What a column may need beside feeds and their columns.
const (
	activity  = "@activity" // a feed that holds a qualifying event
	anyPoints = "@points"   // points or points_monthly
)

// reasons tells, for each measure and window, why it is unknown.
type reasons struct {
	run     *run.Run
	catalog *warehouse.Catalog
	sources metric.Sources
	events  []string // that make a member active
	lapse   int      // days
}

// unmapped says which feed or column the measure lacks.
func (r reasons) unmapped(m metric.Measure) string {
	source, _ := r.sources.Find(m.Source)
	feed := source.Feed(r.catalog)
	if reason := r.catalog.Missing(feed); reason != "" {
		return reason
	}
	needs := slices.Clone(source.Also)
	for _, name := range m.Columns() {
		c, _ := source.Column(name)
		if c.SQL[feed] == "" {
			return "the " + feed + " feed has no " + name + ": it holds months, not the ledger's lines"
		}
		if reason := r.catalog.Missing(feed, c.Needs[feed]...); reason != "" {
			return reason
		}
		needs = append(needs, c.Also...)
	}
	for _, need := range needs {
		if reason := r.lacks(need); reason != "" {
			return reason
		}
	}
	return ""
}

// lacks says what is missing of a need of sources.yaml.
func (r reasons) lacks(need string) string {
	switch need {
	case activity:
		if len(breakdown.ActivityFeeds(r.catalog, r.events)) == 0 {
			return "no mapped feed holds a qualifying event"
		}
		return ""
	case anyPoints:
		return r.catalog.Missing(pointFeed(r.catalog))
	}
	left, right, both := strings.Cut(need, "=")
	for _, side := range []string{left, right} {
		if side == "" {
			continue
		}
		feed, column, _ := strings.Cut(side, ".")
		columns := []string{column}
		if column == "" {
			columns = nil
		}
		if reason := r.catalog.Missing(feed, columns...); reason != "" {
			return reason
		}
	}
	if both && !r.catalog.Joinable(left, right) {
		return left + " and " + right + " are of different types, so they never match"
	}
	return ""
}

// feeds returns the feeds that a measure reads.
func (r reasons) feeds(m metric.Measure) []string {
	source, _ := r.sources.Find(m.Source)
	out := []string{source.Feed(r.catalog)}
	add := func(feeds ...string) {
		for _, f := range feeds {
			if f != "" && !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	needs := slices.Clone(source.Also)
	for _, name := range m.Columns() {
		c, _ := source.Column(name)
		needs = append(needs, c.Also...)
	}
	for _, need := range needs {
		switch need {
		case activity:
			add(breakdown.ActivityFeeds(r.catalog, r.events)...)
		case anyPoints:
			add(pointFeed(r.catalog))
		default:
			for _, side := range strings.Split(need, "=") {
				feed, _, _ := strings.Cut(side, ".")
				add(feed)
			}
		}
	}
	return out
}

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
func (r reasons) none(d metric.Definition) string {
	for _, m := range d.Measures() {
		if reason := r.unmapped(m); reason != "" {
			return reason
		}
	}
	return ""
}

// fitting returns the definition by its fallback where the feeds can't carry
// its formula, but the fallback's.
func (r reasons) fitting(d metric.Definition) metric.Definition {
	if d.Fallback == "" || r.none(d) == "" {
		return d
	}
	if other, err := d.With(d.Fallback, r.sources); err == nil && r.none(other) == "" {
		return other
	}
	return d
}
