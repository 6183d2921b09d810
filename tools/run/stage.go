package run

import (
	"context"
	"errors"
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
		{"filters", a.Filters.String(), r.Request.Filters.String()},
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
// has none yet: a run's figures never change. The retries that it took are kept
// beside it, also when it fails.
func Do[R Figures](ctx context.Context, d *Desk, r *Run, stage string, compute func(context.Context, *warehouse.Snapshot) (R, error)) (result R, err error) {
	if stage != PullMetrics {
		if err := r.Whole(stage); err != nil {
			return result, err
		}
	}
	release, err := d.Memo.turn(ctx, r.ID+"/stage/"+stage)
	if err != nil {
		return result, err
	}
	defer release()
	if ok, err := d.Store.Into(r.ID, stage, &result); ok || err != nil {
		return result, err
	}
	ctx, patience := warehouse.Patient(ctx)
	part := patience.Part()
	err = d.Hold(warehouse.WithPatience(ctx, part), stage, func(ctx context.Context) error {
		started := d.Now()
		snapshot, release, err := d.Shared(ctx)
		if err != nil {
			return err
		}
		defer release()
		if err := r.sameData(snapshot); err != nil {
			return err
		}
		computed, err := compute(ctx, snapshot.Until(r.CreatedAt))
		if err != nil {
			return err
		}
		result = computed
		tools.FillNilSlices(reflect.ValueOf(&result).Elem())
		return d.Store.PutStage(r.ID, stage, result, result.Points(), started)
	})
	return result, errors.Join(err, d.Store.addRetries(r.ID, stage, part.Retries()))
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
	// Caveat adds a caveat.
	Caveat(text string)
}

// Tool defines the tool of a stage that works on a run: it opens or resumes
// the run, computes or recalls the result, and cuts it to the budget.
func Tool[R Stage](set *schemas.Set, open Opener, spec tools.Spec, compute func(context.Context, *Desk, *Run) (R, error)) (tools.Tool, error) {
	spec.Hints = tools.Hints{ReadOnly: true, Idempotent: true}
	return tools.Define(set, spec, func(ctx context.Context, args Args) (result R, err error) {
		d, err := open(ctx)
		if err != nil {
			return result, err
		}
		var r *Run
		if args.RunID == "" {
			// The run is of the very snapshot that its first stage reads.
			err = d.Hold(ctx, spec.Name, func(ctx context.Context) (err error) {
				r, result, err = first(ctx, d, args.Request, compute)
				return err
			})
		} else if r, err = d.Or(ctx, args); err == nil {
			result, err = compute(ctx, d, r)
		}
		if err != nil {
			return result, err
		}
		again, err := d.Store.Retries(r)
		if err != nil {
			return result, err
		}
		for _, retry := range again[max(0, len(again)-warehouse.MaxRetries):] {
			result.Caveat("Done again: " + retry.String() + ".")
		}
		return result, tools.Fit(result, args.Full(r))
	})
}

// first opens a run and computes a stage of it. A run whose snapshot is lost
// before anyone knows of it is forgotten.
func first[R Stage](ctx context.Context, d *Desk, request Request, compute func(context.Context, *Desk, *Run) (R, error)) (r *Run, result R, err error) {
	if r, err = d.Open(ctx, request); err != nil {
		return nil, result, err
	}
	if result, err = compute(ctx, d, r); warehouse.Lost(err) {
		err = errors.Join(err, d.Store.Forget(r.ID))
	}
	return r, result, err
}
