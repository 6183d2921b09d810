// Package monitor runs the whole diamond in one call: the data pull, then
// diagnostics, insights and experiment review side by side, the merge gate,
// and the plan.
package monitor

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/tools/checkfeeds"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/surfaceinsights"
	"loyaltymcp/tools/writeplan"
	"loyaltymcp/warehouse"
)

// Name is the tool's name.
const Name = "monitor_loyalty"

//go:embed description.md
var description string

// Args are the tool's arguments.
type Args struct {
	run.Request
	// Stages are those asked for, none for all. One alone needs no orchestration
	// and makes no plan; of several, the others are waived.
	Stages  []string           `json:"stages"`
	Waivers []writeplan.Waiver `json:"waivers"`
}

// asks reports whether a stage is asked for.
func (a Args) asks(stage string) bool { return len(a.Stages) == 0 || slices.Contains(a.Stages, stage) }

// alone is the one stage asked for, "" when there are more.
func (a Args) alone() string {
	if len(a.Stages) == 1 {
		return a.Stages[0]
	}
	return ""
}

// Report is everything that one run of the pipeline found. A stage that
// failed is nil, and its status says why.
type Report struct {
	Run         *run.Run
	Stages      []StageStatus
	Feeds       *checkfeeds.Result // nil when the check itself failed
	Metrics     *pullmetrics.Result
	Health      *diagnosehealth.Result
	Insights    *surfaceinsights.Result
	Experiments *reviewexperiments.Result
	Plan        *writeplan.Plan // nil when the merge gate stayed closed
	Path        string          // of the plan
	Alone       string          // the one stage that was asked for; "" when there were more
	// Retries are those that the run took, of queries and of the whole run.
	Retries []warehouse.Retry
}

// StageStatus is how a stage went.
type StageStatus struct {
	Stage   string  `json:"stage"`
	Status  string  `json:"status"` // ok, failed or waived
	Seconds float64 `json:"seconds"`
	Says    string  `json:"says"` // the stage's verdict, or why it failed
	Err     error   `json:"-"`    // the failure itself, for the operator's log
}

