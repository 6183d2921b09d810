package reserve

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func benchTriangle(n int) *Triangle {
	r := rand.New(rand.NewPCG(1, 1))
	rows := make([][]float64, n)
	for i := range rows {
		sum := 1000.0
		for j := range n - i {
			rows[i] = append(rows[i], sum)
			sum *= 1 + (0.5+r.Float64())/float64(2+j*j)
		}
	}
	return &Triangle{cum: rows}
}

func BenchmarkMack(b *testing.B) {
	t := benchTriangle(36)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Mack(t, MackOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMerzWuthrich(b *testing.B) {
	t := benchTriangle(36)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := MerzWuthrich(t, MinRule); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkODP(b *testing.B) {
	t := benchTriangle(36)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ODP(t); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBornhuetter(b *testing.B) {
	t := benchTriangle(36)
	exposure := slices.Repeat([]float64{1e4}, 36)
	for _, o := range []struct {
		name string
		BornhuetterOptions
	}{{"prior", BornhuetterOptions{Exposure: exposure, Rate: slices.Repeat([]float64{0.8}, 36)}}, {"capecod", BornhuetterOptions{Exposure: exposure}}} {
		b.Run(o.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Bornhuetter(t, o.BornhuetterOptions); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkClark(b *testing.B) {
	t := benchTriangle(36)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Clark(t, ClarkOptions{Growth: Weibull}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCalendarTest(b *testing.B) {
	t := benchTriangle(36)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := CalendarTest(t); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCorrelationTest(b *testing.B) {
	t := benchTriangle(36)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := CorrelationTest(t); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkChainLadder(b *testing.B) {
	t := benchTriangle(36)
	exposure := slices.Repeat([]float64{1e4}, 36)
	b.ReportAllocs()
	for b.Loop() {
		f, err := t.Factors(Volume, 0)
		if err != nil {
			b.Fatal(err)
		}
		tail, err := Tail(f, Exponential)
		if err != nil {
			b.Fatal(err)
		}
		cdf := ToUltimate(f, tail)
		rate, err := t.CapeCod(cdf, exposure, 0.9)
		if err != nil {
			b.Fatal(err)
		}
		t.ChainLadder(cdf)
		t.BornhuetterFerguson(cdf, exposure, rate, 2)
	}
}

// The cells are lots by month.
func BenchmarkFitHazard(b *testing.B) {
	cells, _, _, _, _, _ := worlds[2].run(rand.New(rand.NewPCG(1, 2)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := FitHazard(cells, HazardOptions{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(cells)), "cells")
}

func BenchmarkProject(b *testing.B) {
	w := worlds[0]
	cells, _, lots, _, _, month := w.run(rand.New(rand.NewPCG(1, 2)))
	h, err := FitHazard(cells, HazardOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.Project(lots, month, w.horizon, Scenario{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(lots)), "lots")
}

func BenchmarkCompetingRisks(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 3))
	lives := make([]Life, 100_000)
	for i := range lives {
		lives[i] = Life{Time: float64(r.IntN(500)) / 10, Outcome: Outcome(r.IntN(3)), Weight: 1 + r.Float64(), Cluster: i / 5}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := CompetingRisks(lives, []float64{12, 24, 50}); err != nil {
			b.Fatal(err)
		}
	}
}

// A member with a month of earning and redeeming per event.
func BenchmarkLedger(b *testing.B) {
	at := make([]time.Time, 400)
	for i := range at {
		at[i] = time.Date(2020, 1, 1+i*3, 0, 0, 0, 0, time.UTC)
	}
	b.ReportAllocs()
	for b.Loop() {
		l := NewLedger[int64](FirstIn)
		for i, now := range at {
			if _, err := l.Earn(now, 100, now.AddDate(1, 0, 0)); err != nil {
				b.Fatal(err)
			}
			if i%2 == 1 {
				if _, err := l.Redeem(now, 150); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}

func BenchmarkAttribute(b *testing.B) {
	lots := make([]Lot[int64], 50)
	for i := range lots {
		lots[i] = Lot[int64]{Amount: 100, Expiry: time.Date(2027, 1, 100-i, 0, 0, 0, 0, time.UTC)}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Attribute(lots, 2500); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDeferral(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		d := Deferral{Allocated: 100}
		if _, err := d.Close(40, 90); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBacktest(b *testing.B) {
	cells, _, _, _, _, month := worlds[2].run(rand.New(rand.NewPCG(1, 2)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Backtest(cells, month-3, HazardOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
