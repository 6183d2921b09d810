package survival_test

import (
	"math"
	"strings"
	"testing"

	"loyaltymcp/stats/survival"
)

// Three members who all end at once say nothing of their error.
func TestRMSTWithoutVariance(t *testing.T) {
	t.Parallel()
	curve := func(d survival.Data) survival.Curve {
		c, err := survival.KaplanMeier(d)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	a := curve(survival.Data{Stop: []float64{5, 6, 7}, Event: []int{0, 0, 1}})
	atOnce := survival.Data{Stop: []float64{.5, .5, .5}, Event: []int{1, 1, 1}}
	weighted := atOnce
	weighted.Weight = []float64{1, 2, 1}
	varied := curve(survival.Data{Stop: []float64{1, 2, 5}, Event: []int{1, 1, 0}})
	for _, b := range []survival.Curve{curve(atOnce), curve(weighted)} {
		for _, other := range []survival.Curve{a, varied} {
			if c, err := survival.RMSTDifference(other, b, 4); err == nil || !strings.Contains(err.Error(), "no standard error") {
				t.Errorf("%+v, %v; want an error", c, err)
			}
		}
		if mean, se, err := b.RMST(4); mean != .5 || !math.IsNaN(se) || err != nil {
			t.Errorf("RMST %v ± %v, %v; want 0.5 ± NaN", mean, se, err)
		}
	}
	if c, err := survival.RMSTDifference(a, varied, 4); err != nil || !(c.SE > 0) {
		t.Errorf("%+v, %v", c, err)
	}
	if c, err := survival.RMSTDifference(a, a, 4); err != nil || c.P != 1 {
		t.Errorf("no events in either: %+v, %v", c, err)
	}
}
