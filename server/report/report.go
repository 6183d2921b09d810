// Package report writes results as text that a loyalty manager can read in a
// minute, at a terminal of 100 columns.
package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/monitor"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
)

// page gathers the text of a report; the first error of the writer is kept.
type page struct {
	bytes.Buffer
	currency string
	full     bool // the run asked for full detail
}

// Write writes a run's report.
func Write(w io.Writer, r *monitor.Report, took time.Duration) error {
	p := &page{currency: r.Run.Currency, full: r.Run.Request.Detail == run.Full}
	head := r.Run.Head()
	fmt.Fprintf(p, "%s   %s to %s (%d days, end exclusive)   %s\n%s\n",
		head.Program, head.Window.Start, head.Window.End, head.Window.Days, head.Currency, strings.Repeat("=", 78))
	p.paragraph("", r.Metrics.Verdict)
	p.kpis(r.Metrics)
	p.alerts(r)
	p.movements(r.Metrics)
	for _, dimension := range r.Run.Dimensions {
		p.drilldown(r.Metrics, dimension)
	}
	if r.Health != nil {
		p.health(r)
	}
	if r.Insights != nil {
		p.insights(r)
	}
	if r.Experiments != nil {
		p.experiments(r)
	}
	for _, s := range r.Stages {
		if s.Status != "ok" {
			p.paragraph("  ", fmt.Sprintf("Stage %s %s: %s", s.Stage, s.Status, s.Says))
		}
	}
	for _, again := range r.Retries {
		p.paragraph("  ", "Done again: "+again.String()+".")
	}
	p.caveats(r)
	if r.Plan != nil {
		p.backlog(r)
		fmt.Fprintf(p, "\nPlan: %s\n", r.Path)
		p.paragraph("  ", fmt.Sprintf("%s, revision %d, %s; open: %s.", r.Plan.Status, r.Plan.Revision, r.Plan.Review.Distribution, strings.Join(r.Plan.Review.OpenIDs(), ", ")))
	}
	if r.Alone != "" {
		p.paragraph("", fmt.Sprintf("Orchestration not needed: %s alone answers this, so no plan was written.", r.Alone))
	}
	fmt.Fprintf(p, "Run %s took %.1f s.\n", r.Run.ID, took.Seconds())
	_, err := w.Write(p.Bytes())
	return err
}

// table writes rows whose cells are separated by tabs.
func (p *page) table(rows []string) {
	w := tabwriter.NewWriter(p, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, "  "+row)
	}
	w.Flush() // a bytes.Buffer never fails
}

func (p *page) section(title string) { fmt.Fprintf(p, "\n%s\n", title) }

// paragraph writes text wrapped to the page.
func (p *page) paragraph(indent, text string) {
	line := indent
	for _, word := range strings.Fields(text) {
		if len(line)+len(word) > 96 && strings.TrimSpace(line) != "" {
			fmt.Fprintln(p, strings.TrimRight(line, " "))
			line = indent
		}
		line += word + " "
	}
	fmt.Fprintln(p, strings.TrimRight(line, " "))
}

func (p *page) kpis(r *pullmetrics.Result) {
	p.section(fmt.Sprintf("KPIs (before: %s to %s)", r.Previous.Start, r.Previous.End))
	rows := []string{"\tnow\tbefore\tchange\ta year ago\ttarget"}
	unknown := map[string][]string{}
	var reasons []string
	further := 0
	for _, k := range r.KPIs {
		if !p.full && !k.Headline && !r.Alerted(k.ID) {
			further++
			continue
		}
		if k.Value == nil {
			if unknown[k.Reason] == nil {
				reasons = append(reasons, k.Reason)
			}
			unknown[k.Reason] = append(unknown[k.Reason], k.Label)
			continue
		}
		target := ""
		if k.Target != nil {
			target = run.Show(k.Target, k.Unit, p.currency)
		}
		rows = append(rows, strings.Join([]string{k.Label, run.Show(k.Value, k.Unit, p.currency), run.Show(k.Previous, k.Unit, p.currency),
			run.ShowMove(k.Value, k.Previous, k.Change, k.Unit), run.Show(k.YearAgo, k.Unit, p.currency), target}, "\t"))
	}
	p.table(rows)
	if further > 0 {
		p.paragraph("  ", fmt.Sprintf("%d further KPIs: --detail full.", further))
	}
	for _, reason := range reasons {
		p.paragraph("  ", "Unknown, as "+reason+": "+strings.Join(unknown[reason], ", ")+".")
	}
}

