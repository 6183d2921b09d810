package writeplan_test

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/writeplan"
	"loyaltymcp/warehouse/demo"
)

// The same breach in two runs of later data escalates; the same run again
// does not.
func TestBreachesAreRemembered(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	first, err := pullmetrics.Compute(context.Background(), d, staged(t, d, run.Request{AsOf: "2026-05-01"}))
	if err != nil {
		t.Fatal(err)
	}
	// Members grow, so a band between this window and the one before is
	// breached for the first time, and from then on.
	k := first.KPI("members_open")
	band := fmt.Sprintf("members_open>%.1f", (*k.Value+*k.Previous)/2)
	write := func(asOf string) *writeplan.Plan {
		t.Helper()
		p, _, err := writeplan.Write(d, staged(t, d, run.Request{AsOf: asOf, AlertThreshold: band}), set, writeplan.Args{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	breach := func(p *writeplan.Plan) (count, rung int, ripCord bool) {
		t.Helper()
		for i, a := range p.Alerts {
			if a.KPI == "members_open" {
				return a.BreachCount, p.Escalations[i].Rung, p.Escalations[i].RipCord
			}
		}
		t.Fatalf("no alert: %+v", p.Alerts)
		return 0, 0, false
	}
	for _, step := range []struct {
		asOf    string
		count   int
		ripCord bool
	}{{"2026-05-01", 1, false}, {"2026-05-01", 1, false}, {"2026-06-01", 2, true}, {"2026-07-01", 3, true}} {
		count, rung, ripCord := breach(write(step.asOf))
		if count != step.count || rung != min(step.count, 3) || ripCord != step.ripCord {
			t.Errorf("as of %s: breach %d, rung %d, rip-cord %v; want %d, %d, %v", step.asOf, count, rung, ripCord, step.count, min(step.count, 3), step.ripCord)
		}
	}
}

// An escalation stays open until a later run that judges its figure is back inside,
// and is then closed with the time that took.
func TestEscalationsAreClosed(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	clock := testdesk.Now.AddDate(0, 0, -60)
	d.Now = func() time.Time { return clock }
	write := func(asOf, band string) *writeplan.Plan {
		t.Helper()
		r := staged(t, d, run.Request{AsOf: asOf, AlertThreshold: band}, run.Stages()[1:]...)
		var waivers []writeplan.Waiver
		for _, stage := range run.Stages()[1:] {
			waivers = append(waivers, writeplan.Waiver{Stage: stage, Reason: "only alerts are looked at"})
		}
		p, _, err := writeplan.Write(d, r, set, writeplan.Args{Waivers: waivers})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	of := func(p *writeplan.Plan) writeplan.Escalation {
		t.Helper()
		for _, e := range p.Escalations {
			if e.Subject == "members_open" {
				return e
			}
		}
		t.Fatalf("no escalation over members_open: %+v", p.Escalations)
		return writeplan.Escalation{}
	}
	// Members grow: a lower limit between the second week and the fourth is breached
	// until then.
	now := clock
	clock = clock.AddDate(0, 0, 28)
	later, err := pullmetrics.Compute(context.Background(), d, staged(t, d, run.Request{AsOf: "2026-05-15"}, run.Stages()...))
	clock = now
	if err != nil {
		t.Fatal(err)
	}
	band := fmt.Sprintf("members_open<%v", *later.KPI("members_open").Value)
	opened := of(write("2026-05-01", band))
	clock = clock.AddDate(0, 0, 7)
	if again := of(write("2026-05-08", band)); !again.At.Equal(opened.At) || again.Due != opened.Due || again.ClosedAt != nil || again.Rung <= opened.Rung {
		t.Errorf("breached again: %+v, want it open since %v on a rung above %d", again, opened.At, opened.Rung)
	}
	clock = clock.AddDate(0, 0, 7)
	if moved := of(write("2026-05-12", "members_open<1")); moved.ClosedAt != nil || !strings.Contains(moved.Remediation, "Still in the band") {
		t.Errorf("with the limit moved: %+v, want it open", moved)
	}
	clock = clock.AddDate(0, 0, 7)
	p := write("2026-05-24", "")
	closed := of(p)
	if closed.ClosedAt == nil || closed.RemediationDays == nil || *closed.RemediationDays != 21 {
		t.Errorf("back inside: %+v, want it closed after 21 days", closed)
	}
	mean, n := 0.0, 0.0 // others may have been closed as well
	for _, e := range p.Escalations {
		if e.RemediationDays != nil {
			mean, n = mean+*e.RemediationDays, n+1
		}
	}
	took := p.SuccessMetrics.RemediationTime
	if took.Actual == nil || math.Abs(*took.Actual-mean/n) > 1e-6 || took.Reason != "" {
		t.Errorf("remediation time %+v, want the mean of %v days", took, mean/n)
	}
	if !slices.ContainsFunc(p.ChangeLog, func(c writeplan.Change) bool { return strings.HasPrefix(c.What, "escalation closed: members_open") }) {
		t.Errorf("change log %+v, want the closing", p.ChangeLog)
	}
	clock = clock.AddDate(0, 0, 7)
	p = write("2026-05-31", "")
	if slices.ContainsFunc(p.Escalations, func(e writeplan.Escalation) bool { return e.Subject == "members_open" }) {
		t.Error("what was closed comes back")
	}
	first := took.Baseline // of an escalation that was closed before
	if first == nil {
		first = took.Actual
	}
	if m := p.SuccessMetrics.RemediationTime; m.Baseline == nil || *m.Baseline != *first {
		t.Errorf("remediation time %+v, want %v as the baseline", m, *first)
	}
}

// A liability spike pulls the rip-cord at once, and by the decision of
// diagnose_health; less than one doesn't.
func TestALiabilitySpikePullsTheRipCord(t *testing.T) {
	for spike, want := range map[string]int{"0.001": 1, "0.9": 0} {
		file := testdesk.DemoFile(t)
		d := testdesk.Config(t, string(demo.Config())+"\nliability_spike: "+spike+"\n", filepath.Dir(file), "duckdb:"+file)
		p, _, err := writeplan.Write(d, staged(t, d, run.Request{}), testdesk.Schemas(t), writeplan.Args{})
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, e := range p.Escalations {
			if strings.HasPrefix(e.Trigger, "liability spike") && e.RipCord {
				found++
			}
		}
		if found != want {
			t.Errorf("liability_spike %s: %d escalations by the rip-cord, want %d: %+v", spike, found, want, p.Escalations)
		}
	}
}

// Where no plan remembers, the window before does.
func TestTwoWindowsInARowEscalateWithoutAPlan(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	p, _, err := writeplan.Write(d, staged(t, d, run.Request{AlertThreshold: "members_open>1"}), set, writeplan.Args{})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(p.Alerts, func(a writeplan.Alert) bool { return a.KPI == "members_open" })
	if p.Alerts[i].BreachCount != 2 || !p.Escalations[i].RipCord {
		t.Errorf("breach %d, rip-cord %v; want the second, with the rip-cord", p.Alerts[i].BreachCount, p.Escalations[i].RipCord)
	}
}
