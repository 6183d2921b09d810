package reviewexperiments

import (
	"fmt"
	"math"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/run"
)

// balance checks that arms were alike in a metric before the start.
func balance(m *measured, control string, arms []string, days int) (Check, bool) {
	if !m.before || m.ratio || m.samples != nil {
		return Check{}, false
	}
	least, worst, tests := 1.0, "", 0
	for _, arm := range arms {
		e, err := abtest.Compare(m.of(control, nil).pair.X(), m.of(arm, nil).pair.X())
		if err != nil {
			continue
		}
		tests++
		if p := e.Test(run.Confidence).P; p < least {
			least, worst = p, arm
		}
	}
	if tests == 0 {
		return Check{}, false
	}
	before := "Before the start"
	if !m.ready {
		before = fmt.Sprintf("In the %d days before", days)
	}
	p := math.Min(1, least*float64(tests))
	c := Check{ID: "balance_before", Status: "ok", Says: fmt.Sprintf("%s the arms were alike in %s (p %s).", before, run.Label(m.name), pText(p))}
	switch {
	case p < checkFails:
		c.Status = "failed"
		c.Says = fmt.Sprintf("%s %s already differed from control in %s (p %s): the arms are no alike groups.", before, run.Label(worst), run.Label(m.name), pText(p))
	case p < checkWatch:
		c.Status = "warning"
		c.Says = fmt.Sprintf("%s %s differed from control in %s, which chance seldom does (p %s).", before, run.Label(worst), run.Label(m.name), pText(p))
	}
	return c, true
}

// coverage checks ready-made outcomes against the units: one row each, and as
// complete in every arm.
func coverage(m *measured, units map[string]int64) (Check, bool) {
	if m == nil || !m.ready {
		return Check{}, false
	}
	c := Check{ID: "outcomes_" + run.Label(m.name), Status: "ok", Says: "Every unit has one outcome."}
	least, most, missing := 1.0, 0.0, int64(0)
	var counted, all []int64
	for _, arm := range sortedKeys(units) {
		n, with := units[arm], m.of(arm, nil).units()
		share := float64(with) / float64(n)
		least, most = min(least, share), max(most, share)
		missing += n - with
		counted, all = append(counted, with), append(all, n)
	}
	switch {
	case m.broken != "":
		c.Status, c.Says = "unknown", "The outcomes can't be added up: "+m.broken+"."
	case m.again > 0:
		c.Status, c.Says = "failed", fmt.Sprintf("%d units have several rows of this outcome; it may have been loaded twice.", m.again)
	case missing > 0 && most-least > missingShare && alike(counted, all) < checkFails:
		c.Status, c.Says = "failed", fmt.Sprintf("%d units have no outcome, and the arms differ in how many (from %.1f %% to %.1f %% of their units have one).", missing, 100*least, 100*most)
	case missing > 0:
		c.Status, c.Says = "warning", fmt.Sprintf("%d units have no outcome and are left out; if that means 0, say so in the feed.", missing)
	}
	return c, true
}

// novelty checks that an effect lasts: whether what a unit does more in the second
// half of its days than in the first differs between the arms. Watched is the mean
// number of days in which its outcomes count.
func novelty(m *measured, control string, c *Comparison, arm string, days int, watched float64) (Check, bool) {
	before, after := m.of(control, nil).change, m.of(arm, nil).change
	if days == 0 || m.samples != nil || before.N < minUnits || after.N < minUnits || c.Difference == nil || !significant(*c) {
		return Check{}, false
	}
	e, err := abtest.Compare(before, after)
	if err != nil {
		return Check{}, false
	}
	d := e.Test(run.Confidence)
	check := Check{ID: "novelty", Status: "ok", Says: fmt.Sprintf("The effect of %s is no weaker in the second half of the first %d days than in the first (p %s).", run.Label(arm), days, pText(d.P))}
	fades := (d.Estimate < 0) == (*c.Difference > 0) && d.P < checkWatch
	if fades {
		check.Status = "warning"
		check.Says = fmt.Sprintf("The effect of %s wears off: in the second half of the first %d days it is weaker by %.4g per unit (p %s).", run.Label(arm), days, math.Abs(d.Estimate), pText(d.P))
		if m.binary || m.quantity.binary || m.cap > 0 {
			return check, true // the halves of such a metric don't add up to the whole
		}
		// Of the effect over these days the halves are half the sum and half the
		// difference with the change.
		whole := *c.Difference * float64(days) / math.Max(float64(days), watched)
		if early, late := (whole-d.Estimate)/2, (whole+d.Estimate)/2; late/early < 0.25 {
			check.Status = "failed"
			check.Says += " Little or nothing of it is left, so its mean over all days says too much."
		}
	}
	return check, true
}

// outliers checks that a clear difference does not hang on a few units: with their
// values capped, the unadjusted difference must be as clear as it was.
func outliers(s *spread, control, arm string, c *compared, currency string) (Check, bool) {
	if s == nil || c.Difference == nil || !significant(c.Comparison) {
		return Check{}, false
	}
	limit, capped, err := s.compare(control, arm)
	if err != nil {
		return Check{}, false
	}
	plain := c.est.plain.Test(run.Confidence)
	check := Check{ID: "outliers", Status: "ok", Says: fmt.Sprintf("With values above %s counted as that (one unit in 1,000), the unadjusted difference of %s is %s instead of %s.",
		run.Show(&limit, c.Unit, currency), run.Label(arm), apart(&capped.Estimate, c.Unit, currency), apart(&plain.Estimate, c.Unit, currency))}
	turned := (capped.Estimate > 0) != (plain.Estimate > 0)
	switch {
	case plain.P <= alpha && (turned || capped.P > 2*alpha):
		check.Status = "failed"
		check.Says += fmt.Sprintf(" So what looks clear hangs on a few units (p %s then).", pText(capped.P))
	case turned || capped.P > alpha && plain.P <= alpha || math.Abs(capped.Estimate) < 0.5*math.Abs(plain.Estimate):
		check.Status = "warning"
		check.Says += " It hangs a good deal on a few units."
	}
	return check, true
}

// reversed checks that the strata agree with the whole: that a clear difference of
// the whole does not turn round once units of the same stratum are compared.
func reversed(m *measured, control string, c *compared, by string) (Check, bool) {
	if m.ratio || m.samples != nil || c.est.few || c.est.flat || c.P == nil {
		return Check{}, false
	}
	strata := m.strata(control, c.arm, nil)
	plain := c.est.plain.Test(run.Confidence)
	if len(strata) < 2 || plain.P > alpha {
		return Check{}, false
	}
	for _, s := range strata {
		if d := m.mean(s.arm) - m.mean(s.control); d != 0 && (d > 0) == (plain.Estimate > 0) {
			return Check{}, false
		}
	}
	return Check{ID: "reversal", Status: "failed", Says: fmt.Sprintf("In every %s %s differs from control the other way than in the whole (p %s there): the whole compares unlike groups.", by, c.Arm, pText(plain.P))}, true
}
