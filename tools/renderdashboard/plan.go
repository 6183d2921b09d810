package renderdashboard

import (
	"fmt"
	"slices"
	"time"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/writeplan"
)

// mostItems is how many lines of each list of the plan are shown.
const mostItems = 60

// status says whether the page may be handed on.
func (p *painter) status() status {
	if p.plan == nil {
		return status{Held: true, Says: "Not for distribution: no plan stands behind this page.", Open: []fact{{Name: "plan", Value: p.unplanned}}}
	}
	s := status{Plan: p.plan.ID, State: fmt.Sprintf("%s, revision %d", p.plan.Status, p.plan.Revision), Says: "For distribution: every check of the plan is passed."}
	if r := p.plan.Review; r == nil || r.Distribution != writeplan.Distribute {
		s.Held, s.Says = true, "Not for distribution"
		if r != nil {
			s.Says = fmt.Sprintf("Not for distribution: %d of %d checks of the plan are open.", r.Open, len(r.Checks))
			for _, c := range r.Checks {
				if c.Status == "open" {
					s.Open = append(s.Open, fact{Name: words(c.ID), Value: c.Says})
				}
			}
		}
	}
	return s
}

// backlog is what the plan says is to be done.
func (p *painter) backlog() section {
	s := section{ID: "backlog", Title: "Backlog"}
	switch {
	case p.plan == nil:
		s.Missing = p.unplanned
		return s
	case len(p.plan.Backlog) == 0:
		s.Missing = "The plan " + p.plan.ID + " has no item."
		return s
	}
	s.Lead = p.plan.ScoreFormula + "."
	t := p.table("Backlog of "+p.plan.ID, text("Action"), text("Owner"), text("Due"), text("Type"), text("Urgency"), number("Score"), number("Expected value"), text("Confidence"), text("Effort"))
	for _, i := range p.plan.Backlog {
		v := p.value(i.Expected.Value, metric.Money, orElse(i.Expected.Reason, "no experiment has shown it"))
		if i.Expected.Interval != nil {
			v.Note = "95 %: " + p.interval(i.Expected.Interval, metric.Money)
		}
		score := i.Score
		t.Rows = append(t.Rows, row{Head: i.ID + " " + i.Title, Cells: []cell{plain(i.Owner), plain(i.Due), plain(i.Type), {Text: i.Urgency, Class: urgency(i.Urgency)}, plain(fmt.Sprintf("%.2f", score)), v, plain(i.Confidence), plain(i.Effort)}})
	}
	unknown := t.once(slices.IndexFunc(t.Columns, func(c column) bool { return c.Label == "Expected value" }) - 1)
	b := block{Table: t.keep(mostItems, "plan://"+p.plan.ID)}
	if unknown != "" {
		b.Text = []string{"Expected value: n/a where " + unknown + "."}
	}
	s.Blocks = append(s.Blocks, b)
	fold := block{Fold: "Why, and on which evidence"}
	for n, i := range p.plan.Backlog {
		if n == mostItems {
			break
		}
		it := item{Title: i.ID + " " + i.Title, Badge: badge{"mute", i.Confidence + " confidence"}, Text: i.Why, Owner: i.Owner}
		for _, e := range i.Evidence {
			v := e.Value
			it.Evidence = append(it.Evidence, fact{Name: e.Point, Value: p.show(&v, e.Unit)})
		}
		if i.Proof != nil {
			it.Evidence = append(it.Evidence, fact{Name: "Proof", Value: i.Proof.Says})
		}
		fold.Blocks = append(fold.Blocks, block{Items: []item{it}})
	}
	s.Blocks = append(s.Blocks, fold)
	return s
}

// record is what was escalated, who signed, and what changed.
func (p *painter) record() section {
	s := section{ID: "record", Title: "Escalations, approvals and change log"}
	if p.plan == nil {
		s.Missing = p.unplanned
		return s
	}
	at := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.In(p.desk.Config.Zone()).Format("2006-01-02 15:04")
	}
	e := p.table("Escalations", text("Trigger"), text("Owner"), number("Rung"), text("Opened"), text("Due"), text("Closed"), text("Remediation"))
	for _, x := range p.plan.Escalations {
		trigger := x.Trigger
		if x.RipCord {
			trigger = "Rip-cord: " + trigger + ". Stops: " + x.Stops
		}
		e.Rows = append(e.Rows, row{Head: trigger, Cells: []cell{plain(x.Owner), plain(num(x.Rung)), plain(at(&x.At)), plain(x.Due), plain(orElse(at(x.ClosedAt), "open")), plain(x.Remediation)}})
	}
	b := block{Title: "Escalations"}
	if len(e.Rows) > 0 {
		b.Table = e.keep(mostItems, "plan://"+p.plan.ID)
	} else {
		b.Text = []string{"Nothing was escalated."}
	}
	a := p.table("Approvals", text("Role"), text("Status"), text("By"), text("At"), text("Reason"))
	for _, x := range p.plan.Approvals {
		class := map[string]string{"approved": "ok", "rejected": "crit", "open": "warn"}[x.Status]
		a.Rows = append(a.Rows, row{Head: x.Role, Cells: []cell{{Text: x.Status, Class: class}, plain(x.By), plain(at(x.At)), plain(x.Reason)}})
	}
	c := p.table("Change log", text("At"), text("By"), text("What"), text("Before"), text("After"))
	c.Fixed = true
	for n := len(p.plan.ChangeLog) - 1; n >= 0; n-- {
		x := p.plan.ChangeLog[n]
		c.Rows = append(c.Rows, row{Head: at(&x.At), Cells: []cell{plain(x.By), plain(x.What), plain(x.Before), plain(x.After)}})
	}
	s.Blocks = []block{b, {Title: "Success metrics", Table: p.measures()}, {Title: "Approvals", Table: a}, {Title: "Change log", Table: c.keep(mostItems, "plan://"+p.plan.ID)}}
	return s
}

// measures are the four by which the plan is judged.
func (p *painter) measures() *table {
	t := p.table("Success metrics", text("Metric"), number("Baseline"), number("Target"), number("Actual"))
	t.Fixed = true
	m := p.plan.SuccessMetrics
	for _, x := range []struct {
		name string
		writeplan.Measure
	}{{"Retention", m.Retention}, {"Liability", m.Liability}, {"Engagement lift", m.EngagementLift}, {"Alert remediation time", m.RemediationTime}} {
		unit := metric.Unit(x.Unit)
		suffix := ""
		if x.Unit == p.currency {
			unit = metric.Money
		} else if x.Unit != string(metric.Share) {
			suffix = " " + x.Unit
		}
		out := row{Head: x.name}
		for _, v := range []*float64{x.Baseline, x.Target, x.Actual} {
			c := p.value(v, unit, orElse(x.Reason, "none is set"))
			if v != nil {
				c.Text = run.Show(v, unit, p.currency) + suffix
			}
			out.Cells = append(out.Cells, c)
		}
		t.Rows = append(t.Rows, out)
	}
	return t
}
