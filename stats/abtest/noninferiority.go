package abtest

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// Preference is the direction in which a metric is good.
type Preference int

const (
	// Increase is for metrics of which more is better.
	Increase Preference = iota
	// Decrease is for metrics of which less is better, such as complaints.
	Decrease
)

// NonInferiority tests, one-sided, that treatment is worse than control by less
// than margin, which is in the unit of the values and at least 0: with Increase that
// the difference is above -margin, with Decrease that it is below margin. With a
// margin of 0 it tests for superiority. The interval is one-sided at the confidence;
// treatment is non-inferior at the level 1 - confidence when it excludes the margin.
// Below a confidence of one half such a limit is on the far side of the estimate.
//
// NonInferiority panics if margin is negative or not finite.
func (e Effect) NonInferiority(prefer Preference, margin, confidence float64) Difference {
	checkMargin(margin)
	if prefer == Decrease {
		return e.TestSide(Less, margin, confidence)
	}
	return e.TestSide(Greater, -margin, confidence)
}

// NonInferiorityLift is NonInferiority with a margin relative to the magnitude of
// Control, such as 0.02 for at most 2% worse. That value is estimated too: the test
// is of the combination Difference ± margin |Control| with its own standard error,
// where other tools take the control mean as known. T, DF and P are those of the
// test; Estimate, Low and High are the lift and its one-sided set by Fieller, with SE
// that of the combination relative to |Control|.
//
// NonInferiorityLift returns the errors of Lift. It panics if margin is
// negative or not finite.
func (e Effect) NonInferiorityLift(prefer Preference, margin, confidence float64) (Difference, error) {
	checkMargin(margin)
	checkProbability(confidence, "confidence")
	if e.Control == 0 {
		return Difference{}, ErrZeroControl
	}
	m := math.Abs(e.Control)
	null := -margin
	if prefer == Decrease {
		null = margin
	}
	d := Difference{Estimate: e.Difference / m, DF: e.dfAt(null)}
	d.SE = math.Sqrt(e.deltaLift(null).Variance)
	d.T = (d.Estimate - null) / d.SE
	l, err := e.lift(-special.TQuantile(1-confidence, e.liftDF()))
	if err != nil {
		return Difference{}, err
	}
	d.Low, d.High = l.Low, math.Inf(1)
	d.P = special.TSurvival(d.T, d.DF)
	if prefer == Decrease {
		d.Low, d.High = math.Inf(-1), l.High
		d.P = special.TSurvival(-d.T, d.DF)
	}
	return d, nil
}

// dfAt returns the degrees of freedom of treatment less 1+lift times control, for
// plain means by Satterthwaite's formula with the variances that has.
func (e Effect) dfAt(lift float64) float64 {
	if !e.plain {
		return e.liftDF()
	}
	ratio := 1 + math.Copysign(1, e.Control)*lift
	vc, vt := ratio*ratio*e.ControlVariance, e.treatment
	r, q := vc/(vc+vt), vt/(vc+vt)
	return 1 / (r*r/e.dfControl + q*q/e.dfTreatment)
}

func checkMargin(margin float64) {
	if !(margin >= 0) || math.IsInf(margin, 1) {
		panic("abtest: margin negative or not finite")
	}
}
