package abtest

import (
	"errors"
	"math"

	"loyaltymcp/stats/internal/special"
)

// ErrPrior is returned for a prior that is not a distribution.
var ErrPrior = errors.New("abtest: the prior deviation must be above 0 (or +Inf for none) and the mean finite")

// Prior is what was known of an effect before the data: a normal distribution. An
// SD of +Inf is no knowledge. A good one comes from the past tests of the
// programme (see Shrink): their mean and the deviation τ between them.
type Prior struct {
	Mean, SD float64
}

// Posterior is what is known of an effect after the data.
type Posterior struct {
	// Mean, SD, Low and High describe the normal distribution of the effect.
	Mean, SD, Low, High float64
	// Win is the probability that the effect is above 0.
	Win float64
	// RiskTreatment is the expected loss by choosing treatment, the mean of
	// max(0, -effect), and RiskControl that by keeping control, the mean of
	// max(0, effect), in the unit of the effect.
	RiskTreatment, RiskControl float64
}

// Posterior returns the normal posterior distribution of the difference,
//
//	1/SD² = 1/Variance + 1/prior.SD²,
//	Mean = SD² (Difference/Variance + prior.Mean/prior.SD²),
//
// with the central interval of the confidence as probability. The prior is in the
// unit of the difference: for the lift of a DeltaLift it is a prior on the lift,
// and a prior on the lift times |Control| is one on the difference.
//
// See M. H. DeGroot, Optimal Statistical Decisions (1970), 9.5.
//
// Posterior returns ErrPrior for a prior that is not a distribution, or that with the
// effect gives none.
func (e Effect) Posterior(prior Prior, confidence float64) (Posterior, error) {
	checkProbability(confidence, "confidence")
	if !(prior.SD > 0) || math.IsNaN(prior.Mean) || math.IsInf(prior.Mean, 0) {
		return Posterior{}, ErrPrior
	}
	// The weight of the data; 1 without a prior.
	sd := math.Sqrt(e.Variance)
	r := sd / prior.SD // its square, not that of SD, may leave the range
	w := 1 / (1 + r*r)
	p := Posterior{Mean: w*e.Difference + (1-w)*prior.Mean, SD: sd / math.Hypot(1, r)}
	if math.IsInf(prior.SD, 1) {
		p.Mean, p.SD = e.Difference, math.Sqrt(e.Variance)
	}
	if !(p.SD > 0) || !finite(p.Mean, p.SD) {
		return Posterior{}, ErrPrior
	}
	half := -special.NormalQuantile((1-confidence)/2) * p.SD
	p.Low, p.High = p.Mean-half, p.Mean+half
	z := p.Mean / p.SD
	p.Win = special.NormalSurvival(-z)
	p.RiskControl, p.RiskTreatment = p.SD*gain(z), p.SD*gain(-z)
	if math.IsInf(z, 0) { // as good as certain
		p.RiskControl, p.RiskTreatment = math.Max(0, p.Mean), math.Max(0, -p.Mean)
	}
	return p, nil
}

// gain returns the mean of max(0, Z+z) for a standard normal Z, φ(z) + z Φ(z).
// For a negative z the two nearly cancel: it is then φ(z) times an integral of
// the Mills ratio's remainder, by its continued fraction.
func gain(z float64) float64 {
	density := math.Exp(-0.5*z*z) / math.Sqrt(2*math.Pi)
	if z > -3 {
		return density + z*special.NormalSurvival(-z)
	}
	// With x = -z and the Mills ratio R = 1/(x + 1/(x + 2/(x + ...))):
	// φ (1 - x R) = φ R/(x + 2/(x + 3/(x + ...))).
	x := -z
	rest := x
	for k := 200.0; k >= 2; k-- {
		rest = x + k/rest
	}
	return density / (x + 1/rest) / rest
}

// Scale returns the prior of a difference that a prior of the lift implies: times
// the magnitude of the control mean.
func (p Prior) Scale(control float64) Prior {
	m := math.Abs(control)
	return Prior{Mean: p.Mean * m, SD: p.SD * m}
}

// Unscale is the inverse of Scale: the prior of the lift that a prior of the
// difference implies.
//
// Unscale returns ErrZeroControl when control is 0.
func (p Prior) Unscale(control float64) (Prior, error) {
	m := math.Abs(control)
	if m == 0 {
		return Prior{}, ErrZeroControl
	}
	return Prior{Mean: p.Mean / m, SD: p.SD / m}, nil
}
