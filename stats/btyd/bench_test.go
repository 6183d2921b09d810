package btyd

import (
	"testing"
)

var worlds = []struct {
	name string
	step float64
}{{"continuous", 0}, {"daily", 1. / 7}, {"weekly", 1}}

func benchFit[M Model](b *testing.B, m M, n int) {
	for _, w := range worlds {
		b.Run(w.name, func(b *testing.B) {
			h := newSim(1).members(MBGNBD{0.6, 7, 0.7, 2.1}.core(), n, w.step)
			b.ReportAllocs()
			var fit *Fitted[M]
			var d *Data
			for b.Loop() {
				var err error
				if d, err = NewData(h, nil); err != nil {
					b.Fatal(err)
				}
				if fit, err = Fit(m, d); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(d.Patterns()), "patterns")
			b.ReportMetric(float64(fit.Iterations), "steps")
		})
	}
}

// Fits to a million members, from their histories in no order.
func BenchmarkBGNBD(b *testing.B)  { benchFit(b, BGNBD{}, 1e6) }
func BenchmarkMBGNBD(b *testing.B) { benchFit(b, MBGNBD{}, 1e6) }

// A fit to histories that the database has counted, a row for each.
func BenchmarkWeeklyCounts(b *testing.B) {
	d := data(b, newSim(1).members(MBGNBD{0.4, 5, 0.7, 2.1}.core(), 2e6, 1), nil)
	var h []History
	for _, g := range d.groups {
		for i := g.lo; i < g.hi; i++ {
			h = append(h, History{X: g.x, TX: d.tx[i], T: d.t[i]})
		}
	}
	b.Run("bgnbd", func(b *testing.B) { benchCounts(b, BGNBD{}, h, d.w) })
	b.Run("mbgnbd", func(b *testing.B) { benchCounts(b, MBGNBD{}, h, d.w) })
}

func benchCounts[M Model](b *testing.B, m M, h []History, w []float64) {
	for b.Loop() {
		d, err := NewData(h, w)
		if err != nil {
			b.Fatal(err)
		}
		if _, err = Fit(m, d); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(h)), "patterns")
}

func BenchmarkNewData(b *testing.B) {
	for _, w := range worlds {
		b.Run(w.name, func(b *testing.B) {
			h := newSim(1).members(MBGNBD{0.6, 7, 0.7, 2.1}.core(), 1e6, w.step)
			for b.Loop() {
				if _, err := NewData(h, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// One evaluation of the likelihood with both derivatives.
func BenchmarkEval(b *testing.B) {
	d := data(b, newSim(1).members(MBGNBD{0.6, 7, 0.7, 2.1}.core(), 1e6, 0), nil)
	m := MBGNBD{0.5, 6, 0.8, 2}
	b.ReportAllocs()
	for b.Loop() {
		var g [dim]float64
		var h [dim][dim]float64
		m.eval(d, &g, &h)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(d.Patterns()), "ns/row")
}
