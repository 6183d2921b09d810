package reviewexperiments

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/run"
)

// minUnits is how many units an arm needs for its mean to be shown.
const minUnits = 30

// alpha is the level of the decision.
const alpha = 1 - run.Confidence

// compared is a comparison with what it was made from.
type compared struct {
	Comparison
	arm    string // as the data have it
	target target
	est    estimate
	inf    inference
	worse  float64 // one-sided p-value of being worse than control; NaN where unknown
	safe   float64 // one-sided p-value of not being worse by the margin; NaN where unknown
	harm   bool    // worse, once corrected for the metrics of the arm
}

// direction returns whether less of a metric is better.
func (t target) direction(q quantity) bool { return q.lower || t.flipped }

// compare compares an arm with control in one metric.
func (v *reviewer) compare(m *measured, t target, role, arm string) compared {
	lower := t.direction(m.quantity)
	out := compared{arm: arm, target: t, worse: math.NaN(), safe: math.NaN()}
	c := &out.Comparison
	*c = Comparison{Better: higher, Metric: run.Label(t.name), Role: role, Arm: run.Label(arm), Unit: m.unit, Label: "causal"}
	if lower {
		c.Better = "lower"
	}
	c.base = fmt.Sprintf("experiments/%s/%s", v.out.ID, c.Metric)
	if len(v.treatments) > 1 {
		c.base += fmt.Sprintf("{arm=%s}", c.Arm)
	}
	c.Point = c.base + "/difference"
	if m.reason != "" || m.broken != "" {
		c.Reason = orElse(m.broken, m.reason)
		return out
	}
	est, err := m.estimate(v.x.control, arm, nil)
	out.est = est
	c.NControl, c.NTreatment = est.nControl, est.nArm
	if err == errNobody {
		c.Reason = err.Error()
		return out
	}
	c.Control, c.Treatment = run.Round(est.control), run.Round(est.treatment)
	if err != nil && !est.few {
		c.Difference = run.Round(est.treatment - est.control)
		switch {
		case errors.Is(err, abtest.ErrZeroVariance):
			c.Reason = "the outcome does not vary in either arm, so that nothing tells a difference from chance"
		case errors.Is(err, abtest.ErrZeroDenominator):
			c.Reason = "in an arm there is nothing to divide by"
		default:
			c.Reason = "the arms can't be compared: " + strings.TrimPrefix(err.Error(), "abtest: ")
		}
		return out
	}
	c.Difference = run.Round(est.effect.Difference)
	if est.few {
		c.Difference = run.Round(est.treatment - est.control)
	}
	c.Method = est.method()
	if r := est.reduction(); r != 0 {
		c.Reduction = run.Round(r)
	}
	if m.cap > 0 {
		c.Capped = run.Round(m.cap)
	}
	out.inf = v.look.infer(est, run.Confidence)
	if !out.inf.known {
		c.Reason = "too few events for an interval that holds at every look"
		if v.out.Status == Running {
			c.Reason += "; it is judged at the end"
		}
		return out
	}
	c.Interval, c.P = limits(out.inf.low, out.inf.high), run.Significant(out.inf.p)
	if out.inf.liftOK {
		c.Lift = run.Round(out.inf.lift.Estimate)
		if out.inf.lift.Bounded {
			c.LiftRange = limits(out.inf.lift.Low, out.inf.lift.High)
		}
	} else if est.control != 0 {
		c.Lift = run.Round((est.treatment - est.control) / math.Abs(est.control))
	}
	out.worse = out.inf.p / 2
	if d := *c.Difference; d == 0 || (d > 0) != lower {
		out.worse = 1 - out.inf.p/2
	}
	if est.control != 0 && !est.few {
		if d := v.look.detectable(est.effect, v.level(role), v.power()); d > 0 {
			c.Detectable = run.Round(d / math.Abs(est.control))
		}
	}
	if role == guardrail || role == watched {
		v.guard(&out, lower)
	}
	return out
}

// guard judges a guardrail against its margin.
func (v *reviewer) guard(c *compared, lower bool) {
	margin, relative := c.target.margin, c.target.relative
	if margin == 0 {
		margin, relative = v.trials.GuardrailMargin, true
	}
	c.MarginOf = "unit"
	if relative {
		c.MarginOf = "control"
	}
	c.Margin = run.Round(margin)
	c.safe = v.look.notWorse(c.est, lower, margin, relative)
	c.Guardrail = open
	if c.safe <= oneSided {
		c.Guardrail = holds
	}
}

