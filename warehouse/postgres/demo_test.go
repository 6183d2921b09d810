package postgres_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

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
