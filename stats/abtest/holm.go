package abtest

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
	return steps(p, true, func(v float64, k, m int) float64 { return float64(m-k) * v })
}
