package renderdashboard

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"loyaltymcp/tools/metric"
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
		c.Reason = k.Reason
	}
	if k.Interval != nil {
		c.Facts = append(c.Facts, fact{Name: "95 % interval", Value: p.interval(k.Interval, k.Unit)})
	}
	c.Facts = append(c.Facts, fact{Name: "Previous", Value: p.show(k.Previous, k.Unit)}, fact{Name: "Year ago", Value: p.show(k.YearAgo, k.Unit)})
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

// trends is a chart of every headline KPI over the window.
func (p *painter) trends() section {
	s := section{ID: "trends", Title: "KPI trends", Lead: "Each headline KPI over the window. A dashed line is the level of the previous window, a dotted one the target. Diamonds are odd days, an upright line is where the level changed."}
	if p.metrics == nil {
		s.Missing = missing(run.PullMetrics)
		return s
	}
	grid := block{Grid: true}
	for i := range p.metrics.Series {
		series := &p.metrics.Series[i]
		if k := p.metrics.KPI(series.KPI); k != nil && len(series.Values) > 0 {
			grid.Blocks = append(grid.Blocks, block{Title: k.Label, Tip: p.define(k.ID, k.Label, k.Definition, k.Feeds), Chart: p.trend(k, series), Text: p.odd(k)})
		}
	}
	if len(grid.Blocks) == 0 {
		s.Missing = "No KPI can be followed from day to day in this window."
		return s
	}
	s.Blocks = []block{grid}
	return s
}

// odd says what is unlike the KPI's own past.
func (p *painter) odd(k *pullmetrics.KPI) (lines []string) {
	t := k.Trend
	if t == nil {
		return nil
	}
	if t.Daily != "" {
		line := "Followed from day to day: " + t.Daily
		if t.Value != nil {
			line += ", in the window " + p.show(t.Value, k.Unit)
		}
		lines = append(lines, line+".")
	}
	if t.Expected != nil {
		line := "Expected from its own past: " + p.show(t.Expected, k.Unit)
		if t.Range != nil {
			line += " (alarm beyond " + p.interval(t.Range, k.Unit) + ")"
		}
		lines = append(lines, line+".")
	} else if t.Reason != "" {
		lines = append(lines, "No expectation: "+t.Reason+".")
	}
	if t.Anomaly && t.Score != nil {
		line := fmt.Sprintf("Anomaly: %+.1f robust standard deviations from what was expected", *t.Score)
		if t.Since != "" {
			line += ", since " + t.Since
		}
		lines = append(lines, line+".")
	}
	if t.Recent != nil && t.Recent.Score != nil {
		lines = append(lines, fmt.Sprintf("The last 7 days are an anomaly: %s against %s expected (%+.1f deviations).", p.show(t.Recent.Value, k.Unit), p.show(t.Recent.Expected, k.Unit), *t.Recent.Score))
	}
	if len(t.OddDays) > 0 {
		lines = append(lines, "Odd days: "+strings.Join(t.OddDays, ", ")+".")
	}
	return lines
}

func (p *painter) trend(k *pullmetrics.KPI, s *pullmetrics.Series) *chart {
	each := "day"
	if s.Step > 1 {
		each = fmt.Sprintf("%d days", s.Step)
	}
	c := course{Values: s.Values, Unit: k.Unit}
	t := p.table(k.Label+" by "+each, text("From"), number("Value"), text("Note"))
	start, err := time.Parse(time.DateOnly, s.Start)
	for i, v := range s.Values {
		day := fmt.Sprintf("#%d", i+1)
		if err == nil {
			day = run.Day(start.AddDate(0, 0, i*s.Step))
		}
		note := ""
		if k.Trend != nil && (slices.Contains(k.Trend.OddDays, day)) {
			note = "odd day"
			c.Events = append(c.Events, event{At: i, Says: day + ": an odd day, " + p.show(v, k.Unit)})
		}
		if k.Trend != nil && k.Trend.Since == day {
			note = strings.TrimPrefix(note+", level changed here", ", ")
			c.Events = append(c.Events, event{At: i, Says: "The level changed on " + day, Line: true})
		}
		c.Days = append(c.Days, day[max(0, len(day)-len("01-02")):])
		c.Says = append(c.Says, day+": "+p.show(v, k.Unit))
		t.Rows = append(t.Rows, row{Head: day, Cells: []cell{p.value(v, k.Unit, "nothing to divide by"), plain(note)}})
	}
	legends := []legend{{"l0", "by " + each}}
	// What is followed instead of a KPI has other levels than the KPI itself.
	followed := k.Trend == nil || k.Trend.Daily == ""
	if before := k.Previous; before != nil && followed {
		line := height{"prev", *before}
		words := "previous window " + p.show(before, k.Unit)
		if k.Kind == metric.Flow && p.metrics.Previous.Days > 0 {
			line.Value *= float64(s.Step) / float64(p.metrics.Previous.Days)
			words = "mean of the previous window"
		}
		c.Levels, legends = append(c.Levels, line), append(legends, legend{"prev", words})
	}
	if k.Target != nil && followed && k.Kind != metric.Flow {
		c.Levels, legends = append(c.Levels, height{"target", *k.Target}), append(legends, legend{"target", "target " + p.show(k.Target, k.Unit)})
	}
	desc := fmt.Sprintf("%s in the window %s, previously %s, change %s.", p.show(k.Value, k.Unit), p.metrics.Window.Label, p.show(k.Previous, k.Unit), run.ShowMove(k.Value, k.Previous, k.Change, k.Unit))
	if !followed {
		desc = "Followed from day to day: " + k.Trend.Daily + ". " + desc
	}
	unit := ""
	if k.Unit == metric.Money {
		unit = ", " + p.currency
	}
	return p.draw(k.Label+unit+", by "+each, desc, tall-4, legends, t, trend(c))
}
