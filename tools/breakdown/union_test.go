package breakdown_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"loyaltymcp/tools/breakdown"
)

// linked draws tables of one shape for the units of several measures.
func linked(t *rapid.T, measures int) []*table {
	rows, cols := between(1, 4)(t), between(1, 4)(t)
	units := oneOf(between(0, 0), between(1, 9), between(10, 90), between(10, 90))
	out := make([]*table, measures)
	for k := range out {
		n := make([][]float64, rows)
		for i := range n {
			n[i] = make([]float64, cols)
			for j := range n[i] {
				n[i][j] = float64(units(t))
			}
		}
		out[k] = newTable(n)
		out[k].hidden = breakdown.SuppressTable(n, out[k].hiddenRows, out[k].hiddenCols, minimum)
	}
	return out
}

// share gives all tables the union of their marks.
func share(tables []*table) {
	var rows, cols, cells [][][]bool
	for _, p := range tables {
		rows, cols, cells = append(rows, [][]bool{p.hiddenRows}), append(cols, [][]bool{p.hiddenCols}), append(cells, p.hidden)
	}
	for _, p := range tables {
		p.hiddenRows, p.hiddenCols, p.hidden = breakdown.Union(rows...)[0], breakdown.Union(cols...)[0], breakdown.Union(cells...)
	}
}

func TestUnionHoldsAgainstAttack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tables := linked(t, 2)
		share(tables)
		for _, p := range tables {
			if out := p.exposed(t, p.reader()); out != nil && p.total >= minimum {
				t.Fatalf("%v of %v with %v are given away", out, p.n, p.hidden)
			}
		}
	})
}

// derived counts the amounts of small groups that follow from all that is
// published of measures of which, in each cell, the first is the sum of the
// others.
func derived(tables []*table) (count int) {
	size := len(tables[0].n) * tables[0].cols
	a := &attacker{cells: size * len(tables)}
	in := func(k int, sum []float64) []float64 {
		return slices.Concat(make([]float64, k*size), sum, make([]float64, (len(tables)-1-k)*size))
	}
	for k, p := range tables {
		for _, sum := range p.reader().rows {
			a.learn(in(k, sum), 0)
		}
	}
	for c := range size {
		identity := make([]float64, a.cells)
		for k := range tables {
			identity[k*size+c] = -1
		}
		identity[c] = 1
		a.learn(identity, 0)
	}
	for k, p := range tables {
		for i := range p.n {
			for j := range p.cols {
				if p.total >= minimum && p.small(i, j) && a.knows(in(k, p.cell(i, j))) {
					count++
				}
			}
		}
	}
	return count
}

func TestUnionHoldsAgainstIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tables := linked(t, 3)
		share(tables)
		if n := derived(tables); n > 0 {
			t.Fatalf("%d amounts follow from the others", n)
		}
	})
	without := 0
	for _, tables := range examples(func(t *rapid.T) []*table { return linked(t, 3) }) {
		without += derived(tables)
	}
	if without == 0 {
		t.Error("the attack failed on marks that are not shared")
	}
}
