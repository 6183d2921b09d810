// Package comparedefinitions says what changed between two runs or plans in
// that by which figures are computed and judged, and which KPIs are therefore
// not comparable; and which figures of a window were restated.
package comparedefinitions

import (
	"context"
	_ "embed"
	"slices"
	"strings"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/tools/basis"
	"loyaltymcp/tools/plans"
	"loyaltymcp/tools/run"
)

// Name is the tool's name.
const Name = "compare_definitions"

//go:embed description.md
var description string

// Args are the tool's arguments: run or plan ids.
type Args struct {
	Before string `json:"before"`
	After  string `json:"after"`
}

// Tool returns the compare_definitions tool.
func Tool(set *schemas.Set, open run.Opener) (tools.Tool, error) {
	spec := tools.Spec{Name: Name, Title: "Compare definitions", Description: description,
		Hints: tools.Hints{ReadOnly: true, Idempotent: true}}
	return tools.Define(set, spec, func(ctx context.Context, args Args) (*Result, error) {
		d, err := open(ctx)
		if err != nil {
			return nil, err
		}
		out, err := compare(ctx, d, args)
		if err != nil {
			return nil, err
		}
		return out, tools.Fit(out, true)
	})
}

func compare(ctx context.Context, d *run.Desk, args Args) (*Result, error) {
	after, err := now(ctx, d, args.After)
	if err != nil {
		return nil, err
	}
	before, err := then(d, args.Before, after)
	if err != nil {
		return nil, err
	}
	return result(before, after), nil
}

// The kinds of side.
const (
	ofRun  = "run"
	ofPlan = "plan"
	ofNow  = "now" // the config and the catalogue as they are
)

// Side is one of the two that are compared.
type Side struct {
	Kind    string `json:"kind"`
	ID      string `json:"id"` // of the run or plan, or now
	Program string `json:"program"`
	At      string `json:"at"` // when it was opened or written

	at    time.Time
	run   string // that it is, or was made of
	basis *basis.Basis
}

// now returns the later side: the named one, or what a run opened now would be
// computed by.
func now(ctx context.Context, d *run.Desk, id string) (Side, error) {
	if id != "" {
		return named(d, "after", id)
	}
	bands, err := run.Bands(d.Config, "", d.Metrics)
	if err != nil {
		return Side{}, err
	}
	snapshot, release, err := d.Shared(ctx)
	if err != nil {
		return Side{}, err
	}
	defer release()
	by, err := d.Basis(snapshot, run.Request{}, bands)
	return side(ofNow, ofNow, "", d.Config.Program.Name, d.Now(), by), err
}

// then returns the earlier side: the named one, or the newest plan before the
// later side.
func then(d *run.Desk, id string, after Side) (Side, error) {
	if id != "" {
		return named(d, "before", id)
	}
	found, err := plans.NewFolder(d.Plans).Newest(after.Program, after.at, after.run, 1)
	if err != nil {
		return Side{}, err
	}
	if len(found) == 0 {
		return Side{}, known(d, fault.New(fault.NotFound, "before", "there is no earlier plan of %s to compare with", after.Program), "")
	}
	return ofRecord(found[0]), nil
}

func named(d *run.Desk, field, id string) (Side, error) {
	switch {
	case strings.HasPrefix(id, "run-"):
		r, err := d.Store.Load(id)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
			return Side{}, known(d, fault.New(fault.NotFound, field, "there is no run %s; runs are kept for %d days", id, int(run.Lifetime.Hours()/24)), id)
		}
		if err != nil {
			return Side{}, err
		}
		by, err := d.Store.Basis(id)
		if err != nil {
			return Side{}, err
		}
		if by == nil {
			return Side{}, known(d, fault.New(fault.NotFound, field, "run %s was opened by a version that did not keep its definitions", id), id)
		}
		return side(ofRun, id, id, r.Program, r.CreatedAt, by), nil
	case strings.HasPrefix(id, "plan-"):
		folder := plans.NewFolder(d.Plans)
		ids, err := folder.IDs()
		if err != nil {
			return Side{}, err
		}
		if !slices.Contains(ids, id) {
			return Side{}, known(d, fault.New(fault.NotFound, field, "there is no plan %s", id), id)
		}
		p, err := folder.Read(id)
		if err != nil {
			return Side{}, err
		}
		return ofRecord(p), nil
	}
	return Side{}, known(d, fault.New(fault.Invalid, field, "%q is neither a run id nor a plan id", id), id)
}

// known adds the ids that would do.
func known(d *run.Desk, e *fault.Error, got string) error {
	ids := d.Store.Recent(recent)
	if all, err := plans.NewFolder(d.Plans).IDs(); err == nil {
		ids = append(ids, all[:min(recent, len(all))]...)
	}
	e.OneOf(got, ids)
	if len(ids) == 0 {
		return e.Then("Call pull_metrics, which opens a run, and write_plan first")
	}
	return e.Then("Name a run or plan; without before it is the newest plan, without after what loyalty.yaml says now")
}

// recent is how many runs, and how many plans, an error names.
const recent = 5

func ofRecord(p *plans.Record) Side {
	return side(ofPlan, p.ID, p.Run.ID, p.Program, p.CreatedAt, p.Basis())
}

func side(kind, id, of, program string, at time.Time, by *basis.Basis) Side {
	return Side{Kind: kind, ID: id, Program: run.Clean(program, 200), At: at.UTC().Format(time.RFC3339), at: at, run: of, basis: by}
}
