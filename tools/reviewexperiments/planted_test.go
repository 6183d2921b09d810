package reviewexperiments_test

import (
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/duckdb"
)

// What was planted in a program's experiments is what is decided of them.
func TestPlantedExperiments(t *testing.T) {
	t.Parallel()
	const each = `{"id":"ID","from":"2026-01-15","to":"2026-04-15","control":"control","arms":[{"arm":"control","share":0.5},{"arm":"new","share":0.5}],"primary_metric":"revenue_per_member"MORE},`
	ids := []string{"wins", "loses", "harms", "wears", "skips", "flips", "null"}
	text := `{"experiments":[`
	for _, id := range ids {
		more := ""
		if id == "wins" || id == "harms" {
			more = `,"guardrails":"redeemed_rate"`
		}
		text += strings.NewReplacer("ID", id, "MORE", more).Replace(each)
	}
	text = strings.TrimSuffix(text, ",") + `],"faults":[
		{"kind":"winner","place":{"experiment":"wins"},"size":0.3},
		{"kind":"loser","place":{"experiment":"loses"},"size":0.3},
		{"kind":"guardrail_harm","place":{"experiment":"harms"},"size":0.6},
		{"kind":"novelty_effect","place":{"experiment":"wears"},"size":1.2,"half_life_days":10},
		{"kind":"sample_ratio_mismatch","place":{"experiment":"skips"},"size":0.15},
		{"kind":"simpsons_reversal","place":{"experiment":"flips"},"size":0.15}]}`
	plant, err := demo.ReadPlant("plant.json", []byte(text), testdesk.Schemas(t))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "demo.duckdb")
	if _, err := duckdb.CreateDemo(t.Context(), file, demo.Options{Members: 12000, Seed: 3, Plant: plant}); err != nil {
		t.Fatal(err)
	}
	d := testdesk.Config(t, string(demo.Config()), t.TempDir(), "duckdb:"+file)
	r := review(t, d, run.Request{Experiments: ids})
	want := map[string]struct{ decision, rule, failed string }{
		"wins":  {reviewexperiments.Ship, "success", ""},
		"loses": {reviewexperiments.RollBack, "deterioration", ""},
		"harms": {reviewexperiments.RollBack, "guardrail_breach", ""},
		"wears": {reviewexperiments.DontTrust, "failed_check", "novelty"},
		"skips": {reviewexperiments.DontTrust, "failed_check", "sample_ratio"},
		"flips": {reviewexperiments.DontTrust, "failed_check", "reversal"},
		"null":  {reviewexperiments.ByDesign, "not_enough_power", ""},
	}
	for _, x := range r.Experiments {
		w := want[x.ID]
		if x.Decision != w.decision || x.Rule != w.rule {
			t.Errorf("%s: %s by %s (%s), want %s by %s", x.ID, x.Decision, x.Rule, x.Says, w.decision, w.rule)
		}
		if w.failed != "" && check(t, x, w.failed).Status != "failed" {
			t.Errorf("%s: %+v, want %s failed", x.ID, x.Checks, w.failed)
		}
		if x.Decision != reviewexperiments.DontTrust && len(x.Weeks) == 0 {
			t.Errorf("%s is not told by week", x.ID)
		}
	}
	if len(r.Experiments) != len(want) {
		t.Errorf("%d experiments, want %d", len(r.Experiments), len(want))
	}
	if r.Past == nil || r.Past.Tests != 4 {
		t.Errorf("past tests %+v, want the 4 that are sound", r.Past)
	}
	winner := r.Experiments[0]
	for _, x := range r.Experiments {
		if x.ID == "wins" {
			winner = x
		}
	}
	c := result(t, winner, "revenue_per_member", "new")
	if c.LiftShrunk == nil || *c.LiftShrunk >= *c.Lift || *c.LiftShrunk <= 0 {
		t.Errorf("the winner's lift of %v is %v with past tests in mind, want it pulled down", *c.Lift, c.LiftShrunk)
	}
	if c.Reduction == nil || *c.Reduction < 0.1 {
		t.Errorf("variance reduction %v, want some by spend before", c.Reduction)
	}
}
