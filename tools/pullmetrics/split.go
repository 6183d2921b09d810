package pullmetrics

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// population stands for the members that a cell holds: those open at either
// end of the window.
const population = "population"

// openAtEnd and openAtStart are counted in every run, as the population of
// cells.
var (
	openAtEnd   = metric.Measure{Aggregate: metric.CountRows, Source: "open"}
	openAtStart = metric.Measure{Aggregate: metric.CountRows, Source: "start"}
)

// behindWhom names who is behind a measure in a cell, so whose secret it could
// give away. A count of members is about all members of the cell: that three
// of two thousand cancelled names nobody. A count of events is about those who
// had any, whatever it counts of them. An amount is about those who made it:
// what two members of two thousand spent names them.
func (e evaluator) behindWhom(m metric.Measure) string {
	source, _ := e.sources.Find(m.Source)
	switch {
	case m.Aggregate == metric.CountMembers || source.Person && m.Aggregate == metric.CountRows:
		return population
	case m.Aggregate == metric.CountRows:
		return anyRow(m.Source).String()
	}
	return m.String()
}

// unitsOf returns how many members are behind a measure in a place.
func (e evaluator) unitsOf(at span, m metric.Measure, p place) float64 {
	whom := e.behindWhom(m)
	if whom == population {
		f := e.found.at(span{}, p)
		return math.Max(f.tallies[openAtStart.String()].value.Float(), f.tallies[openAtEnd.String()].value.Float())
	}
	return e.found.at(at, p).tallies[whom].behind.Float()
}

// cells returns the cells of a dimension, of any window, in reading order,
// tiers by rank.
func (e evaluator) cells(dimension string) []string {
	if out, ok := e.known[dimension]; ok {
		return out
	}
	seen := map[string]bool{}
	var out []string
	for _, places := range e.found {
		for p := range places {
			if p.split == dimension && !seen[p.cell1] {
				seen[p.cell1] = true
				out = append(out, p.cell1)
			}
		}
	}
	slices.SortFunc(out, func(x, y string) int {
		if dimension == "tier" {
			return cmp.Or(cmp.Compare(e.tiers[x], e.tiers[y]), cmp.Compare(x, y))
		}
		return cmp.Compare(x, y)
	})
	e.known[dimension] = out
	return out
}

// deserted reports whether a KPI that is zero in a place has nobody in it. For
// a rate, which hides few people, nobody must have been there before either:
// else leaving the cell out would tell what hiding it doesn't.
func (e evaluator) deserted(d metric.Definition, here, before place) bool {
	if e.unitsOf(span{}, openAtEnd, here) > 0 {
		return false
	}
	if !d.Divides() {
		return true
	}
	if e.unitsOf(span{}, openAtEnd, before) > 0 {
		return false
	}
	return !slices.ContainsFunc(d.Measures(), func(m metric.Measure) bool {
		return e.unitsOf(spanOf(d), m, here) > 0 || e.unitsOf(spanOf(d), m, before) > 0
	})
}

// emptyLine reports whether a cell of two dimensions lies in a row or column
// that the breakdown by the one dimension leaves out for having nobody in it,
// so that to leave it out tells nothing more.
func (s *splitter) emptyLine(d metric.Definition, one, two string) bool {
	if len(s.split) < 2 {
		return false
	}
	empty := func(dimension, cell string) bool {
		here, before := place{period: current, split: dimension, cell1: cell}, place{period: previous, split: dimension, cell1: cell}
		_, numerator, denominator := s.value(d, here)
		_, past, pastDenominator := s.value(d, before)
		return numerator == 0 && denominator == 0 && past == 0 && pastDenominator == 0 && s.deserted(d, here, before)
	}
	return empty(s.split[0], one) || empty(s.split[1], two)
}

// thin reports whether a rate is over fewer members than the minimum for
// rates.
func (e evaluator) thin(d metric.Definition, p place, minimum float64) bool {
	return d.Divides() && slices.ContainsFunc(append(d.Bottom().Measures(), d.Behind().Measures()...), func(m metric.Measure) bool {
		return e.unitsOf(spanOf(d), m, p) < minimum
	})
}

// splitter splits KPIs by one dimension, or by two at once.
type splitter struct {
	evaluator
	split []string
	rates float64 // the minimum of members behind a rate
	// hides reports whether a KPI is hidden in the i-th cell of the first
	// dimension and the j-th of the second.
	hides func(d metric.Definition, period int64, i, j int) bool
}

// breakdown splits one KPI; ok is false when it can't be.
func (s *splitter) breakdown(d metric.Definition) (Breakdown, bool) {
	if !d.ByMember() || s.unknown(d, current) != "" {
		return Breakdown{}, false
	}
	hasPrevious := s.unknown(d, previous) == ""
	b := Breakdown{KPI: d.ID, Dimension: strings.Join(s.split, ","), Unit: d.Unit, Cells: []Cell{}}
	second := []string{""}
	if len(s.split) > 1 {
		second = s.cells(s.split[1])
	}
	for i, one := range s.cells(s.split[0]) {
		for j, two := range second {
			here := place{current, b.Dimension, one, two}
			before := place{previous, b.Dimension, one, two}
			c := Cell{Cell: run.Label(one)}
			if len(s.split) > 1 {
				c.Second = run.Label(two)
			}
			value, numerator, denominator := s.value(d, here)
			earlier, past, pastDenominator := s.value(d, before)
			hidden := s.hides(d, current, i, j)
			if (!hidden || s.emptyLine(d, one, two)) && numerator == 0 && denominator == 0 && past == 0 && pastDenominator == 0 && s.deserted(d, here, before) {
				continue // a cell that only other measures have
			}
			if hidden || s.thin(d, here, s.rates) {
				c.Suppressed = true
			} else {
				n := s.units(d, here)
				c.Value, c.N = value, &n
			}
			if hasPrevious && !s.hides(d, previous, i, j) && !s.thin(d, before, s.rates) {
				c.Previous = earlier
			}
			if c.Suppressed || c.Value != nil || c.Previous != nil {
				b.Cells = append(b.Cells, c)
			}
		}
	}
	return b, len(b.Cells) > 0
}
