// Package reviewexperiments is the fourth stage: an honest readout of every
// experiment. Validity comes first; then the difference against control with
// its interval; then one plain decision.
package reviewexperiments

import (
	"context"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

//go:embed description.md
var description string

var queries = warehouse.MustParseQueries(run.ReviewExperiments, sqlFiles)

// Tool returns the review_experiments tool.
func Tool(set *schemas.Set, open run.Opener) (tools.Tool, error) {
	return run.Tool(set, open, tools.Spec{Name: run.ReviewExperiments, Title: "Review experiments", Description: description}, Compute)
}

// Compute returns the stage's result, from the run's store if it is there.
func Compute(ctx context.Context, d *run.Desk, r *run.Run) (*Result, error) {
	return run.Do(ctx, d, r, run.ReviewExperiments, func(ctx context.Context, s *warehouse.Snapshot) (*Result, error) {
		return review(ctx, d, r, s)
	})
}

func review(ctx context.Context, d *run.Desk, r *run.Run, s *warehouse.Snapshot) (*Result, error) {
	all, err := list(ctx, d, s)
	if err != nil {
		return nil, err
	}
	chosen, err := choose(all, r.Request.Experiments)
	if err != nil {
		return nil, err
	}
	result := &Result{Head: r.Head(), Caveats: r.Caveats(), Next: "Next: write_plan with this run_id, after diagnose_health and surface_insights."}
	if len(all) == 0 {
		result.Unavailable = []Unavailable{{"experiments", "no experiment is mapped: add an experiments feed or list them in loyalty.yaml"}}
	}
	if reason := s.Missing("assignments"); reason != "" && len(chosen) > 0 {
		for _, x := range chosen {
			result.Unavailable = append(result.Unavailable, Unavailable{run.Label(x.id), reason})
		}
		chosen = nil
	}
	for _, x := range chosen {
		if !x.started.IsZero() && !x.started.Before(r.AsOf) {
			result.Unavailable = append(result.Unavailable, Unavailable{run.Label(x.id), "it starts after as_of"})
			continue
		}
		readout, err := read(ctx, s, x, r.AsOf)
		if err != nil {
			return nil, fmt.Errorf("experiment %s: %w", run.Label(x.id), err)
		}
		result.Experiments = append(result.Experiments, readout)
	}
	result.Verdict = verdict(result)
	return result, nil
}

// read makes the readout of one experiment.
func read(ctx context.Context, s *warehouse.Snapshot, x experiment, asOf time.Time) (Readout, error) {
	data := x.subject(asOf)
	out := Readout{ID: run.Label(x.id), Name: run.Label(x.name), Status: "ended", Hypothesis: text(x.hypothesis), Owner: text(x.owner),
		Assignment: "randomized", Control: run.Label(x.control)}
	label := "causal"
	if x.observational {
		out.Assignment, label = Observational, Observational
	}
	if !x.started.IsZero() {
		out.Started = run.Day(x.started.In(asOf.Location()))
	}
	if x.ended.IsZero() || x.ended.After(asOf) {
		out.Status = "running"
	} else {
		out.Ended = run.Day(x.ended.In(asOf.Location()))
	}
	units := map[string]int64{}
	err := s.Query(ctx, queries, "arms", data, func(row warehouse.Row) error {
		var arm string
		var n int64
		err := row.Scan(&arm, &n)
		units[arm] = n
		out.Arms = append(out.Arms, Arm{Arm: run.Label(arm), Units: n})
		return err
	})
	if err != nil {
		return out, err
	}
	var crossed int64
	if err := s.One(ctx, queries, "crossed", data, &crossed); err != nil {
		return out, err
	}
	out.Checks = []Check{sampleRatio(x, units, &out), crossedArms(crossed, units)}
	if units[x.control] == 0 && len(units) > 0 {
		out.Checks = append(out.Checks, Check{"control_arm", "failed", fmt.Sprintf("No unit is in the control arm %q.", out.Control)})
	}
	found, err := measure(ctx, s, data)
	if err != nil {
		return out, err
	}
	metrics := []struct{ name, role string }{}
	main := x.primary
	if main == "" && len(found) > 0 {
		main = found.names()[0]
		out.Checks = append(out.Checks, Check{"primary_metric", "unknown", "No primary metric is declared; the first available one is shown, which proves nothing."})
	}
	metrics = append(metrics, struct{ name, role string }{main, primary})
	for _, g := range x.guardrails {
		metrics = append(metrics, struct{ name, role string }{g, guardrail})
	}
	treatments := slices.DeleteFunc(slices.Sorted(maps.Keys(units)), func(arm string) bool { return arm == x.control })
	for _, m := range metrics {
		o := found[m.name]
		for _, arm := range treatments {
			point := fmt.Sprintf("experiments/%s/%s", out.ID, run.Label(m.name))
			if len(treatments) > 1 {
				point += fmt.Sprintf("{arm=%s}", run.Label(arm))
			}
			if o == nil {
				out.Results = append(out.Results, Comparison{Metric: run.Label(m.name), Role: m.role, Arm: run.Label(arm), Unit: "score", Label: label, Better: x.better(m.name),
					Reason: "no feed holds this outcome; there are: " + strings.Join(found.names(), ", "), Point: point + "/difference"}.named())
				continue
			}
			out.Results = append(out.Results, compare(o, m.name, m.role, x.control, arm, point, label, x.better(m.name)).named())
		}
	}
	for _, m := range metrics {
		if c, ok := coverage(m.name, found[m.name], units); ok {
			out.Checks = append(out.Checks, c)
		}
	}
	adjust(out.Results)
	decide(x, &out, found[main])
	return out, nil
}

// text keeps words of the data short and on one line; "" stays "".
func text(words string) string {
	if words == "" {
		return ""
	}
	return run.Clean(words, 300)
}

func verdict(r *Result) string {
	if len(r.Experiments) == 0 {
		return "No experiment could be read."
	}
	count := map[string]int{}
	for _, x := range r.Experiments {
		count[x.Decision]++
	}
	var parts []string
	for _, decision := range []string{Ship, Stop, DontTrust, Continue, Inconclusive, Observational, Unreadable} {
		if n := count[decision]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(decision, "_", " ")))
		}
	}
	if len(r.Experiments) == 1 {
		return "1 experiment: " + parts[0] + "."
	}
	return fmt.Sprintf("%d experiments: %s.", len(r.Experiments), strings.Join(parts, ", "))
}
