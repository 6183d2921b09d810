package breakdown_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"loyaltymcp/tools/breakdown"
)

// programme returns a table of a few large and many small groups.
func programme(rows, cols int) [][]float64 {
	r := rand.New(rand.NewPCG(1, 2))
	n := make([][]float64, rows)
	for i := range n {
		n[i] = make([]float64, cols)
		for j := range n[i] {
			n[i][j] = math.Floor(math.Exp(3 + 1.8*r.NormFloat64() - 0.1*float64(i)))
		}
	}
	return n
}

// Tables too large for linear programs are audited by Bounds.
func TestSuppressTableOfManyCells(t *testing.T) {
	p := newTable(programme(12, 60))
	p.hidden = breakdown.SuppressTable(p.n, p.hiddenRows, p.hiddenCols, minimum)
	least, most := breakdown.Bounds(p.n, p.hidden, p.hiddenRows, p.hiddenCols)
	shown := 0
	for i := range p.n {
		for j, units := range p.n[i] {
			if p.small(i, j) && most[i][j]-least[i][j] < minimum {
				t.Errorf("cell %d, %d of %v units is bounded by %v to %v", i, j, units, least[i][j], most[i][j])
			}
			if !p.hidden[i][j] {
				shown++
			}
		}
	}
	if shown == 0 {
		t.Error("all cells are hidden")
	}
}

func BenchmarkSuppressTable(b *testing.B) {
	for _, size := range [][2]int{{5, 12}, {12, 50}, {12, 200}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			p := newTable(programme(size[0], size[1]))
			small, marked := 0, 0
			for b.Loop() {
				p.hidden = breakdown.SuppressTable(p.n, p.hiddenRows, p.hiddenCols, minimum)
			}
			for i := range p.n {
				for j := range p.n[i] {
					if p.small(i, j) {
						small++
					}
					if p.hidden[i][j] {
						marked++
					}
				}
			}
			b.ReportMetric(float64(small), "small")
			b.ReportMetric(float64(marked), "marked")
		})
	}
}
