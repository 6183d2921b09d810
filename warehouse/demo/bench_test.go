package demo

import (
	"path/filepath"
	"testing"
)

// discard is a sink that counts rows.
type discard map[string]int

func (d discard) Append(table string, _ ...any) error {
	d[table]++
	return nil
}

func (d discard) total() int {
	n := 0
	for _, rows := range d {
		n += rows
	}
	return n
}

func BenchmarkGenerate(b *testing.B) {
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		d := discard{}
		if _, err := Generate(b.Context(), Defaults(), d); err != nil {
			b.Fatal(err)
		}
		rows += d.total()
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkCSV(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		sink, err := NewCSV(filepath.Join(b.TempDir(), "demo"))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := GenerateSpread(b.Context(), Defaults(), sink); err != nil {
			b.Fatal(err)
		}
		if err := sink.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
