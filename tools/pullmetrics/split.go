package pullmetrics

import (
	"cmp"
	"math"
	"slices"

	"loyaltymcp/tools/breakdown"
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

// splitter splits KPIs by one dimension. What is hidden is decided once for
// all KPIs, by who is behind their measures, so that one KPI does not give
// away what another hides.
type splitter struct {
	evaluator
	dimension string
	cells     []string         // every cell of either window, in reading order
	hidden    map[shade][]bool // by cell
	minimum   float64
	rates     float64
}

// shade is what hiding is decided for: who is behind, when.
type shade struct {
	span   span
	period int64
	whom   string
}

// split prepares the splitting by a dimension.
func (e evaluator) split(dimension string, minimum, minimumForRates int) *splitter {
	s := &splitter{evaluator: e, dimension: dimension, minimum: float64(minimum), rates: float64(minimumForRates), hidden: map[shade][]bool{}}
	s.cells = e.cellsOf(dimension, func(p place) string { return p.cell1 }, dimension)
	return s
}

// cellsOf returns the cells of a split in reading order, tiers by rank.
func (e evaluator) cellsOf(split string, cell func(place) string, dimension string) []string {
	seen := map[string]bool{}
	var out []string
	for _, places := range e.found {
		for p := range places {
			if p.split == split && p.period != yearAgo && !seen[cell(p)] {
				seen[cell(p)] = true
				out = append(out, cell(p))
			}
		}
	}
	slices.SortFunc(out, func(x, y string) int {
		if dimension == "tier" {
			return cmp.Or(cmp.Compare(e.tiers[x], e.tiers[y]), cmp.Compare(x, y))
		}
		return cmp.Compare(x, y)
	})
	return out
}

func (s *splitter) place(period int64, cell string) place {
	return place{period: period, split: s.dimension, cell1: cell}
}

// unitsOf returns how many members are behind a measure in a place.
func (e evaluator) unitsOf(at span, m metric.Measure, p place) float64 {
	switch whom := e.behindWhom(m); whom {
	case population:
		f := e.found.at(span{}, p)
		return math.Max(f.tallies[openAtStart.String()].value.Float(), f.tallies[openAtEnd.String()].value.Float())
	default:
		return e.found.at(at, p).tallies[whom].behind.Float()
	}
}

// hides reports which cells hide what the members behind a measure made.
func (s *splitter) hides(at span, m metric.Measure, period int64) []bool {
	key := shade{at, period, s.behindWhom(m)}
	if key.whom == population {
		key.span = span{}
	}
	if out, ok := s.hidden[key]; ok {
		return out
	}
	sizes := make([]breakdown.Cell, len(s.cells))
	for i, cell := range s.cells {
		sizes[i].N = s.unitsOf(at, m, s.place(period, cell))
	}
	s.hidden[key] = breakdown.Suppress(sizes, s.minimum)
	return s.hidden[key]
}

// deserted reports whether a KPI that is zero in the cell has nobody in it.
// For a rate, which hides few people, nobody must have been there before
// either: else leaving the cell out would tell what hiding it doesn't.
func (s *splitter) deserted(d metric.Definition, cell string) bool {
	here, before := s.place(current, cell), s.place(previous, cell)
	if s.unitsOf(span{}, openAtEnd, here) > 0 {
		return false
	}
	if !d.Divides() {
		return true
	}
	if s.unitsOf(span{}, openAtEnd, before) > 0 {
		return false
	}
	return !slices.ContainsFunc(d.Measures(), func(m metric.Measure) bool {
		return s.unitsOf(spanOf(d), m, here) > 0 || s.unitsOf(spanOf(d), m, before) > 0
	})
}

// shows reports whether a KPI may be shown in the cell: nothing that it is
// made of is hidden, and a rate has enough members behind it.
func (s *splitter) shows(d metric.Definition, period int64, i int) bool {
	for _, m := range d.Measures() {
		if s.hides(spanOf(d), m, period)[i] {
			return false
		}
	}
	return !d.Divides() || !s.thin(d, s.place(period, s.cells[i]), s.rates)
}

// thin reports whether a rate is over fewer members than the minimum for
// rates.
func (e evaluator) thin(d metric.Definition, p place, minimum float64) bool {
	return slices.ContainsFunc(d.Measures(), func(m metric.Measure) bool { return e.unitsOf(spanOf(d), m, p) < minimum })
}

// breakdown splits one KPI; ok is false when it can't be.
func (s *splitter) breakdown(d metric.Definition) (Breakdown, bool) {
	if !d.ByMember() || s.unknown(d, current) != "" {
		return Breakdown{}, false
	}
	hasPrevious := s.unknown(d, previous) == ""
	b := Breakdown{KPI: d.ID, Dimension: s.dimension, Unit: d.Unit, Cells: []Cell{}}
	for i, name := range s.cells {
		here, before := s.place(current, name), s.place(previous, name)
		c := Cell{Cell: run.Label(name)}
		value, numerator, denominator := s.value(d, here)
		earlier, past, pastDenominator := s.value(d, before)
		if numerator == 0 && denominator == 0 && past == 0 && pastDenominator == 0 && s.deserted(d, name) {
			continue // a cell that only other measures have
		}
		if s.shows(d, current, i) {
			n := s.units(d, here)
			c.Value, c.N = value, &n
		} else {
			c.Suppressed = true
		}
		if hasPrevious && s.shows(d, previous, i) {
			c.Previous = earlier
		}
		if c.Suppressed || c.Value != nil || c.Previous != nil {
			b.Cells = append(b.Cells, c)
		}
	}
	return b, len(b.Cells) > 0
}
