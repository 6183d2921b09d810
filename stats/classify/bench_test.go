package classify_test

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/classify"
)

// run measures a method.
func run[T any](b *testing.B, f func() (T, error)) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFit100k(b *testing.B) {
	x, y := members(1e5, 3)
	cluster := make([]int, len(y))
	for i := range cluster {
		cluster[i] = i / 4
	}
	for name, o := range map[string]classify.FitOptions{
		"logit": {}, "cloglog": {Link: classify.CLogLog}, "ridge": {Ridge: 1}, "clustered": {Cluster: cluster},
	} {
		b.Run(name, func(b *testing.B) { run(b, func() (classify.Model, error) { return classify.Fit(y, x, o) }) })
	}
}

// Predictions allocate nothing.
func BenchmarkPredict(b *testing.B) {
	x, y := members(1e4, 3)
	m, err := classify.Fit(y, x, classify.FitOptions{})
	if err != nil {
		b.Fatal(err)
	}
	row := x.RawRowView(0)
	b.ReportAllocs()
	for b.Loop() {
		m.Predict(row...)
	}
}

func BenchmarkScores100k(b *testing.B) {
	x, y := members(1e5, 3)
	score, other := mat.Col(nil, 0, x), mat.Col(nil, 1, x)
	p := make([]float64, len(score))
	for i, s := range score {
		p[i] = s / 121
	}
	b.Run("AUC", func(b *testing.B) { run(b, func() (classify.Area, error) { return classify.AUC(score, y) }) })
	b.Run("AUCDifference", func(b *testing.B) {
		run(b, func() (float64, error) { _, _, p, err := classify.AUCDifference(score, other, y); return p, err })
	})
	b.Run("AveragePrecision", func(b *testing.B) { run(b, func() (float64, error) { return classify.AveragePrecision(score, y) }) })
	b.Run("Brier", func(b *testing.B) { run(b, func() (classify.Mean, error) { return classify.Brier(p, y) }) })
	b.Run("LogLoss", func(b *testing.B) { run(b, func() (classify.Mean, error) { return classify.LogLoss(p, y) }) })
	b.Run("Calibration", func(b *testing.B) { run(b, func() ([]classify.Bin, error) { return classify.Calibration(p, y, 10) }) })
	b.Run("Platt", func(b *testing.B) { run(b, func() (classify.Model, error) { return classify.Platt(score, y) }) })
	b.Run("Isotonic", func(b *testing.B) { run(b, func() (classify.Steps, error) { return classify.Isotonic(score, y) }) })
}
