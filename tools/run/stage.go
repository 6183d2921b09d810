package run

import (
	"context"
	"reflect"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/warehouse"
)

// The stages' names, as runs keep them.
const (
	PullMetrics       = "pull_metrics"
	DiagnoseHealth    = "diagnose_health"
	SurfaceInsights   = "surface_insights"
	ReviewExperiments = "review_experiments"
)

// Stages returns the stages' names in order.
func Stages() []string {
	return []string{PullMetrics, DiagnoseHealth, SurfaceInsights, ReviewExperiments}
}

// Args are the arguments that the stages share: a run, or the parameters of a
// new one.
type Args struct {
	RunID string `json:"run_id"`
	Request
}

// Or opens the run of the arguments, new or old.
func (d *Desk) Or(ctx context.Context, a Args) (*Run, error) {
	if a.RunID == "" {
		return d.Open(ctx, a.Request)
	}
	r, err := d.Resume(a.RunID)
	if err != nil {
		return nil, err
	}
	return r, a.agrees(r)
}

// agrees refuses parameters that say otherwise than the run was opened with:
// ignoring them would answer another question than was asked.
func (a Args) agrees(r *Run) error {
	for _, p := range []struct{ name, asked, opened string }{
		{"window", a.Window, r.Request.Window}, {"as_of", a.AsOf, r.Request.AsOf},
		{"dimensions", strings.Join(a.Dimensions, ","), strings.Join(r.Request.Dimensions, ",")},
		{"experiments", strings.Join(a.Experiments, ","), strings.Join(r.Request.Experiments, ",")},
		{"alert_threshold", a.AlertThreshold, r.Request.AlertThreshold},
	} {
		if p.asked != "" && p.asked != p.opened {
			return fault.New(fault.Invalid, p.name, "run %s was opened with %q, not %q", r.ID, p.opened, p.asked).
				Then("Leave %s out, or leave run_id out to open a new run", p.name)
		}
	}
	return nil
}

// Figures is a stage's whole result, which knows its data points.
type Figures interface{ Points() []Point }

// Do returns a stage's whole result, computing and keeping it when the run
// has none yet: a run's figures never change.
func Do[R Figures](ctx context.Context, d *Desk, r *Run, stage string, compute func(context.Context, *warehouse.Snapshot) (R, error)) (R, error) {
	var kept, none R
	if ok, err := d.Store.Into(r.ID, stage, &kept); ok || err != nil {
		return kept, err
	}
	started := d.Now()
	snapshot, shared := ctx.Value(snapshotKey{}).(*warehouse.Snapshot)
	if !shared {
		var err error
		if snapshot, err = d.Snapshot(ctx, r); err != nil {
			return none, err
		}
		defer snapshot.Close()
	}
	result, err := compute(ctx, snapshot)
	if err != nil {
		return none, err
	}
	tools.FillNilSlices(reflect.ValueOf(&result).Elem())
	return result, d.Store.PutStage(r.ID, stage, result, result.Points(), started)
}

// Start opens the desk and the run of a stage's arguments.
func Start(ctx context.Context, open Opener, a Args) (*Desk, *Run, error) {
	d, err := open(ctx)
	if err != nil {
		return nil, nil, err
	}
	r, err := d.Or(ctx, a)
	return d, r, err
}

// Full reports whether a result may be long: as the call asks, or else as the
// run was opened.
func (a Args) Full(r *Run) bool {
	if a.Detail != "" {
		return a.Detail == Full
	}
	return r.Request.Detail == Full
}

// Stage is a stage's result: figures that can be shown and cut to size.
type Stage interface {
	Figures
	tools.View
	tools.Trimmer
}

// Tool defines the tool of a stage that works on a run: it opens or resumes
// the run, computes or recalls the result, and cuts it to the budget.
func Tool[R Stage](set *schemas.Set, open Opener, spec tools.Spec, compute func(context.Context, *Desk, *Run) (R, error)) (tools.Tool, error) {
	spec.Hints = tools.Hints{ReadOnly: true, Idempotent: true}
	return tools.Define(set, spec, func(ctx context.Context, args Args) (result R, err error) {
		d, r, err := Start(ctx, open, args)
		if err != nil {
			return result, err
		}
		if result, err = compute(ctx, d, r); err != nil {
			return result, err
		}
		return result, tools.Fit(result, args.Full(r))
	})
}
