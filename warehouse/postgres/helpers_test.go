package postgres_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/postgres"
	"loyaltymcp/warehouse/postgres/pgtest"
)

// database makes a database with a table t of 100 rows and returns its URL.
func database(t *testing.T) string {
	t.Helper()
	server := testdesk.PostgresURL(t)
	name := fmt.Sprintf("loyalty_pg_%d_%s", os.Getpid(), strings.ToLower(strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return c
		}
		return -1
	}, t.Name())))
	name = name[:min(60, len(name))]
	target, err := pgtest.CreateDatabase(t.Context(), server, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), server)
		if err != nil {
			return // the server went away with its databases
		}
		defer conn.Close(context.Background())
		_, _ = conn.Exec(context.Background(), "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)")
	})
	exec(t, target, "CREATE TABLE t AS SELECT i FROM generate_series(1, 100) AS g(i)")
	return target
}

func exec(t *testing.T, target, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func begin(t *testing.T, target string, connections int) warehouse.Reader {
	t.Helper()
	e, err := postgres.Open(t.Context(), postgres.Options{URL: target, MaxConns: connections})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	r, err := e.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func count(ctx context.Context, r warehouse.Reader, sql string) (n int64, err error) {
	err = r.Query(ctx, sql, nil, func(row warehouse.Row) error { return row.Scan(&n) })
	return n, err
}

// extra are queries of tables that no feed maps.
func extra(t *testing.T) *warehouse.Queries {
	t.Helper()
	return warehouse.MustParseQueries("test", fstest.MapFS{
		"extra.sql":   {Data: []byte("SELECT CAST(e.i AS bigint) FROM extra AS e")},
		"watched.sql": {Data: []byte("SELECT CAST(w.i AS bigint) FROM watched AS w")},
	})
}

// hasty is patience that does not wait long.
func hasty(ctx context.Context) context.Context {
	return warehouse.WithPatience(ctx, warehouse.NewPatience(warehouse.Backoff{Waits: []time.Duration{time.Millisecond, time.Millisecond}}))
}
