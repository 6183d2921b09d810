package special

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// ChiSquareSurvival returns P(X > x) for the chi-square distribution with df
// degrees of freedom,
//
//	Q(df/2, x/2),
//
// the regularised upper incomplete gamma function. It is 1 for x <= 0 and 0 for
// x = +Inf.
//
// See Abramowitz and Stegun (1964), 26.4.2 and 26.4.19.
//
// ChiSquareSurvival panics if df is not above 0.
func ChiSquareSurvival(x, df float64) float64 {
	if math.IsNaN(x) || math.IsNaN(df) {
		return math.NaN()
	}
	checkDF(df)
	switch {
	case x <= 0:
		return 1
	case math.IsInf(x, 1):
		return 0
	case df == 1:
		return math.Erfc(math.Sqrt(0.5 * x))
	case df == 2:
		return math.Exp(-0.5 * x)
	}
	return mathext.GammaIncRegComp(0.5*df, 0.5*x)
}

// FSurvival returns P(X > x) for the F distribution with d1 and d2 degrees of
// freedom,
//
//	I_y(d2/2, d1/2), y = d2/(d2 + d1 x).
//
// It is 1 for x <= 0 and 0 for x = +Inf. With d2 = +Inf it is
// ChiSquareSurvival(d1 x, d1). The relative error is below 1e-9 up to
// d2 = 2e5 and grows in proportion to d2 beyond.
//
// See Abramowitz and Stegun (1964), 26.6.2.
//
// FSurvival panics if d1 or d2 is not above 0 or d1 is +Inf.
func FSurvival(x, d1, d2 float64) float64 {
	if math.IsNaN(x) || math.IsNaN(d1) || math.IsNaN(d2) {
		return math.NaN()
	}
	checkDF(d1)
	checkDF(d2)
	if math.IsInf(d1, 1) {
		panic("special: infinite numerator degrees of freedom")
	}
	switch {
	case x <= 0:
		return 1
	case math.IsInf(x, 1):
		return 0
	case math.IsInf(d2, 1):
		return ChiSquareSurvival(d1*x, d1)
	case d1 == 1:
		return TTwoSided(math.Sqrt(x), d2)
	case x < 1:
		// Below the middle the lower tail has the precise argument.
		r := d1 / d2 * x
		return 1 - mathext.RegIncBeta(0.5*d1, 0.5*d2, r/(1+r))
	}
	return mathext.RegIncBeta(0.5*d2, 0.5*d1, 1/(1+d1/d2*x))
}

// ChiSquareQuantile returns the x for which ChiSquareSurvival(x, df) = q: q is the
// probability of the upper tail.
//
// ChiSquareQuantile panics if q is outside [0, 1] or df is not above 0.
func ChiSquareQuantile(q, df float64) float64 {
	if math.IsNaN(q) || math.IsNaN(df) {
		return math.NaN()
	}
	checkProbability(q)
	checkDF(df)
	switch q {
	case 0:
		return math.Inf(1)
	case 1:
		return 0
	}
	lo, hi := 0.0, df
	for ChiSquareSurvival(hi, df) > q {
		lo, hi = hi, 2*hi
	}
	for {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			return hi
		}
		if ChiSquareSurvival(mid, df) > q {
			lo = mid
		} else {
			hi = mid
		}
	}
}

// ChiSquareNoncentral returns P(X > x) for the noncentral chi-square distribution
// with df degrees of freedom and the noncentrality lambda, the mean over a Poisson
// number K with mean lambda/2 of the survival on df+2K degrees of freedom. See
// Abramowitz and Stegun (1964), 26.4.25.
//
// ChiSquareNoncentral panics if df is not above 0 or lambda is negative.
func ChiSquareNoncentral(x, df, lambda float64) float64 {
	if math.IsNaN(x) || math.IsNaN(df) || math.IsNaN(lambda) {
		return math.NaN()
	}
	checkDF(df)
	if lambda < 0 {
		panic("special: negative noncentrality")
	}
	mean := lambda / 2
	// Twelve deviations around the mean hold the Poisson numbers to 1e-16.
	from := math.Max(0, math.Floor(mean-12*math.Sqrt(mean)-20))
	to := math.Ceil(mean + 12*math.Sqrt(mean) + 40)
	var sum float64
	for k := from; k <= to; k++ {
		l, _ := math.Lgamma(k + 1)
		w := math.Exp(k*math.Log(math.Max(mean, math.SmallestNonzeroFloat64)) - mean - l)
		sum += w * ChiSquareSurvival(x, df+2*k)
	}
	return math.Min(1, sum)
}
