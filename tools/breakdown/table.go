package breakdown

import (
	"cmp"
	"math"
	"slices"
)

// SuppressTable marks the cells of a two-way table that may not be shown. Cell
// n[i][j] holds the units behind the value in row i and column j. The margins
// are the one-way breakdowns of the same units: hiddenRows and hiddenCols are
// their marks (of [Suppress]); all other row and column totals are taken to be
// published, and the grand total is. It marks
//
//   - every cell, not empty, with fewer than minimum units, and
//   - further cells, until nobody who knows all unmarked cells, all published
//     totals and that units are not negative can bound a small cell, or a small
//     hidden total, to an interval narrower than minimum units.
//
// So the most that he must allow for is at least minimum, and so is every sum
// of cells that he can work out and that has a small one in it. The width is
// the sliding protection level of Fischetti and Salazar ("Models and
// algorithms for the 2-dimensional cell suppression problem in statistical
// disclosure control", Mathematical Programming 84, 1999). It follows that a
// row or column whose total is published has no marked cells, or at least two
// that hold at least minimum units together, and that a hidden total is not
// the sum of unmarked cells, unless other totals give it away.
//
// An empty cell is marked only where no other would do. It must then be shown
// as hidden like the others, not left out.
//
// Where the margins alone bound a small cell more narrowly (a grand total
// below minimum, or marks that are not those of Suppress) no marks can help
// and all cells are marked.
//
// The further cells are found one small cell after another as cheapest ways
// through the table as a network, a heuristic (Kelly, Golden and Assad, "Cell
// suppression: disclosure protection for sensitive tabular data", Networks 22,
// 1992); then those are unmarked again that prove needless. The marks depend
// on the arguments alone. SuppressTable panics unless the table has one mark a
// row and a column. Units that are negative or not a number count as none.
func SuppressTable(n [][]float64, hiddenRows, hiddenCols []bool, minimum float64) [][]bool {
	g := newNetwork(n, nil, hiddenRows, hiddenCols)
	cells := len(hiddenRows) * len(hiddenCols)
	var small []int
	for e := range g.edges {
		if units := g.edges[e].units; units > 0 && units < minimum {
			small = append(small, e)
			g.edges[e].open = true
		}
	}
	slices.SortStableFunc(small, func(a, b int) int { return cmp.Compare(g.edges[a].units, g.edges[b].units) })
	protected := true
	for _, e := range small {
		protected = protected && g.protect(e, minimum)
	}
	if protected {
		g.spare(small, cells, minimum)
	}
	out := make([][]bool, len(hiddenRows))
	for i := range out {
		out[i] = make([]bool, len(hiddenCols))
		for j := range out[i] {
			out[i][j] = !protected || g.edges[i*len(hiddenCols)+j].open
		}
	}
	return out
}

// protect hides cells until the edge can't be bounded to less than width. It
// reports whether that is possible.
func (g *network) protect(e int, width float64) bool {
	for {
		down := g.shift(e, false, g.edges[e].units)
		up := g.shift(e, true, width-down)
		if up+down >= width {
			return true
		}
		// Hiding more upwards comes first: downwards there is less than width.
		if g.hide(e, true, width-down-up) {
			continue
		}
		left := g.edges[e].units - g.shift(e, false, g.edges[e].units)
		if left <= 0 || !g.hide(e, false, min(left, width-down-up)) {
			return false
		}
	}
}

// shift moves an edge's units up or down by as much as open edges allow, up
// to want, and returns by how much.
func (g *network) shift(e int, up bool, want float64) float64 {
	g.reset()
	from, to := g.round(e, up)
	got := 0.0
	for got < want && g.search(from, to, e) {
		got += g.push(from, to, want-got)
	}
	return got
}

// hide opens the cheapest way to move an edge's units further up or down, if
// there is one, by want at once if that can be done.
func (g *network) hide(e int, up bool, want float64) bool {
	from, to := g.round(e, up)
	for _, least := range []float64{want, want / 2, want / 4, 0} {
		if g.searchAll(from, to, e, least) {
			g.push(from, to, want)
			return true
		}
	}
	return false
}

// round returns the ends of the way that makes up for more, or less, units on
// the edge.
func (g *network) round(e int, up bool) (from, to int) {
	if up {
		return g.edges[e].to, g.edges[e].from
	}
	return g.edges[e].from, g.edges[e].to
}

// proof returns open edges that are enough to protect an edge, or none if
// there are none.
func (g *network) proof(e int, width float64) []int {
	down := g.shift(e, false, g.edges[e].units)
	out := slices.Clone(g.touched)
	if g.shift(e, true, width-down)+down < width {
		return nil
	}
	return append(out, g.touched...)
}

// spare shows those of the first cells again, the dearest first, that the
// small edges are protected without.
func (g *network) spare(small []int, cells int, width float64) {
	proofs := make([][]int, len(small))
	for k, e := range small {
		proofs[k] = g.proof(e, width)
	}
	var extra []int
	for e := range cells {
		if g.edges[e].open && !slices.Contains(small, e) {
			extra = append(extra, e)
		}
	}
	slices.SortStableFunc(extra, func(a, b int) int { return cmp.Compare(g.edges[b].price, g.edges[a].price) })
	for _, e := range extra {
		g.edges[e].open = false
		for k, p := range proofs {
			if !slices.Contains(p, e) {
				continue
			}
			other := g.proof(small[k], width)
			if other == nil {
				g.edges[e].open = true
				break
			}
			proofs[k] = other
		}
	}
}

// Bounds returns the least and the most units that somebody must allow for in
// each cell who knows the unmarked cells, the totals that hiddenRows and
// hiddenCols leave published, the grand total and that units are not negative:
// an audit of marks, exact for whole units as for others. The arguments are
// those of [SuppressTable] with its result.
func Bounds(n [][]float64, hidden [][]bool, hiddenRows, hiddenCols []bool) (least, most [][]float64) {
	g := newNetwork(n, hidden, hiddenRows, hiddenCols)
	for i := range hiddenRows {
		least, most = append(least, make([]float64, len(hiddenCols))), append(most, make([]float64, len(hiddenCols)))
		for j := range hiddenCols {
			e := i*len(hiddenCols) + j
			least[i][j], most[i][j] = g.edges[e].units, g.edges[e].units
			if g.edges[e].open {
				least[i][j] -= g.shift(e, false, g.edges[e].units)
				most[i][j] += g.shift(e, true, math.Inf(1))
			}
		}
	}
	return least, most
}
