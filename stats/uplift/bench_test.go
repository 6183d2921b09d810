package uplift_test

import (
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/uplift"
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

func BenchmarkTrial100k(b *testing.B) {
	t := campaign(1e5, 1)
	b.Run("Curve", func(b *testing.B) { run(b, t.Curve) })
	b.Run("AUUC", func(b *testing.B) { run(b, t.AUUC) })
	b.Run("Qini", func(b *testing.B) { run(b, t.Qini) })
	b.Run("QiniWithoutHarm", func(b *testing.B) { run(b, t.QiniWithoutHarm) })
	b.Run("Groups", func(b *testing.B) { run(b, func() ([]uplift.Group, error) { return t.Groups(10) }) })
	b.Run("At", func(b *testing.B) { run(b, func() (uplift.Group, error) { return t.At(0.3) }) })
	b.Run("AtByArm", func(b *testing.B) { run(b, func() (uplift.Group, error) { return t.AtByArm(0.3) }) })
}

func BenchmarkInterval10k(b *testing.B) {
	t := campaign(1e4, 1)
	run(b, func() (uplift.Range, error) {
		_, qini, err := t.Interval(0.95, 100, rand.New(rand.NewPCG(1, 1)))
		return qini, err
	})
}

// nuisance returns predictions that are right on average, and scores.
func nuisance(b *testing.B, t uplift.Trial) (uplift.Nuisance, []float64) {
	b.Helper()
	k := len(t.Score)
	n := uplift.Nuisance{Control: make([]float64, k), Treated: make([]float64, k), Propensity: make([]float64, k)}
	for i, s := range t.Score {
		n.Control[i], n.Treated[i], n.Propensity[i] = 0.2, 0.2+s, 0.5
	}
	scores, err := uplift.Scores(t.Outcome, t.Treated, n)
	if err != nil {
		b.Fatal(err)
	}
	return n, scores
}

func BenchmarkScores100k(b *testing.B) {
	t := campaign(1e5, 1)
	n, scores := nuisance(b, t)
	treat := make([]bool, len(scores))
	for i, s := range t.Score {
		treat[i] = s > 0.1
	}
	b.Run("Scores", func(b *testing.B) {
		run(b, func() ([]float64, error) { return uplift.Scores(t.Outcome, t.Treated, n) })
	})
	b.Run("Overlap", func(b *testing.B) {
		run(b, func() (uplift.Effect, error) { return uplift.Overlap(t.Outcome, t.Treated, n) })
	})
	b.Run("Average", func(b *testing.B) { run(b, func() (uplift.Effect, error) { return uplift.Average(scores), nil }) })
	b.Run("Policy", func(b *testing.B) {
		run(b, func() (uplift.Effect, error) { return uplift.Policy(scores, treat, 0.1), nil })
	})
}

func BenchmarkProjection10k(b *testing.B) {
	t := campaign(1e4, 1)
	_, scores := nuisance(b, t)
	x := mat.NewDense(len(scores), 1, t.Score)
	run(b, func() ([]uplift.Effect, error) { return uplift.Projection(scores, x) })
}

func BenchmarkAUTOC10k(b *testing.B) {
	t := campaign(1e4, 1)
	_, scores := nuisance(b, t)
	run(b, func() (uplift.Effect, error) {
		return uplift.AUTOC(scores, t.Score, 100, rand.New(rand.NewPCG(1, 1)))
	})
}

func BenchmarkCrossFit10k(b *testing.B) {
	t := campaign(1e4, 1)
	x, fold := mat.NewDense(len(t.Score), 1, t.Score), make([]int, len(t.Score))
	for i := range fold {
		fold[i] = i % 5
	}
	run(b, func() (uplift.Nuisance, error) { return uplift.CrossFit(t.Outcome, t.Treated, x, fold, 1) })
}
