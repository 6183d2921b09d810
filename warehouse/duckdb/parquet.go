package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// ToParquet writes a CSV file with a head as a Parquet file. Every column is text
// but assigned_at, a moment: an id keeps its zeros.
func ToParquet(ctx context.Context, from, to string) (err error) {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return tidy(err)
	}
	db := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, db.Close()) }()
	literal := func(file string) string { return "'" + strings.ReplaceAll(file, "'", "''") + "'" }
	// One thread, so that the rows keep their order.
	for _, text := range []string{"SET threads = 1",
		"COPY (SELECT * REPLACE (CAST(assigned_at AS timestamp) AS assigned_at) FROM read_csv(" + literal(from) + ", all_varchar = true, header = true)) TO " + literal(to) + " (FORMAT parquet, COMPRESSION zstd)"} {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("writing a Parquet file: %w", tidy(err))
		}
	}
	return nil
}
