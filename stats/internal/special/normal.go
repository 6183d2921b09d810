package special

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// NormalSurvival returns P(Z > z) for a standard normal Z,
//
//	erfc(z/√2) / 2.
//
// NormalSurvival(+Inf) is 0 and NormalSurvival(-Inf) is 1. The relative error
// is below 1e-13 as long as the result is a normal float64 (z below 37.5).
//
// See Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 26.2.29.
func NormalSurvival(z float64) float64 {
	return 0.5 * math.Erfc(z/math.Sqrt2)
}

// NormalLogSurvival returns ln P(Z > z) for a standard normal Z. Beyond z = 37,
// where the probability itself leaves the range of a float64, it is found from
// the continued fraction of the Mills ratio,
//
//	-z²/2 - ln √(2π) - ln(z + 1/(z + 2/(z + 3/(z + ...)))).
//
// See Abramowitz and Stegun (1964), 26.2.14.
func NormalLogSurvival(z float64) float64 {
	if !(z > 37) {
		return math.Log(NormalSurvival(z))
	}
	if math.IsInf(z, 1) {
		return math.Inf(-1)
	}
	f := z
	for k := 20.0; k >= 1; k-- {
		f = z + k/f
	}
	return -0.5*z*z - 0.5*math.Log(2*math.Pi) - math.Log(f)
}

// NormalTwoSided returns P(|Z| > |z|) for a standard normal Z,
//
//	erfc(|z|/√2),
//
// the two-sided p-value of the statistic z.
func NormalTwoSided(z float64) float64 {
	return math.Erfc(math.Abs(z) / math.Sqrt2)
}

// NormalQuantile returns the z for which P(Z <= z) = p for a standard normal Z.
//
// NormalQuantile(0) is -Inf and NormalQuantile(1) is +Inf. To keep precision in
// the upper tail use -NormalQuantile(q) with the upper tail probability q.
//
// NormalQuantile panics if p is outside [0, 1].
func NormalQuantile(p float64) float64 {
	if math.IsNaN(p) {
		return p
	}
	checkProbability(p)
	switch p {
	case 0:
		return math.Inf(-1)
	case 1:
		return math.Inf(1)
	}
	return mathext.NormalQuantile(p)
}

func checkProbability(p float64) {
	if p < 0 || p > 1 {
		panic("special: probability outside [0, 1]")
	}
}

func checkDF(df float64) {
	if df <= 0 {
		panic("special: degrees of freedom not positive")
	}
}
