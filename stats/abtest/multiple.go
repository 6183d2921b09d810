package abtest

import (
	"cmp"
	"math"
	"slices"
)

// Correction is a way to adjust the p-values of a family of tests, in their order,
// so that those at most alpha are rejected. A NaN stays NaN and does not count as
// a test. A correction panics if a value is outside [0, 1].
//
// The family is what a decision may be based on: any of its tests alone. Goals
// and arms belong together; guardrails that all must pass do not (see Ship).
// Bonferroni, Sidak, Holm, HolmSidak, Hochberg and Hommel keep the probability of
// any false rejection; BenjaminiHochberg and the others the expected share of
// false ones among the rejected, which is for screening many segments or metrics.
type Correction func(p []float64) []float64

// Bonferroni multiplies by the number of tests. Its intervals are those at the
// confidence 1 - alpha/m, see SimultaneousConfidence.
func Bonferroni(p []float64) []float64 {
	return each(p, func(v, m float64) float64 { return math.Min(1, m*v) })
}

// Sidak is Bonferroni for independent tests, 1 - (1-p)^m (Z. Šidák, Journal of the
// American Statistical Association 62, 1967).
func Sidak(p []float64) []float64 {
	return each(p, sidak)
}

func sidak(v, m float64) float64 {
	return -math.Expm1(m * math.Log1p(-v))
}

// HolmSidak is Holm with the steps of Sidak, for independent tests.
func HolmSidak(p []float64) []float64 {
	return steps(p, true, func(v float64, k, m int) float64 { return sidak(v, float64(m-k)) })
}

// Hochberg steps up with the factors of Holm, for independent or positively
// dependent tests (Y. Hochberg, Biometrika 75, 1988): with the k-th smallest of m,
//
//	min over j >= k of (m-j+1) p(j).
func Hochberg(p []float64) []float64 {
	return steps(p, false, func(v float64, k, m int) float64 { return float64(m-k) * v })
}

// Hommel closes the test of R. J. Simes, for independent or positively dependent
// tests; it rejects all that Hochberg does, and more (G. Hommel, Biometrika 75,
// 1988; S. P. Wright, Biometrics 48, 1992).
func Hommel(p []float64) []float64 {
	order := sorted(p)
	adjusted := slices.Clone(p)
	m := len(order)
	if m == 0 {
		return adjusted
	}
	s := make([]float64, m) // ascending
	for k, i := range order {
		s[k] = p[i]
	}
	simes := math.Inf(1)
	for k, v := range s {
		simes = math.Min(simes, float64(m)*v/float64(k+1))
	}
	a, q := make([]float64, m), make([]float64, m)
	for k := range a {
		a[k], q[k] = simes, simes
	}
	for j := m - 1; j >= 2; j-- {
		c := math.Inf(1)
		for k := 2; k <= j; k++ {
			c = math.Min(c, float64(j)*s[m-j+k-1]/float64(k))
		}
		for k := range m - j + 1 {
			q[k] = math.Min(float64(j)*s[k], c)
		}
		for k := m - j + 1; k < m; k++ {
			q[k] = q[m-j]
		}
		for k := range a {
			a[k] = math.Max(a[k], q[k])
		}
	}
	for k, i := range order {
		adjusted[i] = math.Min(1, math.Max(a[k], s[k]))
	}
	return adjusted
}

// BenjaminiHochberg keeps the expected share of false rejections among the
// rejected, for independent or positively dependent tests (Y. Benjamini and Y.
// Hochberg, Journal of the Royal Statistical Society B 57, 1995): with the k-th
// smallest of m, min over j >= k of p(j) m/j.
func BenjaminiHochberg(p []float64) []float64 {
	return steps(p, false, func(v float64, k, m int) float64 { return v * float64(m) / float64(k+1) })
}

// BenjaminiYekutieli is BenjaminiHochberg for any dependence, with the further
// factor 1 + 1/2 + ... + 1/m (Annals of Statistics 29, 2001).
func BenjaminiYekutieli(p []float64) []float64 {
	return steps(p, false, func(v float64, k, m int) float64 {
		var h float64
		for j := 1; j <= m; j++ {
			h += 1 / float64(j)
		}
		return v * float64(m) * h / float64(k+1)
	})
}

// TwoStageBH is BenjaminiHochberg with the number of true hypotheses estimated by a
// first pass of it at level alpha, m less its rejections (Y. Benjamini, A. M.
// Krieger and D. Yekutieli, Biometrika 93, 2006, section 6). When the first pass
// rejects all or none the p-values are those of the first pass. Unlike other
// corrections the adjusted p-values hold for the one alpha given.
func TwoStageBH(p []float64, alpha float64) []float64 {
	return twoStage(p, alpha, 1)
}

// TwoStageBKY is the definition 6 of the same paper, which is proved to keep its
// level for independent tests: the first pass is at alpha/(1+alpha), and the
// p-values are multiplied by 1+alpha.
func TwoStageBKY(p []float64, alpha float64) []float64 {
	return twoStage(p, alpha, 1+alpha)
}

func twoStage(p []float64, alpha, factor float64) []float64 {
	checkProbability(alpha, "alpha")
	first := BenjaminiHochberg(p)
	m, rejected := 0, 0
	for _, v := range first {
		if math.IsNaN(v) {
			continue
		}
		m++
		if v <= alpha/factor {
			rejected++
		}
	}
	share := 1.0
	if rejected > 0 && rejected < m {
		share = float64(m-rejected) / float64(m)
	}
	for i, v := range first {
		first[i] = math.Min(1, v*factor*share)
	}
	return first
}

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
		p[i] = normalTail((estimates[i] - nulls[i]) / e)
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

// each applies an adjustment that needs only the number of tests.
func each(p []float64, adjust func(v, m float64) float64) []float64 {
	m := float64(len(sorted(p)))
	adjusted := slices.Clone(p)
	for i, v := range p {
		if !math.IsNaN(v) {
			adjusted[i] = adjust(v, m)
		}
	}
	return adjusted
}

// steps applies an adjustment of the k-th smallest (from 0) of m and makes it
// monotone: with down as the running maximum from the smallest, else as the running
// minimum from the largest.
func steps(p []float64, down bool, adjust func(v float64, k, m int) float64) []float64 {
	order := sorted(p)
	adjusted := slices.Clone(p)
	m := len(order)
	running := 0.0
	if !down {
		running = 1
	}
	for step := range order {
		k := step
		if !down {
			k = m - 1 - step
		}
		v := math.Min(1, adjust(p[order[k]], k, m))
		if down {
			running = math.Max(running, v)
		} else {
			running = math.Min(running, v)
		}
		adjusted[order[k]] = running
	}
	return adjusted
}

// sorted returns the indices of the p-values that are numbers, ascending.
func sorted(p []float64) []int {
	order := make([]int, 0, len(p))
	for i, v := range p {
		if v < 0 || v > 1 {
			panic("abtest: p-value outside [0, 1]")
		}
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	return order
}
