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
	system, into := mat.NewDense(t, t, nil), mat.NewDense(t, len(a.Absorbing), nil)
	for r, i := range a.Transient {
		for c, j := range a.Transient {
			system.Set(r, c, -p.At(i, j))
		}
		system.Set(r, r, 1-p.At(i, i))
		for c, j := range a.Absorbing {
			into.Set(r, c, p.At(i, j))
		}
	}
	a.Fundamental, a.Ends = mat.NewDense(t, t, nil), mat.NewDense(t, len(a.Absorbing), nil)
	if err := a.Fundamental.Inverse(system); err != nil {
		return Absorption{}, errors.New("migration: absorption is so rare that the time until then can't be computed")
	}
	a.Ends.Mul(a.Fundamental, into)
	for r := range t {
		a.Periods = append(a.Periods, rowSum(a.Fundamental, r))
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

// Stationary returns the mix that the matrix leaves unchanged, with sum 1. A
// matrix with several closed classes, such as two absorbing states, has no
// single one, and gives an error.
func Stationary(p mat.Matrix) ([]float64, error) {
	n, err := check(p)
	if err != nil {
		return nil, err
	}
	// (P' - I) x = 0 with one equation replaced by Σ x = 1.
	system, right := mat.NewDense(n, n, nil), mat.NewVecDense(n, nil)
	for i := range n {
		for j := range n {
			system.Set(i, j, p.At(j, i))
		}
		system.Set(i, i, p.At(i, i)-1)
		system.Set(n-1, i, 1)
	}
	for i := range n {
		system.Set(n-1, i, 1)
	}
	right.SetVec(n-1, 1)
	var x mat.VecDense
	if err := x.SolveVec(system, right); err != nil {
		return nil, errors.New("migration: the matrix has no single stationary mix: some states never reach the others")
	}
	out := make([]float64, n)
	for i := range out {
		if out[i] = x.AtVec(i); out[i] < -1e-9 || math.IsNaN(out[i]) {
			return nil, errors.New("migration: the matrix has no stationary mix; its rows must sum to 1")
		}
		out[i] = math.Max(0, out[i])
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
