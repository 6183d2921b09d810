package special

import "math"

// stirling is the argument from which the asymptotic series below hold all
// digits of a float64.
const stirling = 10

// stirlingSums returns, for z >= 10, the remainders of the asymptotic series of
// ln Γ(z), ψ(z) and ψ'(z) behind their leading terms
//
//	(z-1/2) ln z - z + ln(2π)/2,  ln z - 1/(2z),  1/z + 1/(2z²).
func stirlingSums(z float64) (s0, s1, s2 float64) {
	i := 1 / z
	q := i * i
	s0 = i * (1./12 - q*(1./360-q*(1./1260-q*(1./1680-q*(1./1188-q*(691./360360-q/156))))))
	s1 = -q * (1./12 - q*(1./120-q*(1./252-q*(1./240-q*(1./132-q*(691./32760-q/12))))))
	s2 = i * q * (1./6 - q*(1./30-q*(1./42-q*(1./30-q*(5./66-q*(691./2730-q*7/6))))))
	return s0, s1, s2
}

// Polygamma returns ψ(z) and ψ'(z), the first two derivatives of ln Γ(z), for
// z > 0: upward recurrence to 10, then the asymptotic series.
//
// See Abramowitz and Stegun (1964), 6.3.5, 6.3.18, 6.4.6 and 6.4.12.
func Polygamma(z float64) (digamma, trigamma float64) {
	checkPositive(z)
	for z < stirling {
		digamma -= 1 / z
		trigamma += 1 / (z * z)
		z++
	}
	_, s1, s2 := stirlingSums(z)
	digamma += math.Log(z) - 0.5/z + s1
	trigamma += 1/z + 0.5/(z*z) + s2
	return digamma, trigamma
}

// GammaDiff returns the differences
//
//	ln Γ(z+n) - ln Γ(z),  ψ(z+n) - ψ(z),  ψ'(z+n) - ψ'(z)
//
// for z > 0 and n >= 0. Unlike differences of the functions themselves they
// keep their relative precision when z is large.
func GammaDiff(z, n float64) (d0, d1, d2 float64) {
	checkPositive(z)
	if n == 0 {
		return 0, 0, 0
	}
	if n < 0 {
		panic("special: negative difference")
	}
	for z < stirling {
		// From z to z+1 the difference grows by ln((z+n)/z), whose derivatives
		// are those of ln(z+n) - ln z.
		y := z + n
		d0 -= math.Log1p(n / z)
		d1 += n / z / y
		d2 -= n / z / y * (1/z + 1/y)
		z++
	}
	y := z + n
	a0, a1, a2 := stirlingSums(z)
	b0, b1, b2 := stirlingSums(y)
	l := math.Log1p(n / z)
	d0 += (z-0.5)*l + n*(math.Log(y)-1) + (b0 - a0)
	d1 += l + 0.5*n/z/y + (b1 - a1)
	d2 += -n/z/y*(1+0.5*(1/z+1/y)) + (b2 - a2)
	return d0, d1, d2
}

func checkPositive(z float64) {
	if z <= 0 {
		panic("special: argument not positive")
	}
}
