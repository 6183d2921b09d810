package migration

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/special"
)

// Estimate is a transition matrix with what it was estimated from.
type Estimate struct {
	P         *mat.Dense // maximum likelihood: n_ij / n_i
	N         []float64  // moves out of each state, staying included
	LogLik    float64    // Σ n_ij ln p_ij
	absorbing []int
}

// Fit estimates the transition matrix. Absorbing states keep their members
// for ever: their rows are those of the identity, whatever the counts.
//
// It returns an error for a state that is not absorbing and was never left nor
// kept: nothing is known of where its members go. It panics on an absorbing
// state out of range.
//
// Source: T. W. Anderson and L. A. Goodman (1957), Statistical inference about
// Markov chains, Annals of Mathematical Statistics 28, 89-110.
func Fit(counts mat.Matrix, absorbing ...int) (Estimate, error) {
	n, err := check(counts)
	if err != nil {
		return Estimate{}, err
	}
	inRange(n, absorbing)
	e := Estimate{P: mat.NewDense(n, n, nil), N: make([]float64, n), absorbing: absorbing}
	for i := range n {
		if slices.Contains(absorbing, i) {
			e.P.Set(i, i, 1)
			continue
		}
		if e.N[i] = rowSum(counts, i); e.N[i] == 0 || math.IsInf(e.N[i], 0) {
			return Estimate{}, fmt.Errorf("migration: %v moves out of state %d; declare it absorbing, merge it with another or take a longer period", e.N[i], i)
		}
		for j := range n {
			if c := counts.At(i, j); c > 0 {
				e.P.Set(i, j, c/e.N[i])
				e.LogLik += c * math.Log(c/e.N[i])
			}
		}
	}
	return e, nil
}

// SE returns the binomial standard error of every probability,
// sqrt(p (1-p) / n_i), and 0 in absorbing rows. It is 0 for a move never seen,
// which says nothing: use [Estimate.Interval] there.
func (e Estimate) SE() *mat.Dense {
	n, _ := e.P.Dims()
	se := mat.NewDense(n, n, nil)
	for i, moves := range e.N {
		for j := range n {
			if p := e.P.At(i, j); moves > 0 {
				se.Set(i, j, math.Sqrt(p*(1-p)/moves))
			}
		}
	}
	return se
}

// Interval returns the limits of the score interval (Wilson 1927) of the
// probability of a move, for each move alone. A confidence is between 0 and 1,
// such as 0.95; other values panic.
func (e Estimate) Interval(from, to int, confidence float64) (low, high float64) {
	if !(confidence > 0 && confidence < 1) {
		panic("migration: confidence must be between 0 and 1")
	}
	p, n := e.P.At(from, to), e.N[from]
	if n == 0 {
		return p, p // absorbing: known, not estimated
	}
	z := special.NormalQuantile((1 + confidence) / 2)
	a := z * z / n
	centre, half := p+a/2, math.Sqrt(a*(p*(1-p)+a/4))
	low, high = math.Max(0, (centre-half)/(1+a)), math.Min(1, (centre+half)/(1+a))
	if p == 0 {
		low = 0
	}
	if p == 1 {
		high = 1
	}
	return low, high
}

// Shrink draws the rows of counts towards those of a prior matrix that weighs
// as much as the given number of moves a row, and returns the posterior mean
// of the Dirichlet distribution, (n_ij + weight q_ij) / (n_i + weight). It
// keeps rare moves of small tiers from being taken for impossible. A row with
// neither counts nor weight is an error.
func Shrink(counts, prior mat.Matrix, weight float64) (*mat.Dense, error) {
	n, err := check(counts)
	if err != nil {
		return nil, err
	}
	if r, c := prior.Dims(); r != n || c != n {
		panic("migration: prior is of another size")
	}
	if weight < 0 || math.IsNaN(weight) || math.IsInf(weight, 0) {
		return nil, fmt.Errorf("migration: weight of the prior is %v; it is a number of moves", weight)
	}
	p := mat.NewDense(n, n, nil)
	for i := range n {
		if !sumsToOne(prior, i) {
			return nil, fmt.Errorf("migration: row %d of the prior sums to %v, not to 1", i, rowSum(prior, i))
		}
		total := rowSum(counts, i) + weight
		if total == 0 {
			return nil, fmt.Errorf("migration: no moves out of state %d, and no weight on the prior", i)
		}
		for j := range n {
			p.Set(i, j, (counts.At(i, j)+weight*prior.At(i, j))/total)
		}
	}
	return p, nil
}
