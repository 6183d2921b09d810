package proportion

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mathext"
	"pgregory.net/rapid"

	"loyaltymcp/stats/internal/special"
)

func drawCount(t *rapid.T, name string, most int64) Count {
	n := rapid.Int64Range(1, most).Draw(t, name+" n")
	return Count{Successes: rapid.Int64Range(0, n).Draw(t, name+" x"), N: n}
}

// One-sample intervals hold the estimate whatever the level, lie in [0, 1], grow
// with the confidence and mirror when successes and failures change places.
func TestPropertyOneSample(t *testing.T) {
	t.Parallel()
	methods := map[string]func(Count, float64) (Interval, error){
		"Wilson": Wilson, "Clopper-Pearson": ClopperPearson, "Jeffreys": Jeffreys, "Agresti-Coull": AgrestiCoull, "Wald": Wald,
	}
	rapid.Check(t, func(t *rapid.T) {
		c := drawCount(t, "count", rapid.SampledFrom([]int64{3, 40, 1e6, most}).Draw(t, "most"))
		levels := drawLevels(t)
		for name, f := range methods {
			before := Interval{Low: math.Inf(1), High: math.Inf(-1)}
			for _, confidence := range levels {
				iv, err := f(c, confidence)
				if err != nil || !(iv.Low >= 0 && iv.Low <= iv.High && iv.High <= 1) {
					t.Fatalf("%s of %v: %+v, %v", name, c, iv, err)
				}
				if iv.Low > iv.Estimate || iv.High < iv.Estimate {
					t.Fatalf("%s of %v at %v: %+v", name, c, confidence, iv)
				}
				if iv.Low > before.Low+1e-12 || iv.High < before.High-1e-12 {
					t.Fatalf("%s of %v at %v: %+v not within %+v", name, c, confidence, before, iv)
				}
				before = iv
				m, err := f(Count{c.N - c.Successes, c.N}, confidence)
				if err != nil || math.Abs(m.Low-(1-iv.High)) > 1e-9 || math.Abs(m.High-(1-iv.Low)) > 1e-9 {
					t.Fatalf("%s of %v: %+v, mirrored %+v", name, c, iv, m)
				}
			}
		}
	})
}

// drawLevels draws three confidences, ascending, also near 0 and 1.
func drawLevels(t *rapid.T) []float64 {
	levels := rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(1e-9, 1-1e-9), rapid.SampledFrom([]float64{1e-12, 0.01, 0.5, 0.8, 0.95, 0.999999})), 3, 3).Draw(t, "levels")
	slices.Sort(levels)
	return levels
}

// Intervals of differences and ratios hold the estimate, where there is one,
// whatever the level, and grow with the confidence.
func TestPropertyTwoSampleHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.SampledFrom([]int64{2, 20, 5000}).Draw(t, "most")
		c, v := drawCount(t, "control", most), drawCount(t, "treatment", most)
		levels := drawLevels(t)
		check := func(name string, f func(confidence float64) (Interval, error)) {
			before := Interval{Low: math.Inf(1), High: math.Inf(-1)}
			for _, confidence := range levels {
				iv, err := f(confidence)
				if err != nil && !errors.Is(err, ErrNoEvents) {
					t.Fatal(err)
				}
				if err != nil && iv.High == 0 {
					return // no interval
				}
				if iv.Low > iv.Estimate || iv.High < iv.Estimate || math.IsNaN(iv.Low) || math.IsNaN(iv.High) {
					t.Fatalf("%s of %v and %v at %v: %+v", name, c, v, confidence, iv)
				}
				if iv.Low > before.Low+1e-9 || iv.High < before.High-1e-9 {
					t.Fatalf("%s of %v and %v at %v: %+v not within %+v", name, c, v, confidence, before, iv)
				}
				before = iv
			}
		}
		for _, m := range []Method{Newcombe, MiettinenNurminen, AgrestiCaffo, WaldDifference} {
			check(fmt.Sprint("difference ", m), func(level float64) (Interval, error) { return Diff(c, v, level, m) })
		}
		for _, m := range []RatioMethod{RatioLog, RatioLogAdjusted, RatioScore} {
			check(fmt.Sprint("ratio ", m), func(level float64) (Interval, error) { return Ratio(c, v, level, m) })
			check(fmt.Sprint("odds ratio ", m), func(level float64) (Interval, error) { return OddsRatio(c, v, level, m) })
		}
	})
}

