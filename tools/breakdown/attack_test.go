package breakdown_test

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
)

// failer is a test, or one draw of a property test.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// attacker works out cells of a table from sums that he was told. He knows
// nothing of how cells are hidden: he does linear algebra and linear programs.
type attacker struct {
	cells  int
	rows   [][]float64 // linearly independent, each with a one where all others have zeros
	totals []float64
	pivots []int
}

// reduce takes from a sum what is known already.
func (a *attacker) reduce(sum []float64, total float64) ([]float64, float64) {
	sum = append([]float64(nil), sum...)
	for k, row := range a.rows {
		if f := sum[a.pivots[k]]; f != 0 {
			for c := range sum {
				sum[c] -= f * row[c]
			}
			total -= f * a.totals[k]
		}
	}
	for c := range sum {
		if math.Abs(sum[c]) < 1e-9 {
			sum[c] = 0
		}
	}
	return sum, total
}

// learn tells him a sum of cells.
func (a *attacker) learn(sum []float64, total float64) {
	sum, total = a.reduce(sum, total)
	pivot := -1
	for c := range sum {
		if sum[c] != 0 && (pivot < 0 || math.Abs(sum[c]) > math.Abs(sum[pivot])) {
			pivot = c
		}
	}
	if pivot < 0 {
		return
	}
	f := sum[pivot]
	for c := range sum {
		sum[c] /= f
	}
	total /= f
	for k, row := range a.rows {
		if f := row[pivot]; f != 0 {
			for c := range row {
				if row[c] -= f * sum[c]; math.Abs(row[c]) < 1e-9 {
					row[c] = 0
				}
			}
			a.totals[k] -= f * total
		}
	}
	a.rows, a.totals, a.pivots = append(a.rows, sum), append(a.totals, total), append(a.pivots, pivot)
}

// knows reports whether a sum follows from what he was told.
func (a *attacker) knows(sum []float64) bool {
	rest, _ := a.reduce(sum, 0)
	for _, f := range rest {
		if f != 0 {
			return false
		}
	}
	return true
}

// bounds returns the least and the most that a sum can be.
func (a *attacker) bounds(t failer, sum []float64) (least, most float64) {
	t.Helper()
	rest, total := a.reduce(sum, 0)
	if a.knows(sum) {
		return -total, -total
	}
	var free []int // cells that he doesn't know outright
	alone := func(row []float64) bool {
		n := 0
		for _, f := range row {
			if f != 0 {
				n++
			}
		}
		return n == 1
	}
	known := make([]bool, a.cells)
	var equations []int
	for k, row := range a.rows {
		if alone(row) {
			known[a.pivots[k]] = true
		} else {
			equations = append(equations, k)
		}
	}
	for c := range a.cells {
		if !known[c] {
			free = append(free, c)
		}
	}
	scale := 1.0 // totals of about one suit the tolerances of the simplex
	for _, k := range equations {
		scale = math.Max(scale, math.Abs(a.totals[k]))
	}
	solve := func(sign float64) float64 {
		var err error
		for range free {
			// A simplex that fails on a degenerate basis starts from another
			// when the cells come in another order.
			free = append(free[1:], free[0])
			A, b, cost := mat.NewDense(len(equations), len(free), nil), make([]float64, len(equations)), make([]float64, len(free))
			for r, k := range equations {
				b[r] = a.totals[k] / scale
				for c, cell := range free {
					A.Set(r, c, a.rows[k][cell])
				}
			}
			for c, cell := range free {
				cost[c] = sign * rest[cell]
			}
			var value float64
			if value, _, err = lp.Simplex(cost, A, b, 1e-9, nil); err == nil {
				return sign*value*scale - total
			}
		}
		t.Fatalf("linear program over %v = %v: %v", a.rows, a.totals, err)
		return 0
	}
	return solve(1), solve(-1)
}
