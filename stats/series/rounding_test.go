package series_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"loyaltymcp/stats/series"
)

// What is left of an exact series is rounding, and no signal.
func TestRoundingIsNoNoise(t *testing.T) {
	t.Parallel()
	line, broken, weekly := make([]float64, 100), make([]float64, 60), make([]float64, 140)
	for i := range line {
		line[i] = 1000 + .37*float64(i)
	}
	for i := range broken {
		if broken[i] = .1*float64(i) + 3.3; i > 30 {
			broken[i]++
		}
	}
	for i := range weekly {
		weekly[i] = 1000.1 + 17.3*float64(i%7)
	}
	if s, p, err := series.CUSUMTest(line); err == nil {
		t.Errorf("an exact line: %v, P %v, no error", s, p)
	}
	if b, err := series.Breakpoints(broken, 6); err == nil || !strings.Contains(err.Error(), "2 straight pieces, cut at [31]") {
		t.Errorf("exact pieces: %+v, %v", b, err)
	}
	noise := rand.New(rand.NewPCG(1, 2))
	for i := range broken {
		broken[i] += 1e-9 * noise.NormFloat64()
	}
	if b, err := series.Breakpoints(broken, 6); err != nil || !slices.Equal(b.At, []int{31}) {
		t.Errorf("a little noise: %+v, %v", b, err)
	}
	if e, err := series.ETS(weekly, 7); err == nil {
		t.Errorf("ETS of an exact series: errors of %v, no error", e.SSE)
	}
	for _, robust := range []bool{true, false} {
		d, err := series.STL(weekly, 7, series.STLOptions{Robust: robust})
		if err != nil {
			t.Fatal(err)
		}
		if i := slices.IndexFunc(d.Remainder, func(r float64) bool { return r != 0 }); i >= 0 {
			t.Errorf("robust %v: remainder %d is %v", robust, i, d.Remainder[i])
		}
		if i := slices.Index(d.Weights, 0); i >= 0 {
			t.Errorf("robust %v: value %d has no weight", robust, i)
		}
		if z, err := series.Scores(d.Remainder); err == nil {
			t.Errorf("robust %v: scores of nothing: %v", robust, z)
		}
	}
	if z, err := series.Scores([]float64{.3, .1 + .2, .3, .1 + .2, .3, .1 + .2, .3}); err == nil {
		t.Errorf("scores of rounding: %v", z)
	}
	if p, err := series.Calibrate([]float64{.3, .1 + .2, .3, .1 + .2}); err == nil {
		t.Errorf("calibrated on rounding: %+v", p)
	}
}

func TestLongSeriesOfBreaks(t *testing.T) {
	t.Parallel()
	if _, err := series.Breakpoints(make([]float64, 2001), 30); err == nil || !strings.Contains(err.Error(), "longer steps") {
		t.Errorf("error %v", err)
	}
}

// A chart without width is none.
func TestProcessWithoutWidth(t *testing.T) {
	t.Parallel()
	x := []float64{1, 2, 3}
	for _, p := range []series.Process{{Center: 1}, {Center: 1, SD: -1}, {SD: math.Inf(1)}, {Center: math.NaN(), SD: 1}} {
		_, _, ewma := p.EWMA(x, .2, 3)
		for name, err := range map[string]error{"CUSUM": second(p.CUSUM(x, 1, 5)), "XmR": second(p.XmR(x, 3)), "runs": second(p.RunRules(x)), "EWMA": ewma} {
			if err == nil {
				t.Errorf("%+v, %s: no error", p, name)
			}
		}
	}
	if p, err := series.Calibrate([]float64{1e308, -1e308, 1e308}); err == nil {
		t.Errorf("%+v, no error", p)
	}
	if c, l, err := series.PChart([]float64{0, 0, 1}, []float64{10, 10, 10}, 2, 3, 1); err == nil {
		t.Errorf("no event in the calibration: %v, %+v", c, l)
	}
}
