package survival

import (
	"math"
	"slices"
)

// Curve is the share still without event as a step function of time. Its
// slices have one value for each distinct time of an event, ascending.
type Curve struct {
	Time     []float64
	AtRisk   []float64 // weight under observation just before
	Events   []float64 // weight of the events
	Survival []float64
	Hazard   []float64 // cumulative, Nelson-Aalen: Σ events / at risk
	variance []float64 // of ln Survival, cumulative
	pull     []float64 // what an event at that time takes from ln Survival, by weight
	end      float64   // when the last row stops
	data     Data
}

// KaplanMeier returns the product-limit estimate Π (1 - d/n), over the times
// with d events among n at risk. Rows that start later count from then on
// (left truncation), and rows stopped at the time of an event are at risk of
// it.
//
// With delayed entry few may be at risk early on; if all of them have the
// event, the estimate is 0 for good. Look at AtRisk, and condition on a time
// with enough of them by leaving out the rows that stop before.
//
// It returns an error without events and for impossible rows.
//
// Source: E. L. Kaplan and P. Meier (1958), Nonparametric estimation from
// incomplete observations, JASA 53, 457-481.
func KaplanMeier(d Data) (Curve, error) {
	return newCurve(d, func(n, events float64) (factor, variance, pull float64) {
		left := remaining(n, events)
		if left == 0 {
			return 0, 0, 0
		}
		return left / n, events / (n * left), 1 / left
	})
}

// FlemingHarrington returns exp(-H) for the cumulative hazard H of Nelson and
// Aalen. It is never 0, and near Kaplan-Meier but where few are at risk.
//
// Source: T. R. Fleming and D. P. Harrington (1984), Nonparametric estimation
// of the survival distribution in censored data, Communications in Statistics
// A 13, 2469-2486.
func FlemingHarrington(d Data) (Curve, error) {
	return newCurve(d, func(n, events float64) (factor, variance, pull float64) {
		return math.Exp(-events / n), events / (n * n), 1 / n
	})
}

func newCurve(d Data, step func(n, events float64) (factor, variance, pull float64)) (Curve, error) {
	if err := d.check(1); err != nil {
		return Curve{}, err
	}
	t := d.order(d.all()).count(1)
	k := len(t.time)
	c := Curve{
		Time: t.time, AtRisk: t.atRisk, Events: t.events, data: d, end: slices.Max(d.Stop),
		Survival: make([]float64, k), Hazard: make([]float64, k), variance: make([]float64, k), pull: make([]float64, k),
	}
	s, h, v := 1.0, 0.0, 0.0
	for i := range t.time {
		factor, more, pull := step(t.atRisk[i], t.events[i])
		s, h, v = s*factor, h+t.events[i]/t.atRisk[i], v+more
		c.Survival[i], c.Hazard[i], c.variance[i], c.pull[i] = s, h, v, pull
	}
	return c, nil
}

// At returns the share without event after time t, with Greenwood's standard
// error S sqrt(Σ d/(n(n-d))), or that of the Nelson-Aalen hazard for
// [FlemingHarrington]. Past the last row the curve is not known: the value
// there is that at its end. Where all at risk had the event the share is 0, and
// its standard error, which can't be known, NaN.
//
// Source: M. Greenwood (1926), The natural duration of cancer, Reports on
// Public Health and Medical Subjects 33.
func (c Curve) At(t float64) Estimate {
	i := through(c.Time, t)
	if i == 0 {
		return Estimate{Value: 1}
	}
	s := c.Survival[i-1]
	if s == 0 {
		return Estimate{SE: math.NaN()}
	}
	return Estimate{Value: s, SE: s * math.Sqrt(c.variance[i-1])}
}

// CumulativeHazard returns the Nelson-Aalen estimate after time t.
func (c Curve) CumulativeHazard(t float64) float64 {
	if i := through(c.Time, t); i > 0 {
		return c.Hazard[i-1]
	}
	return 0
}

// Under returns the weight of the rows under observation just before time t.
func (c Curve) Under(t float64) float64 {
	sum := 0.0
	for i, stop := range c.data.Stop {
		if c.data.start(i) < t && t <= stop {
			sum += c.data.weight(i)
		}
	}
	return sum
}
