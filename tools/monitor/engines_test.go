package monitor_test

import (
	"context"
	"math"
	"sync"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/checkfeeds"
	"loyaltymcp/tools/monitor"
	"loyaltymcp/tools/run"
)

// points runs the whole pipeline and returns every data point.
func points(t *testing.T, d *run.Desk, request run.Request) map[string]run.Point {
	t.Helper()
	r, err := monitor.Run(context.Background(), d, testdesk.Schemas(t), monitor.Args{Request: request}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Stages {
		if s.Err != nil {
			t.Fatalf("%s: %v", s.Stage, s.Err)
		}
	}
	out, err := d.Store.Points(r.Run.ID)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Same data, same queries, same figures, whatever the engine.
func TestEnginesAgree(t *testing.T) {
	other := testdesk.DemoOnPostgres(t)
	embedded := testdesk.Demo(t)
	for _, request := range []run.Request{
		{Window: "30d", Dimensions: []string{"tier", "region", "cohort"}},
		{Window: "quarter", Dimensions: []string{"channel", "age_band"}},
		{Window: "2025-11-10..2026-01-20", Dimensions: []string{"tier"}},
	} {
		want, got := points(t, embedded, request), points(t, other, request)
		if len(want) != len(got) || len(want) < 100 {
			t.Errorf("%s: %d points embedded, %d in PostgreSQL", request.Window, len(want), len(got))
		}
		for id, w := range want {
			g, ok := got[id]
			if !ok {
				t.Errorf("%s: PostgreSQL has no %s", request.Window, id)
			} else if math.Abs(g.Value-w.Value) > 1e-9*math.Max(1, math.Abs(w.Value)) {
				t.Errorf("%s: %s = %v in PostgreSQL, %v embedded", request.Window, id, g.Value, w.Value)
			}
		}
	}
	found, err := checkfeeds.Check(context.Background(), other)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found.Findings {
		t.Errorf("unexpected finding %s in %s (%d)", f.ID, f.Feed, f.Count)
	}
}

// Runs that fill every connection still end: none waits for a connection that
// another part of it holds.
func TestManyRunsShareFewConnections(t *testing.T) {
	d := testdesk.DemoOnPostgres(t)
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if _, err := monitor.Run(ctx, d, testdesk.Schemas(t), monitor.Args{}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
