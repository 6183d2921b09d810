package abtest

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Lin returns the effect of treatment on y adjusted for covariates of before the
// experiment by a regression with separate slopes in each arm, the covariates
// centred at their means over both arms, with HC2 variance. It is never less
// precise than the plain comparison in large samples, whatever the true relation,
// and CUPED with several covariates. Control is the adjusted control mean. The
// uncertainty of the centring means is left out, as usual.
//
// covariates[j] are the values of the j-th covariate; treated tells the arm.
//
// See W. Lin, "Agnostic notes on regression adjustments to experimental data:
// reexamining Freedman's critique", Annals of Applied Statistics 7, 2013.
//
// Lin returns ErrTooFew when an arm has fewer than two members, ErrCollinear when
// the covariates determine each other within an arm, ErrZeroVariance when the fit
// is perfect, and ErrNotFinite for values that are not finite. It panics if the lengths differ.
func Lin(y []float64, treated []bool, covariates ...[]float64) (Effect, error) {
	n := len(y)
	if len(treated) != n {
		panic("abtest: slice length mismatch")
	}
	var arms [2]int
	for _, t := range treated {
		arms[indicator(t)]++
	}
	if arms[0] < 2 || arms[1] < 2 {
		return Effect{}, ErrTooFew
	}
	k := 2 + 2*len(covariates)
	x := mat.NewDense(n, k, nil)
	for i, t := range treated {
		x.Set(i, 0, 1)
		x.Set(i, 1, float64(indicator(t)))
	}
	for j, c := range covariates {
		if len(c) != n {
			panic("abtest: slice length mismatch")
		}
		s := FromValues(c)
		// In units of the deviation, so that no scale is taken for collinearity.
		sd := math.Sqrt(s.Variance())
		if !finite(sd) {
			return Effect{}, ErrNotFinite
		}
		if !(sd > 0) {
			return Effect{}, ErrCollinear
		}
		for i, v := range c {
			z := (v - s.Mean) / sd
			x.Set(i, 2+2*j, z)
			x.Set(i, 3+2*j, z*float64(indicator(treated[i])))
		}
	}
	r, err := Regress(x, y)
	if err != nil {
		return Effect{}, err
	}
	return r.Coefficient(1, 0, HC2)
}

func indicator(t bool) int {
	if t {
		return 1
	}
	return 0
}
