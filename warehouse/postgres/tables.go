package postgres

import (
	"context"
	"fmt"

	"loyaltymcp/warehouse"
)

// tablesText lists the columns of every table and view of the database but
// those of the server and of extensions. A partition is read through its
// parent. The type of a domain is its base type, as the driver sees it.
const tablesText = `
SELECT CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE CAST(n.nspname AS text) END,
  CAST(c.relname AS text), CAST(a.attname AS text),
  CAST(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END AS bigint),
  CAST(CASE WHEN t.typtype = 'd' THEN b.typname ELSE t.typname END AS text),
  CAST(CASE WHEN c.relkind IN ('r', 'p', 'm') THEN c.reltuples ELSE -1 END AS bigint),
  NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_type AS b ON b.oid = t.typbasetype
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp%'
  AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.classid = CAST('pg_class' AS regclass) AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname, a.attnum`

// Tables implements warehouse.Lister.
func (r *reader) Tables(ctx context.Context) ([]warehouse.Table, error) {
	var found warehouse.GatherTables
	err := r.Query(ctx, tablesText, nil, func(row warehouse.Row) error {
		var t warehouse.Table
		var column, native string
		var oid int64
		if err := row.Scan(&t.Schema, &t.Name, &column, &oid, &native, &t.Rows, &t.Denied); err != nil {
			return err
		}
		found.Add(t, warehouse.Physical{Name: column, Type: classify(uint32(oid)), Native: native})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing the tables: %w", err)
	}
	return found.Tables(), nil
}
