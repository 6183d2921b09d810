package abtest

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// MDE returns the smallest difference of two means, in the unit of sd, that a
// two-sided test at level alpha finds with the given power, for arms of
// nControl and nTreatment members whose values have the standard deviation sd:
//
//	(z(1-alpha/2) + z(power)) sd √(1/nControl + 1/nTreatment).
//
// It is the normal approximation, in which the far tail is left out; for a
// one-sided test give twice the level. It is 0 for sd 0 and for a power so far
// below alpha that any difference has it.
//
// See J. M. Lachin, "Introduction to sample size determination and power
// analysis for clinical trials", Controlled Clinical Trials 2, 1981.
//
// MDE returns ErrTooFew when an arm has fewer than two members. It panics if sd
// is negative or not finite.
func MDE(sd float64, nControl, nTreatment int64, alpha, power float64) (float64, error) {
	z := zSum(alpha, power)
	checkSD(sd)
	if nControl < 2 || nTreatment < 2 {
		return 0, ErrTooFew
	}
	return z * sd * math.Sqrt(1/float64(nControl)+1/float64(nTreatment)), nil
}

// RequiredN returns the number of members each of two equal arms needs for a
// two-sided test at level alpha to find the difference delta of two means with
// the given power, for values with the standard deviation sd:
//
//	2 (z(1-alpha/2) + z(power))² sd²/delta²,
//
// rounded up, at least 2. It is the inverse of MDE; Student's t distribution
// asks for about z(1-alpha/2)²/4 more.
//
// RequiredN returns ErrZeroDelta when delta is 0 or so small that the number
// exceeds an int64. It panics if sd is negative or not finite, or delta is not
// finite.
func RequiredN(sd, delta, alpha, power float64) (int64, error) {
	z := zSum(alpha, power)
	checkSD(sd)
	if math.IsNaN(delta) || math.IsInf(delta, 0) {
		panic("abtest: difference not finite")
	}
	if delta == 0 {
		return 0, ErrZeroDelta
	}
	r := z * sd / delta
	n := math.Ceil(2 * r * r)
	if !(n < math.MaxInt64) {
		return 0, ErrZeroDelta
	}
	return max(2, int64(n)), nil
}

func zSum(alpha, power float64) float64 {
	checkProbability(alpha, "alpha")
	checkProbability(power, "power")
	return math.Max(0, special.NormalQuantile(power)-special.NormalQuantile(alpha/2))
}

func checkSD(sd float64) {
	if !(sd >= 0) || math.IsInf(sd, 1) {
		panic("abtest: standard deviation negative or not finite")
	}
}
