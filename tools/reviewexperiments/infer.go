package reviewexperiments

import (
	"math"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/stats/proportion"
	"loyaltymcp/tools/run"
)

// look says by which method an experiment is judged: once at its end, or at any
// time, as often as somebody likes.
type look struct {
	anytime bool
	tuning  float64 // units in all at which a decision is expected
}

// inference is what is known of a difference.
type inference struct {
	low, high, p float64
	lift         abtest.Lift
	liftOK       bool
	known        bool
}

// infer tests a difference against none and states the intervals at the
// confidence. Shares with few events by exact tests, without an interval that
// holds at any time.
func (l look) infer(e estimate, confidence float64) inference {
	var out inference
	switch {
	case e.few:
		if l.anytime {
			return out
		}
		out.p, out.known = exactP(e.counts)
		if i, err := proportion.Diff(e.counts[0], e.counts[1], confidence, proportion.Newcombe); err == nil {
			out.low, out.high = i.Low, i.High
		}
	case l.anytime:
		d := e.effect.TestAnytime(confidence, l.tuning)
		out.low, out.high, out.p, out.known = d.Low, d.High, d.P, true
	case e.binary && len(e.how) == 0:
		// Of plain shares the score test and its kin are better than Welch's.
		test, err := proportion.ScoreTest(e.counts[0], e.counts[1], 0)
		i, err2 := proportion.Diff(e.counts[0], e.counts[1], confidence, proportion.Newcombe)
		if err == nil && err2 == nil {
			out.low, out.high, out.p, out.known = i.Low, i.High, test.P, true
		}
	default:
		d := e.effect.Test(confidence)
		out.low, out.high, out.p, out.known = d.Low, d.High, d.P, true
	}
	if e.flat || e.few {
		return out
	}
	var err error
	if l.anytime {
		out.lift, err = e.effect.LiftAnytime(confidence, l.tuning)
	} else {
		out.lift, err = e.effect.Lift(confidence)
	}
	out.liftOK = err == nil
	return out
}

// test tests an effect beside the decision's, by the same method.
func (l look) test(e abtest.Effect) abtest.Difference {
	if l.anytime {
		return e.TestAnytime(run.Confidence, l.tuning)
	}
	return e.Test(run.Confidence)
}

// lift is the relative effect, by the same method.
func (l look) lift(e abtest.Effect) (abtest.Lift, error) {
	if l.anytime {
		return e.LiftAnytime(run.Confidence, l.tuning)
	}
	return e.Lift(run.Confidence)
}

// exactP is the two-sided p-value of an exact test of equal shares: Boschloo's
// where its tables can be gone through, else Fisher's, which is on the safe side.
func exactP(c [2]proportion.Count) (float64, bool) {
	if exact, err := proportion.Boschloo(c[0], c[1]); err == nil {
		return math.Min(1, exact.TwoSided), true
	}
	exact, err := proportion.Fisher(c[0], c[1])
	return math.Min(1, exact.TwoSided), err == nil
}

// side is the direction in which a metric must not go, as abtest has it.
func preference(lower bool) abtest.Preference {
	if lower {
		return abtest.Decrease
	}
	return abtest.Increase
}

// notWorse is the one-sided p-value that a guardrail is not worse by its margin or
// more; NaN where it can't be told.
func (l look) notWorse(e estimate, lower bool, margin float64, relative bool) float64 {
	if e.few {
		if relative {
			margin *= e.control
		}
		if l.anytime || !(margin > 0 && margin < 1) { // no share can be worse by 1
			return math.NaN()
		}
		// By the score test of a difference of the margin, which few events don't upset.
		null := -margin
		if lower {
			null = margin
		}
		test, err := proportion.ScoreTest(e.counts[0], e.counts[1], null)
		if err != nil {
			return math.NaN()
		}
		if lower {
			return normalSurvival(-test.Z)
		}
		return normalSurvival(test.Z)
	}
	if e.flat {
		return math.NaN()
	}
	if l.anytime {
		if relative {
			// Both limits at once: the lift's set holds at any time.
			lift, err := e.effect.LiftAnytime(1-2*oneSided, l.tuning)
			if err != nil || !lift.Bounded {
				return math.NaN()
			}
			if !lower && lift.Low > -margin || lower && lift.High < margin {
				return oneSided
			}
			return 1
		}
		side, null := abtest.Greater, -margin
		if lower {
			side, null = abtest.Less, margin
		}
		return e.effect.TestAnytimeSide(side, null, 1-oneSided, l.tuning).P
	}
	if relative {
		d, err := e.effect.NonInferiorityLift(preference(lower), margin, 1-oneSided)
		if err != nil {
			return math.NaN()
		}
		return d.P
	}
	return e.effect.NonInferiority(preference(lower), margin, 1-oneSided).P
}

// oneSided is the level of one-sided tests, which goes with intervals of 95 %.
const oneSided = alpha / 2

func normalSurvival(z float64) float64 { return 0.5 * math.Erfc(z/math.Sqrt2) }
