package migration_test

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/migration"
)

// tiers returns counts of moves between six tiers, the last of them lapsed.
func tiers() *mat.Dense {
	m := mat.NewDense(6, 6, nil)
	for i := range 6 {
		for j := range 6 {
			m.Set(i, j, float64(1+(i*7+j*3)%11))
		}
	}
	return m
}

// years returns the tiers of so many members over 12 periods.
func years(n int) [][]int {
	rng := rand.New(rand.NewPCG(1, 2))
	out, all := make([][]int, n), make([]int, 12*n)
	for i := range out {
		out[i] = all[12*i : 12*i+12]
		for k := range out[i] {
			out[i][k] = rng.IntN(6)
		}
	}
	return out
}

func BenchmarkCount100k(b *testing.B) {
	sequences := years(1e5)
	b.ReportAllocs()
	for b.Loop() {
		migration.Count(6, sequences...)
	}
}

func BenchmarkCountPairs100k(b *testing.B) {
	sequences := years(1e5)
	b.ReportAllocs()
	for b.Loop() {
		migration.CountPairs(6, sequences...)
	}
}

func BenchmarkFit(b *testing.B) {
	m := tiers()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := migration.Fit(m, 5); err != nil {
			b.Fatal(err)
		}
	}
}

// estimate fits the tiers.
func estimate(b *testing.B) migration.Estimate {
	b.Helper()
	e, err := migration.Fit(tiers(), 5)
	if err != nil {
		b.Fatal(err)
	}
	return e
}

func BenchmarkInterval(b *testing.B) {
	e := estimate(b)
	b.ReportAllocs()
	for b.Loop() {
		e.Interval(0, 1, 0.95)
	}
}

func BenchmarkSE(b *testing.B) {
	e := estimate(b)
	b.ReportAllocs()
	for b.Loop() {
		e.SE()
	}
}

func BenchmarkShrink(b *testing.B) {
	m, e := tiers(), estimate(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := migration.Shrink(m, e.P, 10); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPower(b *testing.B) {
	e := estimate(b)
	b.ReportAllocs()
	for b.Loop() {
		migration.Power(e.P, 120)
	}
}

// Whatever the number of steps, a projection allocates the same few slices.
func BenchmarkProject(b *testing.B) {
	e, mix := estimate(b), []float64{1, 2, 3, 4, 5, 6}
	for _, steps := range []int{12, 120} {
		b.Run(map[int]string{12: "year", 120: "decade"}[steps], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Project(mix, steps); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAbsorb(b *testing.B) {
	e := estimate(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := migration.Absorb(e.P, 5); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStationary(b *testing.B) {
	live, err := migration.Live(estimate(b).P, 5)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := migration.Stationary(live); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLive(b *testing.B) {
	e := estimate(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := migration.Live(e.P, 5); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOrderTest(b *testing.B) {
	pairs := migration.CountPairs(6, years(1000)...)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := migration.OrderTest(pairs); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHomogeneityTest(b *testing.B) {
	var periods []*mat.Dense
	for range 12 {
		periods = append(periods, tiers())
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := migration.HomogeneityTest(periods); err != nil {
			b.Fatal(err)
		}
	}
}
