package reserve

// BornhuetterFerguson returns the ultimate amount of every origin as what it has
// redeemed plus the part still to come of an amount expected beforehand:
//
//	U_i = C_i + (1 - 1/CDF) rate_i exposure_i,
//
// exposure being the points issued and rate their redemption rate, the prior.
// Young cohorts, about which the chain ladder knows next to nothing, rest on the
// prior; let it be the rate of a Hazard fit. Bornhuetter and Ferguson (1972).
//
// Bornhuetter has the standard errors. A factor to ultimate below 1, of cohorts that take
// back more than they redeem from an age on, makes the part to come negative; one of 0
// has no answer and gives an infinite one.
//
// With steps above 1 the result is the prior of the next step: 2 steps are the
// method of Benktander (1976) and Hovinen, many the chain ladder. Steps below 1 count as 1. It panics if lengths differ.
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
