package renderdashboard

import (
	"fmt"
	"slices"

	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
)

// overview is the headline KPIs.
func (p *painter) overview() section {
	s := section{ID: "kpis", Title: "Headline KPIs"}
	if p.metrics == nil {
		s.Missing = missing(run.PullMetrics)
		return s
	}
	m := p.metrics
	s.Lead = fmt.Sprintf("%s to %s (end exclusive), against the previous window from %s.", m.Window.Start, m.Window.End, m.Previous.Start)
	var cards []card
	for _, k := range m.KPIs {
		if k.Headline {
			cards = append(cards, p.card(k))
		}
	}
	if len(cards) == 0 {
		s.Missing = "No KPI of this program is marked as a headline."
		return s
	}
	s.Blocks = []block{{Cards: cards}}
	return s
}

// missing says which stage would fill a section.
func missing(stage string) string {
	return "The stage " + stage + " has not run in this run: call it with this run_id, then render_dashboard again."
}

func (p *painter) card(k pullmetrics.KPI) card {
	c := card{Label: k.Label, Tip: p.define(k.ID, k.Label, k.Definition, k.Feeds), Value: p.show(k.Value, k.Unit), Badge: p.state(k.ID), Change: p.change(k)}
	if k.Value == nil {
		c.Reason, c.Change = k.Reason, badge{}
	}
	if k.Interval != nil {
		c.Facts = append(c.Facts, fact{Name: "95 % interval", Value: p.interval(k.Interval, k.Unit)})
	}
	if k.Value != nil || k.Previous != nil || k.YearAgo != nil {
		c.Facts = append(c.Facts, fact{Name: "Previous", Value: p.show(k.Previous, k.Unit)}, fact{Name: "Year ago", Value: p.show(k.YearAgo, k.Unit)})
	}
	if k.Target != nil {
		c.Facts = append(c.Facts, fact{Name: "Target", Value: p.show(k.Target, k.Unit) + met(k)})
	}
	if s := p.series(k.ID); s != nil {
		c.Spark = spark(s.Values)
	}
	return c
}

// met says whether a KPI is at its target.
func met(k pullmetrics.KPI) string {
	switch {
	case k.Value == nil:
		return ""
	case k.Better == "higher" && *k.Value >= *k.Target, k.Better == "lower" && *k.Value <= *k.Target:
		return " (met)"
	case k.Better == "higher", k.Better == "lower":
		return " (not met)"
	}
	return ""
}

// state is a KPI's alert, or that it has none.
func (p *painter) state(kpi string) badge {
	for _, a := range p.metrics.Alerts {
		if a.KPI == kpi {
			if a.Severity == "critical" {
				return badge{"crit", "Critical: " + a.Band}
			}
			return badge{"warn", "Warning: " + a.Band}
		}
	}
	if slices.ContainsFunc(p.run.Bands, func(b run.Band) bool { return b.KPI == kpi }) {
		return badge{"ok", "In bounds"}
	}
	return badge{"mute", "No threshold"}
}

// change is how a KPI moved and whether that is better.
func (p *painter) change(k pullmetrics.KPI) badge {
	b := badge{"mute", run.ShowMove(k.Value, k.Previous, k.Change, k.Unit)}
	if k.Value == nil || k.Previous == nil || *k.Value == *k.Previous {
		return b
	}
	if b.Text == run.ShowChange(nil) {
		b.Text = "was " + p.show(k.Previous, k.Unit) // no change can be told from nothing
		return b
	}
	up := *k.Value > *k.Previous
	arrow := "▼ "
	if up {
		arrow = "▲ "
	}
	b.Text = arrow + b.Text
	switch {
	case k.Better == "higher" && up, k.Better == "lower" && !up:
		b.Class, b.Text = "good", b.Text+" better"
	case k.Better == "higher", k.Better == "lower":
		b.Class, b.Text = "bad", b.Text+" worse"
	}
	return b
}

func (p *painter) series(kpi string) *pullmetrics.Series {
	for i := range p.metrics.Series {
		if p.metrics.Series[i].KPI == kpi {
			return &p.metrics.Series[i]
		}
	}
	return nil
}
