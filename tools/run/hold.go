package run

import (
	"context"
	"errors"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

type snapshotKey struct{}

// WithSnapshot returns a context under which all stages read the one snapshot,
// which its opener closes.
func WithSnapshot(ctx context.Context, s *warehouse.Snapshot) context.Context {
	return context.WithValue(ctx, snapshotKey{}, s)
}

// Hold calls fn under a context whose stages all read one snapshot. When that
// snapshot is lost, fn is called again with a new one, as often as the context's
// patience allows: fn forgets what it read before. Under a context that holds a
// snapshot already, fn is called with that, and whoever opened it starts over.
func (d *Desk) Hold(ctx context.Context, what string, fn func(context.Context) error) error {
	if _, held := ctx.Value(snapshotKey{}).(*warehouse.Snapshot); held {
		return fn(ctx)
	}
	ctx, patience := warehouse.Patient(ctx)
	for {
		err := d.holding(ctx, fn)
		if !warehouse.Lost(err) {
			return err
		}
		if err = patience.Again(ctx, what+", from a new snapshot", err); err != nil {
			return err
		}
	}
}

func (d *Desk) holding(ctx context.Context, fn func(context.Context) error) error {
	snapshot, err := d.Source.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer snapshot.Close()
	return fn(WithSnapshot(ctx, snapshot))
}

// Shared returns the context's snapshot, or else opens one. Release closes
// what was opened. Whoever holds a snapshot must share it: to open a second one
// under it could wait for a connection that the first one holds.
func (d *Desk) Shared(ctx context.Context) (s *warehouse.Snapshot, release func() error, err error) {
	if s, ok := ctx.Value(snapshotKey{}).(*warehouse.Snapshot); ok {
		return s, func() error { return nil }, nil
	}
	if s, err = d.Source.Snapshot(ctx); err != nil {
		return nil, nil, err
	}
	return s, s.Close, nil
}

// Snapshot opens the data of the run, and fails when it has changed since. The
// caller closes it.
func (d *Desk) Snapshot(ctx context.Context, r *Run) (*warehouse.Snapshot, error) {
	snapshot, err := d.Source.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.sameData(snapshot); err != nil {
		return nil, errors.Join(err, snapshot.Close())
	}
	return snapshot.Until(r.CreatedAt), nil
}

// sameData refuses a snapshot of another state of the data than the run's.
func (r *Run) sameData(s *warehouse.Snapshot) error {
	if s.Generation() == r.Generation {
		return nil
	}
	return fault.New(fault.Conflict, "run_id", "the data has changed since run %s was opened", r.ID).
		Then("Call pull_metrics to open a new run, so that all figures are of one state")
}
