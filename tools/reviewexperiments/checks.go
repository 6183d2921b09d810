package reviewexperiments

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/run"
)

// The p-values under which a check fails, or is worth a look. The sample ratio is
// tested once an experiment; the rest in many places at once, so each of them is
// corrected for their number before it is held against its level.
const (
	ratioFails = 0.01
	checkFails = 0.001
	checkWatch = 0.01
)

// crossedShare is the share of units in several arms that spoils an experiment;
// earlyShare that of units assigned before its
// start, or exposed before their assignment.
const crossedShare, earlyShare = 0.01, 0.01

// missingShare is by how much the arms may differ in their share of units with an
// outcome, or that were exposed.
const missingShare = 0.01

// plan returns the planned shares of the arms, equal ones where none are planned.
func (x experiment) plan(arms []string) (shares map[string]float64, assumed string) {
	if len(x.shares) > 0 {
		return x.shares, ""
	}
	shares = map[string]float64{}
	for _, arm := range arms {
		shares[arm] = 1
	}
	return shares, " No shares are planned; equal ones are assumed."
}

// sampleRatio checks the arms' sizes against the plan.
func sampleRatio(x experiment, units map[string]int64, out *Readout) Check {
	c := Check{ID: "sample_ratio", Status: "unknown"}
	arms := sortedKeys(units)
	shares, assumed := x.plan(arms)
	for arm := range shares {
		if !slices.Contains(arms, arm) {
			arms = append(arms, arm)
		}
	}
	slices.Sort(arms)
	counts, weights, total := []int64{}, []float64{}, 0.0
	unplanned := int64(0)
	for _, arm := range arms {
		counts, weights = append(counts, units[arm]), append(weights, shares[arm])
		total += shares[arm]
		if shares[arm] == 0 {
			unplanned += units[arm]
		}
	}
	for i := range out.Arms {
		for _, arm := range arms {
			if run.Label(arm) == out.Arms[i].Arm && total > 0 {
				out.Arms[i].Planned = run.Round(shares[arm] / total)
			}
		}
	}
	if unplanned > 0 {
		c.Status, c.Says = "failed", fmt.Sprintf("%d units are in arms that the plan does not have.", unplanned)
		return c
	}
	srm, err := abtest.SRM(counts, weights)
	if err != nil {
		c.Says = "The arms can't be compared with a plan: " + err.Error() + "."
		return c
	}
	if c.Status = "ok"; srm.P < ratioFails {
		c.Status = "failed"
		c.Says = fmt.Sprintf("The arms' sizes do not fit the plan (chi-square %.1f, p %s): units were lost or moved.%s", srm.ChiSquare, pText(srm.P), assumed)
		return c
	}
	c.Says = fmt.Sprintf("The arms' sizes show no loss of units (p %s).%s", pText(srm.P), assumed)
	return c
}

// ratioWithin checks the arms' sizes among units that were alike before the start:
// an arm that lost units of one kind and won others has the right size in all.
func ratioWithin(x experiment, m *measured, by string, of func(cell) string) (Check, bool) {
	units := map[string]map[string]int64{} // by level and arm
	arms := map[string]int64{}
	for _, c := range m.cells {
		level := of(c)
		if units[level] == nil {
			units[level] = map[string]int64{}
		}
		units[level][c.arm] += c.units()
		arms[c.arm] += c.units()
	}
	names := sortedKeys(arms)
	shares, _ := x.plan(names)
	weights := make([]float64, len(names))
	for i, arm := range names {
		weights[i] = shares[arm]
	}
	tests, least, worst := 0, 1.0, ""
	for _, level := range sortedKeys(units) {
		counts := make([]int64, len(names))
		for i, arm := range names {
			counts[i] = units[level][arm]
		}
		srm, err := abtest.SRM(counts, weights)
		if err != nil || srm.MinExpected < 5 {
			continue
		}
		tests++
		if srm.P < least {
			least, worst = srm.P, level
		}
	}
	if tests < 2 {
		return Check{}, false
	}
	p := math.Min(1, least*float64(tests))
	c := Check{ID: "sample_ratio_by_" + by, Status: "ok", Says: fmt.Sprintf("Within each %s the arms have the planned sizes (least p of %d, corrected: %s).", by, tests, pText(p))}
	if p < checkFails {
		c.Status = "failed"
		c.Says = fmt.Sprintf("Among units of %s %s the arms do not have the planned sizes (p %s, corrected for %d): who is in which arm hangs on %s, so the arms are no alike groups.", by, run.Label(worst), pText(p), tests, by)
	} else if p < checkWatch {
		c.Status = "warning"
		c.Says = fmt.Sprintf("Among units of %s %s the arms' sizes are unlikely under the plan (p %s, corrected for %d).", by, run.Label(worst), pText(p), tests)
	}
	return c, true
}

