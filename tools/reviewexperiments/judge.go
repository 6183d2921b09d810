package reviewexperiments

import (
	"context"
	"fmt"
	"slices"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// suggested are the guardrails that are looked at where none is declared: what the
// program owes, what it earns, and whether members are content and stay reachable.
var suggested = []string{"points_kept_per_member", "margin_per_member", "csat_score", "unsubscribed"}

// asked is a target with its role.
type asked struct {
	target
	role string
}

// targets lists what the experiment is read by.
func (v *reviewer) targets() []asked {
	var out []asked
	for _, list := range []struct {
		role string
		of   []target
	}{{primary, v.x.goals}, {guardrail, v.x.guardrails}, {secondary, v.x.others}} {
		for _, t := range list.of {
			if !slices.ContainsFunc(out, func(o asked) bool { return o.name == t.name }) {
				out = append(out, asked{t, list.role})
			}
		}
	}
	if len(v.x.guardrails) == 0 {
		for _, name := range suggested {
			if q := v.measurer.quantity(name); q.reason == "" && !slices.ContainsFunc(out, func(o asked) bool { return o.name == name }) {
				out = append(out, asked{target{name: name}, watched})
			}
		}
	}
	return out
}

// measure reads what units did and judges it.
func (v *reviewer) measure(ctx context.Context) error {
	targets := v.targets()
	quantities := make([]quantity, len(targets))
	for i, t := range targets {
		quantities[i] = v.measurer.quantity(t.name)
	}
	var err error
	if v.taken, err = v.take(ctx, v.x, v.entries, quantities, nil); err != nil {
		return err
	}
	if len(v.x.goals) == 0 {
		// Without a declared metric there is nothing to decide by; one that came
		// ready-made is shown.
		for _, name := range v.taken.names() {
			if v.taken.measured[name].ready {
				v.x.goals = []target{{name: name}}
				targets = append([]asked{{v.x.goals[0], primary}}, targets...)
				v.check(Check{"primary_metric", "unknown", "No primary metric is declared; the first ready-made outcome is shown, which proves nothing."})
				break
			}
		}
	}
	spreads, err := v.spreads(ctx, targets, quantities)
	if err != nil {
		return err
	}
	compare := v.compare
	if v.x.observational {
		compare = v.associate
	}
	for _, t := range targets {
		for _, arm := range v.treatments {
			m := v.taken.measured[t.name]
			if m == nil {
				q := v.measurer.quantity(t.name)
				reason := orElse(q.reason, "there is no moment from which it counts: map assigned_at, or declare started_at")
				if q.reason == "no feed holds this outcome" {
					reason += "; there are: " + listed(append(v.taken.names(), without(v.known, v.taken.names())...))
				}
				m = &measured{quantity: quantity{name: t.name, unit: metric.Score, reason: reason}}
			}
			v.all = append(v.all, compare(m, t.target, t.role, arm))
		}
	}
	if v.taken.stratum != "" && slices.ContainsFunc(v.all, func(c compared) bool { return c.est.strata > 1 }) {
		v.out.Analysis.Strata = v.taken.stratum
	}
	if !v.x.observational {
		v.correct()
	}
	if err := v.further(ctx, targets, spreads); err != nil {
		return err
	}
	v.decide()
	v.next()
	if v.out.Decision == DontTrust { // what else it shows is no more to be trusted
		v.out.Worth, v.out.Who, v.out.Weeks = nil, nil, nil
	}
	for _, c := range v.all {
		v.out.Results = append(v.out.Results, c.Comparison)
	}
	return nil
}

func without(list, less []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(name string) bool { return slices.Contains(less, name) })
}

func (v *reviewer) check(c Check) { v.out.Checks = append(v.out.Checks, c) }

// spreads reads how the values of capped metrics and of quantiles are spread, and
// does with it what was declared.
func (v *reviewer) spreads(ctx context.Context, targets []asked, quantities []quantity) (map[string]*spread, error) {
	out := map[string]*spread{}
	caps := map[string]float64{}
	for _, t := range targets {
		m := v.taken.measured[t.name]
		if m == nil || !m.sums() {
			continue
		}
		capped := v.x.winsorize > 0 && m.quantile == 0
		if !capped && m.quantile == 0 {
			continue
		}
		s, err := v.spreadOf(ctx, v.x, v.entries, m)
		if err != nil {
			return nil, err
		}
		if s == nil {
			if m.quantile > 0 { // or its mean would pass for it
				m.broken = "nothing happened, or what did cancels out, so there is no spread to take a quantile of"
			}
			continue
		}
		out[t.name] = s
		if m.quantile > 0 {
			if err := v.quantiles(ctx, v.x, v.entries, m, s); err != nil {
				return nil, err
			}
		} else if capped {
			caps[t.name] = s.limit(v.x.winsorize)
		}
	}
	if len(caps) == 0 {
		return out, nil
	}
	again, err := v.take(ctx, v.x, v.entries, quantities, caps)
	if err != nil {
		return nil, err
	}
	for name, m := range v.taken.measured {
		if m.samples != nil {
			again.measured[name] = m
		}
	}
	v.taken = again
	return out, nil
}

