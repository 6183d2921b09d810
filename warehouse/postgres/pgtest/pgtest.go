// Package pgtest makes PostgreSQL databases for tests of other packages, which
// must not import the driver: tables from files, and tables spread over the
// nodes of a cluster. It also starts servers of a test's own, which the test may
// kill, restart and pause, and puts a proxy or PgBouncer before them.
package pgtest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Database makes an empty database of the name on the server, in place of one
// that is there, and returns its URL.
func Database(t testing.TB, server, name string) string {
	t.Helper()
	target, err := CreateDatabase(context.Background(), server, name)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// Run runs statements, as many as there are.
func Run(t testing.TB, database, statements string) {
	t.Helper()
	with(t, database, func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.PgConn().Exec(ctx, statements).ReadAll()
		return err
	})
}

// Number runs a query of one number and returns it.
func Number(t testing.TB, database, query string) (n int) {
	t.Helper()
	with(t, database, func(ctx context.Context, conn *pgx.Conn) error { return conn.QueryRow(ctx, query).Scan(&n) })
	return n
}

// Load runs the folder's schema.sql and copies each of its CSV files into the
// table that is named by its stem, in the schema if there is one.
func Load(t testing.TB, database, schema, folder string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "schema.sql"))
	if err != nil {
		t.Fatal(err)
	}
	Run(t, database, string(text))
	files, err := filepath.Glob(filepath.Join(folder, "*.csv"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no CSV files in %s (%v)", folder, err)
	}
	for _, name := range files {
		table := pgx.Identifier{strings.TrimSuffix(filepath.Base(name), ".csv")}
		if schema != "" {
			table = append(pgx.Identifier{schema}, table...)
		}
		with(t, database, func(ctx context.Context, conn *pgx.Conn) error {
			file, err := os.Open(name)
			if err != nil {
				return err
			}
			defer file.Close()
			_, err = conn.PgConn().CopyFrom(ctx, file, "COPY "+table.Sanitize()+" FROM STDIN (FORMAT csv, HEADER)")
			return err
		})
	}
}

func with(t testing.TB, database string, do func(context.Context, *pgx.Conn) error) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := do(ctx, conn); err != nil {
		t.Fatal(err)
	}
}
