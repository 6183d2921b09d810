package breakdown_test

import (
	"testing"

	"pgregory.net/rapid"

	"loyaltymcp/tools/breakdown"
)

// bits returns the selection of cells that the bits of a number say.
func bits(number, cells int) []bool {
	out := make([]bool, cells)
	for c := range out {
		out[c] = number>>c&1 == 1
	}
	return out
}

// drawRow draws a row of cells.
func drawRow(t *rapid.T) *table {
	n := make([]float64, between(1, 8)(t))
	for j := range n {
		n[j] = float64(oneOf(between(0, 9), between(10, 60))(t))
	}
	return newTable([][]float64{n})
}

// selections returns an attacker who knows a row's total and those of all
// selections of its cells that are allowed.
func (p *table) selections(allowed func(selected []bool, total float64) bool) *attacker {
	a := &attacker{cells: p.cols}
	a.learn(p.sum(func(i, j int) bool { return true }))
	for number := range 1 << p.cols {
		selected := bits(number, p.cols)
		if sum, total := p.sum(func(i, j int) bool { return selected[j] }); allowed(selected, total) {
			a.learn(sum, total)
		}
	}
	return a
}

func TestSplitsHoldsAgainstAttack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawRow(t)
		a := p.selections(func(selected []bool, total float64) bool {
			if breakdown.Splits(p.hiddenCols, selected) {
				return false
			}
			if total > 0 && total < minimum && p.total >= minimum {
				t.Fatalf("the selection %v of %v is small and allowed", selected, p.n)
			}
			return true
		})
		if out := p.exposed(t, a); out != nil && p.total >= minimum {
			t.Fatalf("%v of %v with %v are given away", out, p.n, p.hiddenCols)
		}
	})
}

// That a selection and the rest hold enough units is not enough.
func TestAttackSucceedsOnSelectionsOfEnough(t *testing.T) {
	given := 0
	for _, p := range examples(drawRow) {
		a := p.selections(func(_ []bool, total float64) bool { return total >= minimum && p.total-total >= minimum })
		if p.total >= minimum && len(p.exposed(t, a)) > 0 {
			given++
		}
	}
	if given == 0 {
		t.Error("the attack failed on all tables")
	}
}

// filters tells an attacker the totals of all selections of rows and columns,
// as filters make them, that are allowed.
func (p *table) filters(a *attacker, allowed func(selected [][]bool, total float64) bool) {
	for r := range 1 << p.rows {
		for c := range 1 << p.cols {
			rows, cols := bits(r, p.rows), bits(c, p.cols)
			selected := make([][]bool, p.rows)
			for i := range selected {
				selected[i] = make([]bool, p.cols)
				for j := range selected[i] {
					selected[i][j] = rows[i] && cols[j]
				}
			}
			sum, total := p.sum(func(i, j int) bool { return selected[i][j] })
			if allowed(selected, total) {
				a.learn(sum, total)
			}
		}
	}
}

// smallTable draws a table with few enough rows and columns to try all filters.
func smallTable(t *rapid.T) *table {
	n := make([][]float64, between(1, 4)(t))
	cols := between(1, 4)(t)
	units := oneOf(between(0, 0), between(1, 9), between(10, 90), between(10, 90))
	for i := range n {
		n[i] = make([]float64, cols)
		for j := range n[i] {
			n[i][j] = float64(units(t))
		}
	}
	return newTable(n)
}

func TestSplitsTableHoldsAgainstAttack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := smallTable(t)
		p.hidden = breakdown.SuppressTable(p.n, p.hiddenRows, p.hiddenCols, minimum)
		a := p.reader()
		p.filters(a, func(selected [][]bool, total float64) bool {
			if breakdown.SplitsTable(p.hidden, p.hiddenRows, p.hiddenCols, selected) {
				return false
			}
			if total > 0 && total < minimum && p.total >= minimum {
				t.Fatalf("the selection %v of %v with %v is small and allowed", selected, p.n, p.hidden)
			}
			return true
		})
		if out := p.exposed(t, a); out != nil && p.total >= minimum {
			t.Fatalf("%v of %v with %v are given away", out, p.n, p.hidden)
		}
	})
}

// A filter that takes enough and leaves enough may still be the one too many.
func TestAttackSucceedsOnFiltersOfEnough(t *testing.T) {
	given := 0
	for _, p := range examples(smallTable) {
		p.hidden = breakdown.SuppressTable(p.n, p.hiddenRows, p.hiddenCols, minimum)
		a := p.reader()
		p.filters(a, func(_ [][]bool, total float64) bool { return total >= minimum && p.total-total >= minimum })
		if p.total >= minimum && len(p.exposed(t, a)) > 0 {
			given++
		}
	}
	if given == 0 {
		t.Error("the attack failed on all tables")
	}
}

// SplitsTable refuses what a reader can't work out, and nothing else.
func TestSplitsTableIsWhatReadersCannotWorkOut(t *testing.T) {
	forShapes(t, func(t *rapid.T, p *table) {
		selected := make([][]bool, p.rows)
		for i := range p.n {
			selected[i] = make([]bool, p.cols)
			for j := range p.n[i] {
				p.hidden[i][j] = rapid.Bool().Draw(t, "hidden")
				selected[i][j] = rapid.Bool().Draw(t, "selected")
			}
		}
		a := p.reader()
		check := func(selected [][]bool) {
			sum, _ := p.sum(func(i, j int) bool { return selected[i][j] })
			got, want := breakdown.SplitsTable(p.hidden, p.hiddenRows, p.hiddenCols, selected), !a.knows(sum)
			if got != want {
				t.Fatalf("SplitsTable(%v, %v, %v, %v) = %v, want %v", p.hidden, p.hiddenRows, p.hiddenCols, selected, got, want)
			}
		}
		check(selected)
		for i := range selected { // whole rows are more often known
			for j := range selected[i] {
				selected[i][j] = selected[i][0]
			}
		}
		check(selected)
	})
}

func TestSplitsTable(t *testing.T) {
	const o, x = false, true
	hidden := [][]bool{{x, x, o}, {x, x, o}, {o, o, o}}
	cases := []struct {
		name     string
		selected [][]bool
		want     bool
	}{
		{"nothing", [][]bool{{o, o, o}, {o, o, o}, {o, o, o}}, false},
		{"visible cells", [][]bool{{o, o, x}, {o, o, x}, {o, o, x}}, false},
		{"one hidden cell", [][]bool{{x, o, o}, {o, o, o}, {o, o, o}}, true},
		{"a row", [][]bool{{x, x, x}, {o, o, o}, {o, o, o}}, false},
		{"the hidden cells of a row", [][]bool{{x, x, o}, {o, o, o}, {o, o, o}}, false},
		{"a diagonal", [][]bool{{x, o, o}, {o, x, o}, {o, o, o}}, true},
		{"all", [][]bool{{x, x, x}, {x, x, x}, {x, x, x}}, false},
	}
	for _, c := range cases {
		if got := breakdown.SplitsTable(hidden, make([]bool, 3), make([]bool, 3), c.selected); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
	if hides := []bool{x, x, o}; !breakdown.SplitsTable(hidden, hides, make([]bool, 3), [][]bool{{x, x, x}, {o, o, o}, {o, o, o}}) {
		t.Error("one of two hidden rows may be told")
	}
}
