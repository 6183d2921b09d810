package comparedefinitions

import (
	"cmp"
	"fmt"
	"strings"

	"loyaltymcp/tools/basis"
	"loyaltymcp/tools/run"
)

// Result is what compare_definitions returns.
type Result struct {
	Verdict       string         `json:"verdict"`
	Before        Side           `json:"before"`
	After         Side           `json:"after"`
	Changes       []basis.Change `json:"changes"`        // the weightiest first
	NotComparable []string       `json:"not_comparable"` // KPIs, sorted
	Truncated     *run.Truncated `json:"truncated,omitempty"`
}

// longest bounds what a change says of a side, in runes: a plan is a file that
// people may edit.
const longest = 600

func result(before, after Side) *Result {
	r := &Result{Before: before, After: after, Changes: basis.Compare(before.basis, after.basis)}
	r.NotComparable = basis.NotComparable(r.Changes)
	r.Verdict = fmt.Sprintf("From %s to %s, ", before.ID, after.ID)
	switch n, kpis := len(r.Changes), len(r.NotComparable); {
	case n == 0:
		r.Verdict += "nothing changed by which figures are computed or judged: all KPIs are comparable."
	case kpis == 0:
		r.Verdict += fmt.Sprintf("%s; all KPIs are comparable.", counted(n, "change"))
	default:
		r.Verdict += fmt.Sprintf("%s; %s not comparable: take no trend from them.", counted(n, "change"), counted(kpis, "KPI"))
	}
	for _, s := range []Side{before, after} {
		if !s.basis.Whole() {
			r.Verdict += fmt.Sprintf(" %s is of a version that kept hashes only: what else changed in loyalty.yaml can't be told.", s.ID)
		}
	}
	for i := range r.Changes {
		c := &r.Changes[i]
		c.ID, c.Before, c.After = run.Clean(c.ID, 200), run.Clean(c.Before, longest), run.Clean(c.After, longest)
		for j := range c.KPIs {
			c.KPIs[j] = run.Clean(c.KPIs[j], 100)
		}
	}
	for i := range r.NotComparable {
		r.NotComparable[i] = run.Clean(r.NotComparable[i], 100)
	}
	return r
}

// counted writes a number of things.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Trim implements tools.Trimmer: the lightest changes go; which KPIs are not
// comparable stays whole.
func (r *Result) Trim() bool {
	n := len(r.Changes)
	if n == 0 {
		return false
	}
	if r.Truncated == nil {
		r.Truncated = &run.Truncated{What: "changes", How: "the basis of both in their plan files"}
	}
	r.Changes = r.Changes[:n-1]
	r.Truncated.Dropped++
	return true
}

// Markdown implements tools.View.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", run.Cell(r.Verdict))
	if len(r.Changes) > 0 {
		b.WriteString("\n| changed | before | after | not comparable |\n|---|---|---|---|\n")
	}
	for _, c := range r.Changes {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", run.Cell(c.Title()), run.Cell(cmp.Or(c.Before, "none")), run.Cell(cmp.Or(c.After, "none")),
			run.Cell(cmp.Or(strings.Join(c.KPIs, ", "), "none")))
	}
	if r.Truncated != nil {
		fmt.Fprintf(&b, "\n%s left out; see %s.\n", counted(r.Truncated.Dropped, "change"), r.Truncated.How)
	}
	return b.String()
}
