package monitor_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/monitor"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/open"
	"loyaltymcp/warehouse/postgres/pgtest"
)

// at calls fn once, when the named query starts.
func at(ctx context.Context, query string, fn func()) context.Context {
	var once sync.Once
	return warehouse.Observe(ctx, func(e warehouse.Event) {
		if e.Query == query && !e.Done {
			once.Do(fn)
		}
	})
}

// hasty is patience that does not wait long.
func hasty(ctx context.Context) context.Context {
	return warehouse.WithPatience(ctx, warehouse.NewPatience(warehouse.Backoff{Waits: []time.Duration{20 * time.Millisecond, 20 * time.Millisecond}}))
}

// A server that goes away under a run costs the run its snapshot, and nothing
// else: it starts over, and no figure is of two states of the data.
func TestARunSurvivesTheServer(t *testing.T) {
	c := pgtest.Start(t)
	if _, err := open.CreateDemo(t.Context(), c.URL("postgres"), demo.Options{Members: 1000, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	desk := func() *run.Desk { return testdesk.Config(t, string(demo.Config()), t.TempDir(), c.URL("postgres")) }
	request := run.Request{Dimensions: []string{"tier"}}
	want := points(t, desk(), request)
	proxy := c.Proxy()
	for name, fault := range map[string]struct {
		query string
		hit   func()
	}{
		"restarted in the pull":     {"pull_metrics/points", c.Restart},
		"restarted in the branches": {"diagnose_health/lapse", c.Restart},
		"its leader terminated": {"diagnose_health/balances", func() {
			c.Exec("postgres", "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE application_name = 'loyalty-mcp' ORDER BY backend_start LIMIT 1) AS s")
		}},
		"cut off": {"review_experiments/moments", proxy.Cut},
	} {
		t.Run(name, func(t *testing.T) {
			url := c.URL("postgres")
			if name == "cut off" {
				url = proxy.URL(url)
			}
			d := testdesk.Config(t, string(demo.Config()), t.TempDir(), url)
			ctx, cancel := context.WithTimeout(hasty(t.Context()), time.Minute)
			defer cancel()
			r, err := monitor.Run(at(ctx, fault.query, fault.hit), d, testdesk.Schemas(t), monitor.Args{Request: request}, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := d.Store.Points(r.Run.ID)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != len(want) {
				t.Errorf("%d points, want %d", len(got), len(want))
			}
			for id, p := range want {
				if got[id].Value != p.Value {
					t.Errorf("%s = %v, want %v as without the fault", id, got[id].Value, p.Value)
				}
			}
			if len(r.Retries) == 0 || len(r.Retries) > warehouse.MaxRetries || !strings.HasPrefix(r.Retries[len(r.Retries)-1].What, "the whole run") {
				t.Errorf("retries %+v, want the run done again", r.Retries)
			}
			if r.Plan == nil || len(r.Plan.ErrorHandling.Retries) != len(r.Retries) || r.Plan.ErrorHandling.MaxRetries != warehouse.MaxRetries {
				t.Errorf("the plan does not record %v", r.Retries)
			}
			if text := monitor.NewResult(r).Markdown(); !strings.Contains(text, "done again: the whole run, from a new snapshot") {
				t.Errorf("the result does not say that the run was done again:\n%s", text)
			}
			if runs := d.Store.Recent(5); len(runs) != 1 {
				t.Errorf("runs %v are kept, want the one that ended", runs)
			}
		})
	}
	t.Run("gone for good", func(t *testing.T) {
		d := desk()
		ctx, cancel := context.WithTimeout(hasty(t.Context()), 20*time.Second)
		defer cancel()
		killed := make(chan struct{})
		kill := func() {
			c.Kill() // leaves the goroutine when it fails
			close(killed)
		}
		_, err := monitor.Run(at(ctx, "diagnose_health/mix", kill), d, testdesk.Schemas(t), monitor.Args{Request: request}, nil)
		select {
		case <-killed:
		default:
			t.Fatal("the server was not stopped in the middle of the run")
		}
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", c.Port)); err == nil {
			conn.Close()
			t.Fatal("the server still listens")
		}
		if err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), "after two retries") {
			t.Errorf("%v (%v), want one error after two retries, before the deadline", err, ctx.Err())
		}
		if files, _ := os.ReadDir(d.Plans); len(files) > 0 {
			t.Errorf("%d plans were written", len(files))
		}
	})
}

// A pooler in transaction mode changes nothing in a run, be its pool large or
// small.
func TestARunThroughPgBouncer(t *testing.T) {
	c := pgtest.Start(t)
	if _, err := open.CreateDemo(t.Context(), c.URL("postgres"), demo.Options{Members: 1000, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	request := run.Request{Dimensions: []string{"tier", "region"}}
	want := points(t, testdesk.Config(t, string(demo.Config()), t.TempDir(), c.URL("postgres")), request)
	for _, connections := range []int{1, 4} {
		d := testdesk.Config(t, string(demo.Config()), t.TempDir(), c.Bouncer(t, "postgres", connections))
		got := points(t, d, request)
		if len(got) != len(want) {
			t.Errorf("pool of %d: %d points, want %d", connections, len(got), len(want))
		}
		for id, p := range want {
			if got[id].Value != p.Value {
				t.Errorf("pool of %d: %s = %v, want %v as without it", connections, id, got[id].Value, p.Value)
			}
		}
	}
}

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
