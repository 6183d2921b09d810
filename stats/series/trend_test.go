package series_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"loyaltymcp/stats/series"
)

func TestTrendByHand(t *testing.T) {
	tau, p, err := series.MannKendall([]float64{1, 3, 2, 4})
	// S = 4 of 6 pairs, variance 4*3*13/18.
	if want := math.Erfc(3 / math.Sqrt(4*3*13/18.) / math.Sqrt2); err != nil || !near(tau, 4./6, 1e-15) || !near(p, want, 1e-12) {
		t.Errorf("tau %v, P %v, %v; want %v, %v", tau, p, err, 4./6, want)
	}
	if tau, p, err := series.MannKendall([]float64{2, 2, 2}); err != nil || tau != 0 || p != 1 {
		t.Errorf("constant: tau %v, P %v, %v; want 0, 1", tau, p, err)
	}
	if slope, err := series.TheilSen([]float64{0, 2, 4, 60, 8, 10}); err != nil || !near(slope, 2, 1e-12) {
		t.Errorf("slope %v, %v; want 2 whatever the odd value", slope, err)
	}
}

// Of true lines the test rejects at most as many as it says, and not far fewer; by
// the law of a Brownian bridge it would reject none.
func TestCUSUMTestLevel(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 1))
	const runs = 2000
	for _, n := range []int{40, 150} {
		y := make([]float64, n)
		at5, at20, bridged := 0, 0, 0
		for range runs {
			for i := range y {
				y[i] = 3 + 0.1*float64(i) + rng.NormFloat64()
			}
			statistic, p, err := series.CUSUMTest(y)
			if err != nil {
				t.Fatal(err)
			}
			if p < 0.05 {
				at5++
			}
			if p < 0.2 {
				at20++
			}
			if bridge(statistic) < 0.05 {
				bridged++
			}
		}
		t.Logf("%d values: %d and %d of %d lines rejected at 5 and 20 %%, %d by the bridge", n, at5, at20, runs, bridged)
		if at5 < runs*25/1000 || at5 > runs*55/1000 || at20 < runs*14/100 || at20 > runs*21/100 || bridged > runs/500 {
			t.Errorf("%d values: %d and %d of %d lines rejected at 5 and 20 %%, %d by the bridge", n, at5, at20, runs, bridged)
		}
	}
}

// A break is dated where it was put, and none is found in a straight line.
func TestBreakpoints(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	plain, broken := make([]float64, 60), make([]float64, 60)
	for i := range plain {
		plain[i] = 50 + 0.3*float64(i) + rng.NormFloat64()
		broken[i] = plain[i]
		if i >= 35 {
			broken[i] += 8
		}
	}
	if got, err := series.Breakpoints(plain, 9); err != nil || len(got.At) != 0 {
		t.Errorf("breaks of a line at %v, %v; want none", got.At, err)
	}
	if got, err := series.Breakpoints(broken, 9); err != nil || !slices.Equal(got.At, []int{35}) {
		t.Errorf("breaks at %v, %v; want 35", got.At, err)
	}
	if _, p, err := series.CUSUMTest(plain); err != nil || p < 0.05 {
		t.Errorf("CUSUM test of a line: P %v, %v", p, err)
	}
	if _, p, err := series.CUSUMTest(broken); err != nil || p > 0.01 {
		t.Errorf("CUSUM test of a break: P %v, %v", p, err)
	}
}
