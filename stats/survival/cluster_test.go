package survival_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"loyaltymcp/stats/survival"
)

// How clusters differ can't be seen in one: no robust error is given, and no
// difference of such groups is judged. A second cluster of no weight, or that was
// never at risk of an event, is none.
func TestOneClusterIsUnknown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, x := sample(t, 1)
		for i := range d.Cluster {
			d.Cluster[i] = 7
		}
		d.Stratum = nil
		if rapid.Bool().Draw(t, "another") {
			// One that leaves before the first event, and one of no weight.
			d.Start, d.Stop = append(d.Start, -2, 0), append(d.Stop, -1, 3)
			d.Event, d.Weight, d.Cluster = append(d.Event, 0, 1), append(d.Weight, 5, 0), append(d.Cluster, 8, 9)
			n, _ := x.Dims()
			z := mat.NewDense(n+2, 2, nil)
			z.Slice(0, n, 0, 2).(*mat.Dense).Copy(x)
			x = z
		}
		c, err := survival.KaplanMeier(d)
		if err != nil {
			return
		}
		unknown := func(what string, value, se float64) {
			if value > 0 && value < 1 && !math.IsNaN(se) {
				t.Fatalf("%s: %v ± %v of one cluster", what, value, se)
			}
		}
		e := c.RobustAt(5)
		unknown("share", e.Value, e.SE)
		if low, high := e.Interval(0.95, survival.LogLog); e.Value > 0 && e.Value < 1 && !(math.IsNaN(low) && math.IsNaN(high)) {
			t.Fatalf("limits %v and %v of one cluster", low, high)
		}
		horizon := slices.Max(d.Stop)
		if mean, se, err := c.RobustRMST(horizon); err == nil && !math.IsNaN(se) {
			t.Fatalf("mean time %v ± %v of one cluster", mean, se)
		}
		if diff, err := survival.RMSTDifference(c, c, horizon); err == nil || !strings.Contains(err.Error(), "one cluster") {
			t.Fatalf("difference %+v, %v of one cluster each", diff, err)
		}
		in, err := survival.AalenJohansen(d, 1)
		if err != nil {
			t.Fatal(err)
		}
		e = in.At(1, 5)
		unknown("incidence", e.Value, e.SE)
		if e, err := survival.Concordance(d, mat.Col(nil, 0, x)); err == nil {
			unknown("concordance", e.Value, e.SE)
		}
		if f, err := survival.Cox(d, x, survival.Efron); err == nil {
			chi2, p := f.Wald(f.Robust)
			for _, v := range append(f.RobustSE(), chi2, p) {
				if !math.IsNaN(v) {
					t.Fatalf("robust errors %v, Wald %v with %v of one cluster", f.RobustSE(), chi2, p)
				}
			}
		}
	})
}

// Two clusters do tell, however little.
func TestTwoClusters(t *testing.T) {
	t.Parallel()
	d := survival.Data{Stop: []float64{1, 2, 3, 4, 5, 6}, Event: []int{1, 1, 0, 1, 0, 1}, Cluster: []int{1, 1, 1, 2, 2, 2}}
	c, err := survival.KaplanMeier(d)
	if err != nil {
		t.Fatal(err)
	}
	if mean, se, err := c.RobustRMST(5); err != nil || !(se > 0) {
		t.Errorf("mean %v ± %v, %v", mean, se, err)
	}
	if e := c.RobustAt(4); !(e.SE > 0) {
		t.Errorf("%+v", e)
	}
}
