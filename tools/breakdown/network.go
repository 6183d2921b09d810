package breakdown

import "math"

// network is a two-way table as a flow of its units: from a source through
// the rows' totals to the rows, through the cells to the columns, and through
// the columns' totals to a sink. The units that enter are the grand total and
// known. Whatever a reader can't see of the table is an open edge. The tables
// that fit what he sees are the flows that differ from the true one on open
// edges only, so the most and the least he must allow for on an edge are the
// true units plus and minus a maximum flow round it (Cox, "Network models for
// complementary cell suppression", JASA 90, 1995).
type network struct {
	edges []edge
	at    [][]int // by node, the edges that meet it

	// The flow that is being tried, as a difference from the true one.
	moved   []float64 // by edge
	touched []int     // edges that have been moved since reset
	isMoved []bool    // by edge

	// Of the last search.
	via   []int     // by node, the edge it was reached by
	cost  []float64 // by node
	done  []bool    // by node
	queue []int
}

// edge is a cell, or the total of a row or column that is hidden. Totals that
// are published can't differ, so they are no edges.
type edge struct {
	from, to int
	units    float64
	open     bool    // a reader doesn't see it
	price    float64 // of hiding it
}

// newNetwork returns the network of the table. Cells come first, row by row;
// marks may be nil for none hidden.
func newNetwork(n [][]float64, hidden [][]bool, hiddenRows, hiddenCols []bool) *network {
	rows, cols := len(hiddenRows), len(hiddenCols)
	if len(n) != rows || hidden != nil && len(hidden) != rows {
		panic("breakdown: one mark a row of the table is needed")
	}
	source, sink := rows+cols, rows+cols+1
	g := &network{at: make([][]int, rows+cols+2)}
	total, rowTotals, colTotals := 0.0, make([]float64, rows), make([]float64, cols)
	for i, row := range n {
		if len(row) != cols || hidden != nil && len(hidden[i]) != cols {
			panic("breakdown: one mark a column of the table is needed")
		}
		for j, units := range row {
			if !(units > 0) {
				units = 0
			}
			g.add(edge{from: i, to: rows + j, units: units, open: hidden != nil && hidden[i][j]})
			rowTotals[i] += units
			colTotals[j] += units
			total += units
		}
	}
	for e := range g.edges {
		g.edges[e].price = price(g.edges[e].units, total, rows*cols)
	}
	for i, h := range hiddenRows {
		if h {
			g.add(edge{from: source, to: i, units: rowTotals[i], open: true})
		}
	}
	for j, h := range hiddenCols {
		if h {
			g.add(edge{from: rows + j, to: sink, units: colTotals[j], open: true})
		}
	}
	g.moved, g.isMoved = make([]float64, len(g.edges)), make([]bool, len(g.edges))
	g.cost, g.via, g.done = make([]float64, len(g.at)), make([]int, len(g.at)), make([]bool, len(g.at))
	return g
}

// price returns what hiding a cell costs. The logarithm weighs the number of
// cells against the units in them. An empty cell costs more than all others:
// a reader may know by other means that nobody can be in it.
func price(units, total float64, cells int) float64 {
	if units > 0 {
		return 1 + math.Log1p(units)
	}
	return float64(cells) * (1 + math.Log1p(total))
}

func (g *network) add(e edge) {
	g.at[e.from] = append(g.at[e.from], len(g.edges))
	g.at[e.to] = append(g.at[e.to], len(g.edges))
	g.edges = append(g.edges, e)
}

// reset goes back to the true flow.
func (g *network) reset() {
	for _, e := range g.touched {
		g.moved[e], g.isMoved[e] = 0, false
	}
	g.touched = g.touched[:0]
}
