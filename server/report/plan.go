package report

import (
	"fmt"
	"io"
	"strings"

	"loyaltymcp/tools/run"
	"loyaltymcp/tools/writeplan"
)

// WritePlan writes a plan for people: its checklist, its backlog, its escalations,
// who signed, and how it came to be. Revisions are those that can be shown.
func WritePlan(w io.Writer, plan *writeplan.Plan, revisions []int) error {
	p := &page{currency: plan.Currency}
	fmt.Fprintf(p, "%s, revision %d   %s   as of %s, window %s to %s\n%s\n", plan.ID, plan.Revision, run.Clean(plan.Program, 60), plan.Run.AsOf,
		plan.Window.Start, plan.Window.End, strings.Repeat("=", 78))
	p.paragraph("", plan.Objective+".")
	p.paragraph("", fmt.Sprintf("%s; made by run %s as a %s.", said(plan.Status), plan.Run.ID, plan.Header.Pattern))
	if plan.Review != nil {
		p.section("Checklist: " + plan.Review.Distribution)
		for _, c := range plan.Review.Checks {
			mark := "[ok]"
			if c.Status == "open" {
				mark = "[OPEN]"
			}
			p.paragraph("  ", mark+" "+c.ID+": "+c.Says)
		}
	}
	p.measures(plan)
	p.section("Backlog")
	rows := []string{"#\taction\towner\tdue\tscore\texpected value"}
	for _, i := range plan.Backlog {
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s\t%s\t%.2f\t%s", i.ID, run.Clean(i.Title, 50), i.Owner, i.Due, i.Score, expected(i.Expected, plan.Currency)))
	}
	p.table(rows)
	for _, d := range plan.Dropped {
		p.paragraph("  ", fmt.Sprintf("Dropped %s, %s: %s (%s)", d.Item.ID, d.Item.Title, d.Reason, d.By))
	}
	if len(plan.Escalations) > 0 {
		p.section("Escalations")
		p.escalations(plan.Escalations)
	}
	p.section("History")
	for _, c := range plan.ChangeLog {
		text := fmt.Sprintf("%s  %s (%s)", c.At.Format("2006-01-02 15:04"), c.What, c.By)
		if c.Before != "" && c.After != "" {
			text += fmt.Sprintf(": %s -> %s", c.Before, c.After)
		}
		p.paragraph("  ", text)
	}
	if len(revisions) > 1 {
		p.paragraph("  ", fmt.Sprintf("Revisions that can be shown by --revision: %s", strings.Trim(fmt.Sprint(revisions), "[]")))
	}
	_, err := w.Write(p.Bytes())
	return err
}

func (p *page) measures(plan *writeplan.Plan) {
	p.section("Success metrics")
	rows := []string{"\tbaseline\tactual\ttarget"}
	number := func(x *float64) string {
		if x == nil {
			return "n/a"
		}
		return fmt.Sprintf("%.4g", *x)
	}
	m := plan.SuccessMetrics
	for _, line := range []struct {
		name string
		writeplan.Measure
	}{{"retention", m.Retention}, {"liability", m.Liability}, {"engagement lift", m.EngagementLift}, {"alert remediation time", m.RemediationTime}} {
		rows = append(rows, fmt.Sprintf("%s (%s)\t%s\t%s\t%s", line.name, line.Unit, number(line.Baseline), number(line.Actual), number(line.Target)))
	}
	p.table(rows)
}

func expected(e writeplan.Expected, currency string) string {
	switch {
	case e.Value != nil && e.Interval != nil:
		return fmt.Sprintf("%s (%s to %s)", run.Show(e.Value, "money", currency), run.Show(&e.Interval[0], "money", ""), run.Show(&e.Interval[1], "money", ""))
	case e.Assumed != nil:
		return "unknown; assumed " + run.Show(e.Assumed, "money", currency)
	}
	return "unknown"
}

// said is a word as the start of a sentence.
func said(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