// Weights that are whole numbers are counts, and scaled weights of a share keep it.
func TestPropertyWilsonWeighted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, level := drawCount(t, "count", 1e9), rapid.Float64Range(1e-9, 1-1e-9).Draw(t, "level")
		a, err := Wilson(c, level)
		b, again := WilsonWeighted(float64(c.Successes), float64(c.N-c.Successes), level)
		if err != nil || again != nil || a != b {
			t.Fatalf("%v at %v: %+v, %v; as weights %+v, %v", c, level, a, err, b, again)
		}
		x, y := rapid.Float64Min(0).Draw(t, "successes"), rapid.Float64Min(0).Draw(t, "failures")
		iv, err := WilsonWeighted(x, y, level)
		if err != nil {
			if n := x + y; n > 0 && !math.IsInf(n, 0) {
				t.Fatalf("%v and %v: %v", x, y, err)
			}
			return
		}
		if !(0 <= iv.Low && iv.Low <= iv.Estimate && iv.Estimate <= iv.High && iv.High <= 1) {
			t.Fatalf("%v and %v at %v: %+v", x, y, level, iv)
		}
	})
}

// Differences change sign and ratios invert when the groups change places.
func TestPropertyTwoSample(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, v := drawCount(t, "control", 5000), drawCount(t, "treatment", 5000)
		for _, method := range []Method{Newcombe, MiettinenNurminen, AgrestiCaffo, WaldDifference} {
			a, err := Diff(c, v, 0.9, method)
			if err != nil {
				t.Fatal(err)
			}
			b, err := Diff(v, c, 0.9, method)
			if err != nil || math.Abs(a.Low+b.High) > 1e-9 || math.Abs(a.High+b.Low) > 1e-9 {
				t.Fatalf("method %v of %v and %v: %+v, swapped %+v", method, c, v, a, b)
			}
			wide, err := Diff(c, v, 0.99, method)
			if err != nil || wide.Low > a.Low+1e-9 || wide.High < a.High-1e-9 {
				t.Fatalf("method %v of %v and %v: %+v at 0.9, %+v at 0.99", method, c, v, a, wide)
			}
		}
		inverse := func(a, b float64) bool { // 0 of infinity
			return a == 0 && math.IsInf(b, 1) || math.IsInf(a, 1) && b == 0 || math.Abs(a*b-1) <= 1e-7
		}
		for _, method := range []RatioMethod{RatioLogAdjusted, RatioScore} {
			for name, f := range map[string]func(Count, Count, float64, RatioMethod) (Interval, error){"ratio": Ratio, "odds ratio": OddsRatio} {
				a, erra := f(c, v, 0.9, method)
				b, errb := f(v, c, 0.9, method)
				for _, err := range []error{erra, errb} {
					if err != nil && !errors.Is(err, ErrNoEvents) {
						t.Fatal(err)
					}
				}
				if !inverse(a.Low, b.High) || !inverse(a.High, b.Low) {
					t.Fatalf("%s %v of %v and %v: %+v, swapped %+v", name, method, c, v, a, b)
				}
			}
		}
		e, err := Fisher(c, v)
		if err != nil || e.TwoSided < math.Min(e.Less, e.Greater)-1e-9 || e.Less+e.Greater < 1-1e-9 {
			t.Fatalf("Fisher of %v and %v: %+v, %v", c, v, e, err)
		}
	})
}

// The coverage of a share of 1% among 500, summed over all outcomes: exact for
// Clopper-Pearson, near for Wilson, short for Wald.
func TestCoverage(t *testing.T) {
	t.Parallel()
	const n, share, confidence = 500, 0.01, 0.95
	coverage := func(f func(Count, float64) (Interval, error)) float64 {
		var sum float64
		for x := int64(0); x <= 40; x++ {
			iv, err := f(Count{x, n}, confidence)
			if err != nil {
				t.Fatal(err)
			}
			if iv.Low <= share && share <= iv.High {
				sum += special.BinomialSurvival(x-1, n, share) - special.BinomialSurvival(x, n, share)
			}
		}
		return sum
	}
	exact, wilson, wald := coverage(ClopperPearson), coverage(Wilson), coverage(Wald)
	t.Logf("Clopper-Pearson %.4f, Wilson %.4f, Wald %.4f", exact, wilson, wald)
	if exact < confidence || wilson < confidence-0.015 || wald > 0.92 {
		t.Errorf("Clopper-Pearson %v, Wilson %v, Wald %v", exact, wilson, wald)
	}
	// The limits of Clopper-Pearson have half the error in their tail.
	iv, err := ClopperPearson(Count{7, n}, confidence)
	if tail := mathext.RegIncBeta(7, n-6, iv.Low); err != nil || math.Abs(tail-0.025) > 1e-10 {
		t.Errorf("tail at the lower limit %v, %v", tail, err)
	}
}
