package reserve

import "math"

// CapeCod returns the redemption rate of each origin that the triangle itself
// tells, for use as the prior of BornhuetterFerguson:
//
//	rate_i = sum_k d^|i-k| C_k / sum_k d^|i-k| exposure_k/CDF_k.
//
// With decay 1 it is one rate for all, by Bühlmann and Stanard; below 1 near
// cohorts count more (Gluck 1997). Bornhuetter has the errors of both methods.
//
// CapeCod returns an error for a decay outside (0, 1], for a factor to ultimate that
// is not above 0 and finite, and where the exposure near an origin is not above 0. It
// panics if lengths differ.
func (t *Triangle) CapeCod(toUltimate, exposure []float64, decay float64) ([]float64, error) {
	if len(toUltimate) != t.Ages() || len(exposure) != t.Origins() {
		panic("reserve: lengths differ from those of the triangle")
	}
	if !(decay > 0 && decay <= 1) {
		return nil, triangleError("the decay is %g; it must be above 0 and at most 1", decay)
	}
	for j, c := range toUltimate {
		if !(c > 0) || math.IsInf(c, 1) {
			return nil, triangleError("the factor to ultimate of age %d is %g; it must be finite and above 0, so that a part of the exposure has been used", j, c)
		}
	}
	latest := t.Latest()
	rate := make([]float64, len(latest))
	for i := range rate {
		var num, den float64
		for k, c := range latest {
			w := math.Pow(decay, math.Abs(float64(i-k)))
			num += w * c
			den += w * exposure[k] / toUltimate[t.Age(k)]
		}
		if !(den > 0) {
			return nil, triangleError("the exposure near origin %d is not above 0", i)
		}
		rate[i] = num / den
	}
	return rate, nil
}
