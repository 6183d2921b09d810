package survival_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/survival"
)

// gehan returns the remission times in weeks of 21 patients on 6-mercaptopurine
// (group 0) and 21 on placebo (group 1), of E. J. Freireich and others (1963),
// as used by Gehan (1965) and Cox (1972).
func gehan() (survival.Data, []int) {
	treated := []float64{6, 6, 6, 7, 10, 13, 16, 22, 23, -6, -9, -10, -11, -17, -19, -20, -25, -32, -32, -34, -35}
	placebo := []float64{1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23}
	var d survival.Data
	var group []int
	for i, t := range append(treated, placebo...) {
		event := 1
		if t < 0 {
			event = 0
		}
		d.Stop, d.Event = append(d.Stop, math.Abs(t)), append(d.Event, event)
		group = append(group, i/21)
	}
	return d, group
}

func column(x []int) *mat.Dense {
	m := mat.NewDense(len(x), 1, nil)
	for i, v := range x {
		m.Set(i, 0, float64(v))
	}
	return m
}

// Values as printed in textbooks, such as Kleinbaum and Klein, Survival
// Analysis, chapters 2 and 3.
func TestRemissionTimes(t *testing.T) {
	d, group := gehan()
	c, err := survival.KaplanMeier(survival.Data{Stop: d.Stop[:21], Event: d.Event[:21]})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct{ at, value, se float64 }{
		{5, 1, 0}, {6, 0.8571, 0.0764}, {10, 0.7529, 0.0963}, {16, 0.6275, 0.1141}, {23, 0.4482, 0.1346}, {30, 0.4482, 0.1346},
	} {
		if e := c.At(v.at); math.Abs(e.Value-v.value) > 5e-5 || math.Abs(e.SE-v.se) > 5e-5 {
			t.Errorf("at %v: %+v, want %v with %v", v.at, e, v.value, v.se)
		}
	}
	if m, _, _ := c.Quantile(0.5, 0.95, survival.LogLog); m != 23 {
		t.Errorf("median %v, want 23", m)
	}
	test, err := survival.LogRank(d, group, 0)
	if err != nil || math.Abs(test.ChiSquare-16.79) > 0.005 || math.Abs(test.Expected[0]-19.25) > 0.005 {
		t.Errorf("log-rank %+v, %v; want 16.79, 19.25 expected in the first group", test, err)
	}
	for _, v := range []struct {
		ties     survival.Ties
		coef, se float64
	}{{survival.Breslow, 1.5092, 0.4096}, {survival.Efron, 1.5721, 0.4124}} {
		f, err := survival.Cox(d, column(group), v.ties)
		if err != nil || math.Abs(f.Coef[0]-v.coef) > 5e-5 || math.Abs(f.SE()[0]-v.se) > 5e-5 {
			t.Errorf("Cox %v with %v, %v; want %v with %v", f.Coef, f.SE(), err, v.coef, v.se)
		}
	}
}

// Without censoring everything is a share, or a mean.
func TestWithoutCensoring(t *testing.T) {
	d := survival.Data{Stop: []float64{1, 2, 2, 3, 4, 4, 5, 7, 8, 10}, Event: []int{1, 2, 1, 1, 2, 2, 1, 1, 2, 1}}
	in, err := survival.AalenJohansen(d, 2)
	if err != nil {
		t.Fatal(err)
	}
	single := survival.Data{Stop: d.Stop, Event: make([]int, 10)}
	for i := range single.Event {
		single.Event[i] = 1
	}
	c, err := survival.KaplanMeier(single)
	if err != nil {
		t.Fatal(err)
	}
	binomial := func(p float64) float64 { return math.Sqrt(p * (1 - p) / 10) }
	for _, at := range []float64{0.5, 1, 2, 4.5, 8} {
		var left, first float64
		for i, stop := range d.Stop {
			if stop > at {
				left++
			} else if d.Event[i] == 1 {
				first++
			}
		}
		for name, e := range map[string]survival.Estimate{"Greenwood": c.At(at), "robust": c.RobustAt(at)} {
			if !near(e.Value, left/10, 1e-14) || !near(e.SE, binomial(left/10), 1e-14) {
				t.Errorf("%s at %v: %+v, want %v with %v", name, at, e, left/10, binomial(left/10))
			}
		}
		if e := in.At(1, at); !near(e.Value, first/10, 1e-14) || !near(e.SE, binomial(first/10), 1e-14) {
			t.Errorf("cause 1 at %v: %+v, want %v with %v", at, e, first/10, binomial(first/10))
		}
	}
	sum, squares := 0.0, 0.0
	for _, stop := range d.Stop {
		sum += math.Min(stop, 6)
		squares += math.Min(stop, 6) * math.Min(stop, 6)
	}
	mean, se, err := c.RMST(6)
	if want := math.Sqrt(squares/10-sum*sum/100) / math.Sqrt(10); err != nil || !near(mean, sum/10, 1e-14) || !near(se, want, 1e-14) {
		t.Errorf("mean within 6: %v with %v, %v; want %v with %v", mean, se, err, sum/10, want)
	}
	if _, robust, err := c.RobustRMST(6); err != nil || !near(robust, se, 1e-14) {
		t.Errorf("robust standard error %v, %v; want %v", robust, err, se)
	}
}

