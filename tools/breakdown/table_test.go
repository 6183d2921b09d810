package breakdown_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"loyaltymcp/tools/breakdown"
)

func TestSuppressTableHoldsAgainstAttack(t *testing.T) {
	forShapes(t, func(t *rapid.T, p *table) {
		p.hidden = breakdown.SuppressTable(p.n, p.hiddenRows, p.hiddenCols, minimum)
		for i := range p.n {
			for j, units := range p.n[i] {
				if !p.hidden[i][j] && (p.small(i, j) || units > 0 && p.total < minimum) {
					t.Fatalf("cell %d, %d of %v is shown", i, j, p.n)
				}
			}
		}
		if p.total < minimum {
			return // nothing protects a total that is small itself
		}
		if out := p.exposed(t, p.reader()); out != nil {
			t.Fatalf("%v of %v with %v are given away", out, p.n, p.hidden)
		}
	})
}

// What follows from the protection: a reader who subtracts within a row or
// column gets two cells or more that hold the minimum, and no hidden total.
func TestSuppressTableLeavesNothingToSubtract(t *testing.T) {
	forShapes(t, func(t *rapid.T, p *table) {
		p.hidden = breakdown.SuppressTable(p.n, p.hiddenRows, p.hiddenCols, minimum)
		if p.total < minimum {
			return
		}
		line := func(name string, k int, closed bool, cells int, at func(int) (float64, bool)) {
			count, units, all := 0, 0.0, 0.0
			for c := range cells {
				n, hidden := at(c)
				all += n
				if hidden {
					count++
					units += n
				}
			}
			if closed && all > 0 && count == 0 {
				t.Fatalf("%s %d of %v with %v is hidden and the sum of its cells", name, k, p.n, p.hidden)
			}
			if !closed && count > 0 && (count < 2 || units < minimum) {
				t.Fatalf("%s %d of %v with %v hides %d cells of %v units", name, k, p.n, p.hidden, count, units)
			}
		}
		for i := range p.n {
			line("row", i, p.hiddenRows[i], p.cols, func(j int) (float64, bool) { return p.n[i][j], p.hidden[i][j] })
		}
		for j := range p.cols {
			line("column", j, p.hiddenCols[j], p.rows, func(i int) (float64, bool) { return p.n[i][j], p.hidden[i][j] })
		}
	})
}

// The network bounds a cell as the linear program does, whatever is hidden.
func TestBoundsAgreeWithLinearPrograms(t *testing.T) {
	forShapes(t, func(t *rapid.T, p *table) {
		for i := range p.n {
			for j := range p.n[i] {
				p.hidden[i][j] = rapid.Bool().Draw(t, "hidden")
			}
		}
		least, most := breakdown.Bounds(p.n, p.hidden, p.hiddenRows, p.hiddenCols)
		a := p.reader()
		for i := range p.n {
			for j := range p.n[i] {
				low, high := a.bounds(t, p.cell(i, j))
				if math.Abs(least[i][j]-low) > 1e-6 || math.Abs(most[i][j]-high) > 1e-6 {
					t.Fatalf("cell %d, %d of %v with %v: bounds %v to %v, want %v to %v", i, j, p.n, p.hidden, least[i][j], most[i][j], low, high)
				}
			}
		}
	})
}

// Marks beyond the small cells are each needed.
func TestSuppressTableHidesNoCellInVain(t *testing.T) {
	forShapes(t, func(t *rapid.T, p *table) {
		p.hidden = breakdown.SuppressTable(p.n, p.hiddenRows, p.hiddenCols, minimum)
		if p.total < minimum {
			return
		}
		for i := range p.n {
			for j := range p.n[i] {
				if !p.hidden[i][j] || p.small(i, j) {
					continue
				}
				p.hidden[i][j] = false
				if p.exposed(t, p.reader()) == nil {
					t.Fatalf("cell %d, %d of %v with %v is hidden in vain", i, j, p.n, p.hidden)
				}
				p.hidden[i][j] = true
			}
		}
	})
}

func TestSuppressTable(t *testing.T) {
	const o, x = false, true
	cases := []struct {
		name string
		n    [][]float64
		want [][]bool
	}{
		{"nothing small", [][]float64{{20, 30}, {40, 50}}, [][]bool{{o, o}, {o, o}}},
		{"a small cell takes the cheapest rectangle", [][]float64{{4, 90, 20}, {30, 80, 25}, {60, 99, 70}}, [][]bool{{x, o, x}, {x, o, x}, {o, o, o}}},
		{"a small cell in a hidden column", [][]float64{{4, 50, 60}, {0, 30, 12}}, [][]bool{{x, o, x}, {o, o, o}}},
		{"an empty cell where no other would do", [][]float64{{4, 96, 0}, {0, 0, 40}, {0, 0, 20}}, [][]bool{{x, x, o}, {o, o, o}, {o, x, x}}},
		{"everybody is few", [][]float64{{1, 2}, {3, 0}}, [][]bool{{x, x}, {x, x}}},
		{"no rows", [][]float64{}, [][]bool{}},
	}
	for _, c := range cases {
		p := &table{}
		if len(c.n) > 0 {
			p = newTable(c.n)
		}
		got := breakdown.SuppressTable(c.n, p.hiddenRows, p.hiddenCols, minimum)
		if !slices.EqualFunc(got, c.want, slices.Equal) {
			t.Errorf("%s: SuppressTable(%v) = %v, want %v", c.name, c.n, got, c.want)
		}
	}
}

func TestUnitsThatAreNoneCountAsNone(t *testing.T) {
	n := [][]float64{{math.NaN(), -7, 4, 30}}
	hides := []bool{false, false, true, true}
	least, most := breakdown.Bounds(n, [][]bool{hides}, []bool{false}, hides)
	if want := [][]float64{{0, 0, 0, 0}}; !slices.EqualFunc(least, want, slices.Equal) {
		t.Errorf("at least %v, want %v", least, want)
	}
	if want := [][]float64{{0, 0, 34, 34}}; !slices.EqualFunc(most, want, slices.Equal) {
		t.Errorf("at most %v, want %v", most, want)
	}
	if got := breakdown.SuppressTable(n, []bool{false}, hides, minimum); !slices.Equal(got[0], hides) {
		t.Errorf("SuppressTable(%v) = %v, want %v", n, got[0], hides)
	}
}

func TestSuppressTablePanicsOnShape(t *testing.T) {
	for _, n := range [][][]float64{{{1, 2}}, {{1, 2}, {3}}, {{1, 2}, {3, 4}, {5, 6}}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("SuppressTable(%v) with marks of a table of 2 x 2 does not panic", n)
				}
			}()
			breakdown.SuppressTable(n, make([]bool, 2), make([]bool, 2), minimum)
		}()
	}
}
