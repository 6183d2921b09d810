package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// Metrics writes the metrics, a line each, by group.
func Metrics(w io.Writer, all []metric.Explanation) error {
	p := &page{}
	var lines [][]string
	var widths [5]int
	for _, e := range all {
		line := []string{e.ID, run.Clean(e.Label, 60), string(e.Kind), string(e.Unit), e.Better, note(e)}
		for i := range widths {
			widths[i] = max(widths[i], utf8.RuneCountInString(line[i]))
		}
		lines = append(lines, line)
	}
	for i, line := range lines {
		if group := all[i].Group; i == 0 || group != all[i-1].Group {
			p.section(run.Clean(group, 60))
		}
		text := " "
		for i, width := range widths {
			text += fmt.Sprintf(" %-*s ", width, line[i])
		}
		fmt.Fprintln(p, strings.TrimRight(text+" "+line[5], " "))
	}
	fmt.Fprintf(p, "\n%d metrics: id, label, kind, unit, and which way is better.\nloyalty-mcp metrics ID explains one: its formula, its variants, and what data it needs.\n", len(all))
	_, err := w.Write(bytes.TrimPrefix(p.Bytes(), []byte("\n")))
	return err
}

// note says by which formula the metric goes, if not by the catalogue's, or how
// many others there are.
func note(e metric.Explanation) string {
	switch n := len(e.Variants) - 1; { // one is the formula itself
	case e.Custom:
		return "of your own"
	case e.Variant != "":
		return "by " + e.Variant
	case n == 1:
		return "1 variant"
	case n > 1:
		return fmt.Sprintf("%d variants", n)
	}
	return ""
}

// better says which way is better.
func better(way string) string {
	if way == "neutral" {
		return "neutral"
	}
	return way + " is better"
}

// kinds says what the kinds of metric are.
var kinds = map[metric.Kind]string{
	metric.Flow: "flow: a sum in the window", metric.Stock: "stock: the state at the end of the window",
	metric.Ratio: "ratio: sum over sum", metric.Cohort: "cohort: sum over sum of those whose horizon ends in the window",
}

// intervals says what the intervals are.
var intervals = map[string]string{
	metric.Wilson: "Wilson, of a proportion", metric.Delta: "by the delta method over members", metric.NPS: "of a difference of shares",
}

// Metric writes what one metric means, what it needs, and what else may be
// meant by it.
func Metric(w io.Writer, e metric.Explanation) error {
	p := &page{}
	fmt.Fprintf(p, "%s (%s)\n%s\n", run.Clean(e.Label, 60), e.ID, strings.Repeat("=", 78))
	p.paragraph("", e.Text)
	fmt.Fprintln(p)
	rows := []string{"kind\t" + kinds[e.Kind], "unit\t" + string(e.Unit) + ", " + better(e.Better)}
	rows = append(rows, formula(e.Formula)...)
	if e.Change != "" {
		rows = append(rows, "its change\t"+e.Change)
	}
	if e.Source != "" {
		rows = append(rows, "defined so by\t"+e.Source)
	}
	switch {
	case e.Custom:
		rows = append(rows, "defined in\tloyalty.yaml")
	case e.Variant != "":
		rows = append(rows, "variant\t"+e.Variant)
	}
	if len(e.Aliases) > 0 {
		rows = append(rows, "also called\t"+strings.Join(e.Aliases, ", "))
	}
	if !e.ByMember {
		rows = append(rows, "breakdowns\tnone: it is about members and others together")
	}
	rows = append(rows, "reference\t"+e.Ref)
	for i, need := range e.Needs {
		head := ""
		if i == 0 {
			head = "needs"
		}
		rows = append(rows, head+"\t"+need)
	}
	if e.Available != nil {
		told := "available"
		if !*e.Available {
			told = "not available: " + run.Clean(e.Reason, 300)
		}
		rows = append(rows, "in your data\t"+told)
	}
	p.table(rows)
	if len(e.Variants) > 0 {
		p.section("Variants; choose one in loyalty.yaml by metrics: {variants: {" + e.ID + ": NAME}}")
		for _, v := range e.Variants {
			p.variant(e, v)
		}
	}
	_, err := w.Write(p.Bytes())
	return err
}

func (p *page) variant(e metric.Explanation, v metric.Other) {
	marks := []string{}
	if v.InForce {
		marks = append(marks, "in force")
	}
	if e.Fallback == v.Name {
		marks = append(marks, "where the feeds can't carry the other")
	}
	if len(v.Presets) > 0 {
		marks = append(marks, "preset "+strings.Join(v.Presets, ", "))
	}
	head := "  " + v.Name
	if len(marks) > 0 {
		head += " (" + strings.Join(marks, "; ") + ")"
	}
	fmt.Fprintln(p, head)
	text := v.Text
	if v.Source != "" {
		text += " Defined so by " + v.Source + "."
	}
	p.paragraph("    ", text)
	rows := formula(v.Formula)
	for i := range rows {
		rows[i] = "  " + rows[i]
	}
	p.table(rows)
}

// formula returns the rows of a table that say what is computed.
func formula(f metric.Formula) []string {
	rows := []string{"formula\t" + f.Numerator}
	if f.Denominator != "" {
		rows = append(rows, "divided by\t"+f.Denominator)
	}
	if f.N != "" {
		rows = append(rows, "n\t"+f.N)
	}
	if f.Horizon > 0 {
		rows = append(rows, fmt.Sprintf("horizon\t%d days", f.Horizon))
	}
	if f.Lookback > 0 {
		rows = append(rows, fmt.Sprintf("looks at\tthe %d days before the end of the window", f.Lookback))
	}
	if f.Matures {
		rows = append(rows, "matures\tits rows go on changing for a while, so it is not followed from day to day")
	}
	if f.Interval != "" {
		rows = append(rows, "interval\t"+intervals[f.Interval])
	}
	return rows
}
