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

// pText writes a p-value for people.
func pText(p float64) string {
	if p < 0.0001 {
		return "< 0.0001"
	}
	return fmt.Sprintf("%.2g", p)
}
