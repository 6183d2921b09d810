package abtest

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"loyaltymcp/stats/internal/special"
)

// PowerT returns the power of Student's t test with a common variance to find the
// difference of d standard deviations with n1 and n2 members, which need not be
// whole, from the noncentral t distribution with the parameter
// d √(n1 n2/(n1+n2)) on n1+n2-2 degrees of freedom. One-sided tests look for a
// positive d. Beyond a few dozen members Design.Power says the same.
//
// PowerT panics if n1+n2 is not above 2, or not finite.
func PowerT(d, n1, n2, alpha float64, oneSided bool) float64 {
	checkProbability(alpha, "alpha")
	df := n1 + n2 - 2
	if !(df > 0) || !(n1 > 0) || !(n2 > 0) || math.IsInf(df, 1) {
		panic("abtest: not enough members for a t test")
	}
	ncp := d * math.Sqrt(n1/(n1+n2)*n2)
	if oneSided {
		return noncentralTail(-special.TQuantile(alpha, df), df, ncp)
	}
	c := -special.TQuantile(alpha/2, df)
	ncp = math.Abs(ncp)
	return math.Min(1, noncentralTail(c, df, ncp)+noncentralTail(c, df, -ncp))
}

// noncentralTail returns the probability that noncentral t exceeds c. Above a million
// degrees of freedom it is the normal form
//
//	Φ((ncp - c (1 - 1/(4 df)))/√(1 + c²/(2 df)))
//
// of M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions, 26.7.10,
// where the series loses digits.
func noncentralTail(c, df, ncp float64) float64 {
	// T has the sign of a normal variate with the mean ncp: beyond 37 it is certain.
	const certain = 37
	switch {
	case math.IsNaN(ncp):
		return math.NaN()
	case df > 1e6:
		return special.NormalSurvival((c*(1-1/(4*df)) - ncp) / math.Sqrt(1+c*c/(2*df)))
	case ncp < -certain && c >= 0:
		return 0
	case ncp > certain && c <= 0:
		return 1
	}
	p := 1 - distuv.NoncentralT{Nu: df, Mu: ncp}.CDF(c)
	return math.Min(1, math.Max(0, p))
}

// RequiredNT returns the number of members of the first arm, not rounded, with
// which the t test finds d standard deviations, the second arm having ratio times
// as many. RequiredN is its large-sample form, without the far tail.
//
// RequiredNT returns ErrZeroDelta when d is 0 or below for a one-sided test, or the
// number exceeds 1e12, and ErrPlannedEffect when d is not finite. It panics if ratio is
// not above 0 and finite.
func RequiredNT(d, ratio, alpha, power float64, oneSided bool) (float64, error) {
	checkProbability(power, "power")
	if !(ratio > 0) || math.IsInf(ratio, 1) {
		panic("abtest: ratio of the arms not above 0 and finite")
	}
	if !finite(d) {
		return 0, ErrPlannedEffect
	}
	if d == 0 || oneSided && d < 0 {
		return 0, ErrZeroDelta
	}
	lo := 2/(1+ratio) + 1e-3
	hi := 2 * lo
	for PowerT(d, hi, ratio*hi, alpha, oneSided) < power {
		if lo, hi = hi, 2*hi; hi > 1e12 {
			return 0, ErrZeroDelta
		}
	}
	for hi-lo > 1e-8*hi {
		mid := lo + (hi-lo)/2
		if PowerT(d, mid, ratio*mid, alpha, oneSided) < power {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi, nil
}

// MDET returns the smallest positive difference, in standard deviations, that the
// t test finds with the given power.
func MDET(n1, n2, alpha, power float64, oneSided bool) float64 {
	checkProbability(power, "power")
	lo, hi := 0.0, 1.0
	for PowerT(hi, n1, n2, alpha, oneSided) < power && hi < 1e9 {
		lo, hi = hi, 2*hi
	}
	for hi-lo > 1e-10*hi {
		mid := lo + (hi-lo)/2
		if PowerT(mid, n1, n2, alpha, oneSided) < power {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}
