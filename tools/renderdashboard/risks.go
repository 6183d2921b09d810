package renderdashboard

import (
	"cmp"
	"fmt"
	"slices"

	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/surfaceinsights"
)

// risks is what endangers the program and what it could win, each with what it
// rests on and whose it is.
func (p *painter) risks() section {
	s := section{ID: "risks", Title: "Risks and opportunities"}
	if p.metrics == nil && p.health == nil && p.insights == nil && p.experiments == nil {
		s.Missing = "No stage has run in this run."
		return s
	}
	risks := append(p.alerts(), p.dataAlarms()...)
	risks = append(risks, p.diagnoses()...)
	risks = append(risks, p.tests(reviewexperiments.RollBack, reviewexperiments.DontTrust)...)
	gains := append(p.tests(reviewexperiments.Ship), p.plays()...)
	r, g := block{Title: "Risks", Items: risks}, block{Title: "Opportunities", Items: gains}
	if len(risks) == 0 {
		r.Text = []string{"No alert, no data alarm, and no diagnosis calls for attention."}
	}
	if len(gains) == 0 {
		g.Text = []string{"No segment and no experiment calls for an action."}
	}
	s.Blocks = []block{r, g}
	return s
}

func (p *painter) alerts() (out []item) {
	if p.metrics == nil {
		return nil
	}
	for _, a := range p.metrics.Alerts {
		k := p.metrics.KPI(a.KPI)
		label := a.KPI
		if k != nil {
			label = k.Label
		}
		i := item{Title: label + " is in the band " + a.Band, Badge: badge{"warn", a.Severity}, Owner: p.owner(a.KPI), Evidence: p.evidence([]string{a.Point}),
			Text: "In this window, not in the one before."}
		if a.Windows > 1 {
			i.Text = fmt.Sprintf("For %d windows in a row, as far as the data tell.", a.Windows)
		}
		if a.Severity == "critical" {
			i.Badge.Class = "crit"
		}
		out = append(out, i)
	}
	return out
}

// owner is who answers for an alert: who it was escalated to, or else the lowest
// rung.
func (p *painter) owner(subject string) string {
	if p.plan != nil {
		for _, e := range p.plan.Escalations {
			if e.Subject == subject && e.ClosedAt == nil {
				return e.Owner
			}
		}
	}
	if len(p.desk.Config.Ladder) > 0 {
		return p.desk.Config.Ladder[0]
	}
	return ""
}

// dataAlarms are the faults of the data: those of the plan, which has the feeds'
// too, or else those that the diagnostics found.
func (p *painter) dataAlarms() (out []item) {
	figures := map[string][]fact{}
	add := func(id, severity, says, owner string) {
		class := "warn"
		if severity == "critical" {
			class = "crit"
		}
		out = append(out, item{Title: says, Badge: badge{class, "data: " + severity}, Text: "A fault of the data, not of the business.", Owner: owner, Evidence: figures[id]})
	}
	if p.health != nil {
		for _, a := range p.health.DataAlarms {
			for _, f := range a.Figures {
				figures[a.ID] = append(figures[a.ID], fact{Name: f.Point, Value: p.show(f.Value, f.Unit)})
			}
			if p.plan == nil {
				add(a.ID, a.Severity, a.Says, p.desk.Config.Owners.Data)
			}
		}
	}
	if p.plan != nil {
		for _, a := range p.plan.DataAlarms[:min(len(p.plan.DataAlarms), mostItems)] {
			add(a.ID, a.Severity, a.Says, a.Owner)
		}
	}
	return out
}

func (p *painter) diagnoses() (out []item) {
	if p.health == nil {
		return nil
	}
	for _, d := range []struct {
		name string
		diagnosehealth.Diagnosis
	}{{diagnosehealth.TierMixName, p.health.TierMix.Diagnosis}, {"Churn", p.health.Churn.Diagnosis}, {"Liability", p.health.Liability.Diagnosis}, {"Breakage", p.health.Breakage.Diagnosis}} {
		if d.Health == diagnosehealth.Watch || d.Health == diagnosehealth.Act {
			out = append(out, item{Title: d.name + ": " + d.Says, Badge: *verdict(d.Health), Text: d.Rule, Owner: d.Owner, Evidence: p.evidence(d.Because)})
		}
	}
	return out
}

// tests are the experiments that were decided so.
func (p *painter) tests(decisions ...string) (out []item) {
	if p.experiments == nil {
		return nil
	}
	for _, x := range p.experiments.Experiments {
		for _, d := range decisions {
			if x.Decision != d || len(out) == mostExperiments {
				continue
			}
			i := item{Title: x.Name + ": " + words(x.Decision), Badge: *decided(x.Decision), Text: x.Says, Owner: x.Owner}
			for _, c := range x.Results {
				if c.Role == "primary" {
					i.Evidence = append(i.Evidence, p.evidence([]string{c.PointOf("difference"), c.PointOf("lift")})...)
				}
			}
			out = append(out, i)
		}
	}
	return out
}

// urgencies are how urgent a segment is, the most first.
var urgencies = []string{"high", "medium", "low"}

// plays are the segments that have members to act on.
func (p *painter) plays() (out []item) {
	if p.insights == nil {
		return nil
	}
	// The urgent ones first, and of those alike the most that is at stake.
	stake := func(s surfaceinsights.Segment) float64 {
		if s.Stake == nil || s.Stake.Value == nil {
			return 0
		}
		return *s.Stake.Value
	}
	segments := slices.Clone(p.insights.Segments)
	slices.SortStableFunc(segments, func(a, b surfaceinsights.Segment) int {
		return cmp.Or(cmp.Compare(slices.Index(urgencies, a.Urgency), slices.Index(urgencies, b.Urgency)), cmp.Compare(stake(b), stake(a)))
	})
	for _, s := range segments {
		if s.Suppressed || s.Members == nil || *s.Members == 0 || len(out) == 20 {
			continue
		}
		i := item{Title: s.Label + ": " + s.Action, Badge: badge{urgency(s.Urgency), s.Urgency + " urgency"}, Text: s.Trigger, Owner: s.Owner,
			Evidence: p.evidence([]string{"insights/" + s.ID + "/members", "insights/" + s.ID + "/value"})}
		if i.Badge.Class == "" {
			i.Badge.Class = "mute"
		}
		if s.Stake != nil && s.Stake.Value != nil {
			i.Evidence = append(i.Evidence, fact{Name: "at stake in " + num(s.Stake.Days) + " days", Value: p.show(s.Stake.Value, metric.Money)})
		}
		out = append(out, i)
	}
	return out
}
