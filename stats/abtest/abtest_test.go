package abtest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"loyaltymcp/stats/internal/special"
)

func within(got, want, rel float64) bool {
	return got == want || math.Abs(got-want) <= rel*math.Abs(want)
}

func TestFromSums(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		n          int64
		sum, sumsq float64
		want       Sample
		err        error
	}{
		{"1 2 3 4", 4, 10, 30, Sample{4, 2.5, 5}, nil},
		{"nothing", 0, 0, 0, Sample{}, nil},
		{"one value", 1, 3, 9, Sample{1, 3, 0}, nil},
		{"one inexact value", 1, 0.1, 0.1 * 0.1, Sample{1, 0.1, 0}, nil},
		{"constant", 100, 200, 400, Sample{100, 2, 0}, nil},
		{"all zero", 100, 0, 0, Sample{100, 0, 0}, nil},
		{"cancelling sum", 100, 0, 50, Sample{100, 0, 50}, nil},
		{"constant after rounding", 10, 0.9999999999999999, 0.09999999999999999, Sample{10, 0.09999999999999999, 0}, ErrPrecision},
		{"negative n", -1, 0, 0, Sample{}, ErrSums},
		{"sums of nothing", 0, 1, 1, Sample{}, ErrSums},
		{"impossible", 10, 10, 9, Sample{}, ErrSums},
		{"impossible single", 1, 3, 10, Sample{}, ErrSums},
		{"negative squares", 10, 0, -1, Sample{}, ErrSums},
		{"NaN", 10, math.NaN(), 1, Sample{}, ErrSums},
		{"infinite", 10, 1, math.Inf(1), Sample{}, ErrSums},
	} {
		got, err := FromSums(tt.n, tt.sum, tt.sumsq)
		if !errors.Is(err, tt.err) || got.N != tt.want.N || !within(got.Mean, tt.want.Mean, 1e-15) || math.Abs(got.M2-tt.want.M2) > 1e-15 {
			t.Errorf("%s: got %v, %v, want %v, %v", tt.name, got, err, tt.want, tt.err)
		}
	}
	// A mean of 1e8 with a deviation of 1 leaves no digit of the variance in
	// the sums of float64.
	var sum, sumsq float64
	values := make([]float64, 1000)
	for i := range values {
		values[i] = 1e8 + math.Sin(float64(i)) + 0.1
		sum += values[i]
		sumsq += values[i] * values[i]
	}
	if _, err := FromSums(1000, sum, sumsq); !errors.Is(err, ErrPrecision) {
		t.Errorf("mean 1e8, deviation 1: error %v, want %v", err, ErrPrecision)
	}
	// A mean of 1000 with a deviation of 1 does not.
	sum, sumsq = 0, 0
	for i := range values {
		values[i] -= 1e8 - 1000
		sum += values[i]
		sumsq += values[i] * values[i]
	}
	got, err := FromSums(1000, sum, sumsq)
	if want := FromValues(values); err != nil || !within(got.M2, want.M2, 1e-8) {
		t.Errorf("mean 1000, deviation 1: got %v, %v, want %v", got, err, want)
	}
}

func TestSample(t *testing.T) {
	t.Parallel()
	x := []float64{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}
	all := FromValues(x)
	// The classic example of the updating formula: variance 30.
	if got := all.Variance(); got != 30 || all.Mean != 1e9+10 {
		t.Errorf("got mean %v and variance %v, want 1000000010 and 30", all.Mean, got)
	}
	for i := range len(x) + 1 {
		if got := FromValues(x[:i]).Merge(FromValues(x[i:])); got.N != 4 || got.Mean != all.Mean || !within(got.M2, all.M2, 1e-15) {
			t.Errorf("merged at %d: got %v, want %v", i, got, all)
		}
	}
	for _, n := range []int64{0, 1} {
		if got := (Sample{N: n}).Variance(); !math.IsNaN(got) {
			t.Errorf("variance of %d values: got %v, want NaN", n, got)
		}
	}
}

