package special

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// BetaQuantile returns the x for which P(X <= x) = p for the beta distribution
// with the parameters a and b, found by bisection to the last digit that the
// incomplete beta function I_x(a, b) distinguishes, from the side whose tail is
// smaller. BetaQuantile(0, a, b) is 0 and BetaQuantile(1, a, b) is 1.
//
// See Abramowitz and Stegun (1964), 26.5.1.
//
// BetaQuantile panics if p is outside [0, 1] or a or b is not above 0.
func BetaQuantile(p, a, b float64) float64 {
	if math.IsNaN(p) || math.IsNaN(a) || math.IsNaN(b) {
		return math.NaN()
	}
	checkProbability(p)
	if a <= 0 || b <= 0 {
		panic("special: beta parameter not positive")
	}
	switch {
	case p == 0:
		return 0
	case p == 1:
		return 1
	case mathext.RegIncBeta(a, b, 0.5) >= p:
		return betaLower(p, a, b)
	}
	return 1 - betaLower(1-p, b, a)
}

// betaLower returns the quantile where it is at most 1/2. The search is in the
// logarithm, so that quantiles near 0 keep their digits.
func betaLower(p, a, b float64) float64 {
	lo, hi := math.Log(math.SmallestNonzeroFloat64), math.Log(0.5)
	// Near 0 the distribution function is x^a/(a B(a, b)), a bound for b >= 1.
	if first := (math.Log(p*a) + LogBeta(a, b)) / a; b >= 1 && first > lo && first < hi {
		lo = first - 1e-12*math.Abs(first)
	}
	if mathext.RegIncBeta(a, b, math.Exp(lo)) >= p {
		return math.Exp(lo)
	}
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		if mathext.RegIncBeta(a, b, math.Exp(mid)) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return math.Exp(lo + (hi-lo)/2)
}
