// Package writeplan is the fifth stage: it turns a run's findings into a plan
// file that can be audited. Every item cites data points of the run, and an
// item that cites a number the run did not compute is refused.
package writeplan

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/tools/run"
)

// Name is the tool's name.
const Name = "write_plan"

//go:embed description.md
var description string

// Result is what write_plan returns.
type Result struct {
	ID          string           `json:"plan_id"`
	Path        string           `json:"path"`
	Status      string           `json:"status"`
	Revision    int              `json:"revision"`
	Verdict     string           `json:"verdict"`
	Backlog     []BacklogLine    `json:"backlog"`
	Escalations []EscalationLine `json:"escalations"`
	Truncated   *run.Truncated   `json:"truncated,omitempty"`
	Next        string           `json:"next"`
}

// BacklogLine is a backlog item in short.
type BacklogLine struct {
	ID    string  `json:"id"`
	Type  string  `json:"type"`
	Title string  `json:"title"`
	Owner string  `json:"owner"`
	Due   string  `json:"due"`
	Score float64 `json:"score"`
}

// EscalationLine is an escalation in short.
type EscalationLine struct {
	Trigger string `json:"trigger"`
	Rung    int    `json:"rung"`
	Owner   string `json:"owner"`
}

// Tool returns the write_plan tool.
func Tool(set *schemas.Set, open run.Opener) (tools.Tool, error) {
	spec := tools.Spec{Name: Name, Title: "Write the action plan", Description: description, Hints: tools.Hints{}}
	return tools.Define(set, spec, func(ctx context.Context, args Args) (*Result, error) {
		if args.RunID == "" {
			return nil, fault.New(fault.Invalid, "run_id", "is missing").
				Then("Call pull_metrics and the stages after it, and pass their run_id; or call monitor_loyalty, which does all")
		}
		d, r, err := run.Start(ctx, open, args.Args)
		if err != nil {
			return nil, err
		}
		p, path, err := Write(d, r, set, args)
		if err != nil {
			return nil, err
		}
		out := &Result{ID: p.ID, Path: path, Status: p.Status, Revision: p.Revision,
			Next: "Not for distribution until the approvals are given. The plan is the resource plan://" + p.ID + "."}
		for _, item := range p.Backlog {
			out.Backlog = append(out.Backlog, BacklogLine{item.ID, item.Type, item.Title, item.Owner, item.Due, item.Score})
		}
		for _, e := range p.Escalations {
			out.Escalations = append(out.Escalations, EscalationLine{e.Trigger, e.Rung, e.Owner})
		}
		out.Verdict = fmt.Sprintf("Plan %s holds %d backlog items, %d alerts, %d data alarms and %d escalations; every figure was computed by run %s.",
			p.ID, len(p.Backlog), len(p.Alerts), len(p.DataAlarms), len(p.Escalations), r.ID)
		return out, tools.Fit(out, true)
	})
}

// Write makes the plan of a run and writes it.
func Write(d *run.Desk, r *run.Run, set *schemas.Set, args Args) (*Plan, string, error) {
	b, err := load(d, r, args.Waivers)
	if err != nil {
		return nil, "", err
	}
	items := b.draft()
	if args.Items != nil {
		if items, err = b.items(args.Items); err != nil {
			return nil, "", err
		}
	}
	folder, err := NewFolder(d.Plans, set)
	if err != nil {
		return nil, "", err
	}
	earlier, err := folder.Before(r.Program, r.Head().AsOf)
	if err != nil {
		return nil, "", err
	}
	if err := b.quote("objective", args.Objective, nil); err != nil {
		return nil, "", err
	}
	p := b.build(run.Clean(args.Objective, 300), items, earlier)
	path, err := folder.Create(p)
	return p, path, err
}

// Trim implements tools.Trimmer: the last backlog lines go; the plan file
// holds them all.
func (r *Result) Trim() bool {
	n := len(r.Backlog)
	if n <= 5 {
		return false
	}
	if r.Truncated == nil {
		r.Truncated = &run.Truncated{What: "backlog lines", How: "resource plan://" + r.ID}
	}
	r.Backlog = r.Backlog[:n-1]
	r.Truncated.Dropped++
	return true
}

// Markdown implements tools.View.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n| # | item | owner | due | score |\n|---|---|---|---|---|\n", r.Verdict)
	for _, i := range r.Backlog {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %.2f |\n", i.ID, run.Cell(i.Title), run.Cell(i.Owner), i.Due, i.Score)
	}
	for _, e := range r.Escalations {
		fmt.Fprintf(&b, "\n- escalation (rung %d, %s): %s", e.Rung, e.Owner, e.Trigger)
	}
	fmt.Fprintf(&b, "\n\nWritten to %s. %s\n", r.Path, r.Next)
	return b.String()
}
