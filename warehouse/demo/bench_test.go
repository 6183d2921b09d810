package demo

import (
	"context"
	"testing"
)

// discard is a sink that counts rows.
type discard map[string]int

func (d discard) Append(table string, _ ...any) error {
	d[table]++
	return nil
}

func BenchmarkGenerate(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Generate(context.Background(), Defaults(), discard{}); err != nil {
			b.Fatal(err)
		}
	}
}