// Run runs the pipeline. It fails for mistakes of the caller and when nothing
// could be pulled; a branch that fails otherwise closes the merge gate unless
// it is waived. All stages read one snapshot of the data; when that is lost on
// the way, the whole run is done again from a new one.
func Run(ctx context.Context, d *run.Desk, set *schemas.Set, args Args, observe func(stage string, done bool)) (report *Report, err error) {
	if observe == nil {
		observe = func(string, bool) {}
	}
	ctx, patience := warehouse.Patient(ctx)
	err = d.Hold(ctx, "the whole run", func(ctx context.Context) error {
		r, err := d.Open(ctx, args.Request)
		if err != nil {
			return err
		}
		if report, err = once(ctx, d, r, set, args, observe); warehouse.Lost(err) {
			err = errors.Join(err, d.Store.Forget(r.ID))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	report.Retries = patience.Retries()
	return report, nil
}

// once runs the pipeline on the context's snapshot.
func once(ctx context.Context, d *run.Desk, r *run.Run, set *schemas.Set, args Args, observe func(stage string, done bool)) (*Report, error) {
	report := &Report{Run: r, Alone: args.alone()}
	var checking sync.WaitGroup
	var unchecked error
	var checked writeplan.Span
	checking.Go(func() {
		checked.Started = d.Now()
		// What the data endanger belongs beside the figures. The check is no
		// stage: a run goes on without it.
		found, err := checkfeeds.Check(ctx, d)
		if err != nil {
			if d.Log != nil {
				d.Log.Error("check_feeds failed", "error", err)
			}
			unchecked = err
			return
		}
		report.Feeds = found
		checked.Finished = d.Now()
	})
	defer checking.Wait()
	p := &pipeline{report: report, waivers: slices.Clone(args.Waivers), observe: observe, log: d.Log}
	err := p.stage(run.PullMetrics, func() (says string, err error) {
		if report.Metrics, err = pullmetrics.Compute(ctx, d, r); err != nil {
			return "", err
		}
		return report.Metrics.Verdict, nil
	})
	if err != nil {
		return nil, err
	}
	branches := []struct {
		stage   string
		compute func() (string, error)
	}{
		{run.DiagnoseHealth, func() (says string, err error) {
			if report.Health, err = diagnosehealth.Compute(ctx, d, r); err != nil {
				return "", err
			}
			return report.Health.Verdict, nil
		}},
		{run.SurfaceInsights, func() (says string, err error) {
			if report.Insights, err = surfaceinsights.Compute(ctx, d, r); err != nil {
				return "", err
			}
			return report.Insights.Verdict, nil
		}},
		{run.ReviewExperiments, func() (says string, err error) {
			if report.Experiments, err = reviewexperiments.Compute(ctx, d, r); err != nil {
				return "", err
			}
			return report.Experiments.Verdict, nil
		}},
	}
	failures := make([]error, len(branches))
	var group sync.WaitGroup
	for _, b := range branches { // before any runs, as waivers are read by all
		if !args.asks(b.stage) {
			p.skip(b.stage)
		}
	}
	for i, b := range branches {
		if !args.asks(b.stage) {
			continue
		}
		group.Go(func() { failures[i] = p.stage(b.stage, b.compute) })
	}
	group.Wait()
	checking.Wait()
	if ctx.Err() != nil {
		return nil, interrupted(ctx, failures)
	}
	if warehouse.Lost(unchecked) {
		return nil, unchecked
	}
	for _, err := range failures {
		if warehouse.Lost(err) {
			return nil, err
		}
		// A mistake of the caller is theirs to mend, not to waive.
		if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
			return nil, err
		}
	}
	order := append(run.Stages(), writeplan.Name)
	sortStages := func() {
		slices.SortFunc(report.Stages, func(a, b StageStatus) int {
			return slices.Index(order, a.Stage) - slices.Index(order, b.Stage)
		})
	}
	sortStages()
	if report.Alone != "" || !p.open() {
		return report, nil
	}
	writing := writeplan.Args{Args: run.Args{RunID: r.ID}, By: Name, Waivers: p.waived()}
	if report.Feeds != nil {
		writing.Checked = &checked
		for _, f := range report.Feeds.Findings {
			if f.Severity == checkfeeds.Error {
				writing.Alarms = append(writing.Alarms, writeplan.DataAlarm{ID: "feeds/" + f.Feed + "/" + f.ID, Severity: "critical", Says: f.Says, Owner: d.Config.Owners.Data})
			}
		}
	}
	err = p.stage(writeplan.Name, func() (says string, err error) {
		report.Plan, report.Path, err = writeplan.Write(d, r, set, writing)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%d backlog items.", len(report.Plan.Backlog)), nil
	})
	sortStages()
	return report, err
}

// interrupted returns what a run that the caller ended answers: a stage's word
// on what it was at, where it has one.
func interrupted(ctx context.Context, failures []error) error {
	for _, err := range failures {
		var told *fault.Error
		if errors.As(err, &told) && errors.Is(err, ctx.Err()) {
			return err
		}
	}
	return ctx.Err()
}

// pipeline keeps the books of a run.
type pipeline struct {
	mu      sync.Mutex
	report  *Report
	waivers []writeplan.Waiver
	observe func(string, bool)
	log     *slog.Logger
}

// stage runs one stage and records how it went.
func (p *pipeline) stage(name string, compute func() (string, error)) error {
	p.observe(name, false)
	defer p.observe(name, true)
	started := time.Now()
	says, err := protect(compute)
	s := StageStatus{Stage: name, Status: "ok", Seconds: *run.Round(time.Since(started).Seconds()), Says: says, Err: err}
	if err != nil {
		s.Status, s.Says = "failed", tools.Explain(err)
		if slices.ContainsFunc(p.waivers, func(w writeplan.Waiver) bool { return w.Stage == name }) {
			s.Status = "waived"
		}
		if p.log != nil {
			p.log.Error("stage failed", "stage", name, "error", err)
		}
	}
	p.record(s)
	return err
}

// notAsked is why a stage is waived that the request leaves out.
const notAsked = "not asked for in this run"

// skip records a stage that the request leaves out.
func (p *pipeline) skip(stage string) {
	if !slices.ContainsFunc(p.waivers, func(w writeplan.Waiver) bool { return w.Stage == stage }) {
		p.waivers = append(p.waivers, writeplan.Waiver{Stage: stage, Reason: notAsked})
	}
	p.record(StageStatus{Stage: stage, Status: "waived", Says: "Not asked for."})
}

// protect turns a panic into an error.
func protect(compute func() (string, error)) (says string, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return compute()
}

func (p *pipeline) record(s StageStatus) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.report.Stages = append(p.report.Stages, s)
}

// open reports whether every branch passed the merge gate or is waived.
func (p *pipeline) open() bool {
	return !slices.ContainsFunc(p.report.Stages, func(s StageStatus) bool { return s.Status == "failed" })
}

// waived returns the waivers that were needed.
func (p *pipeline) waived() []writeplan.Waiver {
	return slices.DeleteFunc(slices.Clone(p.waivers), func(w writeplan.Waiver) bool {
		return !slices.ContainsFunc(p.report.Stages, func(s StageStatus) bool { return s.Stage == w.Stage && s.Status == "waived" })
	})
}

// Tool returns the monitor_loyalty tool.
func Tool(set *schemas.Set, open run.Opener) (tools.Tool, error) {
	spec := tools.Spec{Name: Name, Title: "Monitor the loyalty program", Description: description, Hints: tools.Hints{}}
	return tools.Define(set, spec, func(ctx context.Context, args Args) (*Result, error) {
		d, err := open(ctx)
		if err != nil {
			return nil, err
		}
		stages := append(run.Stages(), writeplan.Name)
		progress := tools.Progress(ctx, len(stages))
		report, err := Run(ctx, d, set, args, progress)
		if err != nil {
			return nil, err
		}
		return fitted(report)
	})
}

// fitted returns the report cut to its budget. Clocks and paths count in it by a
// length that none exceeds by much: what a result leaves out must not hang on how
// long it took to make.
func fitted(report *Report) (*Result, error) {
	out := NewResult(report)
	stages, path := out.Stages, ""
	out.Stages = slices.Clone(stages)
	for i := range out.Stages {
		out.Stages[i].Seconds = 99.999999
	}
	if out.Plan != nil {
		path, out.Plan.Path = out.Plan.Path, strings.Repeat("/", 100)
	}
	err := tools.Fit(out, report.Run.Request.Detail == run.Full)
	out.Stages = stages
	if out.Plan != nil {
		out.Plan.Path = path
	}
	return out, err
}
