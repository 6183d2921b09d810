package reviewexperiments

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/run"
)

// srmLevel is the p-value under which a sample ratio counts as mismatched: low,
// because the check runs on every experiment at every look. Under srmWatch it
// is worth a look.
const srmLevel, srmWatch = 0.001, 0.01

// crossedShare is the share of units in several arms that spoils an
// experiment.
const crossedShare = 0.01

// sampleRatio checks the arms' sizes against the plan.
func sampleRatio(x experiment, units map[string]int64, out *Readout) Check {
	c := Check{ID: "sample_ratio", Status: "unknown"}
	if x.sharesProblem != "" {
		c.Says = strings.ToUpper(x.sharesProblem[:1]) + x.sharesProblem[1:] + "."
		return c
	}
	arms := slices.Sorted(maps.Keys(units))
	shares, assumed := x.shares, ""
	if len(shares) == 0 {
		shares, assumed = map[string]float64{}, " No shares are planned; equal ones are assumed."
		for _, arm := range arms {
			shares[arm] = 1
		}
	}
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
	if len(units) < 2 {
		c.Says = fmt.Sprintf("There are %d arms with units; a comparison takes two.", len(units))
		return c
	}
	srm, err := abtest.SRM(counts, weights)
	if err != nil {
		c.Says = "The arms can't be compared with a plan: " + err.Error() + "."
		return c
	}
	c.Status = "ok"
	if srm.P < srmLevel {
		c.Status = "failed"
		c.Says = fmt.Sprintf("The arms' sizes do not fit the plan (chi-square %.1f, p %.2g): units were lost or moved.%s", srm.ChiSquare, srm.P, assumed)
		return c
	}
	if srm.P < srmWatch {
		c.Status = "warning"
		c.Says = fmt.Sprintf("The arms' sizes are unlikely under the plan (chi-square %.1f, p %.2g), though not enough to call it broken: look for lost units.%s", srm.ChiSquare, srm.P, assumed)
		return c
	}
	c.Says = fmt.Sprintf("The arms' sizes show no loss of units (p %.2g).%s", srm.P, assumed)
	return c
}

// crossedArms checks that units stay in one arm.
func crossedArms(crossed int64, units map[string]int64) Check {
	total := crossed
	for _, n := range units {
		total += n
	}
	c := Check{ID: "crossed_arms", Status: "ok", Says: "Every unit is in one arm."}
	if total == 0 {
		return Check{ID: "crossed_arms", Status: "unknown", Says: "No unit is assigned."}
	}
	if crossed > 0 {
		c.Says = fmt.Sprintf("%d of %d units are in several arms; they are left out.", crossed, total)
		if float64(crossed) > crossedShare*float64(total) {
			c.Status = "failed"
		}
	}
	return c
}

// coverage checks ready-made outcomes against the units: one row each, and as
// complete in every arm.
func coverage(name string, o *outcome, units map[string]int64) (Check, bool) {
	if o == nil || !o.ready {
		return Check{}, false
	}
	c := Check{ID: "outcomes_" + run.Label(name), Status: "ok", Says: "Every unit has one outcome."}
	least, most, missing := 1.0, 0.0, int64(0)
	for arm, n := range units {
		share := float64(o.arms[arm].N) / float64(n)
		least, most = min(least, share), max(most, share)
		missing += n - o.arms[arm].N
	}
	switch {
	case o.broken != "":
		c.Status, c.Says = "unknown", "The outcomes can't be added up: "+o.broken+"."
	case o.again > 0:
		c.Status, c.Says = "failed", fmt.Sprintf("%d units have several rows of this outcome; it may have been loaded twice.", o.again)
	case missing > 0 && most-least > missingShare:
		c.Status, c.Says = "failed", fmt.Sprintf("%d units have no outcome, and the arms differ in how many (from %.1f %% to %.1f %% of their units have one).", missing, 100*least, 100*most)
	case missing > 0:
		c.Status, c.Says = "warning", fmt.Sprintf("%d units have no outcome and are left out; if that means 0, say so in the feed.", missing)
	}
	return c, true
}

// missingShare is by how much the arms may differ in their share of units with
// an outcome.
const missingShare = 0.01

