package writeplan

import (
	"context"
	"fmt"
	"strings"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools/run"
)

// Write makes the plan of a run, with the items that the caller adds to the draft or
// changes of it, and writes it.
func Write(d *run.Desk, r *run.Run, set *schemas.Set, args Args) (*Plan, string, error) {
	for i, w := range args.Waivers {
		if err := plainWords(fmt.Sprintf("waivers[%d].reason", i), w.Reason); err != nil {
			return nil, "", err
		}
	}
	b, err := load(d, r, args.Waivers)
	if err != nil {
		return nil, "", err
	}
	b.checked, b.alarmed = args.Checked, args.Alarms
	for i, w := range args.Waivers {
		if err := b.quote(fmt.Sprintf("waivers[%d].reason", i), w.Reason, nil); err != nil {
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
	p := b.build("", earlier)
	if err := b.again(p, folder); err != nil {
		return nil, "", err
	}
	e := &editor{facts: &b.facts, plan: p, by: orElse(args.By, Name), at: p.CreatedAt}
	if err := e.edit(args); err != nil {
		return nil, "", err
	}
	p.Review = p.Inspect(b.now, true)
	path, err := folder.Create(p)
	return p, path, err
}

// edit does what the arguments ask of the editor's plan.
func (e *editor) edit(args Args) error {
	if err := plainWords("by", args.By); err != nil {
		return err
	}
	if args.Objective != "" {
		if err := e.words("objective", args.Objective, nil); err != nil {
			return err
		}
		if e.plan.Revision > 1 {
			e.log("objective changed", e.plan.Objective, args.Objective)
		}
		e.plan.Objective = args.Objective
	}
	if err := e.items(args.Items); err != nil {
		return err
	}
	return e.remediations(args.Remediations)
}

// Update changes a plan. What was approved is to be approved again: it was another
// plan that was signed.
func Update(ctx context.Context, d *run.Desk, set *schemas.Set, args Args) (*Plan, string, error) {
	switch {
	case args.Revision == 0:
		return nil, "", fault.New(fault.Invalid, "revision", "is missing").Then("Name the revision of %s that you read; write_plan and review_plan return it", args.PlanID)
	case len(args.Waivers) > 0:
		return nil, "", fault.New(fault.Invalid, "waivers", "belong to a new plan").Then("Leave them out, or pass run_id instead of plan_id to write a new plan")
	case args.Objective == "" && len(args.Items) == 0 && len(args.Remediations) == 0:
		return nil, "", fault.New(fault.Invalid, "items", "are missing, so nothing would change").Then("Pass items, remediations or an objective; to read the plan read plan://%s", args.PlanID)
	}
	return revise(ctx, d, set, args.PlanID, args.Revision, false, func(p *Plan, at time.Time) error {
		f, err := factsOf(d, p)
		if err != nil {
			return err
		}
		e := &editor{facts: f, plan: p, by: orElse(args.By, Name), at: at}
		if err := e.edit(args); err != nil {
			return err
		}
		for i := range p.Approvals {
			if a := &p.Approvals[i]; a.Status != "open" {
				e.log("sign-off of "+a.Role+" lapsed, as the plan changed", a.Status, "open")
				*a = Approval{Role: a.Role, Status: "open"}
			}
		}
		return nil
	})
}

// SignOff is an approval or a rejection.
type SignOff struct {
	Role     string `json:"role"`
	Decision string `json:"decision"` // approve or reject
	Reason   string `json:"reason"`
}

// Sign records sign-offs of the revision that was read.
func Sign(ctx context.Context, d *run.Desk, set *schemas.Set, id string, revision int, by string, signs []SignOff) (*Plan, string, error) {
	if revision == 0 {
		return nil, "", fault.New(fault.Invalid, "revision", "is missing").Then("Name the revision that is signed; review_plan without approvals returns it")
	}
	if err := plainWords("by", by); err != nil {
		return nil, "", err
	}
	return revise(ctx, d, set, id, revision, true, func(p *Plan, at time.Time) error {
		f, err := factsOf(d, p)
		if err != nil {
			return err
		}
		e := &editor{facts: f, plan: p, by: orElse(by, "review_plan"), at: at}
		for i, s := range signs {
			if err := e.sign(fmt.Sprintf("approvals[%d]", i), revision, s); err != nil {
				return err
			}
		}
		for i := range p.Stages {
			for k := range p.Stages[i].Tasks {
				if t := &p.Stages[i].Tasks[k]; t.Status == "open" && len(t.Tools) == 1 && t.Tools[0] == "review_plan" {
					t.ran(Span{at, at})
				}
			}
		}
		return nil
	})
}

// sign records one sign-off.
func (e *editor) sign(field string, revision int, s SignOff) error {
	var roles []string
	for i := range e.plan.Approvals {
		a := &e.plan.Approvals[i]
		roles = append(roles, a.Role)
		if a.Role != s.Role {
			continue
		}
		if s.Decision == "reject" && s.Reason == "" {
			return reasonMissing(field, "rejects the plan")
		}
		if err := e.words(field+".reason", s.Reason, nil); err != nil {
			return err
		}
		status := map[string]string{"approve": "approved", "reject": "rejected"}[s.Decision]
		e.log(strings.TrimSuffix(fmt.Sprintf("%s by %s: %s", status, s.Role, s.Reason), ": "), a.Status, status)
		at := e.at
		*a = Approval{Role: s.Role, Status: status, By: e.by, Reason: s.Reason, At: &at, Revision: revision}
		return nil
	}
	return fault.New(fault.Invalid, field+".role", "%q does not sign this plan", s.Role).OneOf(s.Role, roles)
}

// revise makes the next revision of a plan and goes through its checklist again.
func revise(ctx context.Context, d *run.Desk, set *schemas.Set, id string, revision int, signs bool, change func(p *Plan, at time.Time) error) (*Plan, string, error) {
	folder, err := NewFolder(d.Plans, set)
	if err != nil {
		return nil, "", err
	}
	return folder.Update(ctx, id, revision, func(p *Plan, aside bool) error {
		if p.Program != d.Config.Program.Name {
			return fault.New(fault.Invalid, "plan_id", "%s is a plan of the program %q, not of %q", id, p.Program, d.Config.Program.Name).Then("Name a plan of this program, or use its loyalty.yaml")
		}
		at := d.Now().UTC().Truncate(time.Second)
		if last := p.ChangeLog; len(last) > 0 && at.Before(last[len(last)-1].At) {
			at = last[len(last)-1].At // a clock that went back must not put the log out of order
		}
		p.UpdatedAt = &at
		if aside {
			if signs {
				return fault.New(fault.Conflict, "plan_id", "plan %s was changed by hand since revision %d, so it is not that revision that would be signed", id, revision).
					Then("Change it by write_plan, which sets the edit aside, and sign the revision that comes of it")
			}
			p.ChangeLog = append(p.ChangeLog, Change{At: at, By: "unknown", What: "the file was changed by hand, which is set aside; history holds it", Before: "as found", After: "as the tools wrote it", Revision: p.Revision})
		}
		if err := change(p, at); err != nil {
			return err
		}
		p.Review = p.Inspect(d.Now().In(d.Config.Zone()), true)
		p.Status = p.status()
		return nil
	})
}

// status is what the sign-offs make of the plan.
func (p *Plan) status() string {
	out := "approved"
	for _, a := range p.Approvals {
		switch a.Status {
		case "rejected":
			return "rejected"
		case "open":
			out = "draft"
		}
	}
	return out
}
