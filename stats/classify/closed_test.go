package classify_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/classify"
)

func near(a, b, tol float64) bool { return math.Abs(a-b) <= tol*math.Max(1, math.Abs(b)) }

// Of a table of two by two, the coefficient is the log odds ratio, with the
// root of the sum of reciprocals as standard error.
func TestTwoByTwo(t *testing.T) {
	y, w := []float64{1, 0, 1, 0}, []float64{30, 70, 15, 135}
	x := mat.NewDense(4, 1, []float64{1, 1, 0, 0})
	m, err := classify.Fit(y, x, classify.FitOptions{Weight: w})
	if err != nil {
		t.Fatal(err)
	}
	if want := math.Log(30. * 135 / (70 * 15)); !near(m.Coef[1], want, 1e-12) {
		t.Errorf("log odds ratio %v, want %v", m.Coef[1], want)
	}
	if want := math.Sqrt(1./30 + 1./70 + 1./15 + 1./135); !near(m.SE()[1], want, 1e-10) {
		t.Errorf("se %v, want %v", m.SE()[1], want)
	}
	// The same as shares with their numbers.
	s, err := classify.Fit([]float64{0.3, 0.1}, mat.NewDense(2, 1, []float64{1, 0}), classify.FitOptions{Weight: []float64{100, 150}})
	if err != nil || !near(s.Coef[1], m.Coef[1], 1e-12) || !near(s.SE()[1], m.SE()[1], 1e-10) || !near(s.LogLik, m.LogLik, 1e-12) {
		t.Errorf("as shares %+v, %v; want %+v", s, err, m)
	}
	c, err := classify.Fit(y, x, classify.FitOptions{Weight: w, Link: classify.CLogLog})
	if want := math.Log(math.Log(0.7) / math.Log(0.9)); err != nil || !near(c.Coef[1], want, 1e-12) {
		t.Errorf("log hazard ratio %v, %v; want %v", c.Coef, err, want)
	}
}

// How clusters differ can't be seen in one, nor in one and others of no weight.
func TestOneClusterIsUnknown(t *testing.T) {
	y, x := []float64{0, 1, 0, 1, 1, 0}, mat.NewDense(6, 1, []float64{1, 2, 2, 3, 1, 3})
	for _, o := range []classify.FitOptions{
		{Cluster: make([]int, 6)},
		{Cluster: make([]int, 6), Ridge: 1},
		{Cluster: []int{4, 4, 4, 4, 4, 9}, Weight: []float64{1, 1, 1, 1, 1, 0}},
	} {
		m, err := classify.Fit(y, x, o)
		if err != nil {
			t.Fatal(err)
		}
		for i, se := range m.RobustSE() {
			if !math.IsNaN(se) || !(m.SE()[i] > 0) {
				t.Errorf("%+v: robust standard error %v, plain %v", o, se, m.SE()[i])
			}
		}
	}
	m, err := classify.Fit(y, x, classify.FitOptions{Cluster: []int{1, 1, 1, 2, 2, 2}})
	if err != nil || !(m.RobustSE()[0] > 0) {
		t.Errorf("two clusters: %v, %v", m.RobustSE(), err)
	}
}

// Outcomes that a covariate separates have an answer with a penalty only.
func TestSeparation(t *testing.T) {
	y, x := []float64{0, 0, 0, 1, 1, 1}, mat.NewDense(6, 1, []float64{1, 2, 3, 4, 5, 6})
	if m, err := classify.Fit(y, x, classify.FitOptions{}); err == nil {
		t.Errorf("separated: %+v, no error", m)
	}
	last := math.Inf(1)
	for _, ridge := range []float64{0.01, 1, 100, 1e6} {
		m, err := classify.Fit(y, x, classify.FitOptions{Ridge: ridge})
		if err != nil || !(m.Coef[1] > 0 && m.Coef[1] < last) {
			t.Fatalf("penalty %v: %+v, %v; want a coefficient below %v", ridge, m.Coef, err, last)
		}
		last = m.Coef[1]
	}
	if last > 1e-4 {
		t.Errorf("a large penalty leaves %v", last)
	}
	if m, err := classify.Platt(x.RawMatrix().Data, y); err != nil || m.Coef[1] <= 0 {
		t.Errorf("Platt: %+v, %v", m, err)
	}
}

