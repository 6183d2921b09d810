package testdesk

import (
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/postgres"
	"loyaltymcp/warehouse/postgres/pgtest"
)

// Program is a program that tests lay out on every engine.
type Program struct {
	Name   string
	Config string                                         // its loyalty.yaml
	Files  string                                         // a folder of CSV
	file   func(testing.TB) string                        // its .duckdb file; nil without one
	fill   func(ctx context.Context, target string) error // its tables into PostgreSQL
	layout pgtest.Layout
	Folder string // from which the config's paths count
}

// DemoProgram is the small demo program.
func DemoProgram(t testing.TB) Program {
	t.Helper()
	folder, err := demoFolder()
	if err != nil {
		t.Fatal(err)
	}
	return Program{Name: "demo", Config: string(demo.Config()), Files: folder, Folder: folder, layout: pgtest.Members(), file: DemoFile,
		fill: func(ctx context.Context, target string) error {
			_, err := postgres.CreateDemo(ctx, target, demo.Options{Members: demoMembers, Seed: 1})
			return err
		}}
}

// demoFolder returns the small program's CSV, kept between test runs.
var demoFolder = sync.OnceValues(func() (string, error) {
	folder := demoPlace("csv")
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return "", err
	}
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	// A folder is there whole or not at all.
	temp, err := os.MkdirTemp(filepath.Dir(folder), "csv")
	if err != nil {
		return "", err
	}
	sink, err := demo.NewCSV(temp)
	if err != nil {
		return "", err
	}
	if _, err = demo.Generate(context.Background(), demo.Options{Members: demoMembers, Seed: 1}, sink); err != nil {
		return "", err
	}
	if err := sink.Close(); err != nil {
		return "", err
	}
	return folder, os.Rename(temp, folder)
})

// AirlineProgram is the airline program. It skips where its data are absent.
func AirlineProgram(t testing.TB) Program {
	t.Helper()
	root := Root(t)
	data := filepath.Join(root, "..", "shared", "data", "airline")
	if _, err := os.Stat(data); err != nil {
		t.Skipf("the airline data are not at %s", data)
	}
	text, err := os.ReadFile(filepath.Join(root, "examples", "airline.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	key := pgtest.Spread{Key: "Loyalty Number"}
	return Program{Name: "airline", Config: string(text), Files: data, Folder: filepath.Join(root, "examples"),
		layout: pgtest.Layout{"members": key, "activity": key},
		fill: func(ctx context.Context, target string) error {
			if err := load(ctx, target, "members", filepath.Join(data, "members.csv"), airlineMembers); err != nil {
				return err
			}
			return load(ctx, target, "activity", filepath.Join(data, "activity.csv.gz"), airlineActivity)
		}}
}

const (
	airlineMembers = "Loyalty Number integer, Country text, Province text, City text, Postal Code text, Gender text, Education text, Salary numeric, " +
		"Marital Status text, Loyalty Card text, CLV double precision, Enrollment Type text, Enrollment Year integer, Enrollment Month integer, " +
		"Cancellation Year integer, Cancellation Month integer"
	airlineActivity = "Loyalty Number integer, Year integer, Month integer, Flights Booked integer, Flights with Companions integer, Total Flights integer, " +
		"Distance integer, Points Accumulated double precision, Points Redeemed integer, Dollar Cost Points Redeemed integer"
)

func load(ctx context.Context, target, table, file, layout string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	var from io.Reader = f
	if filepath.Ext(file) == ".gz" {
		if from, err = gzip.NewReader(f); err != nil {
			return err
		}
	}
	var columns []pgtest.Column
	for _, definition := range strings.Split(layout, ", ") {
		definition = strings.Replace(definition, " double precision", " float8", 1)
		at := strings.LastIndex(definition, " ")
		columns = append(columns, pgtest.Column{Name: definition[:at], Type: definition[at+1:]})
	}
	return pgtest.LoadCSV(ctx, target, table, columns, from)
}

// On returns a desk of the program over the warehouse that the URL names.
func (p Program) On(t testing.TB, warehouseURL string) *run.Desk {
	t.Helper()
	return Config(t, p.Config, p.Folder, warehouseURL)
}

// File returns the URL of the program in a .duckdb file.
func (p Program) File(t testing.TB) string {
	t.Helper()
	if p.file == nil {
		t.Skip("the program is in files only")
	}
	return "duckdb:" + p.file(t)
}

// layouts are laid out once a test binary, by kind and program.
var layouts struct {
	sync.Mutex
	urls map[string]string
}

func (p Program) once(t testing.TB, kind string, lay func() (string, error)) string {
	t.Helper()
	layouts.Lock()
	defer layouts.Unlock()
	at, ok := layouts.urls[kind+p.Name]
	if !ok {
		var err error
		if at, err = lay(); err != nil {
			t.Fatal(err)
		}
		if layouts.urls == nil {
			layouts.urls = map[string]string{}
		}
		layouts.urls[kind+p.Name] = at
	}
	return at
}

// database is the name of a database of this test binary, replaced at each
// run.
func (p Program) database(kind string) string {
	return "loyalty_" + strings.NewReplacer(".", "_", "-", "_").Replace(filepath.Base(os.Args[0])) + "_" + p.Name + kind
}

// Postgres returns the URL of a database that holds the program's tables.
func (p Program) Postgres(t testing.TB) string {
	t.Helper()
	server := PostgresURL(t)
	return p.once(t, "plain", func() (string, error) {
		target, err := pgtest.CreateDatabase(t.Context(), server, p.database(""))
		if err != nil {
			return "", err
		}
		return target, p.fill(t.Context(), target)
	})
}

// Foreign returns the URL of a coordinator over the program's tables, spread
// by member over two databases by postgres_fdw.
func (p Program) Foreign(t testing.TB) string {
	t.Helper()
	from := p.Postgres(t)
	return p.once(t, "foreign", func() (string, error) {
		cluster, err := pgtest.NewForeign(t.Context(), PostgresURL(t), p.database("_fdw"), 2)
		if err != nil {
			return "", err
		}
		return cluster.URL(), pgtest.Copy(t.Context(), from, cluster, p.layout)
	})
}

// Citus returns the URL of the program on the cluster that
// LOYALTY_TEST_CITUS_URL names, spread by member. Without one tests skip: no
// cluster can be had by package.
func (p Program) Citus(t testing.TB) string {
	t.Helper()
	coordinator := os.Getenv("LOYALTY_TEST_CITUS_URL")
	if coordinator == "" {
		t.Skip("LOYALTY_TEST_CITUS_URL is not set: no Citus cluster to test on")
	}
	from := p.Postgres(t)
	return p.once(t, "citus", func() (string, error) {
		cluster, err := pgtest.NewCitus(t.Context(), coordinator, p.database("_citus"))
		if err != nil {
			return "", err
		}
		return cluster.URL(), pgtest.Copy(t.Context(), from, cluster, p.layout)
	})
}