func limits(low, high float64) *[2]float64 {
	l, h := run.Round(low), run.Round(high)
	if l == nil || h == nil {
		return nil
	}
	return &[2]float64{*l, *h}
}

// detectable is the smallest difference that the test would have found with the
// power at the level, with as many units as there are.
func (l look) detectable(e abtest.Effect, level, power float64) float64 {
	tuning := 0.0
	if l.anytime {
		tuning = l.tuning
	}
	lo, hi := 0.0, math.Sqrt(e.Variance)
	for e.PowerAt(hi, 1, level, tuning) < power {
		if lo, hi = hi, 2*hi; math.IsInf(hi, 1) {
			return 0
		}
	}
	for hi-lo > 1e-9*hi {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		if e.PowerAt(mid, 1, level, tuning) < power {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// significant reports whether a difference is clear at the level of the decision,
// corrected where it was.
func significant(c Comparison) bool {
	p := c.P
	if c.PAdjusted != nil {
		p = c.PAdjusted
	}
	return p != nil && c.Difference != nil && *c.Difference != 0 && *p <= alpha
}

// better and worse read a clear difference.
func better(c Comparison) bool { return significant(c) && (*c.Difference > 0) == (c.Better == higher) }
func worse(c Comparison) bool  { return significant(c) && (*c.Difference > 0) == (c.Better == lower) }

// correct corrects p-values for the number of tests: those of primary metrics
// together with Holm, for any of them may win in any arm; those of secondary ones,
// which are looked at for hints, with Benjamini-Hochberg. The intervals go with
// them.
func (v *reviewer) correct() {
	family := func(role string) []*compared {
		var out []*compared
		for i := range v.all {
			if c := &v.all[i]; c.Role == role && c.P != nil {
				out = append(out, c)
			}
		}
		return out
	}
	goals := family(primary)
	if p := pValues(goals); len(p) > 1 {
		level := abtest.SimultaneousConfidence(run.Confidence, len(p))
		for i, adjusted := range abtest.Holm(p) {
			goals[i].PAdjusted = run.Significant(adjusted)
			if inf := v.look.infer(goals[i].est, level); inf.known {
				goals[i].IntervalAdjusted = agreeing(limits(inf.low, inf.high), adjusted <= alpha)
			}
		}
	}
	others := family(secondary)
	if p := pValues(others); len(p) > 1 {
		adjusted, found := abtest.BenjaminiHochberg(p), 0
		for i, a := range adjusted {
			others[i].PAdjusted = run.Significant(a)
			if a <= alpha {
				found++
			}
		}
		for i, a := range adjusted {
			if a > alpha {
				continue
			}
			if inf := v.look.infer(others[i].est, abtest.SelectedConfidence(run.Confidence, found, len(p))); inf.known {
				others[i].IntervalAdjusted = limits(inf.low, inf.high)
			}
		}
	}
	for _, arm := range v.treatments {
		v.deteriorated(arm)
	}
}

// agreeing makes an interval at the simultaneous level agree with Holm's test, which
// rejects a little more than that level does: of what it rejects, the interval ends
// at none. See O. Guilbaud, Biometrical Journal 50, 2008.
func agreeing(interval *[2]float64, rejected bool) *[2]float64 {
	if interval == nil || !rejected || interval[0] > 0 || interval[1] < 0 {
		return interval
	}
	if interval[0]+interval[1] > 0 {
		return &[2]float64{0, interval[1]}
	}
	return &[2]float64{interval[0], 0}
}

// deteriorated tells which metrics of an arm, goals and guardrails, are worse than
// control, together at the one-sided level.
func (v *reviewer) deteriorated(arm string) {
	var at []*compared
	var p []float64
	for i := range v.all {
		c := &v.all[i]
		if c.arm == arm && (c.Role == primary || c.Role == guardrail) && !math.IsNaN(c.worse) {
			at, p = append(at, c), append(p, c.worse)
		}
	}
	for i, adjusted := range abtest.Holm(p) {
		if at[i].harm = adjusted <= oneSided; at[i].harm && at[i].Role == guardrail {
			at[i].Guardrail = harmed
		}
	}
	for i := range v.all {
		if c := &v.all[i]; c.arm == arm && c.Role == watched && c.worse <= oneSided {
			c.Guardrail = harmed
		}
	}
}

func pValues(of []*compared) []float64 {
	var p []float64
	for _, c := range of {
		p = append(p, c.inf.p)
	}
	return p
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