// Five rows, counted by hand.
func TestAreaByHand(t *testing.T) {
	score, y := []float64{0.9, 0.8, 0.8, 0.3, 0.1}, []float64{1, 1, 0, 1, 0}
	a, err := classify.AUC(score, y)
	// Placements of the ones: 1, 3/4, 1/2; of the zeros 1/2, 1.
	if want := math.Sqrt(0.0625/3 + 0.125/2); err != nil || !near(a.Value, 0.75, 1e-15) || !near(a.SE, want, 1e-14) {
		t.Errorf("area %v with %v, %v; want 0.75 with %v", a.Value, a.SE, err, want)
	}
	// Hits at 1 of 1, 2 of 3 and 3 of 4.
	if p, err := classify.AveragePrecision(score, y); err != nil || !near(p, (1+2./3+3./4)/3, 1e-15) {
		t.Errorf("average precision %v, %v", p, err)
	}
	if d, se, p, err := classify.AUCDifference(score, score, y); err != nil || d != 0 || se != 0 || p != 1 {
		t.Errorf("a score against itself: %v, %v, %v, %v", d, se, p, err)
	}
	// One score orders all pairs rightly, the other none: neither varies.
	if d, se, p, err := classify.AUCDifference([]float64{4, 3, 2, 1}, []float64{1, 2, 3, 4}, []float64{1, 1, 0, 0}); err != nil || d != 1 || se != 0 || !math.IsNaN(p) {
		t.Errorf("a perfect score against a perfectly wrong one: %v, %v, %v, %v; want no P", d, se, p, err)
	}
	b, err := classify.Brier([]float64{0.5, 1, 0}, []float64{1, 1, 1})
	if err != nil || !near(b.Value, 1.25/3, 1e-15) {
		t.Errorf("Brier %v, %v", b, err)
	}
	if l, err := classify.LogLoss([]float64{0.5, 0}, []float64{1, 1}); err != nil || !math.IsInf(l.Value, 1) {
		t.Errorf("log loss of the impossible %v, %v; want +Inf", l, err)
	}
	s, err := classify.Isotonic([]float64{1, 2, 3, 4, 5}, []float64{0, 1, 0, 1, 1})
	if err != nil || s.At(1) != 0 || s.At(2.5) != 0.5 || s.At(3.5) != 0.75 || s.At(9) != 1 {
		t.Errorf("steps %+v, %v", s, err)
	}
}

func TestRefusals(t *testing.T) {
	y := []float64{0, 1, 0, 1, 1, 0}
	x := mat.NewDense(6, 2, []float64{1, 2, 2, 4, 3, 6, 1, 2, 5, 10, 3, 6})
	fit := func(y []float64, x mat.Matrix, o classify.FitOptions) error {
		_, err := classify.Fit(y, x, o)
		return err
	}
	area := func(s, y []float64) error { _, err := classify.AUC(s, y); return err }
	bins := func(p, y []float64, n int) error { _, err := classify.Calibration(p, y, n); return err }
	p := []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6}
	for name, err := range map[string]error{
		"alike":       fit([]float64{1, 1}, nil, classify.FitOptions{}),
		"none":        fit(nil, nil, classify.FitOptions{}),
		"outcome 2":   fit([]float64{0, 1, 2, 1, 1, 0}, x, classify.FitOptions{}),
		"combination": fit(y, x, classify.FitOptions{}),
		"constant":    fit(y, mat.NewDense(6, 1, []float64{7, 7, 7, 7, 7, 7}), classify.FitOptions{}),
		"NaN":         fit(y, mat.NewDense(6, 1, []float64{7, math.NaN(), 7, 7, 7, 7}), classify.FitOptions{}),
		"weight":      fit(y, nil, classify.FitOptions{Weight: []float64{1, 1, 1, 1, 1, -1}}),
		"penalty":     fit(y, nil, classify.FitOptions{Ridge: -1}),
		"area, alike": area([]float64{1, 2}, []float64{0, 0}),
		"area, NaN":   area([]float64{1, math.NaN()}, []float64{0, 1}),
		"area, half":  area([]float64{1, 2}, []float64{0.5, 1}),
		"bins, 0":     bins(p, y, 0),
		"bins, 7":     bins(p, y, 7),
		"score, infinite": func() error {
			_, err := classify.Isotonic([]float64{1, math.Inf(1)}, []float64{0, 1})
			return err
		}(),
		"weights, huge": fit(y, nil, classify.FitOptions{Weight: []float64{1e300, 1e308, 1e308, 1e308, 1, 1}}),
		"bins, score":   bins([]float64{1, 2, 3, 4, 5, 6}, y, 2),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
