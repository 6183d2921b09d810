package open_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/warehouse"
)

// BenchmarkSync copies a million orders, or LOYALTY_BENCH_ROWS, from each kind
// of source:
//
//	go test ./warehouse/open -run '^$' -bench Sync -benchtime 1x
func BenchmarkSync(b *testing.B) {
	n := 1_000_000
	if text := os.Getenv("LOYALTY_BENCH_ROWS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	members := warehouse.Mapped{SQL: "SELECT 1 AS member_id, TIMESTAMP '2021-01-01 00:00:00' AS enrolled_at, 'x' AS area"}
	bench := func(b *testing.B, url string, orders warehouse.Mapped) {
		s := syncer(b, url, b.TempDir(), warehouse.Mapping{"members": members, "orders": orders})
		for b.Loop() {
			if err := s.Run(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	}
	made := warehouse.Mapped{SQL: fmt.Sprintf("SELECT i AS order_id, CAST(i AS bigint) * 7919 %% 50000 AS member_id, TIMESTAMP '2022-01-01 00:00:00' + i * INTERVAL '12 seconds' AS ordered_at, CAST(i %% 20000 AS decimal(12,2)) AS net, 'paid' AS status, 'web' AS channel FROM generate_series(1, %d) AS t(i)", n)}
	b.Run("embedded", func(b *testing.B) { bench(b, "", made) })
	b.Run("CSV", func(b *testing.B) {
		dir := b.TempDir()
		f, err := os.Create(filepath.Join(dir, "orders.csv"))
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		w := bufio.NewWriter(f)
		fmt.Fprintln(w, "order_id,member_id,ordered_at,net,status,channel")
		start := time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)
		for i := range n {
			fmt.Fprintf(w, "%d,%d,%s,%d.25,paid,web\n", i, i*7919%50000, start.Add(time.Duration(i)*12*time.Second).Format(time.DateTime), i%20000)
		}
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
		bench(b, "duckdb:"+dir, warehouse.Mapped{Table: "orders"})
	})
	b.Run("PostgreSQL", func(b *testing.B) { bench(b, testdesk.PostgresURL(b), made) })
}