func TestSRM(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		counts  []int64
		weights []float64
		want    SRMResult
		err     error
	}{
		// By hand.
		{"even", []int64{60, 40}, []float64{1, 1}, SRMResult{ChiSquare: 4, DF: 1, P: 0.04550026389635842, MinExpected: 50}, nil},
		{"dice", []int64{5, 8, 9, 8, 10, 20}, []float64{1, 1, 1, 1, 1, 1}, SRMResult{ChiSquare: 13.4, DF: 5, P: 0.019905220334774381, MinExpected: 10}, nil},
		{"exact", []int64{750, 250}, []float64{0.75, 0.25}, SRMResult{DF: 1, P: 1, MinExpected: 250}, nil},
		{"unplanned arm", []int64{500, 500, 100}, []float64{0.5, 0.5, 0}, SRMResult{DF: 1, P: 1, MinExpected: 500, Unplanned: 100}, nil},
		{"empty unplanned arm", []int64{500, 500, 0}, []float64{0.5, 0.5, 0}, SRMResult{DF: 1, P: 1, MinExpected: 500}, nil},
		{"empty planned arm", []int64{100, 0}, []float64{0.5, 0.5}, SRMResult{ChiSquare: 100, DF: 1, P: 1.5239706048321052e-23, MinExpected: 50}, nil},
		{"no members", []int64{0, 0, 7}, []float64{1, 1, 0}, SRMResult{Unplanned: 7}, ErrNoMembers},
		{"one arm", []int64{10, 0}, []float64{1, 0}, SRMResult{}, ErrPlan},
		{"no arms", nil, nil, SRMResult{}, ErrPlan},
		{"negative weight", []int64{10, 5}, []float64{1, -1}, SRMResult{}, ErrPlan},
		{"NaN weight", []int64{10, 5}, []float64{1, math.NaN()}, SRMResult{}, ErrPlan},
		{"infinite weight", []int64{10, 5}, []float64{1, math.Inf(1)}, SRMResult{}, ErrPlan},
		{"overflowing weights", []int64{10, 5}, []float64{1e308, 1e308}, SRMResult{}, ErrPlan},
		{"negative count", []int64{10, -5}, []float64{1, 1}, SRMResult{}, ErrSums},
	} {
		got, err := SRM(tt.counts, tt.weights)
		if !errors.Is(err, tt.err) {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.err)
		}
		if !within(got.ChiSquare, tt.want.ChiSquare, 1e-13) || got.DF != tt.want.DF || !within(got.P, tt.want.P, 1e-10) ||
			got.MinExpected != tt.want.MinExpected || got.Unplanned != tt.want.Unplanned {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

var (
	// Student's sleep data (1908), as in R's data set sleep.
	sleep1 = FromValues([]float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0})
	sleep2 = FromValues([]float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4})
)