// further adds the checks that take outcomes, and what the first goal says beyond
// its mean.
func (v *reviewer) further(ctx context.Context, targets []asked, spreads map[string]*spread) error {
	var goal *measured
	if len(v.x.goals) > 0 {
		goal = v.taken.measured[v.x.goals[0].name]
	}
	for _, t := range targets {
		if t.role != watched {
			if c, ok := coverage(v.taken.measured[t.name], v.entries.units); ok {
				v.check(c)
			}
		}
	}
	if goal == nil || goal.broken != "" {
		return nil
	}
	if !v.x.observational {
		s := spreads[goal.name]
		if s == nil && goal.sums() {
			var err error
			if s, err = v.spreadOf(ctx, v.x, v.entries, goal); err != nil {
				return err
			}
		}
		v.validate(goal, s)
	}
	leading := v.leading()
	if goal.ready || v.x.control == "" || goal.samples != nil {
		if leading != nil && leading.P != nil && v.x.control != "" && goal.samples == nil && !v.x.observational {
			v.who(goal, leading)
		}
		return nil
	}
	if leading != nil && leading.P != nil && !v.x.observational {
		v.who(goal, leading)
	}
	if goal.bottom == nil {
		weeks, err := v.byWeek(ctx, v.x, v.entries, goal.quantity)
		if err != nil {
			return err
		}
		v.weekly(weeks)
	}
	if v.x.observational {
		return nil // what an association is worth is not known
	}
	channels, err := v.byChannel(ctx, v.x, v.entries)
	if err != nil {
		return err
	}
	for _, arm := range v.treatments {
		v.worth(arm, channels)
	}
	return nil
}

// validate adds the checks of the first goal.
func (v *reviewer) validate(goal *measured, s *spread) {
	named := append([]string{v.taken.stratum}, v.taken.traits...)
	for i, by := range named {
		if by == "" || i > 0 && by == named[0] {
			continue
		}
		of := func(c cell) string { return c.stratum }
		if i > 0 {
			of = func(c cell) string { return c.traits[i-1] }
		}
		if goal.ready && goal.again > 0 {
			continue
		}
		if c, ok := ratioWithin(v.x, goal, by, of); ok {
			v.check(c)
		}
	}
	if c, ok := balance(goal, v.x.control, v.treatments, v.taken.pre); ok {
		v.check(c)
	}
	for _, arm := range v.treatments {
		for i := range v.all {
			c := &v.all[i]
			if c.Role != primary || c.arm != arm || c.target.name != goal.name || v.taken.stratum == "" {
				continue
			}
			if check, ok := reversed(goal, v.x.control, c, v.taken.stratum); ok {
				v.check(check)
			}
		}
	}
	for i := range v.all {
		c := &v.all[i]
		if c.Role != primary || c.target.name != goal.name || c.P == nil {
			continue
		}
		if check, ok := novelty(goal, v.x.control, &c.Comparison, c.arm, v.taken.horizon, v.watched); ok {
			v.check(check)
		}
		if check, ok := outliers(s, v.x.control, c.arm, c, v.currency); ok && goal.quantile == 0 {
			v.check(check)
		}
	}
	if v.look.anytime && v.out.Status != Running {
		why := "It is declared to have been looked at before its end"
		if !v.x.peeked {
			why = fmt.Sprintf("%d earlier runs read it while it ran", v.looks)
		}
		v.check(Check{"peeking", "ok", why + "; its intervals hold at any time, and are wider for it."})
	}
}

// weekly lists the effect by week, of every arm.
func (v *reviewer) weekly(weeks []map[string]abtest.Sample) {
	if v.x.observational {
		return // by week the arms are compared as they are, which is no effect
	}
	for _, arm := range v.treatments {
		for i, samples := range weeks {
			e, err := abtest.Compare(samples[v.x.control], samples[arm])
			if err != nil {
				continue
			}
			d := v.look.test(e)
			v.out.Weeks = append(v.out.Weeks, Week{Week: i + 1, Arm: run.Label(arm), Difference: run.Round(d.Estimate), Interval: limits(d.Low, d.High), Units: e.N})
		}
	}
}

// lifts notes the lifts of the first primary metric, for what they say of each
// other.
func (v *reviewer) lifts(x *Readout) []pastLift {
	var out []pastLift
	for i := range v.all {
		c := &v.all[i]
		if c.Role != primary || c.Metric != v.goalName() || c.P == nil || v.x.observational || c.est.few || x.Decision == DontTrust {
			continue
		}
		lift, err := c.est.effect.DeltaLift()
		if err != nil {
			continue
		}
		out = append(out, pastLift{test: x.ID, metric: c.Metric, effect: lift, lower: c.Better == lower, place: i, usable: x.Status != Running})
	}
	return out
}
