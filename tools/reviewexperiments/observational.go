package reviewexperiments

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/run"
)

// scale is by how much values of before the start are multiplied to be of as many
// days as those during the campaign.
func (v *reviewer) scale(m *measured) float64 {
	if m.ready || v.taken.pre == 0 {
		return 1
	}
	return v.watched / float64(v.taken.pre)
}

// associate compares members who were not assigned at random: each with those of
// the control arm who were alike before the start, and by how much they changed
// since. Without a control arm it is their own change alone.
func (v *reviewer) associate(m *measured, t target, role, arm string) compared {
	out := v.compare(m, t, role, arm)
	c := &out.Comparison
	c.Label, c.LiftShrunk, c.Detectable = Observational, nil, nil
	c.Guardrail, c.Margin, c.MarginOf = "", nil, "" // no harm is ruled out by an association
	if m.reason != "" || m.broken != "" {
		return out
	}
	unknown := func(reason string) compared {
		c.Difference, c.Interval, c.P, c.Lift, c.LiftRange, c.Method, c.Reduction, c.Reason = nil, nil, nil, nil, nil, "", nil, reason
		return out
	}
	var e abtest.Effect
	var how string
	switch {
	case v.x.control != "" && !m.ready && v.unlike(arm):
		return unknown("the arms were filled at different times, so their outcomes count for different numbers of days; declare window_days")
	case m.ratio || m.samples != nil:
		return out // as they are: neither is a sum that can be matched and set against before
	case v.x.control == "":
		if e, how = v.beforeAfter(m, arm); how == "" {
			return unknown("without a control group it takes values of before the start, and units enough")
		}
	default:
		if e, how = v.matched(m, arm, role); how == "" {
			return unknown("too few units of control were alike before the start")
		}
	}
	if !(e.Variance > 0) {
		return unknown("the outcome does not vary, so that nothing tells a difference from chance")
	}
	d := e.Test(run.Confidence)
	c.Method, c.Reason, c.Reduction = how, "", nil
	c.Difference, c.Interval, c.P = run.Round(d.Estimate), limits(d.Low, d.High), run.Significant(d.P)
	c.Lift, c.LiftRange = nil, nil
	if v.x.control == "" {
		c.Control = run.Round(e.Control)
		all := m.of(arm, nil)
		c.Treatment, c.NTreatment, c.NControl = run.Round(m.mean(all)), all.units(), all.units()
	} else { // of the units compared, and what they would have had
		c.Control, c.Treatment = run.Round(e.Control), run.Round(e.Control+e.Difference)
	}
	if l, err := e.Lift(run.Confidence); err == nil {
		c.Lift = run.Round(l.Estimate)
		if l.Bounded {
			c.LiftRange = limits(l.Low, l.High)
		}
	}
	out.inf.p, out.inf.known = d.P, true
	return out
}

// unlike reports whether an arm's outcomes count for another number of days than
// control's.
func (v *reviewer) unlike(arm string) bool {
	end := v.question(v.x).End.In(v.asOf.Location())
	a, b := v.entries.watched(v.x.window, end, v.x.control), v.entries.watched(v.x.window, end, arm)
	return math.Abs(a-b) > 0.05*math.Max(a, b)
}

// change is the Sample of y - scale x of units.
func change(p abtest.Pair, scale float64) abtest.Sample {
	return abtest.Sample{N: p.N, Mean: p.MeanY - scale*p.MeanX, M2: math.Max(0, p.M2Y-2*scale*p.CXY+scale*scale*p.M2X)}
}

// beforeAfter is the mean change of an arm's units against the same days before.
func (v *reviewer) beforeAfter(m *measured, arm string) (abtest.Effect, string) {
	all := m.of(arm, nil).pair
	if !m.before || all.N < minUnits {
		return abtest.Effect{}, ""
	}
	s := v.scale(m)
	z := change(all, s)
	n := float64(z.N)
	x := s * s * all.M2X / (n - 1) / n
	both := s*all.CXY/(n-1)/n - x
	return abtest.Effect{N: z.N, Difference: z.Mean, Variance: z.Variance() / n, DF: n - 1,
		Control: s * all.MeanX, ControlVariance: x, Covariance: both}, "before and after"
}