func TestWelch(t *testing.T) {
	t.Parallel()
	got, err := Welch(sleep1, sleep2, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	// t.test(extra ~ group, data = sleep) in the documentation of R.
	for i, v := range [][3]float64{
		{got.Estimate, 1.58, 1e-12},
		{got.T, 1.8608, 5e-5},
		{got.DF, 17.776, 5e-4},
		{got.P, 0.07939, 5e-6},
		{got.Low, -0.2054832, 5e-8},
		{got.High, 3.3654832, 5e-8},
		{got.SE * got.T, 1.58, 1e-12},
	} {
		if math.Abs(v[0]-v[1]) > v[2] {
			t.Errorf("value %d: got %v, want %v", i, v[0], v[1])
		}
	}
}

func TestWelchEdges(t *testing.T) {
	t.Parallel()
	constant := Sample{N: 100, Mean: 2}
	varies := Sample{N: 50, Mean: 3, M2: 49 * 4}
	got, err := Welch(constant, varies, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	if want := math.Sqrt(4.0 / 50); !within(got.SE, want, 1e-15) || !within(got.DF, 49, 1e-15) || !within(got.P, special.TTwoSided(1/want, 49), 1e-13) {
		t.Errorf("constant control: got %+v", got)
	}
	if got, err := Welch(varies, constant, 0.95); err != nil || !within(got.DF, 49, 1e-15) || got.Estimate != -1 {
		t.Errorf("constant treatment: got %+v, %v", got, err)
	}
	// So far apart that 1-CDF would be 0: the tail is exact.
	far := Sample{N: 1e6, Mean: 10, M2: 1e6 - 1}
	near := Sample{N: 1e6, Mean: 10.03, M2: 1e6 - 1}
	got, err = Welch(far, near, 0.95)
	if err != nil || got.P <= 0 || got.P > 1e-98 {
		t.Errorf("z of 21: got %+v, %v", got, err)
	}
	for _, mean := range []float64{2, 5} {
		got, err := Welch(constant, Sample{N: 10, Mean: mean}, 0.95)
		if !errors.Is(err, ErrZeroVariance) || got.Estimate != mean-2 || !math.IsNaN(got.P) {
			t.Errorf("both constant: got %+v, %v, want %v", got, err, ErrZeroVariance)
		}
	}
	for _, n := range []int64{0, 1} {
		if _, err := Welch(Sample{N: n}, varies, 0.95); !errors.Is(err, ErrTooFew) {
			t.Errorf("control of %d: error %v, want %v", n, err, ErrTooFew)
		}
		if _, err := Welch(varies, Sample{N: n}, 0.95); !errors.Is(err, ErrTooFew) {
			t.Errorf("treatment of %d: error %v, want %v", n, err, ErrTooFew)
		}
	}
}

func TestFieller(t *testing.T) {
	t.Parallel()
	// The roots of the quadratic and the t quantile with mpmath 1.3 at 40 digits.
	for _, tt := range []struct {
		name               string
		control, treatment Sample
		confidence         float64
		want               Lift
	}{
		{
			"positive", Sample{700, 49.6, 699 * 5000}, Sample{720, 54.2, 719 * 5400}, 0.95,
			Lift{Estimate: 4.6 / 49.6, Low: -0.054623061550352014, High: 0.26480017556405109, G: 0.01117251775406995},
		},
		{
			// The ratios less 1 are -0.594 to -0.399; an increase counts up.
			"negative control mean", Sample{400, -10, 399 * 101}, Sample{420, -5, 419 * 118.5}, 0.9,
			Lift{Estimate: 0.5, Low: 0.39935412090227573, High: 0.59374581508001948, G: 0.0068527794011377341},
		},
		{
			"wide", Sample{12, 3, 11 * 1.6}, Sample{9, 0, 8 * 25}, 0.99,
			Lift{Estimate: -1, Low: -3.0421802582003908, High: 1.0421802582003908, G: 0.16679443175218734},
		},
	} {
		got, err := Fieller(tt.control, tt.treatment, tt.confidence)
		if err != nil || !got.Bounded || !within(got.Estimate, tt.want.Estimate, 1e-13) || !within(got.Low, tt.want.Low, 1e-11) ||
			!within(got.High, tt.want.High, 1e-11) || !within(got.G, tt.want.G, 1e-11) {
			t.Errorf("%s: got %+v, %v, want %+v", tt.name, got, err, tt.want)
		}
	}
}

// At its limits a set of ratios just holds its defining inequality.
func TestFiellerDefinition(t *testing.T) {
	t.Parallel()
	for _, mc := range []float64{3, -3} {
		control := Sample{N: 40, Mean: mc, M2: 39 * 9}
		treatment := Sample{N: 30, Mean: 0.2, M2: 29 * 25}
		c := 2.2
		got := fieller(control, treatment, c)
		if !got.Bounded || !(got.Low < got.Estimate && got.Estimate < got.High) {
			t.Fatalf("got %+v", got)
		}
		for _, d := range []float64{got.Low, got.High} {
			r := 1 + d
			if mc < 0 {
				r = 1 - d
			}
			lhs := math.Abs(treatment.Mean - r*mc)
			rhs := c * math.Sqrt(treatment.meanVariance()+r*r*control.meanVariance())
			if !within(lhs, rhs, 1e-12) {
				t.Errorf("limit %v: %v standard errors, want %v", d, lhs, rhs)
			}
		}
	}
}

func TestFiellerEdges(t *testing.T) {
	t.Parallel()
	varies := Sample{N: 50, Mean: 3, M2: 49 * 4}
	// A control mean known without error scales the interval of the difference.
	constant := Sample{N: 100, Mean: 2}
	got, err := Fieller(constant, varies, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Welch(constant, varies, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	if got.G != 0 || !within(got.Low, d.Low/2, 1e-13) || !within(got.High, d.High/2, 1e-13) {
		t.Errorf("constant control: got %+v, want half of %+v", got, d)
	}
	// Not distinguishable from 0: unbounded.
	noisy := Sample{N: 10, Mean: 0.1, M2: 9 * 4}
	if got, err := Fieller(noisy, varies, 0.95); err != nil || got.Bounded || !math.IsInf(got.Low, -1) || !math.IsInf(got.High, 1) || got.G < 1 || !within(got.Estimate, 29, 1e-13) {
		t.Errorf("noisy control: got %+v, %v", got, err)
	}
	noisy.Mean = -0.1
	if got, err := Fieller(noisy, varies, 0.95); err != nil || got.Bounded || !within(got.Estimate, 31, 1e-13) {
		t.Errorf("noisy negative control: got %+v, %v", got, err)
	}
	if got, err := Fieller(Sample{N: 10, M2: 4}, varies, 0.95); !errors.Is(err, ErrZeroControl) || got.Bounded || !math.IsNaN(got.Estimate) || !math.IsInf(got.G, 1) {
		t.Errorf("zero control mean: got %+v, %v, want %v", got, err, ErrZeroControl)
	}
	for _, c := range []struct{ control, treatment Sample }{
		{constant, Sample{N: 5, Mean: 3}},
		{varies, Sample{N: 5}},
	} {
		if got, err := Fieller(c.control, c.treatment, 0.95); !errors.Is(err, ErrZeroVariance) || !math.IsNaN(got.Low) || math.IsNaN(got.Estimate) {
			t.Errorf("%v: got %+v, %v, want %v", c, got, err, ErrZeroVariance)
		}
	}
	if _, err := Fieller(varies, Sample{N: 1, Mean: 3}, 0.95); !errors.Is(err, ErrTooFew) {
		t.Errorf("treatment of one: error %v, want %v", err, ErrTooFew)
	}
}

func TestHolm(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for _, tt := range []struct{ p, want []float64 }{
		{nil, []float64{}},
		{[]float64{0.5}, []float64{0.5}},
		{[]float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}}, // by hand
		{[]float64{0.049, 0.049, 0.049}, []float64{0.147, 0.147, 0.147}},
		{[]float64{1, 1, 0, 0.2}, []float64{1, 1, 0, 0.6}},
		{[]float64{0.01, nan, 0.04}, []float64{0.02, nan, 0.04}},
	} {
		in := slices.Clone(tt.p)
		got := Holm(tt.p)
		equal := slices.EqualFunc(got, tt.want, func(a, b float64) bool {
			return math.Abs(a-b) < 1e-15 || math.IsNaN(a) && math.IsNaN(b)
		})
		if !equal {
			t.Errorf("Holm(%v) = %v, want %v", tt.p, got, tt.want)
		}
		if fmt.Sprint(in) != fmt.Sprint(tt.p) {
			t.Errorf("Holm changed its argument from %v to %v", in, tt.p)
		}
	}
}

func TestPower(t *testing.T) {
	t.Parallel()
	// 2 (1.959964+0.841621)²/0.05² = 6279.1; R's power.t.test, with Student's
	// t, has 6280.05.
	if got, err := RequiredN(1, 0.05, 0.05, 0.8); err != nil || got != 6280 {
		t.Errorf("RequiredN(1, 0.05) = %d, %v, want 6280", got, err)
	}
	if got, err := RequiredN(1, -0.05, 0.05, 0.8); err != nil || got != 6280 {
		t.Errorf("RequiredN(1, -0.05) = %d, %v, want 6280", got, err)
	}
	for _, delta := range []float64{0.3, 0.01, 1e-5} {
		n, err := RequiredN(2, delta, 0.01, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		enough, err := MDE(2, n, n, 0.01, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		short, err := MDE(2, n-1, n-1, 0.01, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		if enough > delta || short <= delta {
			t.Errorf("with %d in each arm the difference is %v, with one less %v, want %v between", n, enough, short, delta)
		}
	}
	if got, err := RequiredN(0, 1, 0.05, 0.8); err != nil || got != 2 {
		t.Errorf("no variance: got %d, %v, want 2", got, err)
	}
	for _, delta := range []float64{0, 1e-300} {
		if _, err := RequiredN(1, delta, 0.05, 0.8); !errors.Is(err, ErrZeroDelta) {
			t.Errorf("RequiredN(1, %v): error %v, want %v", delta, err, ErrZeroDelta)
		}
	}
	if got, err := MDE(1, 100, 100, 0.5, 0.01); err != nil || got != 0 {
		t.Errorf("power below alpha: got %v, %v, want 0", got, err)
	}
	if _, err := MDE(1, 1, 100, 0.05, 0.8); !errors.Is(err, ErrTooFew) {
		t.Errorf("one member: error %v, want %v", err, ErrTooFew)
	}
}

func TestPanics(t *testing.T) {
	t.Parallel()
	s := Sample{N: 5, Mean: 1, M2: 3}
	for name, f := range map[string]func(){
		"welch confidence":   func() { _, _ = Welch(s, s, 1) },
		"fieller confidence": func() { _, _ = Fieller(s, s, 0) },
		"lengths":            func() { _, _ = SRM([]int64{1}, nil) },
		"p-value":            func() { Holm([]float64{0.1, 1.1}) },
		"alpha":              func() { _, _ = MDE(1, 5, 5, math.NaN(), 0.8) },
		"power":              func() { _, _ = RequiredN(1, 1, 0.05, 80) },
		"deviation":          func() { _, _ = RequiredN(-1, 1, 0.05, 0.8) },
		"difference":         func() { _, _ = RequiredN(1, math.Inf(1), 0.05, 0.8) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
