package reviewplan_test

import (
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/monitor"
	"loyaltymcp/tools/reviewplan"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/writeplan"
)

// A plan goes from its first revision, with checks open, to one that may be
// distributed, and back when it is changed.
func TestFromDraftToDistribution(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	report, err := monitor.Run(t.Context(), d, set, monitor.Args{Request: run.Request{AlertThreshold: "active_rate<0.99"}}, nil)
	if err != nil || report.Plan == nil {
		t.Fatal(err, report)
	}
	id := report.Plan.ID
	look := func() *reviewplan.Result {
		t.Helper()
		r, err := reviewplan.Do(t.Context(), d, set, reviewplan.Args{})
		if err != nil || r.ID != id {
			t.Fatalf("%v, %+v, want the newest plan", err, r)
		}
		return r
	}
	open := func(r *reviewplan.Result) string {
		var ids []string
		for _, c := range r.Checks {
			if c.Status == "open" {
				ids = append(ids, c.ID)
			}
		}
		return strings.Join(ids, ",")
	}
	first := look()
	if first.Distribution != writeplan.Hold || open(first) != "escalations,approvals" || !strings.Contains(first.Verdict, "not for distribution: 2 of 11") {
		t.Errorf("open %q: %s; want the rip-cord unanswered and nobody signed", open(first), first.Verdict)
	}
	if report.Plan.Revision != first.Revision {
		t.Errorf("looking made revision %d", first.Revision)
	}
	var remediations []writeplan.RemediationArg
	for _, e := range report.Plan.Escalations {
		remediations = append(remediations, writeplan.RemediationArg{Subject: e.Subject, Says: "The app release is rolled back", Due: "2026-07-10"})
	}
	p, _, err := writeplan.Update(t.Context(), d, set, writeplan.Args{PlanID: id, Revision: 1, Remediations: remediations})
	if err != nil {
		t.Fatal(err)
	}
	if e := p.Escalations[0]; e.Remediation != "The app release is rolled back" || !e.Stated || e.Due != "2026-07-10" {
		t.Errorf("escalation %+v, want the remediation stated", e)
	}
	sign := func(revision int, signs ...writeplan.SignOff) (*reviewplan.Result, error) {
		return reviewplan.Do(t.Context(), d, set, reviewplan.Args{PlanID: id, Revision: revision, By: "loyalty-strategist", Approvals: signs})
	}
	for name, c := range map[string]struct {
		revision int
		sign     writeplan.SignOff
		kind     fault.Kind
		want     string
	}{
		"an old revision":    {1, writeplan.SignOff{Role: "Finance", Decision: "approve"}, fault.Conflict, "is at revision 2, not 1"},
		"no revision":        {0, writeplan.SignOff{Role: "Finance", Decision: "approve"}, fault.Invalid, "revision: is missing"},
		"unknown role":       {2, writeplan.SignOff{Role: "Finances", Decision: "approve"}, fault.Invalid, `approvals[0].role: "Finances" does not sign this plan; valid: Finance`},
		"rejected, no why":   {2, writeplan.SignOff{Role: "Finance", Decision: "reject"}, fault.Invalid, "approvals[0].reason: is missing"},
		"a false reason":     {2, writeplan.SignOff{Role: "Finance", Decision: "reject", Reason: "Liability is EUR 1,234,567"}, fault.Invalid, "approvals[0].reason: quotes"},
		"markup as a reason": {2, writeplan.SignOff{Role: "Finance", Decision: "reject", Reason: "See [this](http://x)"}, fault.Invalid, "Markdown link"},
	} {
		if _, err := sign(c.revision, c.sign); !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	rejected, err := sign(2, writeplan.SignOff{Role: "Finance", Decision: "reject", Reason: "The cost of points is missing"})
	if err != nil || rejected.Status != "rejected" || rejected.Revision != 3 || !strings.Contains(open(rejected), "approvals") {
		t.Errorf("%v, %+v, want it rejected", err, rejected)
	}
	approved, err := sign(3, writeplan.SignOff{Role: "Loyalty Strategist", Decision: "approve"}, writeplan.SignOff{Role: "Finance", Decision: "approve", Reason: "Added since"})
	if err != nil {
		t.Fatal(err)
	}
	if approved.Status != "approved" || approved.Distribution != writeplan.Distribute || open(approved) != "" || approved.Approvals[1].Revision != 3 || approved.Approvals[1].By != "loyalty-strategist" {
		t.Errorf("%+v, want it approved and for distribution", approved)
	}
	if now := look(); now.Distribution != writeplan.Distribute || !strings.Contains(now.Markdown(), "- [x] approvals") {
		t.Errorf("read again: %+v", now)
	}
	// It was another plan that was signed.
	p, _, err = writeplan.Update(t.Context(), d, set, writeplan.Args{PlanID: id, Revision: 4, Objective: "Please members"})
	if err != nil || p.Status != "draft" || p.Approvals[0].Status != "open" || p.Review.Distribution != writeplan.Hold {
		t.Errorf("%v, %+v, want the sign-offs to have lapsed", err, p.Approvals)
	}
	// What was fresh is not for ever.
	d.Now = func() time.Time { return testdesk.Now.AddDate(0, 0, 20) }
	if later := look(); !strings.Contains(open(later), "feeds") || !strings.Contains(open(later), "escalations") {
		t.Errorf("20 days later open are %q, want stale feeds and an overdue escalation", open(later))
	}
}

func TestReviewOfNothing(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	for name, c := range map[string]struct {
		args reviewplan.Args
		kind fault.Kind
	}{
		"no plan yet":      {reviewplan.Args{}, fault.NotFound},
		"no such plan":     {reviewplan.Args{PlanID: "plan-20200101-000000"}, fault.NotFound},
		"no id":            {reviewplan.Args{PlanID: "../x"}, fault.Invalid},
		"nothing to sign":  {reviewplan.Args{Approvals: []writeplan.SignOff{{Role: "Finance", Decision: "approve"}}}, fault.Invalid},
		"sign for nothing": {reviewplan.Args{PlanID: "plan-20200101-000000", Revision: 1, Approvals: []writeplan.SignOff{{Role: "Finance", Decision: "approve"}}}, fault.NotFound},
	} {
		if _, err := reviewplan.Do(t.Context(), d, set, c.args); !fault.Is(err, c.kind) {
			t.Errorf("%s: got %v, want it %s", name, err, c.kind)
		}
	}
}
