package migration

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/proportion"
)

// Estimate is a transition matrix with what it was estimated from.
type Estimate struct {
	P      *mat.Dense // maximum likelihood: n_ij / n_i
	N      []float64  // moves out of each state, staying included; 0 for an absorbing one
	LogLik float64    // Σ n_ij ln p_ij
	counts *mat.Dense
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
	e := Estimate{P: mat.NewDense(n, n, nil), N: make([]float64, n), counts: mat.DenseCopyOf(counts)}
	for i := range n {
		if slices.Contains(absorbing, i) {
			e.P.Set(i, i, 1)
			continue
		}
		if e.N[i] = rowSum(counts, i); e.N[i] < smallest {
			return Estimate{}, fmt.Errorf("migration: %v moves out of state %d; declare it absorbing, merge it with another or take a longer period", e.N[i], i)
		}
		for j := range n {
			if c := counts.At(i, j); c > 0 {
				e.P.Set(i, j, c/e.N[i])
				e.LogLik += c * (math.Log(c) - math.Log(e.N[i]))
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
			if moves > 0 {
				se.Set(i, j, math.Sqrt(e.P.At(i, j)*(e.others(i, j)/moves)/moves))
			}
		}
	}
	return se
}

// Interval returns the limits of the score interval (Wilson 1927) of the
// probability of a move, for each move alone; in an absorbing row, which is
// known and not estimated, both are the probability. A confidence is between 0
// and 1, such as 0.95; other values panic.
func (e Estimate) Interval(from, to int, confidence float64) (low, high float64) {
	if !(confidence > 0 && confidence < 1) {
		panic("migration: confidence must be between 0 and 1")
	}
	p := e.P.At(from, to)
	if e.N[from] == 0 {
		return p, p
	}
	iv, err := proportion.WilsonWeighted(e.counts.At(from, to), e.others(from, to), confidence)
	if err != nil {
		panic("migration: counts that Fit takes are no sample: " + err.Error())
	}
	return math.Min(iv.Low, p), math.Max(iv.High, p)
}

// others returns the moves out of a state to other states than to, added up so
// that the rest of a share near 1 keeps its digits.
func (e Estimate) others(from, to int) float64 {
	sum := 0.0
	for j, n := range e.counts.RawRowView(from) {
		if j != to {
			sum += n
		}
	}
	return sum
}

// Shrink draws the rows of counts towards those of a prior matrix that weighs
// as much as the given number of moves a row, and returns the posterior mean
// of the Dirichlet distribution, (n_ij + weight q_ij) / (n_i + weight). It
// keeps rare moves of small tiers from being taken for impossible: a weight of
// 5 to 20 moves on the program's overall matrix, say.
//
// It returns an error for a row with neither counts nor weight, and for a prior
// whose rows are not probabilities; it panics for one of another size.
func Shrink(counts, prior mat.Matrix, weight float64) (*mat.Dense, error) {
	n, err := check(counts)
	if err != nil {
		return nil, err
	}
	if r, c := prior.Dims(); r != n || c != n {
		panic("migration: prior is of another size")
	}
	if !(weight >= 0 && weight <= largest) {
		return nil, fmt.Errorf("migration: weight of the prior is %v; it is a number of moves", weight)
	}
	if _, err := check(prior); err != nil {
		return nil, fmt.Errorf("prior: %w", err)
	}
	p := mat.NewDense(n, n, nil)
	for i := range n {
		if !sumsToOne(prior, i) {
			return nil, fmt.Errorf("migration: row %d of the prior sums to %v, not to 1", i, rowSum(prior, i))
		}
		total := rowSum(counts, i) + weight
		if total < smallest {
			return nil, fmt.Errorf("migration: no moves out of state %d, and no weight on the prior", i)
		}
		for j := range n {
			p.Set(i, j, (counts.At(i, j)+weight*prior.At(i, j))/total)
		}
	}
	return p, nil
}
