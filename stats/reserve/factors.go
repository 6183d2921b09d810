package reserve

// Average is how the age-to-age factors of the origins are averaged: with
// weights C^0, C^1 or C^2 of the amount C the period starts from.
type Average int

const (
	Volume     Average = iota // weights C, the chain ladder's
	Simple                    // equal weights
	Regression                // weights C², least squares through the origin
)

// weight returns the weight of a factor that starts from c.
func (a Average) weight(c float64) float64 {
	switch a {
	case Simple:
		return 1
	case Regression:
		return c * c
	}
	return c
}

// variance returns c^(2-alpha), by which the variance of the next amount grows.
func (a Average) variance(c float64) float64 {
	switch a {
	case Simple:
		return c * c
	case Regression:
		return 1
	}
	return c
}

// Factors returns the age-to-age factors,
//
//	f_j = sum_i w_ij C_i,j+1 / C_ij / sum_i w_ij,
//
// one less than there are ages. With periods above 0 only the latest so many
// origins that have both ages count, which follows a change of behaviour sooner
// and varies more. A factor can't be had where all that went before is 0.
func (t *Triangle) Factors(average Average, periods int) ([]float64, error) {
	f := make([]float64, t.Ages()-1)
	for j := range f {
		n := t.reaching(j + 1)
		from := 0
		if periods > 0 {
			from = max(0, n-periods)
		}
		var num, den float64
		for _, row := range t.cum[from:n] {
			c := row[j]
			if average == Volume {
				num += row[j+1]
				den += c
				continue
			}
			if c == 0 {
				continue
			}
			w := average.weight(c)
			num += w * (row[j+1] / c)
			den += w
		}
		if !(den > 0) {
			return nil, triangleError("nothing was redeemed by age %d, so that no factor leads to the next; start the triangle at a later age or use wider periods", j)
		}
		f[j] = num / den
	}
	return f, nil
}

// ToUltimate returns, for each age, the product of the factors from it on and of
// the tail (1 for none): what a cohort of that age grows by in the end. Its last
// entry is the tail.
func ToUltimate(factors []float64, tail float64) []float64 {
	cdf := make([]float64, len(factors)+1)
	cdf[len(factors)] = tail
	for j := len(factors) - 1; j >= 0; j-- {
		cdf[j] = factors[j] * cdf[j+1]
	}
	return cdf
}

// ChainLadder returns the ultimate amount of every origin, its latest one times
// the factor to ultimate of its age (ToUltimate).
func (t *Triangle) ChainLadder(toUltimate []float64) []float64 {
	if len(toUltimate) != t.Ages() {
		panic("reserve: one factor to ultimate is needed for every age")
	}
	out := t.Latest()
	for i := range out {
		out[i] *= toUltimate[t.Age(i)]
	}
	return out
}
