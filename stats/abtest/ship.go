package abtest

import (
	"errors"
	"math"
)

// GuardedPower returns the power to plan each metric of a ship decision with, so
// that a treatment that does good and no harm is shipped with the given power:
//
//	1 - (1 - power)/(guardrails + 1).
//
// A guardrail must pass for itself, so its level needs no correction, but each may
// fail by chance, and so may the success metric.
//
// GuardedPower panics if guardrails is negative.
func GuardedPower(power float64, guardrails int) float64 {
	checkProbability(power, "power")
	if guardrails < 0 {
		panic("abtest: negative number of guardrails")
	}
	return 1 - (1-power)/float64(guardrails+1)
}

var (
	// ErrNoSuccess is returned for a decision without a success metric.
	ErrNoSuccess = errors.New("abtest: a ship decision needs at least one success metric")
	// ErrNoMargin is returned for a guardrail without a margin above 0: that
	// nothing is worse by any amount can't be shown.
	ErrNoMargin = errors.New("abtest: a guardrail needs a margin above 0")
)

// Metric is one metric of a ship decision.
type Metric struct {
	Effect Effect
	Prefer Preference
	// Guardrail says that the metric must not get worse by Margin or more. The others
	// are success metrics, of which one must get better.
	Guardrail bool
	// Margin is in the unit of the values, or relative to the magnitude of the
	// control value with Relative.
	Margin   float64
	Relative bool
}

// Rule is how a ship decision is made.
type Rule struct {
	// Alpha is the level of the decision: the chance to ship what does no good, and
	// that to ship what breaks a guardrail.
	Alpha float64
	// Harm is the level of the tests for deterioration of all metrics together. What
	// it stops was not to be shipped; it costs at most this much power.
	Harm float64
	// Arms is the number of treatments from which one is to be chosen.
	Arms int
}

// Outcome is what a ship decision says of one metric.
type Outcome struct {
	// P is the one-sided p-value of superiority for a success metric, adjusted over
	// the success metrics and arms by Holm, and of non-inferiority for a guardrail.
	P float64
	// Pass is P at or below the level.
	Pass bool
	// HarmP is the one-sided p-value of being worse than control, adjusted over all
	// metrics by Holm, and Harmed whether it is at or below its level.
	HarmP  float64
	Harmed bool
}

// Decision is the outcome of a ship decision. Ship is true when Sound, Better and
// Safe are and Harmed is not.
type Decision struct {
	Ship bool
	// Sound: the split and whatever else was checked is as planned.
	Sound bool
	// Better: at least one success metric is significantly better.
	Better bool
	// Safe: every guardrail is significantly non-inferior.
	Safe bool
	// Harmed: some metric is significantly worse.
	Harmed bool
	// Metrics are the outcomes in the order of the metrics.
	Metrics []Outcome
}

// Ship decides whether a treatment is to be shipped: when at least one success
// metric is significantly better, all guardrails are significantly non-inferior, no
// metric is significantly worse, and the experiment is sound (SRM above all).
//
// The level is split over the success metrics, of which any may win, and over the
// arms; it is not split over the guardrails, all of which must pass. So both the
// chance to ship any treatment when none improves anything and that, for each treatment,
// to ship it when it breaks a guardrail are at most Alpha. Plan every metric with
// GuardedPower for the chance to ship a good one.
//
// Tests are fixed-size ones: decide once, at the planned size, or by ShipSequential.
//
// See M. Schultzberg, S. Ankargren and M. Frånberg, "Risk-aware product decisions in
// A/B tests with multiple metrics", 2024 (arXiv 2402.11609).
//
// Ship returns ErrNoSuccess, ErrNoMargin, and ErrZeroControl for a relative margin on
// a control value of 0. It returns ErrEffect for an effect that is not finite or has no
// variance or degrees of freedom, and for a test without a p-value: a metric that
// nothing is known about must not be passed over. It panics if Arms is below 1 or a
// level is not between 0 and 1.
func Ship(metrics []Metric, rule Rule, sound bool) (Decision, error) {
	rule.check()
	p, err := rule.test(metrics)
	if err != nil {
		return Decision{}, err
	}
	return rule.decide(metrics, p, sound), nil
}

func (r Rule) check() {
	checkProbability(r.Alpha, "alpha")
	checkProbability(r.Harm, "harm level")
	if r.Arms < 1 {
		panic("abtest: no arms")
	}
}

// shipTests are one-sided p-values of the metrics, NaN where there is no such test:
// that a success metric is better, a guardrail not inferior, and any of them worse.
type shipTests struct{ better, safe, worse []float64 }

func (r Rule) test(metrics []Metric) (shipTests, error) {
	p := shipTests{make([]float64, len(metrics)), make([]float64, len(metrics)), make([]float64, len(metrics))}
	wins := false
	for i, m := range metrics {
		if err := m.Effect.check(); err != nil {
			return p, err
		}
		worse := Less
		if m.Prefer == Decrease {
			worse = Greater
		}
		p.worse[i] = m.Effect.TestSide(worse, 0, 1-r.Harm).P
		test := m.Effect.NonInferiority(m.Prefer, 0, 1-r.Alpha)
		switch {
		case !m.Guardrail:
			wins = true
		case !(m.Margin > 0):
			return p, ErrNoMargin
		case m.Relative:
			var err error
			if test, err = m.Effect.NonInferiorityLift(m.Prefer, m.Margin, 1-r.Alpha); err != nil {
				return p, err
			}
		default:
			test = m.Effect.NonInferiority(m.Prefer, m.Margin, 1-r.Alpha)
		}
		if math.IsNaN(p.worse[i]) || math.IsNaN(test.P) {
			return p, ErrEffect
		}
		p.better[i], p.safe[i] = test.P, math.NaN()
		if m.Guardrail {
			p.better[i], p.safe[i] = math.NaN(), test.P
		}
	}
	if !wins {
		return p, ErrNoSuccess
	}
	return p, nil
}

// decide applies the rule to the p-values.
func (r Rule) decide(metrics []Metric, p shipTests, sound bool) Decision {
	d := Decision{Sound: sound, Safe: true, Metrics: make([]Outcome, len(metrics))}
	better, worse := Holm(p.better), Holm(p.worse)
	for i, m := range metrics {
		o := &d.Metrics[i]
		if m.Guardrail {
			o.P = p.safe[i]
			o.Pass = o.P <= r.Alpha
			d.Safe = d.Safe && o.Pass
		} else {
			// Over the arms by Bonferroni: each is decided on by itself.
			o.P = math.Min(1, float64(r.Arms)*better[i])
			o.Pass = o.P <= r.Alpha
			d.Better = d.Better || o.Pass
		}
		o.HarmP = worse[i]
		o.Harmed = o.HarmP <= r.Harm
		d.Harmed = d.Harmed || o.Harmed
	}
	d.Ship = d.Sound && d.Better && d.Safe && !d.Harmed
	return d
}
