package abtest

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// LookPower returns the probability that a group-sequential test with the looks of
// Bounds crosses a bound by the last of them, when drift is the mean that its z
// statistic has at the information 1: the effect (for non-inferiority, its distance
// from the margin) over the standard error it has with all planned members. With
// twoSided a bound on either side counts. With drift 0 it is the level.
//
// It returns NaN for a drift that is NaN, and panics if there is no look or their
// information does not rise within (0, 1].
func LookPower(looks []Look, twoSided bool, drift float64) float64 {
	if len(looks) == 0 {
		panic("abtest: no looks")
	}
	var w walk
	var power float64
	for i, l := range looks {
		if !(l.Information > w.t && l.Information <= 1) {
			panic("abtest: the information of the looks does not rise within (0, 1]")
		}
		power += w.exitDrift(l.Information, l.Z, drift)
		low := -float64(farBound)
		if twoSided {
			power += w.exitDrift(l.Information, l.Z, -drift)
			low = -l.Z
		}
		if i+1 < len(looks) {
			w.advance(l.Information, low, l.Z, looks[i+1].Information)
		}
	}
	return math.Min(1, power)
}

// exitDrift returns the probability to be above z √t at time t for the first time with
// a drift, by the likelihood ratio exp(drift x - drift² t/2) of the paths so far.
func (w *walk) exitDrift(t, z, drift float64) float64 {
	if w.x == nil {
		return special.NormalSurvival(z - drift*math.Sqrt(t))
	}
	s, b := math.Sqrt(t-w.t), z*math.Sqrt(t)-drift*(t-w.t)
	var sum float64
	for i, x := range w.x {
		sum += w.wt[i] * w.density[i] * math.Exp(drift*x-0.5*drift*drift*w.t) * special.NormalSurvival((b-x)/s)
	}
	return sum
}

// LookDrift returns the drift with which LookPower is power: the effect to plan for is
// that many standard errors with all members. (LookDrift/(z(alpha)+z(power)))² is how
// many times the members of one look the looks ask for, z(alpha/2) in place of z(alpha)
// when two-sided. It is 0 where the power is at most the level.
//
// LookDrift panics if power is not between 0 and 1, and as LookPower does.
func LookDrift(looks []Look, twoSided bool, power float64) float64 {
	checkProbability(power, "power")
	low, high := 0.0, 1.0
	if LookPower(looks, twoSided, 0) >= power {
		return 0
	}
	for LookPower(looks, twoSided, high) < power {
		low, high = high, 2*high
	}
	for high-low > 1e-10*high {
		mid := low + (high-low)/2
		if LookPower(looks, twoSided, mid) < power {
			low = mid
		} else {
			high = mid
		}
	}
	return high
}
