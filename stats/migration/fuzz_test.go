package migration_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"loyaltymcp/stats/migration"
)

// finite fails for a result that is no number.
func finite(t interface {
	Helper()
	Fatalf(string, ...any)
}, what string, values ...float64) {
	t.Helper()
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Fatalf("%s: value %d is %v", what, i, v)
		}
	}
}

// anything draws numbers of any size and kind.
func anything() *rapid.Generator[float64] {
	return rapid.OneOf(
		rapid.Float64Range(0, 100), rapid.Float64(), rapid.Map(rapid.IntRange(-330, 308), func(e int) float64 { return math.Pow(10, float64(e)) }),
		rapid.SampledFrom([]float64{0, 0, 1, 5e-324, math.MaxFloat64, 1e-17, -1, math.NaN(), math.Inf(1), math.Inf(-1)}),
	)
}

// Whatever numbers are given, results are finite, or an error says why there is
// none; nothing panics.
func TestFiniteOrExplained(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "n")
		draw := func(name string) *mat.Dense {
			return mat.NewDense(n, n, rapid.SliceOfN(anything(), n*n, n*n).Draw(t, name))
		}
		m, other := draw("counts"), draw("other")
		var absorbing []int
		if rapid.Bool().Draw(t, "absorb") {
			absorbing = []int{n - 1}
		}
		use(t, m, other, absorbing, rapid.SliceOfN(anything(), n, n).Draw(t, "mix"), rapid.SampledFrom([]int{0, 1, 3, 1 << 40}).Draw(t, "steps"), anything().Draw(t, "weight"))
	})
}

// use computes all there is of the numbers.
func use(t interface {
	Helper()
	Fatalf(string, ...any)
}, m, other *mat.Dense, absorbing []int, mix []float64, steps int, weight float64) {
	t.Helper()
	e, err := migration.Fit(m, absorbing...)
	if err == nil {
		finite(t, "fit", append(e.P.RawMatrix().Data, e.LogLik)...)
		finite(t, "standard errors", e.SE().RawMatrix().Data...)
		low, high := e.Interval(0, len(mix)-1, 0.95)
		finite(t, "interval", low, high)
		if p, err := e.Project(mix, steps); err == nil {
			finite(t, "projection", append(p.Mix, p.SE...)...)
		}
		if mix, err := migration.Stationary(e.P); err == nil {
			finite(t, "mix", mix...)
		}
		if a, err := migration.Absorb(e.P, absorbing...); err == nil {
			finite(t, "periods", a.Periods...)
			finite(t, "ends", a.Ends.RawMatrix().Data...)
			for r := range a.Periods {
				if sum := mat.Sum(a.Ends.RowView(r)); !near(sum, 1, 1e-12) {
					t.Fatalf("ends sum to %v", sum)
				}
			}
		}
		if live, err := migration.Live(e.P, absorbing...); err == nil {
			finite(t, "live", live.RawMatrix().Data...)
		}
		if p, err := migration.Shrink(m, e.P, weight); err == nil {
			finite(t, "shrunken", p.RawMatrix().Data...)
			for i := range mix {
				if sum := mat.Sum(p.RowView(i)); !near(sum, 1, 1e-9) {
					t.Fatalf("shrunken row %d sums to %v", i, sum)
				}
			}
		}
	}
	if test, err := migration.HomogeneityTest([]*mat.Dense{m, other}); err == nil {
		finite(t, "homogeneity", test.G2, test.P)
	}
	if mix, err := migration.Stationary(m); err == nil {
		finite(t, "mix", mix...)
	}
	if a, err := migration.Absorb(m, absorbing...); err == nil {
		finite(t, "periods", a.Periods...)
	}
}

func FuzzFit(f *testing.F) {
	f.Add(1.0, 2.0, 0.0, 4.0, 3.0, uint8(2))
	f.Add(1e-17, 1.0, 1.0, 1e-300, 1e300, uint8(255))
	f.Fuzz(func(t *testing.T, a, b, c, d, weight float64, steps uint8) {
		m, other := mat.NewDense(2, 2, []float64{a, b, c, d}), mat.NewDense(2, 2, []float64{b, d, a, c})
		for _, absorbing := range [][]int{nil, {1}} {
			use(t, m, other, absorbing, []float64{a, d}, int(steps), weight)
		}
		e, err := migration.Fit(m)
		if err != nil {
			return
		}
		if _, err := migration.Stationary(e.P); err != nil && e.P.At(0, 1) > 1e-300 && e.P.At(1, 0) > 1e-300 {
			t.Errorf("no stationary mix of\n%v: %v", mat.Formatted(e.P), err)
		}
	})
}
