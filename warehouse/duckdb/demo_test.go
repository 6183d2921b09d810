package duckdb_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/duckdb"
)

func BenchmarkCreateDemo(b *testing.B) {
	for b.Loop() {
		if _, err := duckdb.CreateDemo(context.Background(), filepath.Join(b.TempDir(), "demo.duckdb"), demo.Defaults()); err != nil {
			b.Fatal(err)
		}
	}
}

// TestDemoFormatsAgree writes one planted program in every format and compares
// all rows and columns.
func TestDemoFormatsAgree(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(testdesk.Root(t), "examples", "plant.json"))
	if err != nil {
		t.Fatal(err)
	}
	plant, err := demo.ReadPlant("plant.json", text, testdesk.Schemas(t))
	if err != nil {
		t.Fatal(err)
	}
	o := demo.Options{Members: 200, Seed: 3, Plant: plant}
	dir := t.TempDir()
	file, parquet, csv := filepath.Join(dir, "demo.duckdb"), filepath.Join(dir, "parquet"), filepath.Join(dir, "csv")
	if err := os.Mkdir(parquet, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := duckdb.CreateDemo(t.Context(), file, o); err != nil {
		t.Fatal(err)
	}
	if _, err := duckdb.CreateDemoParquet(t.Context(), parquet, o); err != nil {
		t.Fatal(err)
	}
	sink, err := demo.NewCSV(csv, o.Tables()...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := demo.GenerateSpread(t.Context(), o, sink); err != nil {
		t.Fatal(err)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	if names := list(t, parquet); len(names) != len(o.Tables()) {
		t.Errorf("the Parquet folder holds %v, want a file for each table", names)
	}
	read := map[string]map[string][]string{}
	for _, path := range []string{file, parquet, csv} {
		r := begin(t, engine(t, duckdb.Options{Path: path}))
		read[path] = map[string][]string{}
		for _, table := range o.Tables() {
			// One text a row, in a form that all formats can give: a number
			// loses its zeros, a boolean is a word.
			columns := make([]string, len(table.Columns))
			for i, c := range table.Columns {
				columns[i] = c.Name
				switch c.Type {
				case demo.Money, demo.Double, demo.Integer, demo.BigInt:
					columns[i] = "CAST(" + c.Name + " AS double)"
				case demo.Timestamp:
					columns[i] = "CAST(" + c.Name + " AS timestamp)"
				}
				columns[i] = "coalesce(CAST(" + columns[i] + " AS text), '')"
			}
			read[path][table.Name] = ask(t, r, "SELECT "+strings.Join(columns, " || '|' || ")+" AS line FROM "+table.Name+" ORDER BY line")
		}
	}
	for _, table := range o.Tables() {
		want := read[csv][table.Name]
		if len(want) == 0 {
			t.Errorf("%s is empty", table.Name)
		}
		for _, path := range []string{file, parquet} {
			got := read[path][table.Name]
			if len(got) != len(want) {
				t.Errorf("%s: %d rows in %s, %d as CSV", table.Name, len(got), filepath.Base(path), len(want))
				continue
			}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("%s in %s: %q, as CSV %q", table.Name, filepath.Base(path), got[i], want[i])
					break
				}
			}
		}
	}
}
