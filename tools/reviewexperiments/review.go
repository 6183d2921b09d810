// Package reviewexperiments is the fourth stage: an honest readout of every
// experiment.
//
// What units did is reduced in the engine to sums over units, by arm and by what
// they were before the start (gather.go, sql). From these come, in this order: the
// checks that could overturn everything (checks.go); the difference against control
// in each metric, adjusted for what units did before (estimate.go) and judged once
// at the end or at any time (infer.go); the correction for many comparisons
// (compare.go); for whom it works (who.go); what it brings and costs (worth.go); one
// decision with the rule that made it (decide.go); and the next test (nexttest.go).
// Without random assignment it is a comparison of alike members (observational.go)
// and never becomes a "ship".
package reviewexperiments

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"

	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

//go:embed description.md
var description string

var queries = warehouse.MustParseQueries(run.ReviewExperiments, breakdown.SQL, sqlFiles)

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
	result := &Result{Head: r.Head(), Caveats: r.Caveats(), Next: "Next: write_plan with this run_id, after diagnose_health and surface_insights. No readout goes beyond its decision (sop://experiment-readout)."}
	if len(all) == 0 {
		result.Unavailable = []Unavailable{{"experiments", "no experiment is mapped: add an experiments feed or list them in loyalty.yaml"}}
	}
	if reason := s.Missing("assignments"); reason != "" && len(chosen) > 0 {
		for _, x := range chosen {
			result.Unavailable = append(result.Unavailable, Unavailable{run.Label(x.id), reason})
		}
		chosen = nil
	}
	reader, err := newReader(d, r, s)
	if err != nil {
		return nil, err
	}
	early, err := looks(d, r)
	if err != nil {
		return nil, err
	}
	var lifts []pastLift
	for _, x := range chosen {
		if reason := x.unreviewable(r.AsOf); reason != "" {
			result.Unavailable = append(result.Unavailable, Unavailable{run.Label(x.id), reason})
			continue
		}
		v := &reviewer{reader: reader, x: x, looks: early[run.Label(x.id)], currency: r.Currency}
		if err := v.read(ctx); err != nil {
			return nil, fmt.Errorf("experiment %s: %w", run.Label(x.id), err)
		}
		result.Experiments = append(result.Experiments, v.out)
		lifts = append(lifts, v.lifts(&result.Experiments[len(result.Experiments)-1])...)
	}
	// Appending may have moved the readouts since their lifts were noted.
	for i := range lifts {
		k := slices.IndexFunc(result.Experiments, func(x Readout) bool { return x.ID == lifts[i].test })
		lifts[i].at = &result.Experiments[k].Results[lifts[i].place]
	}
	result.remember(lifts)
	result.Verdict = verdict(result)
	return result, nil
}

func newReader(d *run.Desk, r *run.Run, s *warehouse.Snapshot) (*reader, error) {
	sources, err := metric.LoadSources()
	if err != nil {
		return nil, err
	}
	out := &reader{desk: d, snapshot: s, asOf: r.AsOf, traits: []string{"tier", "region"}}
	if len(r.Dimensions) > 0 {
		out.traits = r.Dimensions
	}
	out.measurer = measurer{catalog: d.Metrics, supply: metric.Supply{Catalog: s.Catalog, Sources: sources,
		Activity: breakdown.ActivityFeeds(s.Catalog, d.Config.Definitions.ActiveEvents)}}
	return out, nil
}

// mostLooks is how many earlier runs are asked whether they read an experiment.
const mostLooks = 100

// looks counts, by experiment, the earlier runs that read it while it ran: who has
// looked may have been ready to stop it.
func looks(d *run.Desk, r *run.Run) (map[string]int, error) {
	out := map[string]int{}
	for _, before := range d.Store.Earlier(r, mostLooks) {
		if !before.AsOf.Before(r.AsOf) {
			continue
		}
		var read struct {
			Experiments []struct {
				ID     string `json:"id"`
				Status string `json:"status"`
			} `json:"experiments"`
		}
		if ok, err := d.Store.Into(before.ID, run.ReviewExperiments, &read); err != nil || !ok {
			continue // what can't be read was by another version
		}
		for _, x := range read.Experiments {
			if x.Status == Running {
				out[x.ID]++
			}
		}
	}
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
	for _, decision := range []string{Ship, RollBack, DontTrust, KeepRunning, Inconclusive, ByDesign, Observational, Unreadable} {
		if n := count[decision]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(decision, "_", " ")))
		}
	}
	if len(r.Experiments) == 1 {
		return "1 experiment: " + parts[0] + "."
	}
	return fmt.Sprintf("%d experiments: %s.", len(r.Experiments), strings.Join(parts, ", "))
}
