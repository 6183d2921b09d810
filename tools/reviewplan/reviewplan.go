// Package reviewplan is the last step of the fifth stage: the checklist that a
// plan passes before it is distributed, and the sign-offs of those who answer for
// it.
package reviewplan

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/writeplan"
)

// Name is the tool's name.
const Name = "review_plan"

//go:embed description.md
var description string

// Args are the tool's arguments.
type Args struct {
	PlanID    string              `json:"plan_id"` // "" for the program's newest plan
	Revision  int                 `json:"revision"`
	By        string              `json:"by"`
	Approvals []writeplan.SignOff `json:"approvals"` // none to look only
}

// Result is what review_plan returns.
type Result struct {
	ID           string               `json:"plan_id"`
	Path         string               `json:"path"`
	Revision     int                  `json:"revision"`
	Status       string               `json:"status"`
	Verdict      string               `json:"verdict"`
	Distribution string               `json:"distribution"`
	Checks       []writeplan.Check    `json:"checks"`
	Approvals    []writeplan.Approval `json:"approvals"`
	Truncated    *run.Truncated       `json:"truncated,omitempty"`
	Next         string               `json:"next"`
}

// Tool returns the review_plan tool.
func Tool(set *schemas.Set, open run.Opener) (tools.Tool, error) {
	spec := tools.Spec{Name: Name, Title: "Review the plan", Description: description, Hints: tools.Hints{}}
	return tools.Define(set, spec, func(ctx context.Context, args Args) (*Result, error) {
		d, err := open(ctx)
		if err != nil {
			return nil, err
		}
		out, err := Do(ctx, d, set, args)
		if err != nil {
			return nil, err
		}
		return out, tools.Fit(out, true)
	})
}

// Do reviews a plan, and records the sign-offs when there are some.
func Do(ctx context.Context, d *run.Desk, set *schemas.Set, args Args) (*Result, error) {
	folder, err := writeplan.NewFolder(d.Plans, set)
	if err != nil {
		return nil, err
	}
	if args.PlanID == "" {
		if len(args.Approvals) > 0 {
			return nil, fault.New(fault.Invalid, "plan_id", "is missing").Then("Name the plan that is signed")
		}
		if args.PlanID, err = newest(folder, d); err != nil {
			return nil, err
		}
	}
	var p *writeplan.Plan
	path := folder.Path(args.PlanID)
	if len(args.Approvals) > 0 {
		if p, path, err = writeplan.Sign(ctx, d, set, args.PlanID, args.Revision, args.By, args.Approvals); err != nil {
			return nil, err
		}
	} else {
		if p, err = folder.Read(args.PlanID); err != nil {
			return nil, err
		}
		if args.Revision != 0 && args.Revision != p.Revision {
			return nil, fault.New(fault.Conflict, "revision", "plan %s is at revision %d, not %d", args.PlanID, p.Revision, args.Revision).
				Then("Leave revision out to look at the newest")
		}
		// As of now: what was fresh when the plan was written may not be any more.
		p.Review = p.Inspect(d.Now().In(d.Config.Zone()), p.Sealed())
	}
	return newResult(p, path), nil
}

// newest returns the id of the program's newest plan.
func newest(folder *writeplan.Folder, d *run.Desk) (string, error) {
	found, err := folder.Newest(d.Config.Program.Name, d.Now(), "", 1)
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", fault.New(fault.NotFound, "plan_id", "there is no plan of %s yet", d.Config.Program.Name).Then("Call write_plan with a run_id, or monitor_loyalty")
	}
	return found[0].ID, nil
}

func newResult(p *writeplan.Plan, path string) *Result {
	out := &Result{ID: p.ID, Path: path, Revision: p.Revision, Status: p.Status, Distribution: p.Review.Distribution,
		Checks: p.Review.Checks, Approvals: p.Approvals}
	if p.Review.Open == 0 {
		out.Verdict = fmt.Sprintf("Plan %s, revision %d, passed all %d checks and is for distribution.", p.ID, p.Revision, len(p.Review.Checks))
		out.Next = "Distribute it: dashboard, risk and opportunity list, experiment readouts, plan entry."
		return out
	}
	out.Verdict = fmt.Sprintf("Plan %s, revision %d, is not for distribution: %d of %d checks are open (%s).",
		p.ID, p.Revision, p.Review.Open, len(p.Review.Checks), strings.Join(p.Review.OpenIDs(), ", "))
	out.Next = fmt.Sprintf("Do what the open checks say. Sign with revision %d and approvals [{role, decision, reason}] once only approvals are open.", p.Revision)
	return out
}

// Trim implements tools.Trimmer: the words of passed checks go.
func (r *Result) Trim() bool {
	for i := range r.Checks {
		if c := &r.Checks[i]; c.Status == "passed" && c.Says != "" {
			if r.Truncated == nil {
				r.Truncated = &run.Truncated{What: "words of passed checks", How: "resource plan://" + r.ID}
			}
			c.Says = ""
			r.Truncated.Dropped++
			return true
		}
	}
	return false
}

// Markdown implements tools.View.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.Verdict)
	for _, c := range r.Checks {
		mark := "x"
		if c.Status == "open" {
			mark = " "
		}
		fmt.Fprintf(&b, "\n- [%s] %s: %s", mark, c.ID, run.Cell(c.Says))
	}
	b.WriteString("\n")
	for _, a := range r.Approvals {
		fmt.Fprintf(&b, "\n- %s: **%s**", run.Cell(a.Role), a.Status)
		if a.Reason != "" {
			fmt.Fprintf(&b, " (%s)", run.Cell(a.Reason))
		}
	}
	fmt.Fprintf(&b, "\n\n%s\n", r.Next)
	return b.String()
}
