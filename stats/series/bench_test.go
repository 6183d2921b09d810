package series_test

import (
	"math"
	"testing"

	"loyaltymcp/stats/series"
)

// run measures a method of the package on a series.
func run[T any](b *testing.B, f func() (T, error)) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSTLRobustTwoYears(b *testing.B) {
	y := week(730, 5)
	run(b, func() (series.Decomposition, error) { return series.STL(y, 7, series.STLOptions{Robust: true}) })
}

func BenchmarkSTLTwoYears(b *testing.B) {
	y := week(730, 5)
	run(b, func() (series.Decomposition, error) { return series.STL(y, 7, series.STLOptions{SeasonWindow: 13}) })
}

func BenchmarkScoresTwoYears(b *testing.B) {
	y := week(730, 5)
	run(b, func() ([]float64, error) { return series.Scores(y) })
}

func BenchmarkOutliersTwoYears(b *testing.B) {
	y := week(730, 5)
	run(b, func() ([]int, error) { return series.Outliers(y, 3) })
}

func BenchmarkBreakpointsTwoYears(b *testing.B) {
	y := week(730, 5)
	run(b, func() (series.Breaks, error) { return series.Breakpoints(y, 60) })
}

func BenchmarkCUSUMTestTwoYears(b *testing.B) {
	y := week(730, 5)
	run(b, func() (float64, error) { _, p, err := series.CUSUMTest(y); return p, err })
}

func BenchmarkMannKendallTwoYears(b *testing.B) {
	y := week(730, 5)
	run(b, func() (float64, error) { _, p, err := series.MannKendall(y); return p, err })
}

func BenchmarkTheilSenTwoYears(b *testing.B) {
	y := week(730, 5)
	run(b, func() (float64, error) { return series.TheilSen(y) })
}

func BenchmarkTrendSeasonTwoYears(b *testing.B) {
	y := week(730, 5)
	run(b, func() (series.Line, error) { return series.TrendSeason(y, 7) })
}

func BenchmarkHoltWintersTwoYears(b *testing.B) {
	y := week(730, 5)
	run(b, func() (series.Exponential, error) {
		return series.HoltWinters(y, 7, series.Smoothing{Level: 0.2, Slope: 0.05, Season: 0.2})
	})
}

func BenchmarkETSHalfAYear(b *testing.B) {
	y := week(182, 5)
	run(b, func() (series.Exponential, error) { return series.ETS(y, 7) })
}

// The charts allocate their limits and nothing a value.
func BenchmarkCharts(b *testing.B) {
	y := week(730, 5)
	p, err := series.Calibrate(y[:100])
	if err != nil {
		b.Fatal(err)
	}
	x, n := make([]float64, len(y)), make([]float64, len(y))
	for i, v := range y {
		n[i] = math.Round(v)
		x[i] = math.Round(0.3 * v)
	}
	b.Run("Calibrate", func(b *testing.B) { run(b, func() (series.Process, error) { return series.Calibrate(y) }) })
	b.Run("XmR", func(b *testing.B) { run(b, func() (series.Limits, error) { return p.XmR(y, 3) }) })
	b.Run("EWMA", func(b *testing.B) {
		run(b, func() (series.Limits, error) { _, l, err := p.EWMA(y, 0.2, 3); return l, err })
	})
	b.Run("CUSUM", func(b *testing.B) { run(b, func() (series.Sums, error) { return p.CUSUM(y, 1, 5) }) })
	b.Run("RunRules", func(b *testing.B) { run(b, func() ([]series.Run, error) { return p.RunRules(y) }) })
	b.Run("PChart", func(b *testing.B) {
		run(b, func() (series.Limits, error) { _, l, err := series.PChart(x, n, 100, 3, 1); return l, err })
	})
	b.Run("Laney", func(b *testing.B) { run(b, func() (float64, error) { return series.Laney(x, n) }) })
}
