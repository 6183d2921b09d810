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
	Open        []string         `json:"open_checks"` // of the checklist of review_plan
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
		p, path, err := written(ctx, set, open, args)
		if err != nil {
			return nil, err
		}
		out := &Result{ID: p.ID, Path: path, Status: p.Status, Revision: p.Revision, Open: p.Review.OpenIDs(),
			Next: fmt.Sprintf("%s. Call review_plan with this plan_id for the checklist and the sign-offs; to change items call write_plan with plan_id and revision %d. The plan is plan://%s.",
				said(p.Review.Distribution), p.Revision, p.ID)}
		for _, item := range p.Backlog {
			out.Backlog = append(out.Backlog, BacklogLine{item.ID, item.Type, item.Title, item.Owner, item.Due, item.Score})
		}
		for _, e := range p.Escalations {
			out.Escalations = append(out.Escalations, EscalationLine{e.Trigger, e.Rung, e.Owner})
		}
		out.Verdict = fmt.Sprintf("Plan %s holds %d backlog items, %d alerts, %d data alarms and %d escalations; every figure was computed by run %s.",
			p.ID, len(p.Backlog), len(p.Alerts), len(p.DataAlarms), len(p.Escalations), p.Run.ID)
		return out, tools.Fit(out, true)
	})
}

// written writes a new plan or a revision of one.
func written(ctx context.Context, set *schemas.Set, open run.Opener, args Args) (*Plan, string, error) {
	switch {
	case args.RunID == "" && args.PlanID == "":
		return nil, "", fault.New(fault.Invalid, "run_id", "is missing").
			Then("Call pull_metrics and the stages after it, and pass their run_id; or call monitor_loyalty, which does all; or pass plan_id and revision to change a plan")
	case args.RunID != "" && args.PlanID != "":
		return nil, "", fault.New(fault.Invalid, "plan_id", "comes beside run_id").Then("Pass run_id to write a new plan, or plan_id to change one")
	case args.PlanID != "":
		d, err := open(ctx)
		if err != nil {
			return nil, "", err
		}
		return Update(ctx, d, set, args)
	case args.Revision != 0:
		return nil, "", fault.New(fault.Invalid, "revision", "is of a plan, and none is named").Then("Pass plan_id as well, or leave revision out to write a new plan")
	}
	d, r, err := run.Start(ctx, open, args.Args)
	if err != nil {
		return nil, "", err
	}
	return Write(d, r, set, args)
}

// said is a distribution as the start of a sentence.
func said(distribution string) string { return strings.ToUpper(distribution[:1]) + distribution[1:] }

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
