package duckdb_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/duckdb"
)

func TestCreateDemoIsWhole(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "demo.duckdb")
	_, err := duckdb.CreateDemo(context.Background(), file, demo.Options{Members: 200, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if entries := list(t, dir); !slices.Equal(entries, []string{"demo.duckdb"}) {
		t.Errorf("the folder holds %v, want demo.duckdb alone", entries)
	}
	e := engine(t, duckdb.Options{Path: file})
	r := begin(t, e)
	for _, table := range demo.Tables() {
		got := ask(t, r, `SELECT CASE WHEN count(*) > 0 THEN 'some' ELSE 'none' END FROM "`+table.Name+`"`)
		if got[0] != "some" {
			t.Errorf("%s has no rows", table.Name)
		}
		columns, err := r.Describe(context.Background(), table.Name)
		if err != nil || len(columns) != len(table.Columns) {
			t.Errorf("%s has %d columns, %v, want %d", table.Name, len(columns), err, len(table.Columns))
		}
	}
	if got := ask(t, r, "SELECT CAST(count(*) AS text) FROM members WHERE NOT is_test"); got[0] != "200" {
		t.Errorf("members = %v, want 200", got)
	}
	if entries := list(t, dir); !slices.Equal(entries, []string{"demo.duckdb"}) {
		t.Errorf("while it is read, the folder holds %v, want demo.duckdb alone", entries)
	}
}

// Two that write one file at a time do not share what they write.
func TestCreateDemoSideBySide(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "demo.duckdb")
	errs := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := duckdb.CreateDemo(context.Background(), file, demo.Options{Members: 200, Seed: 1})
			errs <- err
		}()
	}
	for range 2 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if entries := list(t, dir); !slices.Equal(entries, []string{"demo.duckdb"}) {
		t.Errorf("the folder holds %v, want demo.duckdb alone", entries)
	}
	r := begin(t, engine(t, duckdb.Options{Path: file}))
	if got := ask(t, r, "SELECT CAST(count(*) AS text) FROM members WHERE NOT is_test"); got[0] != "200" {
		t.Errorf("members = %v, want 200", got)
	}
}

func TestCreateDemoInterrupted(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := duckdb.CreateDemo(ctx, filepath.Join(dir, "demo.duckdb"), demo.Options{Members: 200, Seed: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
	if entries := list(t, dir); len(entries) != 0 {
		t.Errorf("the folder holds %v, want nothing", entries)
	}
	if _, err := duckdb.CreateDemo(context.Background(), filepath.Join(dir, "demo.duckdb"), demo.Options{}); err == nil {
		t.Error("a program without members was made")
	}
	if entries := list(t, dir); len(entries) != 0 {
		t.Errorf("the folder holds %v, want nothing", entries)
	}
}

// The same seed gives the same rows through the file as through CSV.
func TestDemoFileAndFolderAgree(t *testing.T) {
	dir, o := t.TempDir(), demo.Options{Members: 100, Seed: 3}
	file, folder := filepath.Join(dir, "demo.duckdb"), filepath.Join(dir, "csv")
	if _, err := duckdb.CreateDemo(context.Background(), file, o); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	sink, err := demo.NewCSV(folder)
	if err != nil {
		t.Fatal(err)
	}
	_, err = demo.Generate(context.Background(), o, sink)
	if err := errors.Join(err, sink.Close()); err != nil {
		t.Fatal(err)
	}
	a, b := begin(t, engine(t, duckdb.Options{Path: file})), begin(t, engine(t, duckdb.Options{Path: folder}))
	for _, query := range []string{
		"SELECT CAST(count(*) AS text) || ' ' || CAST(CAST(sum(CAST(net AS decimal(18,4))) * 100 AS bigint) AS text) || ' ' || CAST(max(ordered_at) AS text) FROM orders",
		"SELECT CAST(count(*) AS text) || ' ' || CAST(CAST(sum(points) AS bigint) AS text) || ' ' || CAST(min(occurred_at) AS text) FROM points",
		"SELECT CAST(count(*) AS text) || ' ' || CAST(max(enrolled_at) AS text) FROM members WHERE NOT is_test",
		"SELECT kind || ' ' || CAST(count(*) AS text) FROM engagement GROUP BY kind ORDER BY 1",
	} {
		if x, y := ask(t, a, query), ask(t, b, query); !slices.Equal(x, y) || len(x) == 0 {
			t.Errorf("%s\nfile %q, folder %q", query, x, y)
		}
	}
}
