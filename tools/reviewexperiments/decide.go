package reviewexperiments

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"loyaltymcp/tools/run"
)

// The clauses that decide.
const (
	byCheck      = "failed_check"
	byAssignment = "not_randomized"
	byHarm       = "deterioration"
	byGuardrail  = "guardrail_breach"
	bySuccess    = "success"
	byOpen       = "guardrail_open"
	byPower      = "not_enough_power"
	byNothing    = "no_effect_worth_having"
	byTime       = "still_running"
	byData       = "nothing_to_compare"
)

// leastDays is how long an experiment runs before a win is shipped: two weeks, so
// that every weekday is in twice.
const leastDays = 14

// longestDays is the longest that a running experiment is told to go on.
const longestDays = 365

// standing is what the metrics say of one treatment.
type standing struct {
	arm          string
	goal         *compared   // the first primary metric
	won          []*compared // primary metrics that are better
	harmed       []string    // metrics that are worse
	guardHarmed  bool
	open, unread []string // guardrails of which harm is not ruled out, or that can't be read
}

func (v *reviewer) standings() []standing {
	var out []standing
	for _, arm := range v.treatments {
		s := standing{arm: run.Label(arm)}
		for i := range v.all {
			c := &v.all[i]
			if c.arm != arm {
				continue
			}
			if c.Role == primary && s.goal == nil {
				s.goal = c
			}
			switch {
			case c.Role != primary && c.Role != guardrail:
			case c.harm:
				s.harmed = append(s.harmed, c.Metric)
				s.guardHarmed = s.guardHarmed || c.Role == guardrail
			case c.Role == primary && better(c.Comparison):
				s.won = append(s.won, c)
			case c.Role == guardrail && c.P == nil:
				s.unread = append(s.unread, c.Metric)
			case c.Role == guardrail && c.Guardrail != holds:
				s.open = append(s.open, c.Metric)
			}
		}
		out = append(out, s)
	}
	return out
}

// decide states one decision and its reason, in the order in which reasons
// outweigh each other: are the data sound, can they be read, was it random, is
// something harmed, is something better with no guardrail open, and could the test
// have told.
func (v *reviewer) decide() {
	var failed []string
	for _, c := range v.out.Checks {
		if c.Status == "failed" {
			failed = append(failed, c.Says)
		}
	}
	all := v.standings()
	readable := slices.ContainsFunc(v.all, func(c compared) bool { return c.Role == primary && c.P != nil })
	switch {
	case len(failed) > 0:
		v.say(DontTrust, byCheck, "Don't trust it: "+failed[0])
		if more := len(failed) - 1; more == 1 {
			v.out.Says += " 1 further check failed."
		} else if more > 1 {
			v.out.Says += fmt.Sprintf(" %d further checks failed.", more)
		}
	case !readable:
		v.say(Unreadable, byData, "The primary metric can't be compared"+v.whyNot())
	case v.x.observational:
		v.say(Observational, byAssignment, "Units were not assigned at random: "+v.association())
	default:
		v.judge(all)
	}
	for _, c := range v.out.Checks {
		if c.Status == "warning" {
			v.out.Says += " Note: " + c.Says
		}
	}
	for _, c := range v.all {
		if c.Role == watched && c.Guardrail == harmed && v.out.Decision != DontTrust {
			v.out.Says += fmt.Sprintf(" Note: %s of %s is worse than control; declare it as a guardrail if it matters.", c.Metric, c.Arm)
		}
	}
}

func (v *reviewer) say(decision, rule, says string) {
	v.out.Decision, v.out.Rule, v.out.Says = decision, rule, says
}

// whyNot says why no primary metric can be compared.
func (v *reviewer) whyNot() string {
	for _, c := range v.all {
		if c.Role == primary && c.Reason != "" {
			return ": " + c.Reason + "."
		}
	}
	return ": no primary metric is declared, and no outcome is there to take instead. Name primary_metric; there are: " + strings.Join(v.known, ", ") + "."
}

