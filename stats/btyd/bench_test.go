package btyd

import (
	"fmt"
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
			var fit *Fitted[M]
			var d *Data
			b.ReportAllocs()
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

// That of Pareto/NBD needs quadrature for every history.
func BenchmarkParetoNBD(b *testing.B) { benchFit(b, ParetoNBD{}, 1e6) }

// Regular buyers, a hundred thousand members in whole weeks.
func BenchmarkMBGCNBD(b *testing.B) {
	d := data(b, newSim(1).members(MBGCNBD{2, 0.6, 7, 0.7, 2.1}.core(), 1e5, 1), nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Fit(MBGCNBD{K: 2}, d); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(d.Patterns()), "patterns")
}

// Counts of 24 monthly opportunities.
func BenchmarkBGBB(b *testing.B) {
	s := newSim(1)
	h := make([]History, 1e5)
	for i := range h {
		h[i] = s.discrete(BGBB{1.2, 0.75, 0.66, 2.8}, 24)
	}
	d := data(b, h, nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Fit(BGBB{}, d); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(d.Patterns()), "patterns")
}

func BenchmarkFitSpend(b *testing.B) {
	spend := newSim(1).spends(GammaGamma{5, 4, 30}, 1e5)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := FitSpend(spend, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// Two covariates of purchase and dropout, four kinds of members.
func BenchmarkFitStatic(b *testing.B) {
	h := newSim(1).members(MBGNBD{0.6, 7, 0.7, 2.1}.core(), 1e5, 1)
	z := make([][]float64, len(h))
	for i := range z {
		z[i] = []float64{float64(i % 2), float64(i / 2 % 2)}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := FitStatic(MBGNBD{}, h, nil, z, z); err != nil {
			b.Fatal(err)
		}
	}
}

// Answers about one member.
func BenchmarkAnswers(b *testing.B) {
	h := History{X: 3, TX: 20, T: 30}
	for _, m := range []struct {
		name string
		Model
	}{
		{"mbgnbd", MBGNBD{0.525, 6.183, 0.891, 1.614}},
		{"mbgcnbd", MBGCNBD{2, 0.865, 2.541, 0.533, 2.472}},
		{"paretonbd", ParetoNBD{0.553, 10.578, 0.606, 11.669}},
		{"bgbb", BGBB{1.204, 0.75, 0.657, 2.783}},
	} {
		b.Run(m.name+"/loglik", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.LogLik(h)
			}
		})
		b.Run(m.name+"/palive", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.PAlive(h)
			}
		})
		b.Run(m.name+"/expected", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Expected(h, 26)
			}
		})
		b.Run(m.name+"/pmf", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.PMF(h, 2, 26)
			}
		})
		b.Run(m.name+"/dert", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.DERT(h, 0.002)
			}
		})
	}
}

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
	b.Run("paretonbd", func(b *testing.B) { benchCounts(b, ParetoNBD{}, h, d.w) })
}

func benchCounts[M Model](b *testing.B, m M, h []History, w []float64) {
	b.ReportAllocs()
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
			b.ReportAllocs()
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

// What is asked of a fit afterwards: draws and an interval, a choice of models, bands.
func BenchmarkAfterFit(b *testing.B) {
	s := newSim(1)
	truth := MBGNBD{0.6, 7, 0.7, 2.1}
	o := Holdout{Histories: make([]History, 2000), Later: make([]int, 2000), Time: 26}
	for i := range o.Histories {
		o.Histories[i], o.Later[i] = s.member(truth.core(), 52, 26, 0)
	}
	fit, err := Fit(MBGNBD{}, data(b, o.Histories, nil))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("interval", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			draws, err := fit.Draw(200, 1)
			if err != nil {
				b.Fatal(err)
			}
			Interval(draws, 0.95, func(m MBGNBD) float64 { return m.Expected(someone, 26) })
		}
	})
	b.Run("clv", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			CLV(fit.Model, someone, 30, Valuation{Periods: 12, Length: 4.345, Discount: 0.01, Margin: 0.3})
		}
	})
	b.Run("choose", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Choose([]Candidate{{"a", fit.Model, fit.LogLik}, {"b", truth, fit.LogLik - 1}}, &o); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("calibrate", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Calibrate(fit.Model, o, 10); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSummarize(b *testing.B) {
	s := newSim(1)
	log := make([]Purchase, 1e5)
	for i := range log {
		log[i] = Purchase{Member: fmt.Sprint(s.IntN(20000)), Day: s.IntN(800), Value: 10 + s.Float64()}
	}
	b.ReportAllocs()
	for b.Loop() {
		Summarize(log, 500, 800, 7)
	}
}
