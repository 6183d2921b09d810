package classify_test

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/classify"
)

func BenchmarkFit100k(b *testing.B) {
	x, y := members(1e5, 3)
	for b.Loop() {
		if _, err := classify.Fit(y, x, classify.FitOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAUC100k(b *testing.B) {
	x, y := members(1e5, 3)
	score := mat.Col(nil, 0, x)
	for b.Loop() {
		if _, err := classify.AUC(score, y); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIsotonic100k(b *testing.B) {
	x, y := members(1e5, 3)
	score := mat.Col(nil, 0, x)
	for b.Loop() {
		if _, err := classify.Isotonic(score, y); err != nil {
			b.Fatal(err)
		}
	}
}
