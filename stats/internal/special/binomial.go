package special

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// BinomialSurvival returns P(X > k) for the number X of successes in n
// independent trials with the success probability p,
//
//	I_p(k+1, n-k),
//
// the regularised incomplete beta function. It is 1 for k < 0 and 0 for
// k >= n. P(X >= k) is BinomialSurvival(k-1, n, p), and P(X <= k) is
// BinomialSurvival(n-k-1, n, 1-p), each with its relative precision.
//
// See Abramowitz and Stegun (1964), 26.5.24.
//
// BinomialSurvival panics if n is negative or p is outside [0, 1].
func BinomialSurvival(k, n int64, p float64) float64 {
	if math.IsNaN(p) {
		return p
	}
	checkProbability(p)
	if n < 0 {
		panic("special: negative number of trials")
	}
	switch {
	case k < 0:
		return 1
	case k >= n:
		return 0
	}
	return mathext.RegIncBeta(float64(k)+1, float64(n-k), p)
}
