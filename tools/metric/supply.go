package metric

import (
	"slices"
	"strings"

	"loyaltymcp/warehouse"
)

// What a column or source may need beside feeds and their columns.
const (
	NeedsActivity = "@activity" // a feed that holds a qualifying event
	NeedsPoints   = "@points"   // points or points_monthly
)

// The program's choices, by their keys in loyalty.yaml, that measures hang on.
const (
	ActiveEvents = "definitions.active_events"
	LapseDays    = "definitions.lapse_days"
)

// Supply is what the mapped feeds hold for measures to be taken from.
type Supply struct {
	Catalog  *warehouse.Catalog
	Sources  Sources
	Activity []string // the mapped feeds that hold a qualifying event
}

// PointFeed returns the feed that the program's points are in.
func PointFeed(c *warehouse.Catalog) string {
	if c.Mapped("points_monthly") {
		return "points_monthly"
	}
	return "points"
}

// Lacks says, as a clause for people, which feed or column the measure lacks;
// "" when none.
func (s Supply) Lacks(m Measure) string {
	source, _ := s.Sources.Find(m.Source)
	feed := source.Feed(s.Catalog)
	if reason := s.Catalog.Missing(feed); reason != "" {
		return reason
	}
	for _, name := range m.Columns() {
		c, _ := source.Column(name)
		if c.SQL[feed] == "" {
			return "the " + feed + " feed has no " + name + ": it holds months, not the ledger's lines"
		}
		if reason := s.Catalog.Missing(feed, c.Needs[feed]...); reason != "" {
			return reason
		}
	}
	for _, need := range source.needs(m) {
		if reason := s.lacks(need); reason != "" {
			return reason
		}
	}
	return ""
}

// needs returns what the source needs beyond its feed for a measure.
func (s Source) needs(m Measure) []string {
	needs := slices.Clone(s.Also)
	for _, name := range m.Columns() {
		c, _ := s.Column(name)
		needs = append(needs, c.Also...)
	}
	return needs
}

// sides returns the FEED or FEED.COLUMN that a need names, two where their
// values must match.
func sides(need string) []string { return strings.Split(need, "=") }

func (s Supply) lacks(need string) string {
	switch need {
	case NeedsActivity:
		if len(s.Activity) == 0 {
			return "no mapped feed holds a qualifying event"
		}
		return ""
	case NeedsPoints:
		return s.Catalog.Missing(PointFeed(s.Catalog))
	}
	both := sides(need)
	for _, side := range both {
		feed, column, named := strings.Cut(side, ".")
		var columns []string
		if named {
			columns = []string{column}
		}
		if reason := s.Catalog.Missing(feed, columns...); reason != "" {
			return reason
		}
	}
	if len(both) == 2 && !s.Catalog.Joinable(both[0], both[1]) {
		return both[0] + " and " + both[1] + " are of different types, so they never match"
	}
	return ""
}

// Reads returns the feeds that the measure reads, its own first.
func (s Supply) Reads(m Measure) []string {
	source, _ := s.Sources.Find(m.Source)
	out := []string{source.Feed(s.Catalog)}
	for _, need := range source.needs(m) {
		switch need {
		case NeedsActivity:
			out = append(out, s.Activity...)
		case NeedsPoints:
			out = append(out, PointFeed(s.Catalog))
		default:
			for _, side := range sides(need) {
				feed, _, _ := strings.Cut(side, ".")
				out = append(out, feed)
			}
		}
	}
	return distinct(out)
}

// Columns returns the columns, as FEED.COLUMN, that the measure names beyond
// those that the contract requires.
func (s Supply) Columns(m Measure) []string {
	source, _ := s.Sources.Find(m.Source)
	feed := source.Feed(s.Catalog)
	var out []string
	for _, name := range m.Columns() {
		c, _ := source.Column(name)
		for _, column := range c.Needs[feed] {
			out = append(out, feed+"."+column)
		}
	}
	for _, need := range source.needs(m) {
		for _, side := range sides(need) {
			if strings.Contains(side, ".") {
				out = append(out, side)
			}
		}
	}
	return distinct(out)
}

// Choices returns which of the program's choices the measure hangs on.
func (s Supply) Choices(m Measure) []string {
	source, _ := s.Sources.Find(m.Source)
	var out []string
	if slices.Contains(source.needs(m), NeedsActivity) {
		out = append(out, ActiveEvents)
	}
	for _, name := range m.Columns() {
		if c, _ := source.Column(name); c.Join == "lapse" {
			out = append(out, LapseDays)
		}
	}
	return distinct(out)
}

// distinct keeps the first of equal names.
func distinct(names []string) []string {
	var out []string
	for _, name := range names {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// Missing says why the definition can't be computed whatever the window; ""
// when it can.
func (s Supply) Missing(d Definition) string {
	for _, m := range d.Measures() {
		if reason := s.Lacks(m); reason != "" {
			return reason
		}
	}
	return ""
}

// Fitting returns the definition by its fallback where the feeds can't carry
// its formula, but the fallback's.
func (s Supply) Fitting(d Definition) Definition {
	if d.Fallback == "" || s.Missing(d) == "" {
		return d
	}
	if other, err := d.With(d.Fallback, s.Sources); err == nil && s.Missing(other) == "" {
		return other
	}
	return d
}
