package pullmetrics

import (
	"math"
	"slices"
	"strings"

	"loyaltymcp/stats/proportion"
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
	return run.Round(scale(d) * numerator.Float() / denominator.Float()), numerator, denominator
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
	// A relative change of a score that can be negative means nothing.
	if k.Value != nil && k.Previous != nil && *k.Previous != 0 && d.Interval != "nps" {
		k.Change = run.Round((*k.Value - *k.Previous) / math.Abs(*k.Previous))
	}
	return k
}

// scale is what a ratio is multiplied by: an NPS runs from -100 to 100.
func scale(d metric.Definition) float64 {
	if d.Interval == "nps" {
		return 100
	}
	return 1
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
			return &[2]float64{*run.Round(i.Low), *run.Round(i.High)}
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