// matched is the mean difference between an arm's units and those of the control
// arm who were alike before the start, weighted by the arm's units, which is the
// effect on those who took part if nothing else told them apart; of the change
// against before, where that is known (difference in differences). See G. W. Imbens
// and D. B. Rubin, Causal Inference (2015), chapters 17 and 18.
func (v *reviewer) matched(m *measured, arm, role string) (abtest.Effect, string) {
	s, how := 0.0, "matched"
	if m.before {
		s, how = v.scale(m), "matched, difference in differences"
	}
	type key struct {
		stratum string
		traits  [3]string
	}
	sides := map[key]*[2]abtest.Pair{}
	var keys []key // in the order of the rows, so that sums are the same each time
	for _, c := range m.cells {
		side := 0
		if c.arm == arm {
			side = 1
		} else if c.arm != v.x.control {
			continue
		}
		k := key{c.stratum, c.traits}
		if sides[k] == nil {
			sides[k], keys = &[2]abtest.Pair{}, append(keys, k)
		}
		sides[k][side] = sides[k][side].Merge(c.pair)
	}
	var total float64
	var unmatched int64
	for _, k := range keys {
		if p := sides[k]; p[0].N > 1 && p[1].N > 1 {
			total += float64(p[1].N)
		} else {
			unmatched += p[1].N
		}
	}
	if role == primary && m.name == v.x.goals[0].name { // of each arm once
		v.unmatched += unmatched
	}
	var e abtest.Effect
	var spread float64 // Σ V²/(n-1) of the cells, for the degrees of freedom by Satterthwaite
	for _, k := range keys {
		p := sides[k]
		if p[0].N < 2 || p[1].N < 2 {
			continue
		}
		w := float64(p[1].N) / total
		control, treated := change(p[0], s), change(p[1], s)
		nc, nt := float64(control.N), float64(treated.N)
		vc, vt := w*w*control.Variance()/nc, w*w*treated.Variance()/nt
		e.N += control.N + treated.N
		e.Difference += w * (treated.Mean - control.Mean)
		e.Variance += vc + vt
		spread += vc*vc/(nc-1) + vt*vt/(nt-1)
		// What the treated would have had: theirs of before, and the change of
		// control.
		e.Control += w * (s*p[1].MeanX + control.Mean)
		before := w * w * s * s * p[1].M2X / (nt - 1) / nt
		e.ControlVariance += before + vc
		e.Covariance += w*w*s*p[1].CXY/(nt-1)/nt - before - vc
	}
	if total < minUnits || !(spread > 0) {
		return abtest.Effect{}, ""
	}
	e.DF = e.Variance * e.Variance / spread
	return e, how
}

// association says what was compared, and why it proves nothing.
func (v *reviewer) association() string {
	goal := v.leading()
	text := "the difference is an association and proves no effect."
	if v.x.control == "" {
		text = "there is no control group, so this is members before and after, which proves no effect: the season, other campaigns and that people are chosen when they do unusually well or badly change spend as well."
	} else if goal != nil && strings.HasPrefix(goal.Method, "matched") {
		by := []string{}
		for _, name := range append([]string{v.taken.stratum}, v.taken.traits...) {
			if name != "" && !slices.Contains(by, name) {
				by = append(by, name)
			}
		}
		alike := "all of them, for nothing is known of them before"
		if len(by) > 0 {
			alike = "those alike in " + strings.Join(by, ", ")
		}
		text = fmt.Sprintf("members were compared with %s, which leaves out whatever else told them apart: the difference is an association and proves no effect.", alike)
		if v.unmatched > 0 {
			text += fmt.Sprintf(" %d had nobody to be compared with.", v.unmatched)
		}
	}
	if goal != nil && goal.Difference != nil {
		text += fmt.Sprintf(" %s of %s: %s%s.", goal.Metric, goal.Arm, apart(goal.Difference, goal.Unit, v.currency), apartRange(goal.Interval, goal.Unit, v.currency))
	}
	return text
}
