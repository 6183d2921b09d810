package decompose_test

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"loyaltymcp/stats/decompose"
)

// fataler is a test, a fuzz target or a property.
type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

func finite(t fataler, what string, values ...float64) {
	t.Helper()
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Fatalf("%s: value %d is %v", what, i, v)
		}
	}
}

// all computes everything there is of sizes and rates before and after: results
// are finite, or there is an error.
func all(t fataler, n0, r0, n1, r1 []float64) {
	t.Helper()
	if s, err := decompose.Kitagawa(n0, r0, n1, r1); err == nil {
		finite(t, "split", s.Before, s.After, s.Delta(), s.Mix, s.Rate)
		for _, e := range s.Segments {
			finite(t, "segment", e.Mix, e.MixCentered, e.Rate)
		}
	}
	if a, b, c, err := decompose.ThreeFold(n0, r0, n1, r1); err == nil {
		finite(t, "three-fold", a, b, c)
	}
	for name, f := range map[string]func([]float64) float64{
		"product": product, "quotient": func(x []float64) float64 { return x[0] / x[len(x)-1] },
	} {
		if e, err := decompose.Shapley(r0, r1, f); err == nil {
			finite(t, name, e...)
		}
	}
	var cells []decompose.Cell
	d, ratio := decompose.Dimension{Name: "d"}, decompose.Dimension{Name: "d"}
	for i := range n0 {
		cells = append(cells, decompose.Cell{Levels: []string{strconv.Itoa(i % 2), strconv.Itoa(i / 2)}, Size0: n0[i], Size1: n1[i], Rate0: r0[i], Rate1: r1[i]})
		d.Elements = append(d.Elements, decompose.Element{Forecast: r0[i], Real: r1[i]})
		ratio.Elements = append(ratio.Elements, decompose.Element{Forecast: r0[i], Real: r1[i], ForecastDenominator: n0[i], RealDenominator: n1[i]})
	}
	if s, err := decompose.CrossClassified(cells); err == nil {
		finite(t, "table", s.Before, s.After, s.Rate.Before, s.Rate.After)
		for _, x := range s.Dimensions {
			finite(t, "dimension", x.Before, x.After, x.Effect())
		}
	}
	for _, x := range []decompose.Dimension{d, ratio} {
		if e, err := decompose.Explain(x); err == nil {
			for _, v := range e {
				finite(t, "element", v.Power, v.Surprise)
			}
		}
		_, _ = decompose.Adtributor([]decompose.Dimension{x}, decompose.Thresholds{Element: r0[0], Dimension: r1[0]})
	}
}

// Whatever numbers are given, results are finite, or an error says why there is
// none.
func TestFiniteOrExplained(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		anything := rapid.OneOf(
			rapid.Float64Range(0, 100), rapid.Float64(), rapid.Map(rapid.IntRange(-330, 308), func(e int) float64 { return math.Pow(10, float64(e)) }),
			rapid.SampledFrom([]float64{0, 0, 1, 5e-324, math.MaxFloat64, -math.MaxFloat64, -1, math.NaN(), math.Inf(1), math.Inf(-1)}),
		)
		positive := rapid.OneOf(rapid.Float64Range(0, 100), rapid.Map(rapid.IntRange(-323, 308), func(e int) float64 { return math.Pow(10, float64(e)) }))
		if rapid.Bool().Draw(t, "positive") {
			anything = positive
		}
		k := rapid.IntRange(1, 5).Draw(t, "segments")
		draw := func(name string, g *rapid.Generator[float64]) []float64 { return rapid.SliceOfN(g, k, k).Draw(t, name) }
		all(t, draw("n0", positive), draw("r0", anything), draw("n1", positive), draw("r1", anything))
		all(t, draw("m0", anything), draw("q0", anything), draw("m1", anything), draw("q1", anything))
	})
}

// FuzzSplits: any numbers give splits that sum, or an error.
func FuzzSplits(f *testing.F) {
	f.Add(1.0, 0.2, 3.0, 0.4, 2.0, 0.1, 0.0, 9.0)
	f.Add(1e308, 1e308, 1e-300, -1e308, 5e-324, 0.1, 0.0, 9.0)
	f.Fuzz(func(t *testing.T, a, ra, b, rb, c, rc, d, rd float64) {
		n0, r0, n1, r1 := []float64{a, b}, []float64{ra, rb}, []float64{c, d}, []float64{rc, rd}
		all(t, n0, r0, n1, r1)
		s, err := decompose.Kitagawa(n0, r0, n1, r1)
		if err != nil {
			return
		}
		scale := math.Abs(ra) + math.Abs(rb) + math.Abs(rc) + math.Abs(rd)
		if math.IsNaN(scale) || math.IsInf(scale, 0) {
			return // of values that don't count, or too large to be added
		}
		if d := s.Mix + s.Rate - s.Delta(); !(math.Abs(d) <= 1e-12*(1+scale)) {
			t.Errorf("effects %v and %v don't sum to %v", s.Mix, s.Rate, s.Delta())
		}
	})
}
