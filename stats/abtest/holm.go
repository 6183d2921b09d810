package abtest

import (
	"cmp"
	"math"
	"slices"
)

// Holm returns the p-values adjusted for being one family of tests, in the order
// of p: with the k-th smallest of m,
//
//	max over j <= k of min(1, (m-j+1) p(j)).
//
// Rejecting the hypotheses whose adjusted p-value is at most alpha keeps the
// probability of any false rejection at alpha, whatever the dependence between
// the tests. A NaN stays NaN and does not count as a test.
//
// See S. Holm, "A simple sequentially rejective multiple test procedure",
// Scandinavian Journal of Statistics 6(2), 1979.
//
// Holm panics if a value is outside [0, 1].
func Holm(p []float64) []float64 {
	order := make([]int, 0, len(p))
	adjusted := make([]float64, len(p))
	for i, v := range p {
		switch {
		case v < 0 || v > 1:
			panic("abtest: p-value outside [0, 1]")
		case math.IsNaN(v):
			adjusted[i] = v
		default:
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	running := 0.0
	for k, i := range order {
		running = math.Max(running, math.Min(1, float64(len(order)-k)*p[i]))
		adjusted[i] = running
	}
	return adjusted
}
