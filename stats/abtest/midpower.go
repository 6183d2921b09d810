package abtest

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// PowerAt returns the power to find a true difference of the given size (of either
// sign, the sign kept) when the running experiment has growth times its members of
// now, the variance per member staying as it is: growth 1 is now. For a lift use the
// Effect of DeltaLift. A tuning above 0 is for TestAnytime, 0 for one test at the
// end. alpha is the level of both sides; correct it for several tests beforehand.
//
// PowerAt panics if growth is not above 0 and finite.
func (e Effect) PowerAt(difference, growth, alpha, tuning float64) float64 {
	checkProbability(alpha, "alpha")
	if !(growth > 0) || math.IsInf(growth, 1) {
		panic("abtest: growth not above 0")
	}
	c := -special.NormalQuantile(alpha / 2)
	if tuning > 0 {
		c = multiplier(float64(e.N)*growth, alpha, tuning)
	}
	return powerOf(difference, math.Sqrt(e.Variance/growth), c, false)
}

// PowerWith is PowerAt for a decision by the interval of Posterior: the
// probability that it excludes 0 at the confidence 1 - alpha. It is NaN for a prior
// that is not a distribution.
func (e Effect) PowerWith(prior Prior, difference, growth, alpha float64) float64 {
	checkProbability(alpha, "alpha")
	if !(growth > 0) || math.IsInf(growth, 1) {
		panic("abtest: growth not above 0")
	}
	return posteriorPower(difference, e.Variance/growth, prior, alpha)
}

// posteriorPower returns the probability that the mean of the posterior is more
// than the normal quantile of its deviations from 0, either side.
func posteriorPower(difference, variance float64, prior Prior, alpha float64) float64 {
	if !(prior.SD > 0) || !finite(prior.Mean) {
		return math.NaN()
	}
	z := -special.NormalQuantile(alpha / 2)
	w := 1 / (1 + variance/(prior.SD*prior.SD))
	shift := 0.0
	if !math.IsInf(prior.SD, 1) {
		shift = (1 - w) * prior.Mean
	}
	// The posterior mean is w estimate + shift with the deviation w √variance.
	sd, half := w*math.Sqrt(variance), z*math.Sqrt(w*variance)
	m := w*difference + shift
	return special.NormalSurvival((half-m)/sd) + special.NormalSurvival((half+m)/sd)
}

// Growth returns how many times its members of now the experiment needs to find a
// true difference with the given power, 1 when it has enough, to 6 digits; N times
// (Growth - 1) members are missing.
//
// Growth returns ErrZeroDelta when the difference is 0 or a million times as many
// members are not enough, ErrPlannedEffect when it is not finite, and ErrEffect for an
// effect that says nothing.
func (e Effect) Growth(difference, power, alpha, tuning float64) (float64, error) {
	checkProbability(power, "power")
	if err := e.plannable(difference); err != nil {
		return 0, err
	}
	return growth(power, func(g float64) float64 { return e.PowerAt(difference, g, alpha, tuning) })
}

// plannable returns an error unless there is a power to find the difference.
func (e Effect) plannable(difference float64) error {
	if !finite(difference) {
		return ErrPlannedEffect
	}
	return e.check()
}

// GrowthWith is Growth for a decision by Posterior. It returns ErrPrior too, for a prior
// that is not a distribution.
func (e Effect) GrowthWith(prior Prior, difference, power, alpha float64) (float64, error) {
	checkProbability(power, "power")
	if err := e.plannable(difference); err != nil {
		return 0, err
	}
	if _, err := e.Posterior(prior, 1-alpha); err != nil {
		return 0, err
	}
	return growth(power, func(g float64) float64 { return e.PowerWith(prior, difference, g, alpha) })
}

func growth(power float64, at func(growth float64) float64) (float64, error) {
	const most = 1e6
	if at(1) >= power {
		return 1, nil
	}
	lo, hi := 1.0, 2.0
	for at(hi) < power {
		if lo, hi = hi, 2*hi; hi > 2*most {
			return 0, ErrZeroDelta
		}
	}
	for hi-lo > 1e-7*hi {
		mid := lo + (hi-lo)/2
		if at(mid) < power {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi, nil
}
