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
