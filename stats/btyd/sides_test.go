package btyd

import (
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// The errors from the sides are those that the covariance gives for a
// log-parameter, and near those of draws for what a member is expected to buy.
func TestSides(t *testing.T) {
	t.Parallel()
	fit, err := Fit(MBGNBD{}, data(t, newSim(3).members(MBGNBD{0.6, 7, 0.7, 2.1}.core(), 4000, 0), nil))
	if err != nil {
		t.Fatal(err)
	}
	sides, err := fit.Sides()
	if err != nil {
		t.Fatal(err)
	}
	if len(sides) != dim {
		t.Fatalf("%d directions, want %d", len(sides), dim)
	}
	spread := func(f func(m MBGNBD) float64) float64 {
		said := make([][2]float64, len(sides))
		for i, s := range sides {
			said[i] = [2]float64{f(s[0]), f(s[1])}
		}
		return SideError(said)
	}
	for i, name := range fit.Names {
		got := spread(func(m MBGNBD) float64 { return math.Log(m.Params()[i]) })
		if want := fit.SE[i] / fit.Params[i]; math.Abs(got/want-1) > 1e-9 {
			t.Errorf("ln %s: error %v, want %v", name, got, want)
		}
	}
	draws, err := fit.Draw(4000, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func(m MBGNBD) float64{
		"P(alive)": func(m MBGNBD) float64 { return m.PAlive(someone) },
		"expected": func(m MBGNBD) float64 { return m.Expected(someone, 20) },
	} {
		v := make([]float64, len(draws))
		for i, m := range draws {
			v[i] = f(m)
		}
		// The standard deviation of 4000 draws is itself known to 1.1 %.
		if got, want := spread(f), stat.StdDev(v, nil); math.Abs(got/want-1) > 0.05 {
			t.Errorf("%s: error %v, of draws %v", name, got, want)
		}
	}
	if _, err := (&Fitted[MBGNBD]{}).Sides(); !errors.Is(err, ErrNoCovariance) {
		t.Errorf("got %v for a fit without a maximum", err)
	}
}
