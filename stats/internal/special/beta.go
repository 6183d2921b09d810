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
// The incomplete beta function loses its digits for large parameters. Where both
// are above 100,000 the quantile is found by the expansion of Cornish and Fisher
// instead, whose error is then below 1e-6 of the standard deviation for any p above
// 1e-10, and where one is above a billion and the other is not so large, from the
// gamma distribution that is the limit, with an error of about the square of their
// ratio.
//
// See Abramowitz and Stegun (1964), 26.5.1 and 26.2.49; M. E. Wise (1950), The
// incomplete beta function as a contour integral and a quickly converging series
// for its inverse, Biometrika 37, 208-218.
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
	case math.Min(a, b) > largeBeta:
		return betaLarge(p, a, b)
	case b > lopsidedBeta:
		return betaGamma(p, a, b)
	case a > lopsidedBeta:
		return 1 - betaGamma(1-p, b, a)
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

const largeBeta, lopsidedBeta = 1e5, 1e9

// betaGamma returns the quantile for b far above a, by that of the gamma
// distribution, searched for like betaLower's.
func betaGamma(p, a, b float64) float64 {
	below := func(x float64) bool { return mathext.GammaIncReg(a, x) < p }
	if p > 0.5 {
		below = func(x float64) bool { return mathext.GammaIncRegComp(a, x) > 1-p }
	}
	lo, hi := math.Log(math.SmallestNonzeroFloat64), math.Log(a+50*math.Sqrt(a)+1000)
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		if below(math.Exp(mid)) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return -math.Expm1(-math.Exp(lo+(hi-lo)/2) / (b + (a-1)/2))
}

// betaLarge returns the quantile by the expansion of Cornish and Fisher, with the
// terms of skewness and kurtosis.
func betaLarge(p, a, b float64) float64 {
	n := a + b
	// In this order nothing overflows.
	sd := math.Sqrt(a/n) * math.Sqrt(b/n) / math.Sqrt(n+1)
	skew := 2 * (b - a) / (n + 2) * math.Sqrt(n+1) / math.Sqrt(a) / math.Sqrt(b)
	kurtosis := 6 * ((a-b)/a*((a-b)/b)*((n+1)/(n+2)) - 1) / (n + 3)
	z := NormalQuantile(p)
	w := z + (z*z-1)*skew/6 + (z*z-3)*z*kurtosis/24 - (2*z*z-5)*z*skew*skew/36
	return math.Max(0, math.Min(1, a/n+sd*w))
}
