package abtest

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// PowerShares returns the power of the two-sided test of equal shares with the
// pooled variance to tell the shares pc and pt apart with n members in each arm:
//
//	Φ((|pt-pc| √n - z √(2 p̄ (1-p̄)))/√(pc (1-pc) + pt (1-pt))) + the far tail.
//
// See J. L. Fleiss, B. Levin and M. C. Paik, Statistical Methods for Rates and
// Proportions, 3rd edition (2003), chapter 4.
//
// PowerShares panics if a share is outside (0, 1) or n is not above 0.
func PowerShares(pc, pt, n, alpha float64) float64 {
	null, alternative := shareDeviations(pc, pt)
	if !(n > 0) {
		panic("abtest: no members")
	}
	c := -special.NormalQuantile(alpha/2) * null
	d := math.Abs(pt-pc) * math.Sqrt(n)
	return special.NormalSurvival((c-d)/alternative) + special.NormalSurvival((c+d)/alternative)
}

// RequiredNShares returns the number of members of each arm, not rounded, with
// which the two-sided test of PowerShares tells the shares apart, without the far
// tail.
//
// RequiredNShares returns ErrZeroDelta for equal shares. It panics if a share is
// outside (0, 1).
func RequiredNShares(pc, pt, alpha, power float64) (float64, error) {
	checkProbability(alpha, "alpha")
	checkProbability(power, "power")
	null, alternative := shareDeviations(pc, pt)
	if pc == pt {
		return 0, ErrZeroDelta
	}
	s := -special.NormalQuantile(alpha/2)*null + special.NormalQuantile(power)*alternative
	// A power below the level needs no members.
	r := math.Max(0, s) / (pt - pc)
	return r * r, nil
}

// MDEShares returns the smallest share above pc that the two-sided test of
// PowerShares tells apart with n members in each arm.
//
// MDEShares returns ErrNoMDE when no share below 1 is far enough.
func MDEShares(pc, n, alpha, power float64) (float64, error) {
	enough := func(pt float64) bool {
		need, err := RequiredNShares(pc, pt, alpha, power)
		return err == nil && need <= n
	}
	lo, hi := pc, math.Nextafter(1, 0)
	if !enough(hi) {
		return 0, ErrNoMDE
	}
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		if enough(mid) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi, nil
}

// shareDeviations returns the deviations of a difference of two shares, times the
// root of the members of an arm, if they are equal and if not.
func shareDeviations(pc, pt float64) (null, alternative float64) {
	checkProbability(pc, "share")
	checkProbability(pt, "share")
	p := (pc + pt) / 2
	return math.Sqrt(2 * p * (1 - p)), math.Sqrt(pc*(1-pc) + pt*(1-pt))
}

// ArcsineEffect returns Cohen's h of two shares, 2 asin √pt - 2 asin √pc: as a
// difference of means of values with the deviation 1 it has nearly the same power
// wherever the shares lie. It is NaN for a share outside [0, 1].
func ArcsineEffect(pc, pt float64) float64 {
	return 2*math.Asin(math.Sqrt(pt)) - 2*math.Asin(math.Sqrt(pc))
}

// PowerSRM returns the probability that SRM on n members rejects at level alpha when
// the true shares of the arms are actual instead of planned, from the noncentral
// chi-square distribution with the parameter n Σ (actual - planned)²/planned.
//
// It panics if the shares differ in length or number fewer than two arms, a planned
// one is not above 0, or an actual one is negative or all are 0.
func PowerSRM(planned, actual []float64, n int64, alpha float64) float64 {
	checkProbability(alpha, "alpha")
	if len(planned) != len(actual) || len(planned) < 2 {
		panic("abtest: planned and actual shares differ in length or number fewer than two")
	}
	var p, a, w2 float64
	for i, v := range planned {
		if !(v > 0) {
			panic("abtest: planned share not above 0")
		}
		if !(actual[i] >= 0) {
			panic("abtest: actual share negative")
		}
		p, a = p+v, a+actual[i]
	}
	if !(a > 0) {
		panic("abtest: no actual share above 0")
	}
	for i, v := range planned {
		d := actual[i]/a - v/p
		w2 += d * d / (v / p)
	}
	df := float64(len(planned) - 1)
	return special.ChiSquareNoncentral(special.ChiSquareQuantile(alpha, df), df, float64(n)*w2)
}
