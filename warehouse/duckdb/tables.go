package duckdb

import (
	"context"
	"fmt"
	"strings"

	"loyaltymcp/warehouse"
)

// tablesText lists the columns of what a feed can be mapped to: the loaded
// files, or the views over the attached file, whose tables know how many rows
// they have.
const tablesText = `
SELECT c.schema_name, c.table_name, c.column_name, c.data_type, CAST(coalesce(t.rows, -1) AS bigint)
FROM duckdb_columns() AS c
LEFT JOIN (SELECT schema_name, table_name, max(estimated_size) AS rows FROM duckdb_tables()
           WHERE NOT internal GROUP BY schema_name, table_name) AS t
  ON t.schema_name = c.schema_name AND t.table_name = c.table_name
WHERE NOT c.internal AND c.database_name = current_database()
ORDER BY c.schema_name, c.table_name, c.column_index`

// Tables implements warehouse.Lister.
func (r *reader) Tables(ctx context.Context) ([]warehouse.Table, error) {
	var found warehouse.GatherTables
	err := r.Query(ctx, tablesText, nil, func(row warehouse.Row) error {
		var t warehouse.Table
		var column, native string
		if err := row.Scan(&t.Schema, &t.Name, &column, &native, &t.Rows); err != nil {
			return err
		}
		if t.Schema == "main" {
			t.Schema = ""
		}
		found.Add(t, warehouse.Physical{Name: column, Type: classify(native), Native: strings.ToLower(native)})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing the tables: %w", err)
	}
	return found.Tables(), nil
}
