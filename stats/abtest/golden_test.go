package abtest

import (
	"fmt"
	"math"
	"testing"

	"loyaltymcp/stats/internal/golden"
)

// share has the variance p(1-p), as the reference does, not np(1-p)/(n-1).
func share(n int64, sum float64) Sample {
	p := sum / float64(n)
	return Sample{N: n, Mean: p, M2: p * (1 - p) * float64(n-1)}
}

func TestGoldenSRM(t *testing.T) {
	t.Parallel()
	var in []struct {
		Users   []int64
		Weights []float64
	}
	golden.Load(t, &in, "experiments_gbstats", "09_srm", "input.json")
	var want struct {
		Tolerance golden.Tolerance
		P         []float64       `json:"p_value"`
		Scipy     []golden.Number `json:"scipy_chisquare"`
	}
	golden.Load(t, &want, "experiments_gbstats", "09_srm", "expected.json")
	var w golden.Worst
	for i, c := range in {
		got, err := SRM(c.Users, c.Weights)
		if math.IsNaN(float64(want.Scipy[i])) {
			// Without members there is no answer.
			if err == nil {
				t.Errorf("case %d: no error for %v", i, c.Users)
			}
			continue
		}
		if err != nil {
			t.Errorf("case %d: %v", i, err)
			continue
		}
		w.Check(t, fmt.Sprintf("case %d", i), got.P, want.P[i], want.Tolerance)
	}
	w.Log(t)
}

func TestGoldenFieller(t *testing.T) {
	t.Parallel()
	var in map[string][]float64
	golden.Load(t, &in, "experiments_advanced", "fieller_ratio_of_means", "input.json")
	type ratio struct {
		Ratio float64
		CI    [2]golden.Number
		DF    float64
		T, P  float64
	}
	var want struct {
		Tolerance golden.Tolerance
		Welch     ratio
		Pooled    ratio
		Small     ratio `json:"small_welch"`
		Skewed    ratio `json:"skewed_welch"`
	}
	golden.Load(t, &want, "experiments_advanced", "fieller_ratio_of_means", "expected.json")
	var w golden.Worst
	for suffix, r := range map[string]ratio{"": want.Welch, "_small": want.Small, "_skewed": want.Skewed} {
		control, treatment := FromValues(in["control"+suffix]), FromValues(in["treatment"+suffix])
		got, err := Fieller(control, treatment, 0.95)
		if err != nil || !got.Bounded {
			t.Errorf("%q: got %+v, %v", suffix, got, err)
			continue
		}
		w.Check(t, "ratio"+suffix, 1+got.Estimate, r.Ratio, want.Tolerance)
		w.Check(t, "low"+suffix, 1+got.Low, float64(r.CI[0]), want.Tolerance)
		w.Check(t, "high"+suffix, 1+got.High, float64(r.CI[1]), want.Tolerance)
		d, err := Welch(control, treatment, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		w.Check(t, "df"+suffix, d.DF, r.DF, want.Tolerance)
		w.Check(t, "t"+suffix, d.T, r.T, want.Tolerance)
		w.Check(t, "p"+suffix, d.P, r.P, want.Tolerance)
	}
	// With one variance for both arms.
	control, treatment := FromValues(in["control"]), FromValues(in["treatment"])
	pooled := must[Effect](t)(PooledContrast([]Sample{treatment, control}, []float64{1, -1}))
	pooled.Control = control.Mean
	pooled.ControlVariance = pooled.Variance * float64(treatment.N) / float64(pooled.N)
	pooled.Covariance = -pooled.ControlVariance
	l := must[Lift](t)(pooled.Lift(0.95))
	d := pooled.Test(0.95)
	w.Check(t, "pooled ratio", 1+l.Estimate, want.Pooled.Ratio, want.Tolerance)
	w.Check(t, "pooled low", 1+l.Low, float64(want.Pooled.CI[0]), want.Tolerance)
	w.Check(t, "pooled high", 1+l.High, float64(want.Pooled.CI[1]), want.Tolerance)
	w.Check(t, "pooled df", d.DF, want.Pooled.DF, want.Tolerance)
	w.Check(t, "pooled t", d.T, want.Pooled.T, want.Tolerance)
	w.Check(t, "pooled p", d.P, want.Pooled.P, want.Tolerance)
	w.Log(t)
}
