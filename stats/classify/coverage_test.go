package classify_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/classify"
	"loyaltymcp/stats/internal/coverage"
)

// Intervals at 95% hold the truth in about 95 of 100 simulated samples of 200:
// scores normal, shifted by 1 where the outcome is 1, so that the area is
// Φ(1/√2) and the coefficient of the logistic model 1.
func TestCoverage(t *testing.T) {
	runs := coverage.Runs(t, 600, 6000)
	rng := rand.New(rand.NewPCG(3, 9))
	truth := 0.5 * math.Erfc(-0.5)
	area, coefficient, difference := 0, 0, 0
	for range runs {
		score, other, y := make([]float64, 200), make([]float64, 200), make([]float64, 200)
		for i := range y {
			y[i] = float64(i % 2)
			common := rng.NormFloat64()
			score[i] = y[i] + 0.6*common + 0.8*rng.NormFloat64()
			other[i] = y[i] + 0.6*common + 0.8*rng.NormFloat64()
		}
		a, err := classify.AUC(score, y)
		if err != nil {
			t.Fatal(err)
		}
		if low, high := a.Interval(0.95); low <= truth && truth <= high {
			area++
		}
		if _, _, p, err := classify.AUCDifference(score, other, y); err == nil && p > 0.05 {
			difference++
		}
		m, err := classify.Fit(y, mat.NewDense(200, 1, score), classify.FitOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(m.Coef[1]-1) <= 1.96*m.SE()[1] {
			coefficient++
		}
	}
	for _, g := range []coverage.Gate{
		{What: "AUC", Hits: area}, {What: "coefficient", Hits: coefficient}, {What: "difference of two alike", Hits: difference},
	} {
		g.What, g.Nominal, g.Slack, g.Runs = g.What+", 200 members", 0.95, 0.005, runs
		g.Near(t)
	}
}
