package special

import "math"

// ExpIntScaled returns e^z E_ν(z), the exponential integral scaled to neither
// overflow nor underflow,
//
//	∫₀^∞ e^(-z u) (1+u)^-ν du,
//
// for ν >= 0 and z > 0. It is between 1/(z+ν) and 1/(z+ν-1) for z+ν > 1.
//
// From z = 2 the continued fraction of Abramowitz and Stegun (1964), 5.1.22, is
// used; below it the integral over ln(1+u) by panels of Gauss-Legendre nodes.
func ExpIntScaled(nu, z float64) float64 {
	checkPositive(z)
	if nu < 0 {
		panic("special: negative order")
	}
	if z >= 2 {
		return expIntFraction(nu, z)
	}
	// Over y = ln(1+u) the integrand is exp(-z (e^y - 1) - (ν-1) y). A panel
	// spans at most one unit and about four e-folds.
	var sum, y float64
	for {
		ey := math.Exp(y)
		width := math.Min(1, 4/(math.Abs(nu-1)+z*ey))
		part := 0.0
		for i, x := range legendre16.x {
			v := y + 0.5*width*(1+x)
			part += legendre16.w[i] * math.Exp(-z*math.Expm1(v)-(nu-1)*v)
		}
		part *= 0.5 * width
		sum += part
		y += width
		if part <= 1e-17*sum {
			return sum
		}
	}
}

// expIntFraction evaluates 1/(z+ν - ν/(z+ν+2 - 2(ν+1)/(z+ν+4 - ...))) by the
// modified method of Lentz.
func expIntFraction(nu, z float64) float64 {
	b := z + nu
	c := math.Inf(1)
	d := 1 / b
	h := d
	for i := 1.0; i < 500; i++ {
		a := -i * (nu - 1 + i)
		b += 2
		d = 1 / (a*d + b)
		c = b + a/c
		delta := c * d
		h *= delta
		if math.Abs(delta-1) <= 1e-16 {
			break
		}
	}
	return h
}

// legendre16 is the 16-point Gauss-Legendre rule.
var legendre16 = func() (r struct{ x, w [16]float64 }) {
	GaussLegendre(r.x[:], r.w[:])
	return r
}()
