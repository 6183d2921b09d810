package breakdown_test

import (
	"testing"

	"pgregory.net/rapid"

	"loyaltymcp/tools/breakdown"
)

// table is a two-way table as it is published.
type table struct {
	n          [][]float64
	hidden     [][]bool
	hiddenRows []bool
	hiddenCols []bool
	rows, cols int
	total      float64
}

const minimum = 10

// newTable returns the table with its one-way breakdowns suppressed and no
// cell hidden.
func newTable(n [][]float64) *table {
	p := &table{n: n, rows: len(n), cols: len(n[0])}
	rows, cols := make([]breakdown.Cell, p.rows), make([]breakdown.Cell, p.cols)
	for i := range n {
		p.hidden = append(p.hidden, make([]bool, p.cols))
		for j, units := range n[i] {
			rows[i].N += units
			cols[j].N += units
			p.total += units
		}
	}
	p.hiddenRows, p.hiddenCols = breakdown.Suppress(rows, minimum), breakdown.Suppress(cols, minimum)
	return p
}

func (p *table) small(i, j int) bool { return p.n[i][j] > 0 && p.n[i][j] < minimum }

// sum returns the sum over the cells that in selects, as the attacker reads it.
func (p *table) sum(in func(i, j int) bool) (sum []float64, total float64) {
	sum = make([]float64, p.rows*p.cols)
	for i := range p.n {
		for j, units := range p.n[i] {
			if in(i, j) {
				sum[i*p.cols+j] = 1
				total += units
			}
		}
	}
	return sum, total
}

func (p *table) cell(i, j int) []float64 {
	sum, _ := p.sum(func(r, c int) bool { return r == i && c == j })
	return sum
}

// reader returns an attacker who has read all that is published.
func (p *table) reader() *attacker {
	a := &attacker{cells: p.rows * p.cols}
	a.learn(p.sum(func(i, j int) bool { return true }))
	for i := range p.n {
		if !p.hiddenRows[i] {
			a.learn(p.sum(func(r, c int) bool { return r == i }))
		}
	}
	for j := range p.cols {
		if !p.hiddenCols[j] {
			a.learn(p.sum(func(r, c int) bool { return c == j }))
		}
	}
	for i := range p.n {
		for j := range p.cols {
			if !p.hidden[i][j] {
				a.learn(p.sum(func(r, c int) bool { return r == i && c == j }))
			}
		}
	}
	return a
}

// exposed returns the sums of fewer than minimum units, of a cell or of a
// hidden row or column, that the attacker bounds to less than minimum.
func (p *table) exposed(t failer, a *attacker) (out []string) {
	t.Helper()
	try := func(name string, sum []float64, units float64) {
		if units <= 0 || units >= minimum {
			return
		}
		if least, most := a.bounds(t, sum); most-least < minimum-1e-6 || a.knows(sum) {
			out = append(out, name)
		}
	}
	for i := range p.n {
		sum, units := p.sum(func(r, c int) bool { return r == i })
		try("row", sum, units)
		for j := range p.cols {
			try("cell", p.cell(i, j), p.n[i][j])
		}
	}
	for j := range p.cols {
		sum, units := p.sum(func(r, c int) bool { return c == j })
		try("column", sum, units)
	}
	return out
}

// shapes are the kinds of tables that tests draw.
var shapes = map[string]struct {
	row, col func(*rapid.T) int
	units    func(*rapid.T) int
}{
	"sparse":     {between(2, 6), between(2, 6), oneOf(between(0, 0), between(0, 0), between(1, 40))},
	"dense":      {between(2, 6), between(2, 6), oneOf(between(1, 60), between(10, 200))},
	"one row":    {between(1, 1), between(1, 8), oneOf(between(0, 0), between(1, 30))},
	"one column": {between(1, 8), between(1, 1), oneOf(between(0, 0), between(1, 30))},
	"zeros":      {between(3, 6), between(3, 6), oneOf(between(0, 0), between(0, 0), between(0, 0), between(0, 0), between(1, 9), between(10, 90))},
	"one huge":   {between(2, 5), between(2, 5), oneOf(between(0, 12), between(0, 12), between(0, 12), between(100000, 100000))},
	"all small":  {between(1, 5), between(1, 5), between(0, 9)},
	"few small":  {between(2, 6), between(2, 6), oneOf(between(20, 90), between(20, 90), between(20, 90), between(1, 9))},
}

func between(low, high int) func(*rapid.T) int {
	return func(t *rapid.T) int { return rapid.IntRange(low, high).Draw(t, "units") }
}

func oneOf(of ...func(*rapid.T) int) func(*rapid.T) int {
	return func(t *rapid.T) int { return rapid.SampledFrom(of).Draw(t, "kind")(t) }
}

// draw returns a table of the shape.
func draw(t *rapid.T, shape string) *table {
	s := shapes[shape]
	n := make([][]float64, s.row(t))
	cols := s.col(t)
	for i := range n {
		n[i] = make([]float64, cols)
		for j := range n[i] {
			n[i][j] = float64(s.units(t))
		}
	}
	return newTable(n)
}

// forShapes checks a property on tables of every shape.
func forShapes(t *testing.T, property func(*rapid.T, *table)) {
	for shape := range shapes {
		t.Run(shape, rapid.MakeCheck(func(t *rapid.T) { property(t, draw(t, shape)) }))
	}
}

// examples returns tables that are the same in every run.
func examples[T any](draw func(*rapid.T) T) (out []T) {
	g := rapid.Custom(draw)
	for seed := range 300 {
		out = append(out, g.Example(seed))
	}
	return out
}
