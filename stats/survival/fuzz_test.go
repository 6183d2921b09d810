package survival_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/survival"
)

// alone are the robust errors with each row its own cluster, none for an error.
func alone(d survival.Data, x *mat.Dense, ties survival.Ties) []float64 {
	d.Cluster = nil
	fit, err := survival.Cox(d, x, ties)
	if err != nil {
		return nil
	}
	return fit.RobustSE()
}

// FuzzFits: any data give finite results or an error, and soon.
func FuzzFits(f *testing.F) {
	f.Add([]byte("a few rows of three bytes each, taken for data"), 1.0, 1.0, 0.0)
	f.Add([]byte{1, 1, 1, 2, 0, 2, 3, 1, 3, 4, 1, 4}, 1e300, 1e-300, 1e10)
	f.Fuzz(func(t *testing.T, raw []byte, unit, scale, shift float64) {
		n := min(len(raw)/3, 60)
		if n == 0 {
			return
		}
		var d survival.Data
		x := mat.NewDense(n, 2, nil)
		for i := range n {
			a, b, c := raw[3*i], raw[3*i+1], raw[3*i+2]
			start := unit * float64(a>>4)
			d.Start, d.Stop = append(d.Start, start), append(d.Stop, start+unit*float64(a&15))
			d.Event, d.Weight = append(d.Event, int(b&1)), append(d.Weight, float64(b>>5)*math.Abs(unit))
			d.Cluster = append(d.Cluster, int(b>>2&7))
			x.SetRow(i, []float64{shift + scale*float64(c&15), float64(c >> 4)})
		}
		finite := func(what string, values ...float64) {
			for _, v := range values {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("%s: %v of %+v", what, values, d)
				}
			}
		}
		c, err := survival.KaplanMeier(d)
		if err != nil {
			return // the same check as of all others
		}
		finite("curve", c.Survival...)
		finite("hazard", c.Hazard...)
		if s := c.At(unit * 9); s.Value < 0 || s.Value > 1 {
			t.Fatalf("share %v", s)
		}
		if in, err := survival.AalenJohansen(d, 1); err == nil {
			e := in.At(1, unit*9)
			finite("incidence", e.Value)
			if math.IsInf(e.SE, 0) {
				t.Fatalf("incidence %+v of %+v", e, d)
			}
		}
		for _, ties := range []survival.Ties{survival.Efron, survival.Breslow} {
			fit, err := survival.Cox(d, x, ties)
			if err != nil {
				continue
			}
			finite("Cox", fit.Coef...)
			finite("se", fit.SE()...)
			if slices.Max(d.Cluster) > slices.Min(d.Cluster) { // of one cluster they are NaN
				for _, v := range fit.RobustSE() {
					if math.IsInf(v, 0) {
						t.Fatalf("robust se %v of %+v", fit.RobustSE(), d)
					}
				}
			} else {
				finite("robust se of rows alone", alone(d, x, ties)...)
			}
			finite("log-likelihood", fit.LogLik, fit.NullLogLik, fit.Score)
			_, _, _ = fit.ProportionalHazards()
			_, _ = fit.Concordance()
		}
		if fit, err := survival.Weibull(d, x); err == nil {
			finite("Weibull", append(fit.Coef, fit.Shape, fit.LogLik)...)
		}
	})
}
