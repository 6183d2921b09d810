package bench

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/surfaceinsights"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/duckdb"
	"loyaltymcp/warehouse/open"
)

var (
	members  = flag.Int("members", 4000, "`members` of the demo program that is measured")
	database = flag.String("postgres", "", "`URL` of a PostgreSQL database to measure instead of the embedded engine; the program is generated into it when it has no members table")
	memory   = flag.Int("memory", 2048, "`megabytes` that the embedded engine may take")
)

// stages are the parts of a run that read data, in order.
var stages = []string{"open", run.PullMetrics, run.DiagnoseHealth, run.SurfaceInsights, run.ReviewExperiments}

// program is the demo program at the size and on the engine of the flags.
type program struct {
	desk   *run.Desk
	engine *recording
	used   processor // where the time of stages is measured
}

// demand opens the program, generating it first where it is not there yet.
func demand(t testing.TB) *program {
	t.Helper()
	return demandWith(t, demo.Config())
}

// demandWith opens the program by another loyalty.yaml.
func demandWith(t testing.TB, text []byte) *program {
	t.Helper()
	target := *database
	if target == "" {
		target = "duckdb:" + file(t)
	}
	c, err := config.Parse("loyalty.yaml", text, t.TempDir(), testdesk.Schemas(t))
	if err != nil {
		t.Fatal(err)
	}
	options := open.Options{URL: target, Mapping: c.Mapping(), Limits: warehouse.Limits{MemoryMB: *memory, Timeout: time.Hour}}
	engine, err := open.Engine(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	if *database != "" {
		populate(t, engine)
	}
	metrics, err := c.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{engine: &recording{Engine: engine}}
	source := warehouse.NewSource(p.engine, c.Mapping(), c.Zone(), c.Dimensions)
	t.Cleanup(func() { source.Close() })
	clock := func() time.Time { return testdesk.Now }
	p.desk = &run.Desk{Memo: new(run.Memo), Config: c, Source: source, Store: run.NewStore(t.TempDir(), clock), Metrics: metrics,
		Plans: filepath.Join(t.TempDir(), "plans"), Now: clock, Version: "bench"}
	return p
}

// file returns the program's data file, kept between runs: a version always
// generates the same rows.
func file(t testing.TB) string {
	t.Helper()
	path := filepath.Join(os.TempDir(), fmt.Sprintf("loyalty-mcp-bench-%s-%d.duckdb", demo.Version, *members))
	if _, err := os.Stat(path); err == nil {
		return path
	}
	if _, err := duckdb.CreateDemo(t.Context(), path, demo.Options{Members: *members, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	return path
}

// populate generates the program into a database that has none.
func populate(t testing.TB, engine warehouse.Engine) {
	t.Helper()
	reader, err := engine.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, missing := reader.Describe(t.Context(), "members")
	reader.Close()
	if missing == nil {
		return
	}
	if _, err := open.CreateDemo(t.Context(), *database, demo.Options{Members: *members, Seed: 1}); err != nil {
		t.Fatal(err)
	}
}

// stageCost is what one stage took and ran.
type stageCost struct {
	wall, inQueries time.Duration
	spent           float64 // seconds of the engine's processor time
	queries         []query
}

// run runs the stages one after the other and returns the run and the cost of
// each stage.
func (p *program) run(t testing.TB) (*run.Run, map[string]stageCost) {
	t.Helper()
	ctx, costs := p.engine.observe(t.Context()), map[string]stageCost{}
	var r *run.Run
	for _, stage := range stages {
		p.engine.take()
		started, before, err := time.Now(), p.used.read(), error(nil)
		switch stage {
		case "open":
			r, err = p.desk.Open(ctx, run.Request{})
		case run.PullMetrics:
			_, err = pullmetrics.Compute(ctx, p.desk, r)
		case run.DiagnoseHealth:
			_, err = diagnosehealth.Compute(ctx, p.desk, r)
		case run.SurfaceInsights:
			_, err = surfaceinsights.Compute(ctx, p.desk, r)
		case run.ReviewExperiments:
			_, err = reviewexperiments.Compute(ctx, p.desk, r)
		}
		if err != nil {
			t.Fatalf("%s: %v", stage, err)
		}
		cost := stageCost{wall: time.Since(started), spent: p.used.read() - before}
		cost.queries, cost.inQueries = p.engine.take()
		costs[stage] = cost
	}
	return r, costs
}

// reader opens a reader that is not recorded.
func (p *program) reader(t testing.TB) warehouse.Reader {
	t.Helper()
	reader, err := p.engine.Engine.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reader.Close() })
	return reader
}

// timed runs queries and returns how long they took and how many rows came.
func timed(ctx context.Context, reader warehouse.Reader, queries []query) (elapsed time.Duration, rows int, err error) {
	started := time.Now()
	for _, q := range queries {
		if err := q.run(ctx, reader, func(warehouse.Row) error { rows++; return nil }); err != nil {
			return 0, 0, fmt.Errorf("%s: %w", q.name, err)
		}
	}
	return time.Since(started), rows, nil
}