// Without ties the score test of a Cox model with one group is the log-rank
// test.
func TestScoreIsLogRank(t *testing.T) {
	d := survival.Data{Stop: []float64{1, 2, 3, 4, 5, 6, 7, 8}, Event: []int{1, 1, 0, 1, 1, 0, 1, 1}}
	group := []int{0, 1, 0, 0, 1, 1, 1, 0}
	test, err := survival.LogRank(d, group, 0)
	if err != nil {
		t.Fatal(err)
	}
	f, err := survival.Cox(d, column(group), survival.Efron)
	if err != nil || !near(f.Score, test.ChiSquare, 1e-12) {
		t.Errorf("score %v, log-rank %v, %v", f.Score, test.ChiSquare, err)
	}
}

// Strata that are copies of each other double the statistic, and a stratum
// without events says nothing.
func TestStratifiedLogRank(t *testing.T) {
	d, group := gehan()
	one, err := survival.LogRank(d, group, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := len(d.Stop)
	two := survival.Data{Stop: slices.Repeat(d.Stop, 3), Event: append(slices.Repeat(d.Event, 2), make([]int, n)...)}
	for i := range 3 * n {
		two.Stratum = append(two.Stratum, i/n)
	}
	both, err := survival.LogRank(two, slices.Repeat(group, 3), 0)
	if err != nil || !near(both.ChiSquare, 2*one.ChiSquare, 1e-12) || !near(both.Expected[1], 2*one.Expected[1], 1e-12) {
		t.Errorf("%+v, %v; want twice %+v", both, err, one)
	}
}

// A Weibull model of times that follow one, cut off at 25, finds about its
// shape, and a standard error a little above that without censoring.
func TestWeibullShape(t *testing.T) {
	var d survival.Data
	for i := range 400 {
		u := (float64(i) + 0.5) / 400
		stop, event := 10*math.Pow(-math.Log(u), 1/0.7), 1
		if stop > 25 {
			stop, event = 25, 0
		}
		d.Stop, d.Event = append(d.Stop, stop), append(d.Event, event)
	}
	f, err := survival.Weibull(d, nil)
	if err != nil || math.Abs(f.Shape-0.7) > 0.01 || math.Abs(f.Survival(10)-math.Exp(-1)) > 0.005 {
		t.Errorf("shape %v, survival at 10 %v, %v; want 0.7, 1/e", f.Shape, f.Survival(10), err)
	}
	se := math.Sqrt(f.Cov.At(1, 1))
	if want := 0.7 / math.Sqrt(400*math.Pi*math.Pi/6); se < want || se > 1.5*want {
		t.Errorf("se of the shape %v, want a little above %v", se, want)
	}
}

func TestRefusals(t *testing.T) {
	good, group := gehan()
	with := func(change func(*survival.Data)) survival.Data {
		d := survival.Data{Stop: append([]float64{}, good.Stop...), Event: append([]int{}, good.Event...), Weight: make([]float64, 42)}
		for i := range d.Weight {
			d.Weight[i] = 1
		}
		change(&d)
		return d
	}
	km := func(d survival.Data) error { _, err := survival.KaplanMeier(d); return err }
	cox := func(d survival.Data, x mat.Matrix) error { _, err := survival.Cox(d, x, survival.Efron); return err }
	ok, err := survival.KaplanMeier(good)
	if err != nil {
		t.Fatal(err)
	}
	rmst := func(h float64) error { _, _, err := ok.RMST(h); return err }
	separated := make([]int, 42)
	copy(separated, good.Event)
	three := mat.NewDense(42, 3, nil)
	for i := range 42 {
		three.SetRow(i, []float64{float64(group[i]), float64(i % 5), float64(group[i]) + 2*float64(i%5)})
	}
	missing := column(group)
	missing.Set(3, 0, math.NaN())
	for name, err := range map[string]error{
		"no events":         km(with(func(d *survival.Data) { clear(d.Event) })),
		"events of weight0": km(with(func(d *survival.Data) { clear(d.Weight) })),
		"NaN":               km(with(func(d *survival.Data) { d.Stop[2] = math.NaN() })),
		"late start":        km(with(func(d *survival.Data) { d.Start = append([]float64{}, d.Stop...) })),
		"negative weight":   km(with(func(d *survival.Data) { d.Weight[0] = -1 })),
		"event 2":           km(with(func(d *survival.Data) { d.Event[0] = 2 })),
		"horizon 0":         rmst(0),
		"horizon past":      rmst(36),
		"one group":         func() error { _, err := survival.LogRank(good, make([]int, 42), 0); return err }(),
		"constant":          cox(good, column(make([]int, 42))),
		"missing":           cox(good, missing),
		"combination":       cox(good, three),
		"separated":         cox(with(func(d *survival.Data) { d.Event = group }), column(group)),
		"Weibull at 0": func() error {
			_, err := survival.Weibull(with(func(d *survival.Data) { d.Stop[0] = 0 }), nil)
			return err
		}(),
		"Weibull alike": func() error {
			_, err := survival.Weibull(survival.Data{Stop: []float64{3, 3, 3}, Event: []int{1, 1, 1}}, nil)
			return err
		}(),
		"no pairs": func() error {
			_, err := survival.Concordance(survival.Data{Stop: []float64{3, 3}, Event: []int{1, 1}}, []float64{1, 2})
			return err
		}(),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
