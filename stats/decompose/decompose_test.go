package decompose_test

import (
	"math"
	"strconv"
	"testing"

	"loyaltymcp/stats/decompose"
)

// near reports whether two figures agree to rounding.
func near(a, b float64) bool {
	return math.Abs(a-b) <= 1e-12*math.Max(1, math.Max(math.Abs(a), math.Abs(b)))
}

func TestKitagawaByHand(t *testing.T) {
	s, err := decompose.Kitagawa([]float64{1, 1}, []float64{0.2, 0.4}, []float64{1, 3}, []float64{0.3, 0.4})
	if err != nil {
		t.Fatal(err)
	}
	// Shares .5 .5 to .25 .75; before .3, after .375.
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"before", s.Before, 0.3}, {"after", s.After, 0.375}, {"mix", s.Mix, -0.25*0.25 + 0.25*0.4}, {"rate", s.Rate, 0.1 * 0.375},
		{"first mix", s.Segments[0].Mix, -0.0625}, {"centred", s.Segments[0].MixCentered, -0.25 * (0.25 - 0.3375)},
	} {
		if !near(c.got, c.want) {
			t.Errorf("%s = %v, want %v", c.name, c.got, c.want)
		}
	}
	rate, mix, both, err := decompose.ThreeFold([]float64{1, 1}, []float64{0.2, 0.4}, []float64{1, 3}, []float64{0.3, 0.4})
	if err != nil || !near(rate, 0.05) || !near(mix, 0.05) || !near(both, -0.025) {
		t.Errorf("three-fold = %v, %v, %v, %v; want 0.05, 0.05, -0.025", rate, mix, both, err)
	}
}

// A segment that is new or gone has one rate, and all of its effect is mix.
func TestNewAndVanishedSegmentsAreMix(t *testing.T) {
	nan := math.NaN()
	s, err := decompose.Kitagawa([]float64{6, 4, 0, 0}, []float64{0.5, 0.25, nan, nan}, []float64{5, 0, 5, 0}, []float64{0.5, nan, 1, nan})
	if err != nil {
		t.Fatal(err)
	}
	if !near(s.Rate, 0) || !near(s.Mix, s.Delta()) || !near(s.After, 0.75) {
		t.Errorf("%+v, want all of the change as mix", s)
	}
}

func TestKitagawaRefuses(t *testing.T) {
	one, inf := []float64{1, 1}, math.Inf(1)
	for name, args := range map[string][4][]float64{
		"no units before":     {{0, 0}, one, one, one},
		"no units after":      {one, one, {0, 0}, one},
		"negative size":       {{2, -1}, one, one, one},
		"unknown rate":        {one, {1, math.NaN()}, one, one},
		"infinite rate":       {one, one, one, {inf, 1}},
		"infinite size":       {{inf, 1}, one, one, one},
		"sizes that overflow": {{math.MaxFloat64, math.MaxFloat64}, one, one, one},
		"no segments":         {{}, {}, {}, {}},
	} {
		if _, err := decompose.Kitagawa(args[0], args[1], args[2], args[3]); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, _, _, err := decompose.ThreeFold(args[0], args[1], args[2], args[3]); err == nil {
			t.Errorf("%s: no error of ThreeFold", name)
		}
	}
}

func TestShapleyRefuses(t *testing.T) {
	sum := func(x []float64) float64 { return x[0] }
	if _, err := decompose.Shapley(nil, nil, sum); err == nil {
		t.Error("no factors: no error")
	}
	many := make([]float64, decompose.MaxFactors+1)
	if _, err := decompose.Shapley(many, many, sum); err == nil {
		t.Error("too many factors: no error")
	}
	if _, err := decompose.Shapley([]float64{1, 0}, []float64{1, 2}, func(x []float64) float64 { return x[0] / x[1] }); err == nil {
		t.Error("division by zero on the way: no error")
	}
}

// With one dimension a table's structure effect is Kitagawa's mix.
func TestCrossClassifiedOfOneDimension(t *testing.T) {
	n0, r0, n1, r1 := []float64{3, 5, 2}, []float64{0.1, 0.2, 0.5}, []float64{4, 1, 5}, []float64{0.2, 0.2, 0.4}
	var cells []decompose.Cell
	for i := range n0 {
		cells = append(cells, decompose.Cell{Levels: []string{strconv.Itoa(i)}, Size0: n0[i], Size1: n1[i], Rate0: r0[i], Rate1: r1[i]})
	}
	got, err := decompose.CrossClassified(cells)
	if err != nil {
		t.Fatal(err)
	}
	want, err := decompose.Kitagawa(n0, r0, n1, r1)
	if err != nil {
		t.Fatal(err)
	}
	if !near(got.Dimensions[0].Effect(), want.Mix) || !near(got.Rate.Effect(), want.Rate) {
		t.Errorf("effects %v and %v, want %v and %v", got.Dimensions[0].Effect(), got.Rate.Effect(), want.Mix, want.Rate)
	}
}

// The one element that moved explains everything, of a sum and of a ratio.
func TestAdtributorNamesTheElementThatMoved(t *testing.T) {
	dimensions := []decompose.Dimension{
		{Name: "region", Elements: []decompose.Element{{Name: "north", Forecast: 50, Real: 45}, {Name: "south", Forecast: 50, Real: 45}}},
		{Name: "channel", Elements: []decompose.Element{{Name: "app", Forecast: 40, Real: 30}, {Name: "shop", Forecast: 60, Real: 60}}},
	}
	got, err := decompose.Adtributor(dimensions, decompose.Thresholds{Element: 0.1, Dimension: 0.67})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Dimension != "channel" || len(got[0].Elements) != 1 || got[0].Elements[0].Name != "app" || got[0].Share != 0.5 || got[1].Share != 1 {
		t.Errorf("candidates %+v, want channel app first, and all of region after", got)
	}
	ratio, err := decompose.Explain(decompose.Dimension{Name: "tier", Elements: []decompose.Element{
		{Name: "gold", Forecast: 10, Real: 5, ForecastDenominator: 100, RealDenominator: 100},
		{Name: "basic", Forecast: 10, Real: 10, ForecastDenominator: 100, RealDenominator: 100}}})
	if err != nil || ratio[0].Power != 1 || ratio[1].Power != 0 {
		t.Errorf("powers of a ratio %+v, %v; want 1 and 0", ratio, err)
	}
	for name, bad := range map[string]decompose.Dimension{
		"no deviation": {Name: "d", Elements: []decompose.Element{{Name: "a", Forecast: 1, Real: 1}}},
		"nothing":      {Name: "d"},
		"not finite":   {Name: "d", Elements: []decompose.Element{{Name: "a", Forecast: math.NaN(), Real: 1}}},
		"no forecast":  {Name: "d", Elements: []decompose.Element{{Name: "a", Real: 1}}},
	} {
		if _, err := decompose.Explain(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
