package abtest

import "math"

// DefaultTuning is the number of members at which a confidence sequence is
// tightest unless one is planned: about the size at which the decision is
// expected.
const DefaultTuning = 5000

// Multiplier returns the number of standard errors that an asymptotic confidence
// sequence allows after n members in all, at any number of looks,
//
//	M² = 2 (nρ²+1)/(nρ²) ln(√(nρ²+1)/α), ρ² = (-2 ln α + ln(1 - 2 ln α))/tuning,
//
// where the fixed-size test has its quantile of about 2.
//
// See I. Waudby-Smith, D. Arbour, R. Sinha, E. H. Kennedy and A. Ramdas,
// "Time-uniform central limit theory and asymptotic confidence sequences", Annals
// of Statistics 52, 2024 (arXiv 2103.06476v7), equation 9.
//
// Multiplier panics if n is not positive, tuning not above 0 or the confidence
// not between 0 and 1.
func Multiplier(n int64, confidence, tuning float64) float64 {
	return multiplier(float64(n), 1-confidence, tuning)
}

func multiplier(n, alpha, tuning float64) float64 {
	v := intrinsic(n, alpha, tuning)
	return math.Sqrt(2 * (v + 1) / v * (0.5*math.Log1p(v) - math.Log(alpha)))
}

// MultiplierSide is Multiplier for a one-sided sequence,
//
//	M² = 2 (nρ²+1)/(nρ²) ln(1 + √(nρ²+1)/(2α)),
//
// with ρ for 2α. See equation 134 of the same paper.
//
// MultiplierSide panics as Multiplier does.
func MultiplierSide(n int64, confidence, tuning float64) float64 {
	checkProbability(confidence, "confidence")
	return multiplierSide(float64(n), 1-confidence, tuning)
}

func multiplierSide(n, alpha, tuning float64) float64 {
	v := intrinsic(n, math.Min(2*alpha, 0.999), tuning)
	return math.Sqrt(2 * (v + 1) / v * math.Log1p(math.Sqrt(v+1)/(2*alpha)))
}

// intrinsic returns nρ².
func intrinsic(n, alpha, tuning float64) float64 {
	checkProbability(alpha, "confidence")
	if !(n >= 1) {
		panic("abtest: no members")
	}
	if !(tuning > 0) || math.IsInf(tuning, 1) {
		panic("abtest: tuning not above 0")
	}
	l := -2 * math.Log(alpha)
	return n * ((l + math.Log1p(l)) / tuning)
}

// TestAnytime returns the test of no difference and the interval that hold at
// every look at once: however often the test is peeked at and whenever it is
// stopped, the chance that the interval ever misses is at most 1 - confidence, for
// large samples (from some 50 members an arm, more for skewed values). P is the
// always-valid p-value, which depends on the confidence through the tuning; it is
// at most 1 - confidence exactly when the interval excludes 0.
func (e Effect) TestAnytime(confidence, tuning float64) Difference {
	d := e.statistic(0)
	half := Multiplier(e.N, confidence, tuning) * d.SE
	d.Low, d.High = d.Estimate-half, d.Estimate+half
	v := intrinsic(float64(e.N), 1-confidence, tuning)
	d.P = math.Min(1, math.Exp(0.5*math.Log1p(v)-0.5*d.T*d.T*(v/(v+1))))
	return d
}

// TestAnytimeSide is TestAnytime for one side: a difference of at most (Greater)
// or at least (Less) null is the hypothesis.
func (e Effect) TestAnytimeSide(side Side, null, confidence, tuning float64) Difference {
	d := e.statistic(null)
	half := MultiplierSide(e.N, confidence, tuning) * d.SE
	z := d.T
	d.Low, d.High = d.Estimate-half, math.Inf(1)
	if side == Less {
		z = -z
		d.Low, d.High = math.Inf(-1), d.Estimate+half
	}
	d.P = 1
	if z > 0 {
		v := intrinsic(float64(e.N), math.Min(2*(1-confidence), 0.999), tuning)
		d.P = math.Min(1, math.Sqrt(v+1)/(2*math.Expm1(0.5*z*z*(v/(v+1)))))
	}
	return d
}

// LiftAnytime returns the change relative to the magnitude of Control with a set
// that holds at every look at once: that of Lift with Multiplier in the place of
// the t quantile. The pair of means is in its ellipse at all looks together, so
// the ratio is in this set. A symmetric interval of DeltaLift widened by
// Multiplier has no such property: it misses up to 38% of the time.
//
// LiftAnytime returns the errors of Lift.
func (e Effect) LiftAnytime(confidence, tuning float64) (Lift, error) {
	return e.lift(Multiplier(e.N, confidence, tuning))
}
