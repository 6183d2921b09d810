package pullmetrics

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// population stands for the members that a cell holds: those open at either
// end of the window.
const population = "population"

// behind names who is behind a measure in a cell, so whose secret it could
// give away. A count of members is about all members of the cell: that three
// of two thousand cancelled names nobody. An amount, or a count of events, is
// about those who made it: what two members of two thousand spent names them.
func behind(measure string) string {
	group, column, _ := strings.Cut(measure, ".")
	switch group {
	case "members", "active":
		return population
	case "orders":
		if column == "buyers" || column == "repeat_buyers" {
			return population
		}
		return "orders.buyers"
	case "points":
		if by, ok := map[string]string{"issued": "points.earners", "redeemed": "points.redeemers", "expired": "points.expirers"}[column]; ok {
			return by
		}
		return population
	case "balance":
		return "balance.holders"
	case "rewards":
		return "rewards.members"
	case "engagement":
		return "engagement.reached"
	case "surveys":
		if strings.HasPrefix(column, "nps") {
			return "surveys.nps"
		}
		return "surveys.csat"
	}
	return population
}

// splitter splits KPIs by one dimension. What is hidden is decided once for
// all KPIs, by who is behind their measures, so that one KPI does not give
// away what another hides.
type splitter struct {
	evaluator
	dimension string
	cells     []string                    // every cell of either window, in reading order
	hidden    map[int64]map[string][]bool // by window and who is behind
	minimum   float64
	rates     float64
}

// split prepares the splitting by a dimension.
func (e evaluator) split(dimension string, minimum, minimumForRates int) *splitter {
	s := &splitter{evaluator: e, dimension: dimension, minimum: float64(minimum), rates: float64(minimumForRates), hidden: map[int64]map[string][]bool{}}
	for k := range e.found {
		if k.dimension == dimension && k.period != yearAgo && !slices.Contains(s.cells, k.cell) {
			s.cells = append(s.cells, k.cell)
		}
	}
	slices.SortFunc(s.cells, func(x, y string) int {
		if dimension == "tier" {
			return cmp.Or(cmp.Compare(e.tiers[x], e.tiers[y]), cmp.Compare(x, y))
		}
		return cmp.Compare(x, y)
	})
	return s
}

// units returns how many units are behind a measure in a cell.
func (s *splitter) units(period int64, by, cell string) float64 {
	m := s.found[key{period, s.dimension, cell}]
	if by == population {
		return math.Max(m["members.open_start"].Float(), m["members.open_end"].Float())
	}
	return m[by].Float()
}

// hides reports which cells hide what the units are behind.
func (s *splitter) hides(period int64, by string) []bool {
	if s.hidden[period] == nil {
		s.hidden[period] = map[string][]bool{}
	}
	if out, ok := s.hidden[period][by]; ok {
		return out
	}
	sizes := make([]breakdown.Cell, len(s.cells))
	for i, cell := range s.cells {
		sizes[i].N = s.units(period, by, cell)
	}
	out := breakdown.Suppress(sizes, s.minimum)
	s.hidden[period][by] = out
	return out
}

// deserted reports whether a KPI that is zero in the cell has nobody in it.
// For a rate, which hides few people, nobody must have been there before
// either: else leaving the cell out would tell what hiding it doesn't.
func (s *splitter) deserted(d metric.Definition, cell string) bool {
	if s.units(current, population, cell) > 0 {
		return false
	}
	if d.Kind != metric.Ratio {
		return true
	}
	if s.units(previous, population, cell) > 0 {
		return false
	}
	return !slices.ContainsFunc(d.Measures(), func(measure string) bool {
		by := behind(measure)
		return s.units(current, by, cell) > 0 || s.units(previous, by, cell) > 0
	})
}

// shows reports whether a KPI may be shown in the cell: nothing that it is
// made of is hidden, and a rate has enough units below it.
func (s *splitter) shows(d metric.Definition, period int64, i int) bool {
	for _, measure := range d.Measures() {
		by := behind(measure)
		if s.hides(period, by)[i] {
			return false
		}
		if d.Kind == metric.Ratio && s.units(period, by, s.cells[i]) < s.rates {
			return false
		}
	}
	return true
}

// breakdown splits one KPI; ok is false when it can't be.
func (s *splitter) breakdown(d metric.Definition) (Breakdown, bool) {
	if !d.ByMember() || s.unknown(d, current) != "" {
		return Breakdown{}, false
	}
	hasPrevious := s.unknown(d, previous) == ""
	b := Breakdown{KPI: d.ID, Dimension: s.dimension, Unit: d.Unit, Cells: []Cell{}}
	for i, name := range s.cells {
		here, before := key{current, s.dimension, name}, key{previous, s.dimension, name}
		c := Cell{Cell: run.Label(name)}
		value, numerator, denominator := s.value(d, here)
		earlier, past, pastDenominator := s.value(d, before)
		if numerator == 0 && denominator == 0 && past == 0 && pastDenominator == 0 && s.deserted(d, name) {
			continue // a cell that only other measures have
		}
		if s.shows(d, current, i) {
			n := int64(math.Round(s.found[here][d.N].Float()))
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
