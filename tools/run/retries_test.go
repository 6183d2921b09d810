package run_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

type counted struct{ N int }

func (*counted) Points() []run.Point { return nil }

var errLost = &warehouse.Transient{Class: "57P01 admin shutdown", Lost: true, Fault: fault.New(fault.Unavailable, "warehouse", "it broke")}

// stage is a stage that fails so many times.
type stage struct {
	fails int
	with  error
	calls int
}

func (s *stage) compute(context.Context, *warehouse.Snapshot) (*counted, error) {
	s.calls++
	if s.calls <= s.fails {
		return nil, s.with
	}
	return &counted{s.calls}, nil
}

// counting counts the snapshots that are opened.
type counting struct {
	warehouse.Engine
	snapshots int
}

func (c *counting) Begin(ctx context.Context) (warehouse.Reader, error) {
	c.snapshots++
	return c.Engine.Begin(ctx)
}

func opened(t *testing.T) (*run.Desk, *run.Run, *counting) {
	t.Helper()
	counter := &counting{}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "members.csv"), "member_id,enrolled_at\n1,2026-01-01\n")
	write(t, filepath.Join(dir, "orders.csv"), "order_id,ordered_at,net,member_id\n1,2026-06-01 10:00:00,5,1\n")
	d := testdesk.Wrapped(t, csvProgram, dir, "", func(e warehouse.Engine) warehouse.Engine { counter.Engine = e; return counter })
	r, err := d.Open(t.Context(), run.Request{})
	if err != nil {
		t.Fatal(err)
	}
	counter.snapshots = 0
	return d, r, counter
}

func patient(t *testing.T) (context.Context, *warehouse.Patience) {
	p := warehouse.NewPatience(warehouse.Backoff{Jitter: func() float64 { return 0 }, Sleep: func(context.Context, time.Duration) error { return nil }})
	return warehouse.WithPatience(t.Context(), p), p
}

// A stage whose snapshot is lost is computed anew from a new one, and the
// retries stand beside the run.
func TestAStageStartsOver(t *testing.T) {
	for _, c := range []struct {
		fails, calls int
		with         error
		ok           bool
	}{
		{0, 1, nil, true}, {1, 2, errLost, true}, {2, 3, errLost, true}, {3, 3, errLost, false}, {1, 1, errors.New("a defect"), false},
		{1, 1, &warehouse.Transient{Class: "x", Fault: errLost.Fault}, false}, // a query's own retries are used up
	} {
		d, r, engine := opened(t)
		ctx, p := patient(t)
		s := &stage{fails: c.fails, with: c.with}
		got, err := run.Do(ctx, d, r, run.PullMetrics, s.compute)
		if (err == nil) != c.ok || s.calls != c.calls || c.ok && got.N != c.calls {
			t.Errorf("%d failures of %v: %d calls, %v; want %d", c.fails, c.with, s.calls, err, c.calls)
		}
		if engine.snapshots != c.calls {
			t.Errorf("%d snapshots for %d tries: a try was given one that was lost", engine.snapshots, c.calls)
		}
		kept, err := d.Store.Retries(r)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(kept, p.Retries()) || len(kept) != c.calls-1 {
			t.Errorf("%v are kept and %v were made, want %d", kept, p.Retries(), c.calls-1)
		}
		if c.calls == 3 {
			want := warehouse.Retry{What: "pull_metrics, from a new snapshot", Class: "57P01 admin shutdown", Attempt: 2, WaitMS: 2000}
			if kept[1] != want {
				t.Errorf("kept %+v, want %+v", kept[1], want)
			}
		}
	}
}

// Under a snapshot that several stages share, a stage does not start over by
// itself: its figures would be of another state than theirs.
func TestStagesThatShareStartOverTogether(t *testing.T) {
	d, _, engine := opened(t)
	ctx, p := patient(t)
	first, second := &stage{}, &stage{fails: 1, with: errLost}
	var runs []string
	err := d.Hold(ctx, "the whole run", func(ctx context.Context) error {
		r, err := d.Open(ctx, run.Request{})
		if err != nil {
			return err
		}
		runs = append(runs, r.ID)
		if _, err := run.Do(ctx, d, r, run.PullMetrics, first.compute); err != nil {
			return err
		}
		_, err = run.Do(ctx, d, r, run.DiagnoseHealth, second.compute)
		return err
	})
	if err != nil || first.calls != 2 || second.calls != 2 {
		t.Fatalf("%d and %d calls, %v; want two each", first.calls, second.calls, err)
	}
	if engine.snapshots != 2 {
		t.Errorf("%d snapshots were opened, want one a try for both stages", engine.snapshots)
	}
	last, err := d.Store.Load(runs[1])
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(last.Retries, p.Retries()) || len(last.Retries) != 1 {
		t.Errorf("the second run records %v, want %v", last.Retries, p.Retries())
	}
}
