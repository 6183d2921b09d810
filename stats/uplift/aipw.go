package uplift

import (
	"errors"
	"fmt"
	"math"
)

// Effect is an estimate with its standard error.
type Effect struct {
	Value, SE float64
}

// Nuisance holds, for each member, what is predicted without and with
// treatment, and the probability of treatment. Predictions must come from
// other members ([CrossFit]).
type Nuisance struct {
	Control, Treated []float64
	Propensity       []float64
}

func (n Nuisance) check(outcome []float64, treated []bool) error {
	k := len(outcome)
	if len(treated) != k || len(n.Control) != k || len(n.Treated) != k || len(n.Propensity) != k {
		panic("uplift: one outcome, treatment, pair of predictions and propensity a member is needed")
	}
	if k < 2 {
		return errors.New("uplift: fewer than 2 members")
	}
	for i, e := range n.Propensity {
		if !(e >= 1e-100 && e < 1) {
			return fmt.Errorf("uplift: propensity %d is %v; leave out members who were sure to be treated or not", i, e)
		}
		for _, v := range []float64{outcome[i], n.Control[i], n.Treated[i]} {
			if !(math.Abs(v) <= hugest) {
				return fmt.Errorf("uplift: outcome or prediction %d is %v, not a number to compute with; leave the member out", i, v)
			}
		}
	}
	return nil
}

// Scores returns doubly robust scores (augmented inverse propensity weighting),
//
//	m₁ - m₀ + T (Y - m₁)/e - (1-T) (Y - m₀)/(1-e).
//
// A score is an unbiased, very noisy estimate of the member's effect when the
// propensity or the predictions are right; only sums of them mean something.
//
// Source: J. M. Robins, A. Rotnitzky and L. P. Zhao (1994), Estimation of
// regression coefficients when some regressors are not always observed, JASA
// 89, 846-866.
func Scores(outcome []float64, treated []bool, n Nuisance) ([]float64, error) {
	if err := n.check(outcome, treated); err != nil {
		return nil, err
	}
	out := make([]float64, len(outcome))
	for i, y := range outcome {
		e := n.Propensity[i]
		out[i] = n.Treated[i] - n.Control[i]
		if treated[i] {
			out[i] += (y - n.Treated[i]) / e
		} else {
			out[i] -= (y - n.Control[i]) / (1 - e)
		}
	}
	return out, nil
}

// Average returns the mean of scores, the average effect of treatment, with its
// standard error s/√n, NaN for one score. Rows of a member are to be added up
// first: scores are taken for independent.
func Average(scores []float64) Effect {
	mean, ss := 0.0, 0.0
	for i, v := range scores {
		delta := v - mean
		mean += delta / float64(i+1)
		ss += delta * (v - mean)
	}
	n := float64(len(scores))
	return Effect{mean, math.Sqrt(ss / (n - 1) / n)}
}

// Overlap returns the effect weighted by e(1-e), that on members who could have
// been in either arm, by regression of residuals,
//
//	Σ (T-e)(Y-m) / Σ (T-e)², m = e m₁ + (1-e) m₀.
//
// It stays precise where some propensities are near 0 or 1.
//
// Source: R. K. Crump, V. J. Hotz, G. W. Imbens and O. A. Mitnik (2009), Dealing
// with limited overlap in estimation of average treatment effects, Biometrika
// 96, 187-199; P. M. Robinson (1988), Econometrica 56, 931-954.
func Overlap(outcome []float64, treated []bool, n Nuisance) (Effect, error) {
	if err := n.check(outcome, treated); err != nil {
		return Effect{}, err
	}
	residuals := func(i int) (t, y float64) {
		e := n.Propensity[i]
		t = -e
		if treated[i] {
			t = 1 - e
		}
		return t, outcome[i] - e*n.Treated[i] - (1-e)*n.Control[i]
	}
	products, squares, spread := 0.0, 0.0, 0.0
	for i := range outcome {
		t, y := residuals(i)
		products += t * y
		squares += t * t
	}
	effect := products / squares
	for i := range outcome {
		t, y := residuals(i)
		spread += t * t * (y - effect*t) * (y - effect*t)
	}
	return Effect{effect, math.Sqrt(spread) / squares}, nil
}

// Policy returns the gain a member, over treating nobody, of treating some at a
// cost a treated member, in the units of the outcome. The rule must not come
// from the outcomes of the members it is valued on. A gain whose error covers 0 is
// no reason to treat.
func Policy(scores []float64, treat []bool, cost float64) Effect {
	if len(treat) != len(scores) {
		panic("uplift: one decision a score is needed")
	}
	value := make([]float64, len(scores))
	for i, v := range scores {
		if treat[i] {
			value[i] = v - cost
		}
	}
	return Average(value)
}
