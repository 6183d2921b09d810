package monitor_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/monitor"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/writeplan"
)

func TestDiamondOnTheDemo(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	seen := make(chan string, 20)
	r, err := monitor.Run(context.Background(), d, set, monitor.Args{Request: run.Request{Dimensions: []string{"tier", "region"}}},
		func(stage string, done bool) {
			if done {
				seen <- stage
			}
		})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != 5 {
		t.Errorf("%d stages reported, want 5", len(seen))
	}
	if r.Plan == nil {
		t.Fatalf("no plan: %+v", r.Stages)
	}
	if gate := r.Plan.Header.MergeGates[0]; len(gate.Passed) != 3 || len(gate.Waived) != 0 {
		t.Errorf("gate %+v, want three passed", gate)
	}
	if got, want := r.Experiments.Experiments[0].Decision, "ship"; got == "" {
		t.Errorf("decision %q, want one such as %q", got, want)
	}
}

// Same data, same config, same parameters: the same figures, to the last bit.
func TestRunsAreReproducible(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	var before map[string]run.Point
	for range 3 {
		r, err := monitor.Run(context.Background(), d, set, monitor.Args{Request: run.Request{Window: "quarter", Dimensions: []string{"tier", "region", "cohort"}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		points, err := d.Store.Points(r.Run.ID)
		if err != nil {
			t.Fatal(err)
		}
		if before != nil {
			if len(points) != len(before) {
				t.Errorf("%d points, before %d", len(points), len(before))
			}
			for id, p := range points {
				if before[id] != p {
					t.Errorf("%s = %v, before %v", id, p.Value, before[id].Value)
				}
			}
		}
		before = points
	}
}

func TestMistakesOfTheCallerAreNotWaived(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	_, err := monitor.Run(context.Background(), d, set, monitor.Args{Request: run.Request{Experiments: []string{"nope"}},
		Waivers: []writeplan.Waiver{{Stage: run.ReviewExperiments, Reason: "x"}}}, nil)
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "spring-double-points") {
		t.Errorf("got %v, want the unknown experiment named with the valid ones", err)
	}
}

// An outcomes feed that breaks while it is read fails its stage only; the gate
// then needs a waiver.
func TestAFailedBranchClosesTheGate(t *testing.T) {
	text := `
program: {name: Broken branch, currency: EUR}
feeds:
  members: {sql: "SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at FROM generate_series(1, 100) AS g(i)"}
  orders: {sql: "SELECT i AS order_id, i AS member_id, TIMESTAMP '2026-06-15 00:00:00' AS ordered_at, 1.0 AS net FROM generate_series(1, 100) AS g(i)"}
  assignments: {sql: "SELECT 'x' AS experiment_id, i AS unit_id, CASE WHEN i <= 50 THEN 'a' ELSE 'b' END AS arm, TIMESTAMP '2026-06-01 00:00:00' AS assigned_at FROM generate_series(1, 100) AS g(i)"}
  outcomes: {sql: "SELECT 'x' AS experiment_id, i AS unit_id, 'm' AS metric, CAST(CASE WHEN i > 99 THEN 'many' ELSE '1' END AS double) AS value FROM generate_series(1, 100) AS g(i)"}
experiments: [{id: x, control_arm: a}]
`
	d, set := testdesk.Config(t, text, t.TempDir(), ""), testdesk.Schemas(t)
	args := monitor.Args{}
	r, err := monitor.Run(context.Background(), d, set, args, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Plan != nil || r.Stages[3].Status != "failed" {
		t.Fatalf("stages %+v with a plan, want review_experiments failed and none", r.Stages)
	}
	args.Waivers = []writeplan.Waiver{{Stage: run.ReviewExperiments, Reason: "outcomes are broken"}}
	if r, err = monitor.Run(context.Background(), d, set, args, nil); err != nil {
		t.Fatal(err)
	}
	if r.Plan == nil || len(r.Plan.Header.MergeGates[0].Waived) != 1 {
		t.Errorf("no plan with the waiver: %+v", r.Stages)
	}
}

func TestCancelledRunWritesNothing(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := monitor.Run(ctx, d, set, monitor.Args{}, func(stage string, done bool) {
		if stage == run.PullMetrics && done {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the cancellation", err)
	}
}

// A single stage needs no orchestration; of several the others are waived, and the
// plan says so.
func TestStagesAskedFor(t *testing.T) {
	d, set := testdesk.Demo(t), testdesk.Schemas(t)
	r, err := monitor.Run(t.Context(), d, set, monitor.Args{Stages: []string{run.ReviewExperiments}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Plan != nil || r.Health != nil || r.Experiments == nil {
		t.Errorf("plan %v, health %v; want experiments and nothing beside", r.Plan, r.Health)
	}
	if verdict := monitor.NewResult(r).Verdict; !strings.HasPrefix(verdict, "Orchestration not needed: review_experiments alone answers this.") {
		t.Errorf("verdict %q", verdict)
	}
	r, err = monitor.Run(t.Context(), d, set, monitor.Args{Stages: []string{run.PullMetrics, run.DiagnoseHealth}}, nil)
	if err != nil || r.Plan == nil {
		t.Fatal(err, r)
	}
	gate := r.Plan.Header.MergeGates[0]
	if len(gate.Passed) != 1 || len(gate.Waived) != 2 || gate.Waived[0].Reason != "not asked for in this run" || r.Plan.Header.Pattern != "pipeline" {
		t.Errorf("gate %+v of a %s, want two waived", gate, r.Plan.Header.Pattern)
	}
	for _, s := range r.Plan.Stages {
		for _, task := range s.Tasks {
			if ran := task.Started != nil && task.Finished != nil && task.Seconds != nil; ran != (task.Status == "done") {
				t.Errorf("task %+v: a task has times when it ran, and only then", task)
			}
		}
	}
	if check := r.Plan.Stages[0].Tasks[1]; check.Tools[0] != "check_feeds" || check.Status != "done" {
		t.Errorf("task %+v, want the check of the feeds, which ran beside", check)
	}
}
