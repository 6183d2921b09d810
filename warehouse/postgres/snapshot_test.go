package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"loyaltymcp/warehouse"
)

// Queries side by side, in connections of their own, see the state at Begin
// whatever is written meanwhile.
func TestSnapshotIsSharedByParallelQueries(t *testing.T) {
	target := database(t)
	r := begin(t, target, 4)
	exec(t, target, "INSERT INTO t SELECT i FROM generate_series(1, 50) AS g(i)")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			n, err := count(t.Context(), r, "SELECT count(*) FROM t CROSS JOIN (SELECT pg_sleep(0.1)) AS s")
			if err != nil || n != 100 {
				t.Errorf("count = %d, %v; want 100 as at the start", n, err)
			}
		})
	}
	wg.Wait()
}

func TestNothingCanBeWritten(t *testing.T) {
	r := begin(t, database(t), 2)
	for _, attack := range []string{
		"WITH gone AS (DELETE FROM t RETURNING i) SELECT count(*) FROM gone",
		"SELECT 1; DELETE FROM t", "DELETE FROM t", "CREATE TABLE x (i int)", "SELECT set_config('transaction_read_only', 'off', false)",
	} {
		_, _ = count(t.Context(), r, attack)
	}
	if _, err := count(t.Context(), r, "WITH gone AS (DELETE FROM t RETURNING i) SELECT count(*) FROM gone"); err == nil {
		t.Error("a deletion inside a query was accepted, from a superuser's role")
	}
	if n, err := count(t.Context(), r, "SELECT count(*) FROM t"); err != nil || n != 100 {
		t.Errorf("count = %d, %v; want all 100 rows, and a reader that still works", n, err)
	}
}

func TestCancelledQueryEndsOnTheServer(t *testing.T) {
	target := database(t)
	r := begin(t, target, 2)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	started := time.Now()
	_, err := count(ctx, r, "SELECT count(*) FROM t CROSS JOIN (SELECT pg_sleep(30)) AS s")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the deadline", err)
	}
	if waited := time.Since(started); waited > 10*time.Second {
		t.Errorf("the query ended after %v", waited)
	}
	conn, err := pgx.Connect(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var active int
	for range 50 {
		err = conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()").Scan(&active)
		if err != nil || active == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil || active != 0 {
		t.Errorf("%d queries still run on the server (%v)", active, err)
	}
	if n, err := count(t.Context(), r, "SELECT count(*) FROM t"); err != nil || n != 100 {
		t.Errorf("count = %d, %v; want a reader that still works", n, err)
	}
}

func TestDescribe(t *testing.T) {
	target := database(t)
	exec(t, target, "CREATE TABLE k (a bigint, b numeric(8,2), c double precision, d text, e date, f timestamp, g timestamptz, h boolean, i uuid, j jsonb)")
	columns, err := begin(t, target, 2).Describe(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	want := []warehouse.Type{warehouse.IntegerType, warehouse.DecimalType, warehouse.FloatType, warehouse.TextType, warehouse.DateType,
		warehouse.TimestampType, warehouse.TimestampTZType, warehouse.BooleanType, warehouse.UUIDType, warehouse.OtherType}
	for i, c := range columns {
		if c.Type != want[i] {
			t.Errorf("column %s is of class %d, want %d", c.Name, c.Type, want[i])
		}
	}
}
