package survival_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/coverage"
	"loyaltymcp/stats/survival"
)

// Intervals at 95% hold the truth in about 95 of 100 simulated samples: two
// groups of 100 members with exponential times and uniform censoring.
func TestCoverage(t *testing.T) {
	runs := coverage.Runs(t, 400, 4000)
	rng := rand.New(rand.NewPCG(7, 7))
	held := map[string]int{}
	note := func(what string, low, high, truth float64) {
		if low <= truth && truth <= high {
			held[what]++
		}
	}
	for range runs {
		var both survival.Data
		var arms [2]survival.Data
		x := mat.NewDense(200, 1, nil)
		for i := range 200 {
			g := i / 100
			rate := []float64{0.1, 0.2}[g]
			stop, event := rng.ExpFloat64()/rate, 1
			if cut := 4 + 16*rng.Float64(); stop > cut {
				stop, event = cut, 0
			}
			x.Set(i, 0, float64(g))
			arms[g].Stop, arms[g].Event = append(arms[g].Stop, stop), append(arms[g].Event, event)
			// The second row of a member is a copy: naive errors are too small.
			for range 2 {
				both.Stop, both.Event, both.Cluster = append(both.Stop, stop), append(both.Event, event), append(both.Cluster, i)
			}
		}
		a, err := survival.KaplanMeier(arms[0])
		if err != nil {
			t.Fatal(err)
		}
		b, err := survival.KaplanMeier(arms[1])
		if err != nil {
			t.Fatal(err)
		}
		low, high := a.At(6).Interval(0.95, survival.LogLog)
		note("Kaplan-Meier", low, high, math.Exp(-0.6))
		low, high = b.RobustAt(6).Interval(0.95, survival.LogLog)
		note("Kaplan-Meier, robust", low, high, math.Exp(-1.2))
		_, low, high = a.Quantile(0.4, 0.95, survival.LogLog)
		note("quantile", low, high, -math.Log(0.6)/0.1)
		mean := func(rate float64) float64 { return (1 - math.Exp(-4*rate)) / rate }
		c, err := survival.RMSTDifference(a, b, 4)
		if err != nil {
			t.Fatal(err)
		}
		low, high = c.Interval(0.95)
		note("RMST difference", low, high, mean(0.1)-mean(0.2))
		twice := mat.NewDense(400, 1, nil)
		for i := range 400 {
			twice.Set(i, 0, x.At(i/2, 0))
		}
		f, err := survival.Cox(both, twice, survival.Breslow)
		if err != nil {
			t.Fatal(err)
		}
		_, low, high = f.Ratio(0, f.RobustSE()[0], 0.95)
		note("Cox, robust", low, high, 2)
		_, low, high = f.Ratio(0, f.SE()[0], 0.95)
		note("Cox, naive", low, high, 2)
	}
	for _, what := range slices.Sorted(maps.Keys(held)) {
		if what == "Cox, naive" {
			if rate := float64(held[what]) / float64(runs); rate > 0.9 {
				t.Errorf("%s: %.3f; copies should make it too sure", what, rate)
			}
			continue
		}
		coverage.Gate{What: what + ", 100 members a group", Nominal: 0.95, Slack: 0.005, Hits: held[what], Runs: runs}.Near(t)
	}
}
