package writeplan_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/surfaceinsights"
	"loyaltymcp/tools/writeplan"
)

// staged opens a run of the demo program and runs all stages but the plan.
func staged(t *testing.T, d *run.Desk, request run.Request, skip ...string) *run.Run {
	t.Helper()
	ctx := context.Background()
	r, err := d.Open(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	for stage, compute := range map[string]func() error{
		run.PullMetrics:       func() error { _, err := pullmetrics.Compute(ctx, d, r); return err },
		run.DiagnoseHealth:    func() error { _, err := diagnosehealth.Compute(ctx, d, r); return err },
		run.SurfaceInsights:   func() error { _, err := surfaceinsights.Compute(ctx, d, r); return err },
		run.ReviewExperiments: func() error { _, err := reviewexperiments.Compute(ctx, d, r); return err },
	} {
		if slices.Contains(skip, stage) {
			continue
		}
		if err := compute(); err != nil {
			t.Fatalf("%s: %v", stage, err)
		}
	}
	return r
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func item(point, value string) writeplan.ItemArg {
	return writeplan.ItemArg{Type: "rewards", Title: "Refresh the catalogue", Why: "Redemption lags",
		Evidence: []writeplan.EvidenceArg{{Point: point, Value: json.Number(value)}}}
}

func TestPlanIsWrittenWholeAndValid(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	r := staged(t, d, run.Request{Dimensions: []string{"tier"}})
	p, path, err := writeplan.Write(d, r, set, writeplan.Args{})
	if err != nil {
		t.Fatal(err)
	}
	if got := files(t, d.Plans); len(got) != 2 || got[0] != "history" || got[1] != p.ID+".json" {
		t.Errorf("the folder holds %v, want only %s.json and its history", got, p.ID)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := writeplan.NewFolder(d.Plans, set)
	if err != nil {
		t.Fatal(err)
	}
	back, err := folder.Parse(p.ID, text)
	if err != nil {
		t.Fatalf("the plan does not read back: %v", err)
	}
	if len(back.Backlog) == 0 {
		t.Error("no backlog was drafted")
	}
	if e := back.ErrorHandling; e.RetryStrategy != "immediate" || e.MaxRetries != 2 || !slices.Equal(e.Waits, []int64{1000, 4000}) {
		t.Errorf("error handling %+v, want two retries after 1 and 4 seconds at most", e)
	}
	points, err := d.Store.Points(r.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range back.Backlog {
		if len(i.Evidence) == 0 {
			t.Errorf("%s rests on no evidence", i.ID)
		}
		for _, e := range i.Evidence {
			if p, ok := points[e.Point]; !ok || p.Value != e.Value {
				t.Errorf("%s cites %s = %v, the run has %v", i.ID, e.Point, e.Value, p.Value)
			}
		}
	}
	blueprint(t, text)
}

// blueprint reads a plan as a reader does that knows the fields of the orchestrator
// blueprint only, each with its type.
func blueprint(t *testing.T, text []byte) {
	t.Helper()
	var p struct {
		PlanID     string `json:"plan_id"`
		Objective  string `json:"objective"`
		Complexity string `json:"complexity"`
		Strategy   string `json:"strategy"`
		Stages     []struct {
			StageID   string `json:"stage_id"`
			Name      string `json:"name"`
			Execution string `json:"execution"`
			Tasks     []struct {
				TaskID       string   `json:"task_id"`
				Agent        string   `json:"agent"`
				Purpose      string   `json:"purpose"`
				Input        string   `json:"input"`
				OutputVar    string   `json:"output_var"`
				Dependencies []string `json:"dependencies"`
				Tools        []string `json:"tools_required"`
			} `json:"tasks"`
		} `json:"stages"`
		Parallelization struct {
			Most   int `json:"max_concurrent"`
			Groups []struct {
				ID      string   `json:"group_id"`
				Tasks   []string `json:"tasks"`
				WaitFor []string `json:"wait_for"`
			} `json:"parallel_groups"`
		} `json:"parallelization"`
		ContextPassing struct {
			Method   string `json:"method"`
			Location string `json:"artifacts_location"`
		} `json:"context_passing"`
		ErrorHandling struct {
			Strategy   string `json:"retry_strategy"`
			Most       int    `json:"max_retries"`
			Fallback   string `json:"fallback_plan"`
			Escalation string `json:"escalation"`
		} `json:"error_handling"`
		SuccessCriteria string   `json:"success_criteria"`
		Deliverables    []string `json:"deliverables"`
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatalf("the blueprint's fields do not read: %v", err)
	}
	if p.PlanID == "" || p.Objective == "" || p.Strategy == "" || p.ContextPassing.Method != "state-file" || p.ErrorHandling.Strategy == "" || p.SuccessCriteria == "" || len(p.Deliverables) != 4 {
		t.Errorf("the blueprint's fields lack something: %+v", p)
	}
	n := 0
	for _, s := range p.Stages {
		for _, task := range s.Tasks {
			n++
			if task.TaskID == "" || task.Agent == "" || task.OutputVar == "" || task.Dependencies == nil || len(task.Tools) == 0 {
				t.Errorf("task %+v lacks something", task)
			}
		}
	}
	if want := map[bool]string{true: "complex", false: "medium"}[n > 5]; p.Complexity != want {
		t.Errorf("%d tasks are called %s, want %s", n, p.Complexity, want)
	}
}

func TestEvidenceIsChecked(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	r := staged(t, d, run.Request{Dimensions: []string{"tier"}})
	points, err := d.Store.Points(r.ID)
	if err != nil {
		t.Fatal(err)
	}
	rate := points["metrics/redemption_rate"].Value
	gold := points["metrics/members_open{tier=Gold}"].Value
	if rate == 0 || gold == 0 {
		t.Fatal("the run lacks the points that the test cites")
	}
	for _, good := range []writeplan.ItemArg{
		item("metrics/redemption_rate", fmt.Sprintf("%.6f", rate)),
		item("metrics/redemption_rate", fmt.Sprintf("%.3f", rate)),
		item("metrics/members_open{tier=Gold}", fmt.Sprintf("%.0f", gold)),
	} {
		p, _, err := writeplan.Write(d, r, set, writeplan.Args{Items: []writeplan.ItemArg{good}})
		if err != nil {
			t.Errorf("%+v refused: %v", good.Evidence, err)
		} else if i := slices.IndexFunc(p.Backlog, func(it writeplan.Item) bool { return it.Source == "agent" }); i < 0 || p.Backlog[i].Owner != "Reward Operations" || len(p.Backlog) < 2 {
			t.Errorf("backlog %+v, want the draft and the agent's item, owned by Reward Operations", p.Backlog)
		}
	}
	before := len(files(t, d.Plans))
	for name, bad := range map[string]struct {
		arg  writeplan.ItemArg
		want string
	}{
		"a value that was not computed": {item("metrics/redemption_rate", fmt.Sprintf("%.6f", rate+0.01)), "metrics/redemption_rate is "},
		"a value rounded away":          {item("metrics/redemption_rate", fmt.Sprintf("%.1f", rate)), "at least three significant digits"},
		"a percentage for a share":      {item("metrics/redemption_rate", fmt.Sprintf("%.4f", 100*rate)), "metrics/redemption_rate is "},
		"a point that is not there":     {item("metrics/redemption_rat", "0.3"), "valid: metrics/redemption_rate"},
		"no evidence":                   {writeplan.ItemArg{Type: "rewards", Title: "t", Why: "w"}, "items[0].evidence: is empty"},
	} {
		_, _, err := writeplan.Write(d, r, set, writeplan.Args{Items: []writeplan.ItemArg{bad.arg}})
		if err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, bad.want)
		}
	}
	if after := len(files(t, d.Plans)); after != before {
		t.Errorf("refused plans left %d files", after-before)
	}
}

func TestOtherMistakesOfAnItem(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	r := staged(t, d, run.Request{})
	points, err := d.Store.Points(r.ID)
	if err != nil {
		t.Fatal(err)
	}
	good := item("metrics/members_open", fmt.Sprintf("%.0f", points["metrics/members_open"].Value))
	for name, c := range map[string]struct {
		change func(*writeplan.ItemArg)
		want   string
	}{
		"due in the past": {func(i *writeplan.ItemArg) { i.Due = "2020-01-01" }, "items[0].due: 2020-01-01 is past"},
		"unknown metric":  {func(i *writeplan.ItemArg) { i.Metric = "redemtion" }, `there is no KPI "redemtion"`},
	} {
		bad := good
		c.change(&bad)
		_, _, err := writeplan.Write(d, r, set, writeplan.Args{Items: []writeplan.ItemArg{bad}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestMergeGateNeedsEveryStageOrAWaiver(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	r := staged(t, d, run.Request{}, run.ReviewExperiments)
	_, _, err := writeplan.Write(d, r, set, writeplan.Args{})
	if err == nil || !strings.Contains(err.Error(), "review_experiments") {
		t.Fatalf("got %v, want the closed gate to name review_experiments", err)
	}
	p, _, err := writeplan.Write(d, r, set, writeplan.Args{Waivers: []writeplan.Waiver{{Stage: run.ReviewExperiments, Reason: "no test ran"}}})
	if err != nil {
		t.Fatal(err)
	}
	gate := p.Header.MergeGates[0]
	if len(gate.Passed) != 2 || len(gate.Waived) != 1 || gate.Waived[0].Reason != "no test ran" {
		t.Errorf("gate %+v, want two passed and the waiver", gate)
	}
}

func TestChangedDefinitionsEnterTheChangeLog(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	if _, _, err := writeplan.Write(d, staged(t, d, run.Request{AsOf: "2026-06-01"}), set, writeplan.Args{}); err != nil {
		t.Fatal(err)
	}
	changed := *d
	changed.Metrics = slices.Clone(d.Metrics)
	changed.Metrics[0].Text += " Counted anew."
	p, _, err := writeplan.Write(&changed, staged(t, &changed, run.Request{AsOf: "2026-07-01"}), set, writeplan.Args{})
	if err != nil {
		t.Fatal(err)
	}
	want := "definition of " + d.Metrics[0].ID + " changed"
	if !slices.ContainsFunc(p.ChangeLog, func(c writeplan.Change) bool {
		return strings.HasPrefix(c.What, want) && c.Before != c.After
	}) {
		t.Errorf("change log %+v, want %q", p.ChangeLog, want)
	}
}

func TestWritersAtOnceLoseNothing(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	r := staged(t, d, run.Request{})
	var wg sync.WaitGroup
	paths := make([]string, 8)
	for i := range paths {
		wg.Go(func() {
			_, path, err := writeplan.Write(d, r, set, writeplan.Args{})
			if err != nil {
				t.Error(err)
			}
			paths[i] = path
		})
	}
	wg.Wait()
	slices.Sort(paths)
	if n := len(slices.Compact(paths)); n != 8 {
		t.Errorf("8 writers made %d plans", n)
	}
	for _, name := range files(t, d.Plans) {
		if filepath.Ext(name) != ".json" && name != "history" {
			t.Errorf("left over: %s", name)
		}
	}
}
