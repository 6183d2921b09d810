package reserve

import "math"

// BornhuetterFerguson returns the ultimate amount of every origin as what it has
// redeemed plus the part still to come of an amount expected beforehand:
//
//	U_i = C_i + (1 - 1/CDF) rate_i exposure_i,
//
// exposure being the points issued and rate their redemption rate, the prior.
// Young cohorts, about which the chain ladder knows next to nothing, rest on the
// prior; let it be the rate of a Hazard fit. Bornhuetter and Ferguson (1972).
//
// With steps above 1 the result is the prior of the next step: 2 steps are the
// method of Benktander (1976) and Hovinen, many the chain ladder.
func (t *Triangle) BornhuetterFerguson(toUltimate, exposure, rate []float64, steps int) []float64 {
	if len(toUltimate) != t.Ages() || len(exposure) != t.Origins() || len(rate) != t.Origins() {
		panic("reserve: lengths differ from those of the triangle")
	}
	out := make([]float64, t.Origins())
	for i, c := range t.Latest() {
		open := 1 - 1/toUltimate[t.Age(i)]
		u := exposure[i] * rate[i]
		for range max(1, steps) {
			u = c + open*u
		}
		out[i] = u
	}
	return out
}

// CapeCod returns the redemption rate of each origin that the triangle itself
// tells, for use as the prior of BornhuetterFerguson:
//
//	rate_i = sum_k d^|i-k| C_k / sum_k d^|i-k| exposure_k/CDF_k.
//
// With decay 1 it is one rate for all, by Bühlmann and Stanard; below 1 near
// cohorts count more (Gluck 1997).
func (t *Triangle) CapeCod(toUltimate, exposure []float64, decay float64) ([]float64, error) {
	if len(toUltimate) != t.Ages() || len(exposure) != t.Origins() {
		panic("reserve: lengths differ from those of the triangle")
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
