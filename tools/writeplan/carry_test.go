package writeplan_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/writeplan"
	"loyaltymcp/warehouse/demo"
)

// Another window or another limit asks another question, and releases nothing: the
// rung, the rip-cord and what stops stay until the figure is back inside the band in
// a window like that in which it left it. What people have answered is kept.
func TestNoOtherQuestionReleasesTheRipCord(t *testing.T) {
	set := testdesk.Schemas(t)
	file := testdesk.DemoFile(t)
	clock := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	d := testdesk.Clocked(t, string(demo.Config()), filepath.Dir(file), "duckdb:"+file, func() time.Time { return clock })
	write := func(window, asOf, band string) (*writeplan.Plan, writeplan.Escalation) {
		t.Helper()
		day, err := time.Parse(time.DateOnly, asOf)
		if err != nil {
			t.Fatal(err)
		}
		clock = day.Add(9 * time.Hour)
		p, _, err := writeplan.Write(d, staged(t, d, run.Request{Window: window, AsOf: asOf, AlertThreshold: band}, run.DiagnoseHealth, run.SurfaceInsights, run.ReviewExperiments),
			set, writeplan.Args{Waivers: []writeplan.Waiver{{Stage: run.DiagnoseHealth, Reason: "a test"}, {Stage: run.SurfaceInsights, Reason: "a test"}, {Stage: run.ReviewExperiments, Reason: "a test"}}})
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(p.Escalations, func(e writeplan.Escalation) bool { return e.Subject == "members_open" })
		if i < 0 {
			t.Fatalf("as of %s: no escalation over members_open in %+v", asOf, p.Escalations)
		}
		return p, p.Escalations[i]
	}
	write("30d", "2026-05-01", "members_open>1")
	p, pulled := write("30d", "2026-05-08", "members_open>1")
	if !pulled.RipCord || pulled.Rung != 3 || pulled.WindowDays != 30 {
		t.Fatalf("breached again: %+v, want the rip-cord on the last rung", pulled)
	}
	if open := p.Review.OpenIDs(); !slices.Contains(open, "data") {
		t.Errorf("open checks %v, want data: nobody has looked at the ledger", open)
	}
	answer := func(says string) {
		t.Helper()
		if _, _, err := writeplan.Update(t.Context(), d, set, writeplan.Args{PlanID: p.ID, Revision: p.Revision, Remediations: []writeplan.RemediationArg{{Subject: "members_open", Says: says}}}); err != nil {
			t.Fatal(err)
		}
	}
	answer("The offers are paused")
	// The same day again must not lose the answer.
	if _, again := write("30d", "2026-05-08", "members_open>1"); !again.Stated || again.Remediation != "The offers are paused" {
		t.Errorf("the same day again: %+v, want the answer kept", again)
	}
	for _, c := range []struct{ window, asOf, band string }{{"7d", "2026-05-15", "members_open>1"}, {"7d", "2026-05-22", ""}, {"30d", "2026-05-23", "members_open>2"}} {
		_, e := write(c.window, c.asOf, c.band)
		if e.ClosedAt != nil || !e.RipCord || e.Rung < 3 || e.Stops == "" || e.Owner == "Member Insights Analyst" || !e.At.Equal(time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)) {
			t.Errorf("%s, %s as of %s: %+v, want the rip-cord held since the first of May", c.window, c.band, c.asOf, e)
		}
	}
}

// An answer that quotes a figure is true of the run that it was held against, and of
// no other.
func TestAnAnswerIsOfItsRun(t *testing.T) {
	set := testdesk.Schemas(t)
	file := testdesk.DemoFile(t)
	clock := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	d := testdesk.Clocked(t, string(demo.Config()), filepath.Dir(file), "duckdb:"+file, func() time.Time { return clock })
	write := func(asOf string) *writeplan.Plan {
		t.Helper()
		day, _ := time.Parse(time.DateOnly, asOf)
		clock = day.Add(9 * time.Hour)
		var waivers []writeplan.Waiver
		for _, stage := range run.Stages()[1:] {
			waivers = append(waivers, writeplan.Waiver{Stage: stage, Reason: "a test"})
		}
		p, _, err := writeplan.Write(d, staged(t, d, run.Request{AsOf: asOf, AlertThreshold: "members_open>1"}, run.Stages()[1:]...), set, writeplan.Args{Waivers: waivers})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := write("2026-05-01")
	i := slices.IndexFunc(p.Alerts, func(a writeplan.Alert) bool { return a.KPI == "members_open" })
	says := fmt.Sprintf("There are %.0f members now, so the offers are paused", *p.Alerts[i].Value)
	if _, _, err := writeplan.Update(t.Context(), d, set, writeplan.Args{PlanID: p.ID, Revision: 1, Remediations: []writeplan.RemediationArg{{Subject: "members_open", Says: says}}}); err != nil {
		t.Fatal(err)
	}
	later := write("2026-06-01")
	for _, e := range later.Escalations {
		if e.Subject == "members_open" && (e.Stated || !strings.HasPrefix(e.Remediation, "As of 2026-05-01 it was: ")) {
			t.Errorf("a month later: %+v, want the words told as of then, and not as an answer", e)
		}
	}
}

// Who signs twice signs once: a plan whose strategist is its finance can be signed.
func TestOneRoleSignsOnce(t *testing.T) {
	text := strings.Replace(string(demo.Config()), "\nthresholds:", "\nowners: {finance: Loyalty Strategist}\nthresholds:", 1)
	if strings.Contains(string(demo.Config()), "\nowners:") {
		t.Skip("the demo names owners of its own")
	}
	file := testdesk.DemoFile(t)
	p := waivedPlan(t, testdesk.Config(t, text, filepath.Dir(file), "duckdb:"+file))
	if len(p.Approvals) != 1 || p.Approvals[0].Role != "Loyalty Strategist" {
		t.Errorf("approvals %+v, want the role once", p.Approvals)
	}
}
