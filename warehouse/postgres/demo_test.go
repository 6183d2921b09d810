package postgres_test

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/postgres"
)

// TestCreateDemo reads every table back and compares it byte by byte with the
// CSV files of the same program. Planted faults bring columns of their own.
func TestCreateDemo(t *testing.T) {
	text := `{"faults":[{"kind":"late_data","place":{"feed":"points"},"from":"2026-06-01","size":0.5},
		{"kind":"broken_feed","mode":"mixed_currencies","place":{"feed":"orders"},"from":"2026-06-01","size":0.1}]}`
	plant, err := demo.ReadPlant("plant.json", []byte(text), testdesk.Schemas(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]demo.Options{"plain": {Members: 300, Seed: 3}, "planted": {Members: 300, Seed: 3, Plant: plant}} {
		t.Run(name, func(t *testing.T) {
			target, dir := database(t), t.TempDir()
			if _, err := postgres.CreateDemo(t.Context(), target, o); err != nil {
				t.Fatal(err)
			}
			sink, err := demo.NewCSV(dir, o.Tables()...)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := demo.Generate(t.Context(), o, sink); err != nil {
				t.Fatal(err)
			}
			if err := sink.Close(); err != nil {
				t.Fatal(err)
			}
			conn, err := pgx.Connect(t.Context(), target)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(t.Context())
			for _, table := range o.Tables() {
				want, err := os.ReadFile(filepath.Join(dir, table.Name+".csv"))
				if err != nil {
					t.Fatal(err)
				}
				columns := make([]string, len(table.Columns))
				for i, c := range table.Columns {
					columns[i] = c.Name
					if c.Type == demo.Boolean { // which COPY writes as t and f
						columns[i] = "CAST(" + c.Name + " AS text) AS " + c.Name
					}
				}
				var got bytes.Buffer
				query := "COPY (SELECT " + strings.Join(columns, ", ") + " FROM " + table.Name + " ORDER BY ctid) TO STDOUT (FORMAT csv, HEADER)"
				if _, err := conn.PgConn().CopyTo(t.Context(), &got, query); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got.Bytes(), want) {
					t.Errorf("%s differs from the CSV file", table.Name)
				}
			}
		})
	}
}

// A database that holds one of the tables is left as it is, whatever stands
// in its other schemas.
func TestCreateDemoOverwritesNothing(t *testing.T) {
	target := database(t)
	exec(t, target, "CREATE SCHEMA shop; CREATE TABLE shop.orders (x integer)")
	o := demo.Options{Members: 50, Seed: 3}
	exec(t, target, "CREATE VIEW points AS SELECT 1 AS x")
	_, err := postgres.CreateDemo(t.Context(), target, o)
	if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), `the schema "public" has tables of the demo program's names already: points.`) || !strings.Contains(err.Error(), "empty database") {
		t.Errorf("%v, want the schema, the table that is in the way and what to do", err)
	}
	exec(t, target, "DROP VIEW points; DO $$ BEGIN IF to_regclass('members') IS NOT NULL THEN RAISE 'members were made'; END IF; END $$")
	if _, err := postgres.CreateDemo(t.Context(), target, o); err != nil {
		t.Errorf("%v, want the tables of another schema to be in nobody's way", err)
	}
	if _, err := postgres.CreateDemo(t.Context(), target, o); err == nil || !strings.Contains(err.Error(), "already: assignments, ") {
		t.Errorf("%v, want every table named that is in the way", err)
	}
}

// What keeps the demo program from being written says what to do.
func TestCreateDemoIsRefused(t *testing.T) {
	target := database(t)
	for setting, want := range map[string]string{
		"default_transaction_read_only=on": "takes writes",
		"search_path=nowhere":              "search_path",
		"role=pg_monitor":                  "Grant CREATE",
		"statement_timeout=1":              "fewer --members",
	} {
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		u.RawQuery = url.Values{"options": {"-c" + setting}}.Encode()
		if _, err := postgres.CreateDemo(t.Context(), u.String(), demo.Options{Members: 3000, Seed: 3}); !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want a config fault with %q", setting, err, want)
		}
	}
	exec(t, target, "DO $$ BEGIN IF to_regclass('members') IS NOT NULL THEN RAISE 'members were made'; END IF; END $$")
}
