package duckdb_test

import (
	"path/filepath"
	"testing"
	"testing/fstest"

	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/duckdb"
)

// Spells are known to lie apart only where none reaches into the member's next.
func TestApart(t *testing.T) {
	queries := warehouse.MustParseQueries("test", fstest.MapFS{"a.sql": {Data: []byte("-- one number\nSELECT {{if apart}}1{{else}}0{{end}} FROM {{feed \"tier_history\"}} AS h")}})
	for _, c := range []struct {
		name, spells string
		want         int64
	}{
		{"one after the other", "(1, 'A', DATE '2026-01-01', DATE '2026-02-01'), (1, 'B', DATE '2026-02-01', NULL)", 1},
		{"a gap", "(1, 'A', DATE '2026-01-01', DATE '2026-01-15'), (1, 'B', DATE '2026-02-01', DATE '2026-03-01')", 1},
		{"two members", "(1, 'A', DATE '2026-01-01', NULL), (2, 'B', DATE '2026-02-01', NULL)", 1},
		{"a day too long", "(1, 'A', DATE '2026-01-01', DATE '2026-02-02'), (1, 'B', DATE '2026-02-01', NULL)", 0},
		{"never ended", "(1, 'A', DATE '2026-01-01', NULL), (1, 'B', DATE '2026-02-01', NULL)", 0},
		{"both from one moment", "(1, 'A', DATE '2026-01-01', NULL), (1, 'B', DATE '2026-01-01', NULL)", 0},
		{"from an unknown moment", "(1, 'A', DATE '2026-01-01', NULL), (1, 'B', NULL, NULL)", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "data.duckdb")
			write(t, file, "CREATE TABLE members AS SELECT CAST(1 AS bigint) AS member_id, DATE '2026-01-01' AS enrolled_at",
				"CREATE TABLE tier_history (member_id BIGINT, tier VARCHAR, effective_from DATE, effective_to DATE)", "INSERT INTO tier_history VALUES "+c.spells)
			source := warehouse.NewSource(engine(t, duckdb.Options{Path: file}), warehouse.Mapping{"members": {Table: "members"}, "tier_history": {Table: "tier_history"}}, nil, nil)
			s, err := source.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			got, err := warehouse.Collect(t.Context(), s, queries, "a", nil, func(row warehouse.Row) (n int64, err error) { return n, row.Scan(&n) })
			if err != nil || got[0] != c.want {
				t.Errorf("apart = %d, %v; want %d", got, err, c.want)
			}
		})
	}
}
