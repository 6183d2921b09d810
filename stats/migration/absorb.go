package migration

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Absorption is what becomes of members who can end for good, such as by
// lapsing.
type Absorption struct {
	Transient []int // the states that can be left, in order; rows below
	Absorbing []int // the others, in order
	// Fundamental is (I - Q)^-1: the expected number of periods that a member
	// of a transient state (row) spends in another (column), from now on.
	Fundamental *mat.Dense
	// Periods is the expected number of periods until absorption.
	Periods []float64
	// Ends is the probability that a member of a transient state (row) ends in
	// an absorbing one (column).
	Ends *mat.Dense
}

// Absorb analyses a transition matrix with the given absorbing states, whose
// rows are not looked at.
//
// Small probabilities of absorption lose no digits, for only the other entries of
// a row are used: a member who stays does not move.
//
// It returns an error when there is no transient state, when the row of one does
// not sum to 1, or when members of one can never be absorbed: their expected
// time is infinite. It panics on an absorbing state out of range.
//
// Source: J. G. Kemeny and J. L. Snell (1960), Finite Markov Chains, chapter 3.
func Absorb(p mat.Matrix, absorbing ...int) (Absorption, error) {
	n, err := check(p)
	if err != nil {
		return Absorption{}, err
	}
	inRange(n, absorbing)
	var a Absorption
	for i := range n {
		if slices.Contains(absorbing, i) {
			a.Absorbing = append(a.Absorbing, i)
		} else {
			a.Transient = append(a.Transient, i)
		}
	}
	if len(a.Transient) == 0 || len(a.Absorbing) == 0 {
		return Absorption{}, errors.New("migration: absorption needs both transient and absorbing states")
	}
	for _, i := range a.Transient {
		if !sumsToOne(p, i) {
			return Absorption{}, fmt.Errorf("migration: row %d sums to %v, not to 1; give probabilities, with what is missing in a state of its own", i, rowSum(p, i))
		}
	}
	if !reaches(p, a.Transient, a.Absorbing) {
		return Absorption{}, errors.New("migration: members of some state never reach an absorbing one, so the time until then is infinite")
	}
	t := len(a.Transient)
	among, out := mat.NewDense(t, t, nil), make([]float64, t)
	for r, i := range a.Transient {
		for c, j := range a.Transient {
			among.Set(r, c, p.At(i, j))
		}
		for _, j := range a.Absorbing {
			out[r] += p.At(i, j)
		}
	}
	a.Fundamental, a.Ends = fundamental(among, out), mat.NewDense(t, len(a.Absorbing), nil)
	for r := range t {
		a.Periods = append(a.Periods, rowSum(a.Fundamental, r))
		if !(a.Periods[r] <= math.MaxFloat64) {
			return Absorption{}, errors.New("migration: absorption is so rare that the time until then can't be computed")
		}
		sum := 0.0
		for c, j := range a.Absorbing {
			end := 0.0
			for k, i := range a.Transient {
				end += a.Fundamental.At(r, k) * p.At(i, j)
			}
			a.Ends.Set(r, c, end)
			sum += end
		}
		for c := range a.Absorbing {
			a.Ends.Set(r, c, a.Ends.At(r, c)/sum) // 1 but for rounding, of p too
		}
	}
	return a, nil
}

// reaches reports whether every transient state can reach an absorbing one.
func reaches(p mat.Matrix, transient, absorbing []int) bool {
	reached := append([]int(nil), absorbing...)
	for grown := true; grown; {
		grown = false
		for _, i := range transient {
			if !slices.Contains(reached, i) && slices.ContainsFunc(reached, func(j int) bool { return p.At(i, j) > 0 }) {
				reached, grown = append(reached, i), true
			}
		}
	}
	return len(reached) == len(transient)+len(absorbing)
}

// Stationary returns the mix that the matrix leaves unchanged, with sum 1. States
// that are left for ever have no share in it, so with one absorbing state all are
// there in the end: ask for the mix of [Live] then.
//
// It returns an error for a row that does not sum to 1, and for a matrix with
// several closed classes, such as two absorbing states: the mix then depends on
// where members started.
func Stationary(p mat.Matrix) ([]float64, error) {
	n, err := check(p)
	if err != nil {
		return nil, err
	}
	for i := range n {
		if !sumsToOne(p, i) {
			return nil, fmt.Errorf("migration: row %d sums to %v, not to 1; give probabilities", i, rowSum(p, i))
		}
	}
	class, err := closedClass(p)
	if err != nil {
		return nil, err
	}
	within := mat.NewDense(len(class), len(class), nil)
	for r, i := range class {
		for c, j := range class {
			within.Set(r, c, p.At(i, j))
		}
	}
	mix := stationary(within)
	out := make([]float64, n)
	for r, i := range class {
		if out[i] = mix[r]; !(out[i] >= 0 && out[i] <= 1) {
			return nil, errors.New("migration: moves between some states are so rare that the stationary mix can't be computed")
		}
	}
	return out, nil
}

// Live returns the matrix among the states that are not absorbing, given that
// a member is not absorbed: rows are divided by their sums. Its [Stationary]
// mix is that of members who never lapse. A state from which members can only
// be absorbed is an error. It panics on an absorbing state out of range.
func Live(p mat.Matrix, absorbing ...int) (*mat.Dense, error) {
	n, err := check(p)
	if err != nil {
		return nil, err
	}
	inRange(n, absorbing)
	var states []int
	for i := range n {
		if !slices.Contains(absorbing, i) {
			states = append(states, i)
		}
	}
	if len(states) == 0 {
		return nil, errors.New("migration: every state is absorbing")
	}
	out := mat.NewDense(len(states), len(states), nil)
	for r, i := range states {
		sum := 0.0
		for _, j := range states {
			sum += p.At(i, j)
		}
		if sum == 0 {
			return nil, errors.New("migration: members of some state are always absorbed in one step")
		}
		for c, j := range states {
			out.Set(r, c, p.At(i, j)/sum)
		}
	}
	return out, nil
}