// judge decides on a sound, randomized experiment.
func (v *reviewer) judge(all []standing) {
	running := v.out.Status == Running
	short := running && v.ran < leastDays
	var best *standing
	for i := range all {
		s := &all[i]
		if len(s.won) > 0 && len(s.harmed) == 0 && len(s.open) == 0 && len(s.unread) == 0 && (best == nil || s.gain() > best.gain()) {
			best = s
		}
	}
	hurt := slices.DeleteFunc(slices.Clone(all), func(s standing) bool { return len(s.harmed) == 0 })
	unsure := slices.DeleteFunc(slices.Clone(all), func(s standing) bool { return len(s.won) == 0 || len(s.harmed) > 0 })
	switch {
	case best != nil && !short:
		v.ship(best, hurt)
	case len(hurt) > 0 && (!running || len(hurt) == len(all)):
		rule, what := byHarm, "worse than in control"
		if slices.ContainsFunc(hurt, func(s standing) bool { return s.guardHarmed }) {
			rule, what = byGuardrail, "worse than in control, which outranks any gain"
		}
		v.say(RollBack, rule, fmt.Sprintf("Roll back: %s is %s.", harms(hurt), what))
	case running:
		v.goOn(all, hurt, unsure, best)
		if len(hurt) > 0 {
			v.out.Says += fmt.Sprintf(" Stop an arm: %s is worse.", harms(hurt))
		}
	case len(unsure) > 0:
		s := unsure[0]
		v.say(Inconclusive, byOpen, fmt.Sprintf("%s gained in %s, but %s", s.arm, s.gains(), guards(s)))
	default:
		v.nothing(all)
	}
}

// gains names what is better.
func (s standing) gains() string {
	names := make([]string, len(s.won))
	for i, c := range s.won {
		names[i] = c.Metric
	}
	return strings.Join(names, ", ")
}

// gain is how much better the first primary metric that won is, or else the first.
func (s standing) gain() float64 {
	c := s.goal
	if len(s.won) > 0 {
		c = s.won[0]
	}
	if c == nil || c.Difference == nil {
		return math.Inf(-1)
	}
	d := *c.Difference
	if c.Better == lower {
		d = -d
	}
	return d
}

func (v *reviewer) ship(best *standing, hurt []standing) {
	v.out.Arm = best.arm
	var gains []string
	for _, g := range best.won {
		gain := g.Metric + " is better than in control"
		if g.Lift != nil {
			gain += " by " + run.ShowChange(g.Lift)
			if g.LiftRange != nil {
				gain += fmt.Sprintf(" (%s to %s)", run.ShowChange(&g.LiftRange[0]), run.ShowChange(&g.LiftRange[1]))
			}
		}
		gains = append(gains, gain)
	}
	text := fmt.Sprintf("Ship %s: %s", best.arm, strings.Join(gains, ", "))
	switch n := v.guardrails(); n {
	case 0:
		text += "; no guardrail was declared."
	case 1:
		text += ", and the guardrail holds."
	default:
		text += fmt.Sprintf(", and all %d guardrails hold.", n)
	}
	if len(hurt) > 0 {
		text += fmt.Sprintf(" Not: %s is worse.", harms(hurt))
	}
	v.say(Ship, bySuccess, text)
	for _, w := range v.out.Worth {
		if w.Arm == best.arm {
			v.out.Says += w.pays(v.currency)
		}
	}
}

func (v *reviewer) guardrails() int { return len(v.x.guardrails) }

// harms lists what is worse in which arms.
func harms(hurt []standing) string {
	parts := make([]string, len(hurt))
	for i, s := range hurt {
		parts[i] = strings.Join(s.harmed, ", ") + " in " + s.arm
	}
	return strings.Join(parts, "; ")
}

// guards says which guardrails keep an arm from being shipped.
func guards(s standing) string {
	var parts []string
	if len(s.open) > 0 {
		parts = append(parts, fmt.Sprintf("harm to %s beyond its margin is not ruled out", strings.Join(s.open, ", ")))
	}
	if len(s.unread) > 0 {
		parts = append(parts, fmt.Sprintf("the guardrail %s can't be read", strings.Join(s.unread, ", ")))
	}
	return strings.Join(parts, ", and ") + "."
}