// assignment checks that units stay in one arm and were assigned in time.
func assignment(x experiment, e *entries) []Check {
	total := e.crossed + e.all()
	c := Check{ID: "crossed_arms", Status: "ok", Says: "Every unit is in one arm."}
	if e.crossed > 0 {
		c.Says = fmt.Sprintf("%d of %d units are in several arms; they are left out.", e.crossed, total)
		if float64(e.crossed) > crossedShare*float64(total) {
			c.Status = "failed"
		}
	}
	out := []Check{c}
	t := Check{ID: "assignment_time", Status: "ok", Says: "Units were assigned while the experiment ran."}
	if e.before+e.after > 0 {
		t.Status = "warning"
		t.Says = fmt.Sprintf("%d units were assigned before its start and %d after its end (those are left out).", e.before, e.after)
		if float64(e.before) > earlyShare*float64(total) {
			t.Status = "failed"
			t.Says += " Of those before, outcomes count that the treatment can't have caused: correct started_at or assigned_at."
		}
	}
	if e.hasty > 0 {
		t.Status = "warning"
		if float64(e.hasty) > earlyShare*float64(total) {
			t.Status = "failed"
		}
		t.Says += fmt.Sprintf(" %d units were exposed before they were assigned.", e.hasty)
	}
	return append(out, t)
}

// exposed checks that the arms were exposed alike.
func exposed(e *entries, known, counts bool) (Check, bool) {
	if !known {
		return Check{}, false
	}
	c := Check{ID: "exposure", Status: "ok"}
	var missing, all int64
	var with, units []int64
	least, most := 1.0, 0.0
	for _, arm := range e.arms() {
		n := e.units[arm]
		if counts { // only exposed ones are units
			n += e.unexposed[arm]
		}
		share := float64(n-e.unexposed[arm]) / float64(n)
		least, most = math.Min(least, share), math.Max(most, share)
		missing, all = missing+e.unexposed[arm], all+n
		with, units = append(with, n-e.unexposed[arm]), append(units, n)
	}
	c.Says = fmt.Sprintf("%d of %d units have no exposure on record, in all arms alike.", missing, all)
	if missing == 0 {
		c.Says = "Every unit has an exposure on record."
	}
	switch p := alike(with, units); {
	case p < checkFails && most-least > missingShare:
		c.Status = "failed"
		c.Says = fmt.Sprintf("The arms differ in how many of their units have an exposure on record (from %.1f %% to %.1f %%): it hangs on the treatment, or is logged otherwise.", 100*least, 100*most)
	case p < checkWatch:
		c.Status = "warning"
		c.Says = fmt.Sprintf("The arms differ a little in how many of their units have an exposure on record (from %.1f %% to %.1f %%).", 100*least, 100*most)
	}
	return c, true
}

// alike is the p-value of Pearson's chi-square test that the same share of the units
// of each arm is among those counted; 1 where all or none are.
func alike(counted, units []int64) float64 {
	var in, all int64
	for i, n := range units {
		in, all = in+counted[i], all+n
	}
	if in == 0 || in == all || len(units) < 2 {
		return 1
	}
	share, sum := float64(in)/float64(all), 0.0
	for i, n := range units {
		d := float64(counted[i]) - share*float64(n)
		sum += d * d / (share * (1 - share) * float64(n))
	}
	return distuv.ChiSquared{K: float64(len(units) - 1)}.Survival(sum)
}

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

// pText writes a p-value for people.
func pText(p float64) string {
	if p < 0.0001 {
		return "< 0.0001"
	}
	return fmt.Sprintf("%.2g", p)
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
