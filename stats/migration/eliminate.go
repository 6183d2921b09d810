package migration

import (
	"errors"

	"gonum.org/v1/gonum/mat"
)

// fundamental returns (I - Q)^-1 for the moves Q among transient states, whose
// rows leave them with the given probabilities. States are eliminated one after
// the other, each by what it passes on: nothing is subtracted, so that every
// element keeps its digits, however rare absorption is. Q is overwritten.
//
// Source: A. S. Alfa, J. Xue and Q. Ye (2002), Accurate computation of the
// smallest eigenvalue of a diagonally dominant M-matrix, Mathematics of
// Computation 71, 217-236, after W. K. Grassmann, M. I. Taksar and D. P. Heyman.
func fundamental(q *mat.Dense, out []float64) *mat.Dense {
	n := len(out)
	leave := make([]float64, n) // the pivots: all that leaves a state for those not yet eliminated, or for good
	for k := range n {
		leave[k] = out[k]
		for j := k + 1; j < n; j++ {
			leave[k] += q.At(k, j)
		}
		for i := k + 1; i < n; i++ {
			passed := q.At(i, k) / leave[k]
			q.Set(i, k, passed)
			out[i] += passed * out[k]
			for j := k + 1; j < n; j++ {
				if j != i {
					q.Set(i, j, q.At(i, j)+passed*q.At(k, j))
				}
			}
		}
	}
	inverse := mat.NewDense(n, n, nil)
	x := make([]float64, n)
	for c := range n {
		clear(x)
		x[c] = 1
		for i := c + 1; i < n; i++ {
			for k := c; k < i; k++ {
				x[i] += q.At(i, k) * x[k]
			}
		}
		for i := n - 1; i >= 0; i-- {
			for j := i + 1; j < n; j++ {
				x[i] += q.At(i, j) * x[j]
			}
			x[i] /= leave[i]
		}
		inverse.SetCol(c, x)
	}
	return inverse
}

// stationary returns the stationary mix of a chain in which every state reaches
// every other, by eliminating the states from the last. Nothing is subtracted. p
// is overwritten.
//
// Source: W. K. Grassmann, M. I. Taksar and D. P. Heyman (1985), Regenerative
// analysis and steady state distributions for Markov chains, Operations Research
// 33, 1107-1116.
func stationary(p *mat.Dense) []float64 {
	n, _ := p.Dims()
	for k := n - 1; k > 0; k-- {
		down := 0.0
		for j := range k {
			down += p.At(k, j)
		}
		for i := range k {
			p.Set(i, k, p.At(i, k)/down)
			for j := range k {
				p.Set(i, j, p.At(i, j)+p.At(i, k)*p.At(k, j))
			}
		}
	}
	mix := make([]float64, n)
	mix[0] = 1
	sum := 1.0
	for k := 1; k < n; k++ {
		for i := range k {
			mix[k] += mix[i] * p.At(i, k)
		}
		sum += mix[k]
	}
	for k := range mix {
		mix[k] /= sum
	}
	return mix
}

// closedClass returns the states that members end in and move among for ever, or
// an error when there are several such classes.
func closedClass(p mat.Matrix) ([]int, error) {
	n, _ := p.Dims()
	reach := make([]bool, n*n)
	for i := range n {
		for j := range n {
			reach[i*n+j] = i == j || p.At(i, j) > 0
		}
	}
	for k := range n {
		for i := range n {
			if !reach[i*n+k] {
				continue
			}
			for j := range n {
				reach[i*n+j] = reach[i*n+j] || reach[k*n+j]
			}
		}
	}
	var class []int
	for i := range n {
		closed := true
		for j := range n {
			closed = closed && (!reach[i*n+j] || reach[j*n+i])
		}
		if !closed {
			continue
		}
		if len(class) > 0 && !reach[class[0]*n+i] {
			return nil, errors.New("migration: the matrix has no single stationary mix: some states never reach the others, so that it depends on where members started")
		}
		class = append(class, i)
	}
	return class, nil
}
