package decompose

import (
	"fmt"
	"math"
	"math/bits"
)

// MaxFactors is how many factors [Shapley] and [DasGupta] take: the work and
// the memory double with each.
const MaxFactors = 20

// Shapley splits the change f(after) - f(before) over the factors of f: each
// gets the mean, over all orders in which the factors could be moved from
// before to after, of what moving it changes. The effects sum to the change.
//
// f must depend on its argument alone and not keep it; it is evaluated once
// for every subset of the factors, 2^K times. A product of factors makes it
// Das Gupta's decomposition of a product.
//
// It panics when the lengths differ, and returns an error for no factors, for
// more than [MaxFactors], when f is not finite somewhere between before and after
// (a division by a factor that is zero, say), and when an effect overflows.
//
// Source: L. S. Shapley (1953), A value for n-person games; equal to the
// method of P. Das Gupta (1993), Standardization and Decomposition of Rates,
// US Bureau of the Census P23-186.
func Shapley(before, after []float64, f func([]float64) float64) ([]float64, error) {
	standardised, err := DasGupta(before, after, f)
	if err != nil {
		return nil, err
	}
	effects := make([]float64, len(before))
	for i, s := range standardised {
		effects[i] = s.Effect()
	}
	return effects, nil
}

// Standardised is a value of which only one factor is let move, the others
// held at the average over both periods in Das Gupta's sense.
type Standardised struct {
	Before, After float64
}

// Effect returns After - Before, the factor's part of the change.
func (s Standardised) Effect() float64 { return s.After - s.Before }

// DasGupta returns, for each factor of f, the value standardised for all the
// other factors before and after. Its differences are the [Shapley] effects,
// with the same conditions.
func DasGupta(before, after []float64, f func([]float64) float64) ([]Standardised, error) {
	if len(before) != len(after) {
		panic("decompose: lengths differ")
	}
	x := make([]float64, len(before))
	return substitute(len(before), func(moved uint) float64 {
		for i := range x {
			x[i] = before[i]
			if moved>>i&1 == 1 {
				x[i] = after[i]
			}
		}
		return f(x)
	})
}

// substitute evaluates the value of every subset of moved factors and returns
// the standardised values of each factor.
func substitute(k int, value func(moved uint) float64) ([]Standardised, error) {
	if k < 1 || k > MaxFactors {
		return nil, fmt.Errorf("decompose: %d factors; between 1 and %d can be decomposed", k, MaxFactors)
	}
	values := make([]float64, 1<<k)
	for moved := range values {
		values[moved] = value(uint(moved))
		if v := values[moved]; math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("decompose: the value is %v when some factors have moved; it must be finite for every mixture of before and after", v)
		}
	}
	weight := weights(k)
	out := make([]Standardised, k)
	for i := range out {
		bit := uint(1) << i
		for others := range uint(1) << k {
			if others&bit != 0 {
				continue
			}
			w := weight[bits.OnesCount(others)]
			out[i].Before += w * values[others]
			out[i].After += w * values[others|bit]
		}
		if err := computed(out[i].Before, out[i].After, out[i].Effect()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// weights returns, by s, the chance s! (k-1-s)! / k! that in a random order of
// k players just s given others come before a player.
func weights(k int) []float64 {
	w := make([]float64, k)
	w[0] = 1 / float64(k)
	for s := 1; s < k; s++ {
		w[s] = w[s-1] * float64(s) / float64(k-s)
	}
	return w
}
