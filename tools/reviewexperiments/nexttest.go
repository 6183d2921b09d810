package reviewexperiments

import (
	"fmt"
	"math"
	"slices"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/run"
)

// holdout is the share of members that is kept from what was shipped, to see
// whether its effect lasts.
const holdout = 0.1

// next proposes the next test, from what this one showed: what to change, among
// whom, by which metric and guardrails, how many units that takes with the variance
// seen here, and how long at the pace at which units joined.
func (v *reviewer) next() {
	var guardrails []string
	for _, g := range v.x.guardrails {
		guardrails = append(guardrails, run.Label(g.name))
	}
	if len(guardrails) == 0 {
		for _, c := range v.all {
			if c.Role == watched && !slices.Contains(guardrails, c.Metric) {
				guardrails = append(guardrails, c.Metric)
			}
		}
	}
	n := NextTest{Metric: v.goalName(), Guardrails: guardrails, Effect: run.Round(v.x.minimum)}
	arm := v.out.Arm
	if goal := v.leading(); arm == "" && goal != nil {
		arm = goal.Arm
	}
	n.Arm = arm
	where, among, better := v.promising(arm)
	share := 1.0
	switch v.out.Decision {
	case Ship:
		n.Hypothesis = fmt.Sprintf("The effect of %s on %s lasts.", arm, n.Metric)
		n.Says = fmt.Sprintf("Ship %s to all but a random holdout of %.0f %%, and read it again", arm, 100*holdout)
		v.size(&n, holdout, 1-holdout, share)
	case RollBack:
		n.Hypothesis = fmt.Sprintf("A changed %s does not harm %s.", arm, n.Metric)
		n.Says = fmt.Sprintf("Keep control. Change what did harm in %s, and test that", arm)
		if better && v.out.Rule == byHarm {
			n.Where, n.Hypothesis = where, fmt.Sprintf("%s works for %s.", arm, where)
			share = among
			n.Says = fmt.Sprintf("Keep control. If %s is tried again, then among %s only, where it did best", arm, where)
		}
		v.size(&n, 0.5, 0.5, share)
	case DontTrust:
		n.Hypothesis = orElse(v.out.Hypothesis, fmt.Sprintf("%s changes %s.", arm, n.Metric))
		n.Says = "Find where the fault comes from, mend it, and repeat the test with a fresh assignment"
		v.size(&n, 0.5, 0.5, share)
	case Observational:
		n.Hypothesis = orElse(v.out.Hypothesis, fmt.Sprintf("%s changes %s.", orElse(arm, v.out.Name), n.Metric))
		n.Says = "Repeat it with a control group drawn at random"
		v.size(&n, 0.5, 0.5, share)
	case Unreadable:
		n = NextTest{Says: "Mend what is named, and read it again."}
		if goal := v.leading(); goal != nil && goal.NControl+goal.NTreatment == 0 {
			n.Says = "Name a primary metric that the feeds hold, or map its outcome, and read it again. There are: " + listed(v.known) + "."
		}
		if v.out.Status == Running && len(v.all) > 0 && v.leading() != nil && v.leading().est.few {
			n.Says = "Wait until more has happened in it."
		}
		v.out.NextTest = n
		return
	case KeepRunning:
		n.Says = "Go on with this one"
		if v.wait > 0 {
			n.Days = &v.wait
			n.Says += fmt.Sprintf(" for about %d days", v.wait)
		}
		n.Says += ", and look whenever you like: its intervals hold at any time."
		if v.x.ended.IsZero() {
			n.Says += " Declare its end."
		}
		v.out.NextTest = n
		return
	default:
		n.Hypothesis = orElse(v.out.Hypothesis, fmt.Sprintf("%s changes %s.", arm, n.Metric))
		n.Says = "Test a bolder change, or this one with enough units"
		if better {
			n.Where, n.Hypothesis = where, fmt.Sprintf("%s works for %s.", arm, where)
			share = among
			n.Says = fmt.Sprintf("Test %s among %s, where it did best", arm, where)
		}
		v.size(&n, 0.5, 0.5, share)
	}
	n.Says += v.sized(&n)
	v.out.NextTest = n
}

func listed(names []string) string {
	text := ""
	for i, name := range names {
		if i == 12 {
			return text + fmt.Sprintf(" and %d more", len(names)-i)
		}
		if i > 0 {
			text += ", "
		}
		text += name
	}
	return text
}

// goalName is the first primary metric.
func (v *reviewer) goalName() string {
	for _, c := range v.all {
		if c.Role == primary {
			return c.Metric
		}
	}
	return ""
}

// leading is the first primary metric of the arm that gained most, nil without any.
func (v *reviewer) leading() *compared {
	var best *compared
	gain := func(c *compared) float64 { return standing{goal: c}.gain() }
	for i := range v.all {
		if c := &v.all[i]; c.Role == primary && c.Metric == v.goalName() && (best == nil || gain(c) > gain(best)) {
			best = c
		}
	}
	return best
}

// promising returns the members among whom an arm did best, where its effect
// differs and is good for them, and what share of the units they are.
func (v *reviewer) promising(arm string) (where string, share float64, ok bool) {
	for _, t := range v.out.Who {
		if t.Differ && t.Arm == arm && t.bestGood {
			goal := v.leading()
			return t.Trait + " " + t.best, float64(t.bestUnits) / float64(max(1, goal.NControl+goal.NTreatment)), true
		}
	}
	return "", 1, false
}

// size fills in how many units a test takes, with the shares of control and of the
// treatment, and for how many days they join, who are a share of all that do.
func (v *reviewer) size(n *NextTest, control, treatment, among float64) {
	goal := v.leading()
	if goal == nil || goal.est.nControl < minUnits || goal.est.control == 0 {
		return
	}
	e := goal.est
	variance := e.samples[0].Variance() * (1 - e.reduction())
	if e.few || !(variance > 0) {
		variance = e.samples[0].Variance()
	}
	design := abtest.Design{Control: control, Treatment: treatment, Mean: e.control, Variance: variance, Alpha: alpha}
	units, err := design.RequiredN(v.x.minimum*math.Abs(e.control), abtest.GuardedPower(v.trials.Power, len(n.Guardrails)))
	if err != nil {
		return
	}
	each := int64(math.Ceil(float64(units) * math.Min(control, treatment)))
	n.Units = &each
	if v.traffic > 0 {
		days := int64(math.Ceil(float64(units) / (v.traffic * among)))
		n.Days = &days
	}
}

// sized says what size comes to.
func (v *reviewer) sized(n *NextTest) string {
	if n.Units == nil {
		return "."
	}
	text := fmt.Sprintf(": to find a change of %s takes %s units in the smaller arm", percent(*n.Effect), run.Show(float(*n.Units), "count", ""))
	switch {
	case n.Days != nil:
		return text + fmt.Sprintf(", about %d days at the pace of this one.", *n.Days)
	case v.entries.all() > 0:
		return text + fmt.Sprintf(" (this one had %s in all).", run.Show(float(v.entries.all()), "count", ""))
	}
	return text + "."
}

func float(n int64) *float64 {
	x := float64(n)
	return &x
}
