package special

import "math"

// BetaMean returns the mean of f under a beta distribution with a, b > 0,
//
//	∫₀¹ f(p) p^(a-1) (1-p)^(b-1) dp / B(a, b),
//
// for an f that is positive, falling and smooth on [0, 1], such as a mixture of
// exponentials. f may be steep near 0: its singularities may lie anywhere on the
// negative axis.
//
// The integral is taken over y = ln(p/(1-p)) by the trapezoidal rule, which
// converges exponentially for an analytic integrand on the whole line, whatever
// the algebraic behaviour at both ends of [0, 1] was. See L. N. Trefethen and J.
// A. C. Weideman, "The exponentially convergent trapezoidal rule", SIAM Review
// 56(3), 2014.
//
// BetaMean panics if a or b is not positive.
func BetaMean(a, b float64, f func(p float64) float64) float64 {
	checkPositive(a)
	checkPositive(b)
	// With a or b near 0 much of the mass sits at an end of [0, 1] and the
	// integrand decays slowly. There f is its value at the end plus a rest that
	// vanishes; what is left to integrate decays at least like e^-|y|.
	var f0, f1 float64
	if a < 1 {
		f0 = f(0)
	}
	if b < 1 {
		f1 = f(1)
	}
	ends := a < 1 || b < 1
	// The weight relative to its peak, at p0, with no difference of large terms.
	p0, mode := a/(a+b), math.Log(a/b)
	weight := func(d float64) float64 {
		return math.Exp(a*d - (a+b)*math.Log1p(p0*math.Expm1(d)))
	}
	rest := func(d float64) float64 {
		e := math.Exp(-math.Abs(mode + d))
		p, q := 1/(1+e), e/(1+e)
		if mode+d < 0 {
			p, q = q, p
		}
		return f(p) - f0*q - f1*p
	}
	// A quarter of a unit resolves f and the tails; a narrower peak needs half
	// its standard deviation.
	h := math.Min(0.25, 0.5*math.Sqrt((a+b)/a/b))
	sum, norm := rest(0), 1.0
	for _, dir := range []float64{-h, h} {
		small := 0
		for i := 1; small < 3 && i < 1e6; i++ {
			d := float64(i) * dir
			w := weight(d)
			t := w * rest(d)
			sum += t
			norm += w
			// Past the peak of the weight three terms in a row are enough of a
			// tail: a change of sign of the rest can make only one of them small.
			if math.Abs(t) <= 1e-16*math.Abs(sum) && (ends || w <= 1e-16*norm) {
				small++
			} else {
				small = 0
			}
		}
	}
	if !ends {
		return sum / norm
	}
	peak := math.Exp(a*math.Log(p0) + b*math.Log(b/(a+b)) - LogBeta(a, b))
	return sum*h*peak + f0*b/(a+b) + f1*a/(a+b)
}