func (p *page) alerts(r *monitor.Report) {
	if len(r.Metrics.Alerts) > 0 {
		p.section("Alerts")
		for _, a := range r.Metrics.Alerts {
			label, moved := a.KPI, run.ShowChange(a.Change)
			if k := r.Metrics.KPI(a.KPI); k != nil {
				label, moved = k.Label, run.ShowMove(k.Value, k.Previous, k.Change, k.Unit)
			}
			p.paragraph("  ", fmt.Sprintf("%s: %s is %s (%s against the window before), in the band %s of the %s",
				strings.ToUpper(a.Severity), label, run.Show(a.Value, a.Unit, p.currency), moved, a.Band, a.Source))
		}
	}
	if r.Health != nil && len(r.Health.DataAlarms) > 0 {
		p.section("Data alarms (faults of the data, not of the business)")
		for _, a := range r.Health.DataAlarms {
			p.paragraph("  ", strings.ToUpper(a.Severity)+": "+a.Says)
		}
	}
}

// movements tells which KPIs are unlike their own past, and what drove those
// that moved.
func (p *page) movements(r *pullmetrics.Result) {
	if odd := r.Anomalies(); len(odd) > 0 {
		p.section("Unlike their own past")
		for _, line := range odd {
			p.paragraph("  ", line)
		}
	}
	if why := r.Movements(); len(why) > 0 {
		p.section("What moved, and where (effects add up to the change; they are no causes)")
		for _, line := range why {
			p.paragraph("  ", line)
		}
	}
}

// shown are the KPIs of a drilldown, at most as many as fit the page.
var shown = []struct{ id, head string }{
	{"members_open", "members"}, {"revenue", "revenue"}, {"active_rate", "active"}, {"redemption_rate", "redemption"}, {"churn_explicit", "churn"}, {"csat", "CSAT"},
}

func (p *page) drilldown(r *pullmetrics.Result, dimension string) {
	p.section("By " + dimension)
	head, columns := dimension, []map[string]pullmetrics.Cell{}
	var units []metric.Unit
	var order []string
	for _, s := range shown {
		for _, b := range r.Breakdowns {
			if b.KPI != s.id || b.Dimension != dimension {
				continue
			}
			cells := map[string]pullmetrics.Cell{}
			for _, c := range b.Cells {
				cells[c.Cell] = c
				if len(columns) == 0 {
					order = append(order, c.Cell)
				}
			}
			head += "\t" + s.head
			columns, units = append(columns, cells), append(units, b.Unit)
		}
	}
	rows := []string{head}
	for _, name := range order {
		row := name
		for i, cells := range columns {
			c, ok := cells[name]
			switch {
			case !ok:
				row += "\t"
			case c.Suppressed:
				row += "\t(few)"
			default:
				row += "\t" + run.Show(c.Value, units[i], p.currency)
			}
		}
		rows = append(rows, row)
	}
	p.table(rows)
}

func (p *page) caveats(r *monitor.Report) {
	all := append([]string{}, r.Metrics.Caveats...)
	if r.Feeds != nil {
		all = append(all, r.Feeds.Caveats()...)
	}
	if r.Health != nil {
		all = append(all, r.Health.Caveats...)
	}
	if r.Insights != nil {
		all = append(all, r.Insights.Caveats...)
	}
	if len(all) == 0 {
		return
	}
	p.section("Read with care")
	told := map[string]bool{} // stages share some
	for _, c := range all {
		if told[c] {
			continue
		}
		told[c] = true
		p.paragraph("  ", c)
	}
}
