package migration

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Count adds up the moves of sequences of states, numbered from 0 to states-1,
// one step apart. Sequences of fewer than two states add nothing. It panics
// on a state out of range.
func Count(states int, sequences ...[]int) *mat.Dense {
	counts := mat.NewDense(states, states, nil)
	for _, s := range sequences {
		for i := 1; i < len(s); i++ {
			counts.Set(s[i-1], s[i], counts.At(s[i-1], s[i])+1)
		}
	}
	return counts
}

// CountPairs adds up pairs of successive moves: element [i] of the result
// counts, for members who came from state i, their next two states, for
// [OrderTest]. It panics on a state out of range.
func CountPairs(states int, sequences ...[]int) []*mat.Dense {
	pairs := make([]*mat.Dense, states)
	for i := range pairs {
		pairs[i] = mat.NewDense(states, states, nil)
	}
	for _, s := range sequences {
		for i := 2; i < len(s); i++ {
			m := pairs[s[i-2]]
			m.Set(s[i-1], s[i], m.At(s[i-1], s[i])+1)
		}
	}
	return pairs
}

// Counts outside of these are of no members, and their products overflow.
const smallest, largest = 1e-140, 1e140

// check returns the number of states, or an error for counts or probabilities
// that are not finite, negative or absurdly large. It panics for a matrix that is
// not square.
func check(counts mat.Matrix) (int, error) {
	n, columns := counts.Dims()
	if n != columns {
		panic("migration: matrix is not square")
	}
	for i := range n {
		for j := range n {
			if v := counts.At(i, j); !(v >= 0 && v <= largest) {
				return 0, fmt.Errorf("migration: the value for moves from state %d to %d is %v; counts and probabilities are finite and not negative", i, j, v)
			}
		}
	}
	return n, nil
}

// inRange panics on an absorbing state that a matrix of n states does not have.
func inRange(n int, absorbing []int) {
	for _, i := range absorbing {
		if i < 0 || i >= n {
			panic(fmt.Sprintf("migration: absorbing state %d of %d; states are numbered from 0", i, n))
		}
	}
}

// sumsToOne reports whether row i does, but for rounding.
func sumsToOne(p mat.Matrix, i int) bool { return math.Abs(rowSum(p, i)-1) <= 1e-9 }

func rowSum(m mat.Matrix, i int) float64 {
	_, columns := m.Dims()
	sum := 0.0
	for j := range columns {
		sum += m.At(i, j)
	}
	return sum
}
