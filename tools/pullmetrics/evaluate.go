package pullmetrics

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"loyaltymcp/stats/proportion"
	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// evaluator turns measures into values.
type evaluator struct {
	tiers   map[string]float64 // rank by tier
	found   measures
	windows []run.Window
	reasons reasons
}

// unmapped says which feed or column the definition lacks.
func (e evaluator) unmapped(d metric.Definition) string {
	for _, requirement := range d.Requires {
		feed, column, _ := strings.Cut(requirement, ".")
		if feed == "points" { // the point feed may be the monthly one
			continue
		}
		if reason := e.reasons.catalog.Missing(feed, column); reason != "" {
			return reason
		}
	}
	for _, measure := range d.Measures() {
		if reason := e.reasons.missing(measure); reason != "" {
			return reason
		}
	}
	return ""
}

// unknown says why the definition has no value in the window.
func (e evaluator) unknown(d metric.Definition, period int) string {
	if reason := e.unmapped(d); reason != "" {
		return reason
	}
	for _, measure := range d.Measures() {
		if reason := e.reasons.uncovered(measure, e.windows[period]); reason != "" {
			return reason
		}
	}
	return ""
}

// value returns a definition's value in one place, nil when its denominator is
// zero.
func (e evaluator) value(d metric.Definition, k key) (value *float64, numerator, denominator warehouse.Exact) {
	m := e.found[k]
	numerator = m[d.Numerator]
	if d.Kind != metric.Ratio {
		f := numerator.Float()
		return &f, numerator, 0
	}
	denominator = m[d.Denominator]
	if denominator == 0 {
		return nil, numerator, 0
	}
	return run.Round(numerator.Float() / denominator.Float()), numerator, denominator
}

func (e evaluator) kpi(d metric.Definition) KPI {
	k := KPI{ID: d.ID, Label: d.Label, Kind: d.Kind, Unit: d.Unit, Better: d.Better, Definition: d.Ref(), Feeds: e.feeds(d), Headline: d.Headline}
	if k.Reason = e.unknown(d, current); k.Reason != "" {
		return k
	}
	value, numerator, denominator := e.value(d, key{period: current})
	k.Value = value
	n := int64(math.Round(e.found[key{period: current}][d.N].Float()))
	k.N = &n
	if d.Kind == metric.Ratio {
		a, b := numerator.Float(), denominator.Float()
		k.Numerator, k.Denominator = &a, &b
		if value == nil {
			k.Reason = "nothing to divide by: " + d.Denominator + " is 0 in the window"
		}
	}
	if value != nil {
		k.Interval = e.interval(d, numerator, denominator)
	}
	if e.unknown(d, previous) == "" {
		k.Previous, _, _ = e.value(d, key{period: previous})
	}
	if e.unknown(d, yearAgo) == "" {
		k.YearAgo, _, _ = e.value(d, key{period: yearAgo})
	}
	if k.Value != nil && k.Previous != nil && *k.Previous != 0 {
		k.Change = run.Round((*k.Value - *k.Previous) / math.Abs(*k.Previous))
	}
	return k
}

// interval returns the interval that the definition asks for, nil where it
// asks for none.
func (e evaluator) interval(d metric.Definition, numerator, denominator warehouse.Exact) *[2]float64 {
	switch d.Interval {
	case "wilson":
		count := proportion.Count{Successes: int64(numerator / warehouse.ExactOne), N: int64(denominator / warehouse.ExactOne)}
		if i, err := proportion.Wilson(count, run.Confidence); err == nil {
			return &[2]float64{*run.Round(i.Low), *run.Round(i.High)}
		}
	case "nps":
		m := e.found[key{period: current}]
		promoters, detractors := int64(m["surveys.nps_promoters"]/warehouse.ExactOne), int64(m["surveys.nps_detractors"]/warehouse.ExactOne)
		passives := int64(denominator/warehouse.ExactOne) - promoters - detractors
		if i, err := proportion.NPS(promoters, passives, detractors, run.Confidence); err == nil {
			return &[2]float64{*run.Round(i.Low / 100), *run.Round(i.High / 100)}
		}
	}
	return nil
}

// feeds returns the feeds that the definition's value was made of.
func (e evaluator) feeds(d metric.Definition) []string {
	var out []string
	for _, measure := range d.Measures() {
		for _, feed := range e.reasons.sources(measure) {
			if !slices.Contains(out, feed) {
				out = append(out, feed)
			}
		}
	}
	return out
}

// breakdown splits a KPI by a dimension; ok is false when it can't be.
func (e evaluator) breakdown(d metric.Definition, dimension string, minimum, minimumForRates int) (Breakdown, bool) {
	if !d.ByMember() || e.unknown(d, current) != "" {
		return Breakdown{}, false
	}
	names := map[string]bool{}
	for k := range e.found {
		if k.dimension == dimension && k.period == current {
			names[k.cell] = true
		}
	}
	hasPrevious := e.unknown(d, previous) == ""
	b := Breakdown{KPI: d.ID, Dimension: dimension, Unit: d.Unit}
	sizes := []breakdown.Cell{}
	for name := range names {
		here := key{current, dimension, name}
		if value, numerator, _ := e.value(d, here); (value == nil || numerator == 0) && e.found[here][d.N] == 0 {
			continue // a cell of other measures of the query
		}
		b.Cells = append(b.Cells, Cell{Cell: name})
	}
	slices.SortFunc(b.Cells, func(x, y Cell) int {
		if dimension == "tier" && e.tiers[x.Cell] != e.tiers[y.Cell] {
			return cmp.Compare(e.tiers[x.Cell], e.tiers[y.Cell])
		}
		return cmp.Compare(x.Cell, y.Cell)
	})
	previousSizes := []breakdown.Cell{}
	for i := range b.Cells {
		c := &b.Cells[i]
		here, before := key{current, dimension, c.Cell}, key{previous, dimension, c.Cell}
		c.Value, _, _ = e.value(d, here)
		if hasPrevious {
			c.Previous, _, _ = e.value(d, before)
		}
		n := e.found[here][d.N].Float()
		whole := int64(math.Round(n))
		c.N = &whole
		c.Cell = run.Label(c.Cell)
		sizes = append(sizes, breakdown.Cell{N: n})
		previousSizes = append(previousSizes, breakdown.Cell{N: e.found[before][d.N].Float()})
	}
	least := float64(minimum)
	if d.Kind == metric.Ratio {
		least = float64(minimumForRates)
	}
	hidden, hiddenBefore := breakdown.Suppress(sizes, least), breakdown.Suppress(previousSizes, least)
	for i := range b.Cells {
		if hidden[i] {
			b.Cells[i] = Cell{Cell: b.Cells[i].Cell, Suppressed: true}
		} else if hiddenBefore[i] {
			b.Cells[i].Previous = nil
		}
	}
	return b, len(b.Cells) > 0
}
