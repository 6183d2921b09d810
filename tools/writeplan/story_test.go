package writeplan_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/monitor"
	"loyaltymcp/tools/reviewplan"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/writeplan"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/duckdb"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// planted is what befalls the program of the story: rewards can't be had for two
// weeks, a flood of bonus points, and at the end members of one tier leave.
const planted = `{"faults": [
	{"kind": "redemption_outage", "from": "2026-04-13", "to": "2026-04-27", "size": 0.98},
	{"kind": "liability_spike", "from": "2026-05-04", "to": "2026-05-11", "size": 25},
	{"kind": "churn_wave", "place": {"tier": "Silver"}, "from": "2026-05-18", "to": "2026-06-01", "size": 0.2}]}`

// The story of eight weekly runs: a first breach, a second with the rip-cord, what is
// done about it, its closing with the time that took, a spike of the liability that
// pulls the rip-cord at once, a definition that changes in between, and a fault that
// is open at the end. Rewrite the final plan with
//
//	go test ./tools/writeplan -run Story -update
func TestStoryOfEightWeeks(t *testing.T) {
	set := testdesk.Schemas(t)
	dir := t.TempDir()
	plant, err := demo.ReadPlant("plant", []byte(planted), set)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "story.duckdb")
	if _, err := duckdb.CreateDemo(t.Context(), file, demo.Options{Members: 2000, Seed: 4, Plant: plant}); err != nil {
		t.Fatal(err)
	}
	own, _, found := strings.Cut(string(demo.Config()), "\nthresholds:")
	if !found {
		t.Fatal("the demo's config has no thresholds")
	}
	before := own + `
thresholds:
  redemption_rate: {warning: "<0.04"}
  churn_explicit: {warning: ">0.6%", critical: ">3%"}
`
	changed := strings.Replace(before, "active_events: [order, earn, redeem]", "active_events: [order, earn, redeem, login]", 1)
	if changed == before {
		t.Fatal("the demo's config has other definitions than the story knows")
	}
	var now time.Time
	desk := func(text string) *run.Desk {
		d := testdesk.Clocked(t, text, dir, "duckdb:"+file, func() time.Time { return now })
		d.Plans = filepath.Join(dir, "plans")
		return d
	}
	d := desk(before)
	week := func(asOf string) *writeplan.Plan {
		t.Helper()
		day, err := time.Parse(time.DateOnly, asOf)
		if err != nil {
			t.Fatal(err)
		}
		now = day.Add(9 * time.Hour)
		r, err := monitor.Run(t.Context(), d, set, monitor.Args{Request: run.Request{Window: "7d", AsOf: asOf, Dimensions: []string{"tier"}}}, nil)
		if err != nil || r.Plan == nil {
			t.Fatalf("as of %s: %v", asOf, err)
		}
		return r.Plan
	}
	// told says in a line what a plan knows of its alerts and escalations.
	told := func(p *writeplan.Plan) string {
		var out []string
		for _, a := range p.Alerts {
			out = append(out, fmt.Sprintf("%s breached %d since %s", a.KPI, a.BreachCount, a.FirstBreach))
		}
		for _, e := range p.Escalations {
			line := fmt.Sprintf("%s on rung %d", e.Subject, e.Rung)
			if e.RipCord {
				line += " with the rip-cord"
			}
			if e.Stated {
				line += ", answered"
			}
			if e.ClosedAt != nil {
				line += fmt.Sprintf(", closed after %.0f days", *e.RemediationDays)
			}
			out = append(out, line)
		}
		return strings.Join(out, "; ")
	}
	check := func(p *writeplan.Plan, want string) {
		t.Helper()
		if got := told(p); got != want {
			t.Errorf("as of %s: %q, want %q", p.Run.AsOf, got, want)
		}
	}
	check(week("2026-04-13"), "")
	check(week("2026-04-20"), "redemption_rate breached 1 since 2026-04-20; redemption_rate on rung 1")

	second := week("2026-04-27")
	check(second, "redemption_rate breached 2 since 2026-04-20; redemption_rate on rung 2 with the rip-cord")
	if e := second.Escalations[0]; e.Stops == "" || e.Owner != "Loyalty Strategist" || e.At.Format(time.DateOnly) != "2026-04-20" || e.Due != "2026-05-04" {
		t.Errorf("the rip-cord is %+v, want what stops, its owner, and the days of the first breach", e)
	}
	if open := second.Review.OpenIDs(); strings.Join(open, ",") != "escalations,approvals" {
		t.Errorf("open checks %v, want the rip-cord unanswered", open)
	}
	answered, _, err := writeplan.Update(t.Context(), d, set, writeplan.Args{PlanID: second.ID, Revision: 1, By: "loyalty-strategist",
		Remediations: []writeplan.RemediationArg{{Subject: "redemption_rate", Says: "The partner mends its catalogue and members are told"}}})
	if err != nil {
		t.Fatal(err)
	}
	check(answered, "redemption_rate breached 2 since 2026-04-20; redemption_rate on rung 2 with the rip-cord, answered")
	signed, err := reviewplan.Do(t.Context(), d, set, reviewplan.Args{PlanID: second.ID, Revision: 2, By: "loyalty-strategist", Approvals: []writeplan.SignOff{
		{Role: "Loyalty Strategist", Decision: "approve"}, {Role: "Finance", Decision: "approve"}}})
	if err != nil || signed.Distribution != writeplan.Distribute {
		t.Errorf("%v, %+v, want it signed and for distribution", err, signed)
	}

	back := week("2026-05-04")
	check(back, "redemption_rate on rung 2 with the rip-cord, answered, closed after 14 days")
	if m := back.SuccessMetrics.RemediationTime; m.Actual == nil || *m.Actual != 14 || m.Unit != "days" {
		t.Errorf("remediation time %+v, want 14 days", m)
	}
	spike := week("2026-05-11")
	check(spike, "liability_spike on rung 2 with the rip-cord")
	if m := spike.SuccessMetrics; m.RemediationTime.Baseline == nil || *m.RemediationTime.Baseline != 14 || m.Liability.BaselineAsOf != "2026-04-06" || m.Retention.BaselineAsOf != "2026-04-06" {
		t.Errorf("success metrics %+v, want the baselines of the first plan", m)
	}
	d = desk(changed)
	restated := week("2026-05-18")
	check(restated, "liability_spike on rung 2 with the rip-cord, closed after 7 days")
	log := ""
	for _, c := range restated.ChangeLog {
		log += c.What + "\n"
	}
	if !strings.Contains(log, "active_events") || !strings.Contains(log, "not comparable: ") || !strings.Contains(log, "active_rate") {
		t.Errorf("the change log does not tell the changed definition:\n%s", log)
	}
	check(week("2026-05-25"), "churn_explicit breached 1 since 2026-05-25; churn_explicit on rung 1")
	final := week("2026-06-01")
	check(final, "churn_explicit breached 2 since 2026-05-25; churn_explicit on rung 2 with the rip-cord")

	text, err := json.MarshalIndent(final, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got := append(incidental.ReplaceAll(text, []byte("${1}*")), '\n')
	golden := filepath.Join("testdata", "story.golden.json")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if line := firstDifference(string(got), string(want)); line != "" {
		t.Errorf("the final plan is not that of %s; if that is meant, run with -update:\n%s", golden, line)
	}
}

// incidental is what no two runs share.
var incidental = regexp.MustCompile(`(run-|sha256:|"data_generation": ")[0-9a-f]{12,}`)

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(a), len(b)) {
		line := func(s []string) string {
			if i < len(s) {
				return s[i]
			}
			return "(end)"
		}
		if line(a) != line(b) {
			return fmt.Sprintf("line %d: got %s, want %s", i+1, line(a), line(b))
		}
	}
	return ""
}
