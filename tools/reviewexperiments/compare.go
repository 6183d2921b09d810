package reviewexperiments

import (
	"loyaltymcp/stats/abtest"
	"loyaltymcp/stats/proportion"
	"loyaltymcp/tools/run"
)

// The roles of a metric.
const (
	primary   = "primary"
	guardrail = "guardrail"
)

// The directions of a metric. Higher is better unless the experiment says
// otherwise.
const (
	higher = "higher"
	lower  = "lower"
)

// minUnits is how many units an arm needs for its mean to be shown.
const minUnits = 30

// alpha is the level of the decision.
const alpha = 1 - run.Confidence

// compare tests one arm against control on the difference scale, and states
// the lift by Fieller's interval. Shares use Newcombe's interval and the score
// test, which hold for rare events; means use Welch's.
func compare(o *outcome, name, role, control, arm, point, label, wanted string) Comparison {
	c, t := o.arms[control], o.arms[arm]
	out := Comparison{Better: wanted, Metric: run.Label(name), Role: role, Arm: run.Label(arm), Unit: o.unit, NControl: c.N, NTreatment: t.N, Label: label, Point: point + "/difference"}
	if o.broken != "" {
		out.Reason = o.broken
		return out
	}
	if c.N < minUnits || t.N < minUnits {
		out.Reason = "an arm has too few units with this outcome"
		return out
	}
	out.Control, out.Treatment = run.Round(c.Mean), run.Round(t.Mean)
	out.Difference = run.Round(t.Mean - c.Mean)
	if o.binary {
		interval, err := proportion.Diff(o.counts[control], o.counts[arm], run.Confidence, proportion.Newcombe)
		if err == nil {
			out.Interval = &[2]float64{*run.Round(interval.Low), *run.Round(interval.High)}
		}
		if test, err := proportion.ScoreTest(o.counts[control], o.counts[arm], 0); err == nil {
			out.P = run.Significant(test.P)
		}
	} else if d, err := abtest.Welch(c, t, run.Confidence); err == nil {
		out.Interval, out.P = &[2]float64{*run.Round(d.Low), *run.Round(d.High)}, run.Significant(d.P)
	} else {
		out.Reason = "the outcome does not vary in either arm"
	}
	if lift, err := abtest.Fieller(c, t, run.Confidence); err == nil {
		out.Lift = run.Round(lift.Estimate)
		if lift.Bounded {
			out.LiftRange = &[2]float64{*run.Round(lift.Low), *run.Round(lift.High)}
		}
	}
	return out
}

// named gives the comparison the id of its difference.
func (c Comparison) named() Comparison {
	c.Point = c.PointOf("difference")
	return c
}

// better and harmed read a comparison at the decision's level; a primary
// metric with several arms by its adjusted p-value.
func better(c Comparison) bool { return significant(c) && (*c.Difference > 0) == (c.Better == higher) }
func harmed(c Comparison) bool { return significant(c) && (*c.Difference > 0) == (c.Better == lower) }

func significant(c Comparison) bool {
	p := c.P
	if c.PAdjusted != nil {
		p = c.PAdjusted
	}
	return p != nil && c.Difference != nil && *c.Difference != 0 && *p < alpha
}

// adjust corrects the primary metric's p-values for the number of arms.
func adjust(results []Comparison) {
	var at []int
	var p []float64
	for i, c := range results {
		if c.Role == primary && c.P != nil {
			at, p = append(at, i), append(p, *c.P)
		}
	}
	if len(at) < 2 {
		return
	}
	for i, adjusted := range abtest.Holm(p) {
		results[at[i]].PAdjusted = run.Significant(adjusted)
	}
}
