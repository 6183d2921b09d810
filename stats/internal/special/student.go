package special

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// hillDF is the number of degrees of freedom from which the expansion of Hill
// replaces the incomplete beta function, whose argument ν/(ν+t²) loses about
// log10(ν) digits.
const hillDF = 1e5

// TSurvival returns P(T > t) for Student's t distribution with nu degrees of
// freedom, which need not be whole,
//
//	I_x(ν/2, 1/2) / 2, x = ν/(ν+t²), for t >= 0
//
// and one minus that of -t for t < 0. With nu = +Inf it is NormalSurvival(t).
// The relative error is below 1e-10.
//
// See Abramowitz and Stegun (1964), 26.7.1 and 26.5.27. From 1e5 degrees of
// freedom the equivalent normal deviate of G. W. Hill, "Algorithm 395: Student's
// t-distribution", Communications of the ACM 13(10), 1970, is used.
//
// TSurvival panics if nu is not above 0.
func TSurvival(t, nu float64) float64 {
	if math.IsNaN(t) || math.IsNaN(nu) {
		return math.NaN()
	}
	checkDF(nu)
	if t < 0 {
		return 1 - TSurvival(-t, nu)
	}
	if nu >= hillDF || hillHolds(t, nu) {
		return NormalSurvival(hillDeviate(t, nu))
	}
	if math.IsInf(t, 1) {
		return 0
	}
	if t < 1 {
		// The other form loses the digits of t² beside ν.
		return 0.5 - 0.5*mathext.RegIncBeta(0.5, 0.5*nu, t*t/(nu+t*t))
	}
	// 1/(1+(t/√ν)²) does not overflow where t² does.
	r := t / math.Sqrt(nu)
	if r > 1e150 {
		return 0.5 * farBeta(r, nu)
	}
	return 0.5 * mathext.RegIncBeta(0.5*nu, 0.5, 1/(1+r*r))
}

// hillHolds reports whether the expansion of Hill has a relative error of the tail
// below 1e-11, as compared with the incomplete beta function. It costs a tenth.
func hillHolds(t, nu float64) bool {
	return nu >= 50 && t <= nu/30 && t*t <= 0.16*nu
}

// farBeta returns I_x(ν/2, 1/2) for x = 1/(1+r²) so small that x^(ν/2) is the
// only term left: r^-ν / (ν/2 B(ν/2, 1/2)).
func farBeta(r, nu float64) float64 {
	return math.Exp(-nu*math.Log(r)-mathext.Lbeta(0.5*nu, 0.5)) / (0.5 * nu)
}

// TTwoSided returns P(|T| > |t|) for Student's t distribution with nu degrees
// of freedom, the two-sided p-value of the statistic t.
//
// TTwoSided panics if nu is not above 0.
func TTwoSided(t, nu float64) float64 {
	return 2 * TSurvival(math.Abs(t), nu)
}

// hillDeviate returns the standard normal deviate with the same upper tail as
// t >= 0 on nu degrees of freedom.
func hillDeviate(t, nu float64) float64 {
	if math.IsInf(nu, 1) || math.IsInf(t, 1) {
		return t
	}
	a := nu - 0.5
	b := 48 * a * a
	r := t / math.Sqrt(nu)
	y := a * math.Log1p(r*r)
	if y > 1e4 {
		return math.Sqrt(y) // the tail is 0 and the terms below may overflow
	}
	c := (((-0.4*y-3.3)*y-24)*y - 85.5) / (0.8*y*y + 100 + b)
	return ((c+y+3)/b + 1) * math.Sqrt(y)
}

// TQuantile returns the t for which P(T <= t) = p for Student's t distribution
// with nu degrees of freedom, found by Newton steps on the logarithm of the
// tail kept inside a bracket.
//
// TQuantile(0, nu) is -Inf and TQuantile(1, nu) is +Inf. To keep precision in
// the upper tail use -TQuantile(q, nu) with the upper tail probability q.
//
// TQuantile panics if p is outside [0, 1] or nu is not above 0.
func TQuantile(p, nu float64) float64 {
	if math.IsNaN(p) || math.IsNaN(nu) {
		return math.NaN()
	}
	checkProbability(p)
	checkDF(nu)
	switch {
	case p == 0:
		return math.Inf(-1)
	case p == 0.5:
		return 0
	case p == 1:
		return math.Inf(1)
	case p > 0.5:
		return tUpper(1-p, nu)
	}
	return -tUpper(p, nu)
}

// tUpper returns the t >= 0 for which TSurvival(t, nu) = q, for 0 < q < 1/2.
func tUpper(q, nu float64) float64 {
	z := -NormalQuantile(q)
	if math.IsInf(nu, 1) {
		return z
	}
	t := cornishFisher(z, nu)
	if nu >= 50 && z <= nu/40 && z*z <= 0.1*nu {
		// The next term of the expansion is below the last by about z²/ν.
		if last := z * math.Pow(z*z+1, 4) / (1000 * nu * nu * nu * nu); last*(z*z+1)/nu < 1e-15*z {
			return t
		}
	}
	lnorm := -0.5*math.Log(nu) - mathext.Lbeta(0.5*nu, 0.5)
	if nu >= hillDF {
		// Log-beta loses digits here and the normal density is close enough for a slope.
		lnorm = -0.5 * math.Log(2*math.Pi)
	}
	lo, hi := z, math.Inf(1) // the t quantile is above the normal one
	if !(t > lo) || math.IsInf(t, 1) {
		t = math.Max(2*z, 1)
	}
	for range 2000 {
		s := TSurvival(t, nu)
		if s > q {
			lo = t
		} else {
			hi = t
		}
		r := t / math.Sqrt(nu)
		slope := math.Exp(lnorm - 0.5*(nu+1)*math.Log1p(r*r)) // density at t
		next := t + s/slope*math.Log(s/q)
		if !(next > lo && next < hi) {
			if math.IsInf(hi, 1) {
				next = 2 * lo
			} else {
				next = lo + (hi-lo)/2
			}
		}
		if math.Abs(next-t) <= 4e-16*t || math.IsInf(next, 1) {
			return next
		}
		t = next
	}
	return t
}

// cornishFisher returns the expansion of the t quantile in powers of 1/ν at the
// normal quantile z, to the fourth (Abramowitz and Stegun, 26.7.5).
func cornishFisher(z, nu float64) float64 {
	y := z * z
	return z + z*((y+1)/4+
		(((5*y+16)*y+3)/96+
			((((3*y+19)*y+17)*y-15)/384+
				((((79*y+776)*y+1482)*y-1920)*y-945)/92160/nu)/nu)/nu)/nu
}
