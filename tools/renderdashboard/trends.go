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
