// Package testdesk opens the desks that tests of the stages share: the demo
// program, generated once a test binary, and real programs where they are.
package testdesk

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"loyaltymcp/schemas"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/duckdb"
	"loyaltymcp/warehouse/open"
)

// Now is the moment at which tests run.
var Now = time.Date(2026, 7, 2, 9, 0, 0, 0, time.UTC)

// Root returns the module's root.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		break
	}
	t.Fatal("no go.mod above the test")
	return ""
}

// Schemas returns the compiled schemas.
func Schemas(t testing.TB) *schemas.Set {
	t.Helper()
	set, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Config returns a desk of a loyalty.yaml given as text, whose relative paths
// count from folder.
func Config(t testing.TB, text, folder, warehouseURL string) *run.Desk {
	t.Helper()
	d, err := TryConfig(t, text, folder, warehouseURL)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TryConfig is Config for texts that should fail.
func TryConfig(t testing.TB, text, folder, warehouseURL string) (*run.Desk, error) {
	t.Helper()
	return desk(t, text, folder, warehouseURL, func(e warehouse.Engine) warehouse.Engine { return e }, still)
}

// still is the clock of tests.
func still() time.Time { return Now }

// Clocked is Config with a clock of the test's own, which runs are kept by too.
func Clocked(t testing.TB, text, folder, warehouseURL string, clock func() time.Time) *run.Desk {
	t.Helper()
	d, err := desk(t, text, folder, warehouseURL, func(e warehouse.Engine) warehouse.Engine { return e }, clock)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Wrapped is Config with what wrap makes of the engine in its place.
func Wrapped(t testing.TB, text, folder, warehouseURL string, wrap func(warehouse.Engine) warehouse.Engine) *run.Desk {
	t.Helper()
	d, err := desk(t, text, folder, warehouseURL, wrap, still)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func desk(t testing.TB, text, folder, warehouseURL string, wrap func(warehouse.Engine) warehouse.Engine, clock func() time.Time) (*run.Desk, error) {
	t.Helper()
	c, err := config.Parse("loyalty.yaml", []byte(text), folder, Schemas(t))
	if err != nil {
		return nil, err
	}
	if warehouseURL == "" {
		warehouseURL = c.Warehouse
	}
	engine, err := open.Engine(context.Background(), open.Options{URL: warehouseURL, Folder: folder, Mapping: c.Mapping(), Limits: c.Limits()})
	if err != nil {
		return nil, err
	}
	metrics, err := c.Catalog()
	if err != nil {
		return nil, err
	}
	if err := run.CheckConfig(c, metrics); err != nil {
		return nil, err
	}
	source := warehouse.NewSource(wrap(engine), c.Mapping(), c.Zone(), c.Dimensions)
	t.Cleanup(func() { source.Close() })
	store := run.NewStore(t.TempDir(), clock)
	// One salt for all, so that results can be compared, hashes and all.
	if err := os.WriteFile(store.SaltFile(), []byte(strings.Repeat("5a", 32)+"\n"), 0o600); err != nil {
		return nil, err
	}
	return &run.Desk{Memo: new(run.Memo), ToParquet: duckdb.ToParquet, Config: c, Source: source, Store: store, Metrics: metrics,
		Plans: filepath.Join(t.TempDir(), "plans"), Now: clock, Version: "test"}, nil
}

// demoMembers is smaller than the default program: tests ask for truth, not
// for size.
const demoMembers = 4000

// demoPlace returns where a form of the small program is kept between test
// runs: a version always generates the same bytes.
func demoPlace(name string) string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("loyalty-mcp-test-demo-%s-%d", demo.Version, demoMembers), name)
}

// demoFile returns the small program's data, kept between test runs.
var demoFile = sync.OnceValues(func() (string, error) {
	file := demoPlace("demo.duckdb")
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", err
	}
	_, err := duckdb.CreateDemo(context.Background(), file, demo.Options{Members: demoMembers, Seed: 1})
	return file, err
})

// DemoFile returns the .duckdb file of the small demo program.
func DemoFile(t testing.TB) string {
	t.Helper()
	file, err := demoFile()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// Demo returns a desk of a small demo program.
func Demo(t testing.TB) *run.Desk {
	t.Helper()
	file := DemoFile(t)
	return Config(t, string(demo.Config()), filepath.Dir(file), "duckdb:"+file)
}

// Airline returns a desk of the airline program, and skips where its data are
// absent.
func Airline(t testing.TB) *run.Desk {
	t.Helper()
	p := AirlineProgram(t)
	return p.On(t, "duckdb:"+p.Files)
}
