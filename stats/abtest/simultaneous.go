package abtest

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// SimultaneousConfidence returns the confidence each of m intervals needs for all
// of them to hold together with the given one, 1 - (1-confidence)/m. These
// intervals agree with Bonferroni: one excludes 0 exactly when the adjusted p-value
// is at most 1 - confidence. No two-sided interval does so for Holm or
// Benjamini-Hochberg; backing one out of an adjusted p-value has no coverage.
//
// SimultaneousConfidence panics if m is below 1.
func SimultaneousConfidence(confidence float64, m int) float64 {
	checkProbability(confidence, "confidence")
	if m < 1 {
		panic("abtest: no tests")
	}
	return 1 - (1-confidence)/float64(m)
}

// SelectedConfidence returns the confidence for the intervals of the tests that
// BenjaminiHochberg has rejected, so that the expected share of intervals that miss,
// among those reported, is at most 1 - confidence: 1 - (1-confidence) rejected/m (Y.
// Benjamini and D. Yekutieli, "False discovery rate-adjusted multiple confidence
// intervals for selected parameters", Journal of the American Statistical
// Association 100, 2005). These intervals exclude 0.
//
// SelectedConfidence panics unless 1 <= rejected <= m.
func SelectedConfidence(confidence float64, rejected, m int) float64 {
	checkProbability(confidence, "confidence")
	if rejected < 1 || rejected > m {
		panic("abtest: number of rejected tests outside 1 to m")
	}
	return 1 - (1-confidence)*float64(rejected)/float64(m)
}

// HolmLimits returns lower limits of effects that hold together with the confidence
// and agree with one-sided tests adjusted by Holm: a limit is at or above its null
// exactly when the test is rejected. estimates, errors and nulls are the normal
// estimates, their standard errors and the null values of effects for which more is
// better; turn the sign of others.
//
// When all are not rejected at once, the rejected ones have the null as limit and
// the others estimate - z(α/r) error, r being their number; when all are rejected
// each has the larger of null and estimate - z(α/m) error. See O. Guilbaud,
// "Simultaneous confidence regions corresponding to Holm's step-down procedure and
// other closed-testing procedures", Biometrical Journal 50, 2008.
//
// HolmLimits panics if the lengths differ or an error is not above 0.
func HolmLimits(estimates, errors, nulls []float64, confidence float64) []float64 {
	alpha := 1 - confidence
	checkProbability(confidence, "confidence")
	if len(estimates) != len(errors) || len(estimates) != len(nulls) {
		panic("abtest: slice length mismatch")
	}
	p := make([]float64, len(estimates))
	for i, e := range errors {
		if !(e > 0) {
			panic("abtest: standard error not above 0")
		}
		p[i] = special.NormalSurvival((estimates[i] - nulls[i]) / e)
	}
	adjusted := Holm(p)
	kept := 0
	for _, v := range adjusted {
		if v > alpha {
			kept++
		}
	}
	limits := make([]float64, len(p))
	for i, v := range adjusted {
		switch {
		case kept == 0:
			z := normalCritical(alpha / float64(len(p)))
			limits[i] = math.Max(nulls[i], estimates[i]-z*errors[i])
		case v <= alpha:
			limits[i] = nulls[i]
		default:
			limits[i] = estimates[i] - normalCritical(alpha/float64(kept))*errors[i]
		}
	}
	return limits
}

// normalCritical returns the normal quantile of an upper tail alpha.
func normalCritical(alpha float64) float64 {
	return -special.NormalQuantile(alpha)
}
