package comparedefinitions

import (
	"time"

	"loyaltymcp/tools/basis"
	"loyaltymcp/tools/plans"
	"loyaltymcp/tools/run"
)

// Comparison is what changed since a plan in that by which figures are
// computed and judged.
type Comparison struct {
	Plan          string    // id
	At            time.Time // when it was written
	Changes       []basis.Change
	NotComparable []string // KPIs whose values now make no trend with the plan's, sorted
}

// AgainstLastPlan compares the run with the newest plan of its program that was
// written by the time it was opened; nil when there is none or nothing changed.
func AgainstLastPlan(d *run.Desk, r *run.Run) (*Comparison, error) {
	by, err := d.Store.Basis(r.ID)
	if by == nil || err != nil {
		return nil, err
	}
	found, err := plans.NewFolder(d.Plans).Newest(r.Program, r.CreatedAt, r.ID, 1)
	if len(found) == 0 || err != nil {
		return nil, err
	}
	p := found[0]
	changes := basis.Compare(p.Basis(), by)
	if len(changes) == 0 {
		return nil, nil
	}
	return &Comparison{Plan: p.ID, At: p.CreatedAt, Changes: changes, NotComparable: basis.NotComparable(changes)}, nil
}
