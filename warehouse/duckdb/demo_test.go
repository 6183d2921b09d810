package duckdb_test

import (
	"context"
	"path/filepath"
	"testing"

	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/duckdb"
)

func BenchmarkCreateDemo(b *testing.B) {
	for b.Loop() {
		if _, err := duckdb.CreateDemo(context.Background(), filepath.Join(b.TempDir(), "demo.duckdb"), demo.Defaults()); err != nil {
			b.Fatal(err)
		}
	}
}
