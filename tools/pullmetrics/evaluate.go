package pullmetrics

import (
	"math"
	"slices"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// evaluator turns findings into values.
type evaluator struct {
	reasons
	found   findings
	windows []run.Window
	tiers   map[string]float64 // rank by tier
	filters run.Filters
	known   map[string][]string // cells by dimension
	ledger  []metric.Measure    // amounts of the ledger's lines that are shown
	// forbidden reports whether a KPI of the whole may not be told, which is
	// only where filters narrow it; nil for never.
	forbidden func(d metric.Definition, period int64) bool
}

// unknown says why the definition has no value in a window.
func (e evaluator) unknown(d metric.Definition, period int) string {
	if reason := e.none(d); reason != "" {
		return reason
	}
	if len(e.filters) > 0 && !d.ByMember() {
		return "it is about members and others together, which a filter by what members are can't tell apart"
	}
	if e.unnamed(d) {
		return "no line of the ledger that redeems points names an order in any of the windows, so which orders were paid with points isn't known"
	}
	if e.forbidden != nil && e.forbidden(d, int64(period)) {
		return secret
	}
	w := spanOf(d).of(e.windows[period])
	for _, m := range d.Measures() {
		if source, _ := e.sources.Find(m.Source); source.Now && period != current {
			return "it is computed for the window itself only"
		}
		if reason := e.uncovered(m, w); reason != "" {
			return reason
		}
	}
	return ""
}

// unnamed reports whether a definition asks which orders points were redeemed
// on, of a ledger that never says so: a zero would be no answer.
func (e evaluator) unnamed(d metric.Definition) bool {
	asks := false
	for _, m := range d.Top().Measures() {
		if m.Source != "orders" || !slices.Contains(m.Columns(), "rewarded") {
			continue
		}
		asks = true
		for period := range e.windows {
			if e.found.at(spanOf(d), place{period: int64(period)}).tallies[m.String()].value != 0 {
				return false
			}
		}
	}
	return asks
}

// sum adds up an expression in a place. It is exact where the factors are
// whole numbers.
func (e evaluator) sum(x metric.Expression, s span, p place) float64 {
	f := e.found.at(s, p)
	var whole warehouse.Exact
	rest := 0.0
	for _, t := range x {
		v := f.tallies[t.Measure.String()].value
		if n := int64(t.Factor); float64(n) == t.Factor {
			whole += warehouse.Exact(n) * v
		} else {
			rest += t.Factor * v.Float()
		}
	}
	return whole.Float() + rest
}

// behind counts the members behind a measure in a place.
func (e evaluator) behind(m metric.Measure, s span, p place) float64 {
	return e.found.at(s, p).tallies[m.String()].behind.Float()
}

// value returns a definition's value in a place, nil when its denominator is
// zero.
func (e evaluator) value(d metric.Definition, p place) (value *float64, numerator, denominator float64) {
	s := spanOf(d)
	numerator = e.sum(d.Top(), s, p)
	if !d.Divides() {
		return &numerator, numerator, 0
	}
	if denominator = e.sum(d.Bottom(), s, p); denominator == 0 {
		return nil, numerator, 0
	}
	return run.Round(numerator / denominator), numerator, denominator
}

// units counts the units behind a definition's value in a place: what its n
// says, or the denominator, or else the numerator; the members who make up an
// amount, where that is an amount.
func (e evaluator) units(d metric.Definition, p place) int64 {
	x := d.Behind()
	if x == nil {
		if x = d.Bottom(); x == nil {
			x = d.Top()
		}
	}
	if first := x[0].Measure; first.Aggregate == metric.SumColumn {
		return int64(math.Round(e.behind(first, spanOf(d), p)))
	}
	return int64(math.Round(e.sum(x, spanOf(d), p)))
}

func (e evaluator) kpi(d metric.Definition) KPI {
	d = e.fitting(d)
	k := KPI{ID: d.ID, Label: d.Label, Kind: d.Kind, Unit: d.Unit, Better: d.Better, Definition: d.Ref(), Variant: d.Variant,
		Horizon: d.Horizon, Lookback: d.Lookback, Feeds: e.definitionFeeds(d), Headline: d.Headline}
	if k.Reason = e.unknown(d, current); k.Reason != "" {
		return k
	}
	whole := place{period: current}
	value, numerator, denominator := e.value(d, whole)
	k.Value = value
	n := e.units(d, whole)
	k.N = &n
	if d.Divides() {
		k.Numerator, k.Denominator = &numerator, &denominator
		if value == nil {
			k.Reason = "nothing to divide by: " + d.Denominator + " is 0"
		}
	}
	if value != nil {
		k.Interval = e.interval(d, whole)
	}
	if e.unknown(d, previous) == "" {
		k.Previous, _, _ = e.value(d, place{period: previous})
	}
	if e.unknown(d, yearAgo) == "" {
		k.YearAgo, _, _ = e.value(d, place{period: yearAgo})
	}
	// A relative change of what can be negative means nothing.
	if k.Value != nil && k.Previous != nil && *k.Previous != 0 && d.Interval != metric.NPS && *k.Previous > 0 {
		k.Change = run.Round((*k.Value - *k.Previous) / *k.Previous)
	}
	return k
}

// definitionFeeds returns the feeds that the definition's value is made of.
func (e evaluator) definitionFeeds(d metric.Definition) []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range d.Measures() {
		for _, feed := range e.feeds(m) {
			if !seen[feed] {
				seen[feed] = true
				out = append(out, feed)
			}
		}
	}
	return out
}
