package pullmetrics

import (
	"slices"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
)

// veil decides what is hidden, so that neither a total nor another KPI gives a
// small group away. It is decided once for all KPIs: by who is behind a
// measure, in which window, over which cells.
type veil struct {
	evaluator
	minimum float64 // members
	lines   map[shade][]bool
	tables  map[shade][][]bool
}

// shade is what hiding is decided for.
type shade struct {
	split  string
	span   span
	period int64
	whom   string
}

func (e evaluator) veil(minimum int) *veil {
	return &veil{evaluator: e, minimum: float64(minimum), lines: map[shade][]bool{}, tables: map[shade][][]bool{}}
}

// shadeOf returns the key of a decision.
func (v *veil) shadeOf(split string, at span, m metric.Measure, period int64) shade {
	whom := v.behindWhom(m)
	if whom == population {
		at = span{}
	}
	return shade{split, at, period, whom}
}

// line returns which cells of a dimension hide what the members behind a
// measure made.
func (v *veil) line(dimension string, at span, m metric.Measure, period int64) []bool {
	key := v.shadeOf(dimension, at, m, period)
	if out, ok := v.lines[key]; ok {
		return out
	}
	cells := v.cells(dimension)
	sizes := make([]breakdown.Cell, len(cells))
	for i, cell := range cells {
		sizes[i].N = v.unitsOf(at, m, place{period: period, split: dimension, cell1: cell})
	}
	out := breakdown.Suppress(sizes, v.minimum)
	for _, other := range v.linked(at, m, period) {
		out = breakdown.Union([][]bool{out}, [][]bool{v.line(dimension, at, other, current)})[0]
	}
	v.lines[key] = out
	return out
}

// table returns the same for the cells of two dimensions crossed.
func (v *veil) table(rows, columns string, at span, m metric.Measure, period int64) [][]bool {
	key := v.shadeOf(name([]string{rows, columns}), at, m, period)
	if out, ok := v.tables[key]; ok {
		return out
	}
	left, right := v.cells(rows), v.cells(columns)
	n := make([][]float64, len(left))
	for i, a := range left {
		n[i] = make([]float64, len(right))
		for j, b := range right {
			n[i][j] = v.unitsOf(at, m, place{period: period, split: key.split, cell1: a, cell2: b})
		}
	}
	out := breakdown.SuppressTable(n, v.line(rows, at, m, period), v.line(columns, at, m, period), v.minimum)
	for _, other := range v.linked(at, m, period) {
		out = breakdown.Union(out, v.table(rows, columns, at, other, current))
	}
	v.tables[key] = out
	return out
}

// linked returns the measures whose marks in the window a measure shares.
// Balances move by what the ledger's lines add up to, so balances at both ends
// of the window, with all lines but those of a few, would give these away: what
// the window opened with is hidden where any of its lines are.
func (v *veil) linked(at span, m metric.Measure, period int64) []metric.Measure {
	opening := m.Column == "opening" && period == current || m.Column == "balance" && period == previous
	if m.Aggregate != metric.SumColumn || m.Source != "balances" || at != (span{}) || !opening {
		return nil
	}
	return v.ledger
}

// hides reports whether what a KPI is made of is hidden in a cell of a
// dimension, or of two crossed.
func (v *veil) hides(d metric.Definition, split []string, period int64, i, j int) bool {
	return slices.ContainsFunc(d.Measures(), func(m metric.Measure) bool {
		if len(split) == 1 {
			return v.line(split[0], spanOf(d), m, period)[i]
		}
		return v.table(split[0], split[1], spanOf(d), m, period)[i][j]
	})
}

// splits reports whether a selection of cells would give a small group away
// by what it leaves out. The selection is of one dimension's cells, or of two
// crossed.
func (v *veil) splits(d metric.Definition, split []string, period int64, selected func(cell1, cell2 string) bool) bool {
	return slices.ContainsFunc(d.Measures(), func(m metric.Measure) bool {
		at := spanOf(d)
		left := v.cells(split[0])
		if len(split) == 1 {
			taken := make([]bool, len(left))
			for i, cell := range left {
				taken[i] = selected(cell, "")
			}
			return breakdown.Splits(v.line(split[0], at, m, period), taken)
		}
		right := v.cells(split[1])
		taken := make([][]bool, len(left))
		for i, a := range left {
			taken[i] = make([]bool, len(right))
			for j, b := range right {
				taken[i][j] = selected(a, b)
			}
		}
		return breakdown.SplitsTable(v.table(split[0], split[1], at, m, period), v.line(split[0], at, m, period), v.line(split[1], at, m, period), taken)
	})
}