// decide states one decision and its reason, in the order in which reasons
// outweigh each other: can it be read, is it valid, is it causal, is it over,
// is something harmed, is something better.
func decide(x experiment, out *Readout, main *outcome) {
	var failed []string
	for _, c := range out.Checks {
		if c.Status == "failed" {
			failed = append(failed, c.Says)
		}
	}
	defer func() {
		for _, c := range out.Checks {
			if c.Status == "warning" {
				out.Says += " Note: " + c.Says
			}
		}
	}()
	readable := slices.ContainsFunc(out.Results, func(c Comparison) bool { return c.Role == primary && c.P != nil })
	var winners, losers, harms, unread []string
	for _, c := range out.Results {
		switch {
		case c.Role == primary && better(c):
			winners = append(winners, c.Arm)
		case c.Role == primary && harmed(c):
			losers = append(losers, c.Arm)
		case c.Role == guardrail && harmed(c):
			harms = append(harms, c.Metric+" in "+c.Arm)
		case c.Role == guardrail && c.P == nil && !slices.Contains(unread, c.Metric):
			unread = append(unread, c.Metric)
		}
	}
	metric := ""
	if len(out.Results) > 0 {
		metric = out.Results[0].Metric
	}
	switch {
	case len(failed) > 0:
		out.Decision, out.Says = DontTrust, "A validity check failed, so no figure of this experiment can be trusted: "+strings.Join(failed, " ")
		out.NextTest = "Find where units were lost, mend it, and run the test again from a fresh assignment."
	case !readable:
		out.Decision, out.Says = Unreadable, "The primary metric can't be compared"
		for _, c := range out.Results {
			if c.Role == primary && c.Reason != "" {
				out.Says += ": " + c.Reason
				break
			}
		}
		out.Says += "."
		out.NextTest = "Map the outcome, or name a primary metric that the feeds hold."
	case x.observational:
		out.Decision, out.Says = Observational, "Units were not assigned at random: the difference is an association and proves no effect."
		out.NextTest = "Repeat it with a random control group."
	case len(harms) > 0 && out.Status == "ended":
		out.Decision, out.Says = Stop, "A guardrail is harmed: "+strings.Join(harms, ", ")+"."
		out.NextTest = "Change what harms the guardrail and test that."
	case out.Status == "running":
		out.Decision = Continue
		out.Says = "It is still running. A fixed-horizon interval read before the end is wrong more often than it says, so nothing is decided yet."
		if len(harms) > 0 {
			out.Says += " Watch the guardrail " + strings.Join(harms, ", ") + "."
		}
		out.NextTest = "Let it run to its planned end, then read it once."
		if x.ended.IsZero() {
			out.NextTest = "No end is declared: set one now, let it run until then, and read it once."
		}
	case len(losers) > 0:
		out.Decision, out.Says = Stop, fmt.Sprintf("%s is worse than in control in %s.", metric, strings.Join(losers, ", "))
		out.NextTest = "Keep control; test another idea."
	case len(winners) > 0 && len(unread) > 0:
		out.Decision, out.Says = Inconclusive, fmt.Sprintf("%s is better than in control in %s, but the guardrail %s can't be read, so harm is not ruled out.",
			metric, strings.Join(winners, ", "), strings.Join(unread, ", "))
		out.NextTest = "Map the guardrail's outcome and read the test again."
	case len(winners) > 0:
		out.Decision, out.Says = Ship, fmt.Sprintf("%s is better than in control in %s, and no guardrail is harmed.", metric, strings.Join(winners, ", "))
		out.NextTest = "Ship it with a small holdout kept, to see whether the effect lasts."
	default:
		out.Decision, out.Says = Inconclusive, "The interval of the difference holds both gain and loss: the test tells neither."
		if slices.ContainsFunc(out.Results, func(c Comparison) bool { return c.Role == primary && c.PAdjusted != nil && *c.P < alpha }) {
			out.Says = "A difference looks clear by itself, but not once it is corrected for the number of arms: the test tells neither gain nor loss."
		}
		out.NextTest = moreUnits(x, main)
	}
}

// detectable is the relative effect that a repeated test should be able to
// show.
const detectable, power = 0.05, 0.8

// moreUnits says how large a test would have to be.
func moreUnits(x experiment, main *outcome) string {
	c := main.arms[x.control]
	n, err := abtest.RequiredN(math.Sqrt(c.Variance()), math.Abs(c.Mean)*detectable, alpha, power)
	if err != nil {
		return "Test a bolder change."
	}
	return fmt.Sprintf("To show a change of %.0f %% with %.0f %% power takes about %d units in each arm; test a bolder change if there are fewer.", 100*detectable, 100*power, n)
}
