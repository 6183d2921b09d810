package writeplan_test

import (
	"encoding/json"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/writeplan"
)

// What a schema can't see in a plan that was changed by hand.
func TestPartsFitOneAnother(t *testing.T) {
	text, err := json.Marshal(aPlan(t))
	if err != nil {
		t.Fatal(err)
	}
	folder, err := writeplan.NewFolder(t.TempDir(), testdesk.Schemas(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Parse("plan", text); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*writeplan.Plan)
		want   string
	}{
		"unknown dependency": {func(p *writeplan.Plan) { p.Stages[1].Tasks[0].Dependencies = []string{"9.9"} }, `stages: task 2.1 depends on "9.9"`},
		"cycle":              {func(p *writeplan.Plan) { p.Stages[0].Tasks[0].Dependencies = []string{"3.1"} }, "in a circle: [1.1 3.1 2.1 1.1]"},
		"task on itself":     {func(p *writeplan.Plan) { p.Stages[0].Tasks[0].Dependencies = []string{"1.1"} }, "in a circle: [1.1 1.1]"},
		"task twice":         {func(p *writeplan.Plan) { p.Stages[1].Tasks[1].ID = "2.1" }, "task 2.1 is there twice"},
		"unknown in a group": {func(p *writeplan.Plan) {
			p.Parallelization.Groups = []writeplan.ParallelGroup{{ID: "g", Tasks: []string{"7.7"}, WaitFor: []string{}}}
		}, `group g names "7.7"`},
		"group that waits for itself": {func(p *writeplan.Plan) {
			p.Parallelization.Groups = []writeplan.ParallelGroup{{ID: "g", Tasks: []string{"1.1", "2.1"}, WaitFor: []string{}}}
		}, "group g runs 2.1 beside 1.1"},
		"rung above the ladder": {func(p *writeplan.Plan) {
			p.Escalations = append(p.Escalations, writeplan.Escalation{Rung: 9, Owner: "x", Due: "2026-07-01"})
		}, "the ladder has 3 rungs, not 9"},
		"item twice": {func(p *writeplan.Plan) {
			it := writeplan.Item{ID: "B01", Type: "journey", Title: "x", Evidence: []writeplan.Evidence{{Point: "p", Cited: "1", Unit: "count"}}, Due: "2026-07-01",
				Confidence: "low", Effort: "low", Source: "agent"}
			p.Backlog = append(p.Backlog, it, it)
		}, "B01 is there twice"},
	} {
		var p writeplan.Plan
		if err := json.Unmarshal(text, &p); err != nil {
			t.Fatal(err)
		}
		c.change(&p)
		broken, err := json.Marshal(&p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := folder.Parse("plan", broken); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
