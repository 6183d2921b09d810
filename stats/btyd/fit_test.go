package btyd

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// The gradient and Hessian of every model are those of its log-likelihood.
func TestDerivatives(t *testing.T) {
	for _, m := range some {
		d := data(t, someHistories[1:], []float64{3, 1, 2, 0.5, 4})
		f := objective(m, plain(d))
		theta := logs(m.Params())
		grad, hess := make([]float64, dim), mat.NewSymDense(dim, nil)
		value := f(theta, grad, hess)
		var want float64
		for i, h := range someHistories[1:] {
			want += []float64{3, 1, 2, 0.5, 4}[i] * m.LogLik(h)
		}
		near(t, fmt.Sprintf("%T sum", m), value, want, 1e-12)
		const step = 1e-5
		up, down := make([]float64, dim), make([]float64, dim)
		scratch := mat.NewSymDense(dim, nil)
		for i := range dim {
			at := append([]float64(nil), theta...)
			at[i] += step
			fu := f(at, up, scratch)
			at[i] -= 2 * step
			fd := f(at, down, scratch)
			if got := (fu - fd) / (2 * step); math.Abs(got-grad[i]) > 1e-6*(1+math.Abs(got)) {
				t.Errorf("%T gradient %d: got %g, want %g", m, i, grad[i], got)
			}
			for j := range dim {
				if got := (up[j] - down[j]) / (2 * step); math.Abs(got-hess.At(i, j)) > 1e-5*(1+math.Abs(got)) {
					t.Errorf("%T Hessian %d,%d: got %g, want %g", m, i, j, hess.At(i, j), got)
				}
			}
		}
	}
}

func TestSpendDerivatives(t *testing.T) {
	rows := []spendRow{{1, 20, 2}, {1, 35, 1}, {2, 7.5, 3}, {6, 44, 0.5}}
	f := spendObjective(rows)
	theta := logs([]float64{6, 3.7, 15})
	grad, hess := make([]float64, 3), mat.NewSymDense(3, nil)
	value := f(theta, grad, hess)
	var want float64
	for _, r := range rows {
		want += r.w * GammaGamma{6, 3.7, 15}.LogLik(Spend{r.x, r.mean})
	}
	near(t, "sum", value, want, 1e-13)
	up, down, scratch := make([]float64, 3), make([]float64, 3), mat.NewSymDense(3, nil)
	for i := range 3 {
		at := append([]float64(nil), theta...)
		at[i] += 1e-5
		fu := f(at, up, scratch)
		at[i] -= 2e-5
		fd := f(at, down, scratch)
		if got := (fu - fd) / 2e-5; math.Abs(got-grad[i]) > 1e-7*(1+math.Abs(got)) {
			t.Errorf("gradient %d: got %g, want %g", i, grad[i], got)
		}
		for j := range 3 {
			if got := (up[j] - down[j]) / 2e-5; math.Abs(got-hess.At(i, j)) > 1e-6*(1+math.Abs(got)) {
				t.Errorf("Hessian %d,%d: got %g, want %g", i, j, hess.At(i, j), got)
			}
		}
	}
}

// Spend that does not depend on frequency has next to no correlation with it.
func TestSpendCorrelation(t *testing.T) {
	spend := newSim(9).spends(GammaGamma{5, 4, 30}, 5000)
	if c := SpendCorrelation(spend, nil); math.Abs(c) > 0.05 {
		t.Errorf("correlation of independent spend and frequency: %v", c)
	}
	for i := range spend {
		spend[i].Mean *= float64(spend[i].X)
	}
	if c := SpendCorrelation(spend, nil); c < 0.5 {
		t.Errorf("correlation of spend that rises with frequency: %v", c)
	}
}

// Covariates multiply the rates of purchase and dropout.
func TestStaticRecovery(t *testing.T) {
	s := newSim(11)
	truth := Static[MBGNBD]{Base: MBGNBD{0.8, 6, 0.6, 2}, Trans: []float64{0.5, -0.3}, Life: []float64{-0.8}}
	h := make([]History, 20000)
	trans, life := make([][]float64, len(h)), make([][]float64, len(h))
	for i := range h {
		trans[i] = []float64{float64(i % 2), float64(i % 3)}
		life[i] = []float64{float64(i % 2)}
		h[i], _ = s.member(truth.For(trans[i], life[i]).core(), 10+90*s.Float64(), 0, 0)
	}
	fit, err := FitStatic(MBGNBD{}, h, nil, trans, life)
	if err != nil {
		t.Fatal(err)
	}
	want := append(truth.Base.Params(), 0.5, -0.3, -0.8)
	for i, v := range want {
		if math.Abs(fit.Params[i]-v) > 4*fit.SE[i] {
			t.Errorf("%s: got %.4g, want %.4g, standard error %.3g", fit.Names[i], fit.Params[i], v, fit.SE[i])
		}
	}
	if got := fit.Model.For([]float64{0, 0}, []float64{0}); got != fit.Model.Base {
		t.Errorf("without covariates: got %v, want %v", got, fit.Model.Base)
	}
	// A covariate that everyone has says nothing apart from alpha.
	for i := range trans {
		trans[i] = []float64{1}
	}
	same, err := FitStatic(MBGNBD{}, h, nil, trans, nil)
	if err != nil {
		t.Fatal(err)
	}
	if same.Boundary == "" || same.Cov != nil {
		t.Errorf("a constant covariate: boundary %q, covariance %v", same.Boundary, same.Cov)
	}
}

// Data that cannot answer give an error that says why, or a boundary.
func TestCannotAnswer(t *testing.T) {
	for _, tc := range []struct {
		name string
		h    []History
		err  error
	}{
		{"no members", nil, ErrNoMembers},
		{"no repeat", []History{{T: 3}, {T: 9}}, ErrNoRepeat},
		{"no time", []History{{}, {}}, ErrNoTime},
	} {
		d, err := NewData(tc.h, nil)
		if err == nil {
			_, err = Fit(MBGNBD{}, d)
		}
		if !errors.Is(err, tc.err) {
			t.Errorf("%s: got %v, want %v", tc.name, err, tc.err)
		}
	}
	for _, h := range []History{
		{X: -1, T: 1}, {X: 1, T: 1}, {TX: 1, T: 2}, {X: 1, TX: 3, T: 2}, {X: 1, TX: math.NaN(), T: 2}, {T: math.Inf(1)}, {T: -1},
	} {
		if _, err := NewData([]History{{T: 1}, h}, nil); err == nil {
			t.Errorf("%v: no error", h)
		}
	}
	if _, err := NewData([]History{{T: 1}}, []float64{-1}); err == nil {
		t.Error("negative weight: no error")
	}
	h := []History{{X: 2, TX: 1.5, T: 3}}
	if _, err := Fit(BGBB{}, data(t, h, nil)); !errors.Is(err, ErrNotDiscrete) {
		t.Errorf("BG/BB of fractions: got %v", err)
	}
	if _, err := Fit(MBGCNBD{K: 2}, data(t, h, nil)); !errors.Is(err, ErrNoGaps) {
		t.Errorf("no gaps: got %v", err)
	}
	// Gaps of which the logarithms add up to 0 are gaps.
	even := []History{{X: 2, TX: 2.5, T: 3, LogGaps: math.Log(2) + math.Log(0.5)}, {X: 2, TX: 4, T: 9, LogGaps: 1}, {X: 2, TX: 3, T: 6, LogGaps: -1}, {T: 4}}
	if d := data(t, even, nil); d.gaps != 0 {
		t.Errorf("log gaps add up to %v", d.gaps)
	} else if _, err := Fit(MBGCNBD{K: 2}, d); err != nil {
		t.Errorf("log gaps that add up to 0: got %v", err)
	}
	for want, s := range map[string]Spend{"spend 1 is NaN": {1, math.NaN()}, "spend 1 is +Inf": {1, math.Inf(1)}} {
		if _, err := FitSpend([]Spend{{1, 20}, s}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", s, err, want)
		}
	}
	if _, err := FitSpend([]Spend{{1, 20}}, []float64{-1}); err == nil || !strings.Contains(err.Error(), "weight 0 is -1") {
		t.Errorf("a negative weight: got %v", err)
	}
	if _, err := FitStatic(BGBB{}, h, nil, nil, nil); !errors.Is(err, ErrNoCovariates) {
		t.Errorf("BG/BB with covariates: got %v", err)
	}
	if _, err := FitSpend([]Spend{{0, 0}}, nil); !errors.Is(err, ErrNoSpend) {
		t.Errorf("no spend: got %v", err)
	}
}

// Where nobody drops out, or all are alike, the fit says so.
func TestBoundary(t *testing.T) {
	s := newSim(5)
	var alive, alike, both []History
	for range 3000 {
		h, _ := s.member(&betaGeo{k: 1, r: 2, alpha: 8, a: 1e-9, b: 1}, 50, 0, 0)
		alive = append(alive, h)
		h, _ = s.member(&betaGeo{k: 1, atZero: 1, r: 1e6, alpha: 4e6, a: 1, b: 4}, 50, 0, 0)
		alike = append(alike, h)
		// Counts that vary less than by chance.
		n := 12 + len(both)%2
		both = append(both, History{X: n, TX: 50 - float64(len(both)%5), T: 50})
	}
	// What is named has no standard error, and nothing else lacks one.
	report := func(name, boundary string, cov *mat.SymDense, se []float64, unknown []bool, says ...string) {
		t.Helper()
		t.Logf("%s: %s", name, boundary)
		for _, want := range says {
			if !strings.Contains(boundary, want) {
				t.Errorf("%s: boundary %q, want %q in it", name, boundary, want)
			}
		}
		for i, want := range unknown {
			if math.IsNaN(se[i]) != want {
				t.Errorf("%s: standard errors %v, of which %v should be unknown", name, se, unknown)
				break
			}
		}
		if cov != nil {
			t.Errorf("%s: a covariance where some parameters are not determined", name)
		}
	}
	a, err := Fit(MBGNBD{}, data(t, alive, nil))
	if err != nil {
		t.Fatal(err)
	}
	dropout := []bool{false, false, true, true}
	report("all alive, MBG/NBD", a.Boundary, a.Cov, a.SE, dropout, "no dropout identified")
	b, err := Fit(BGNBD{}, data(t, alive, nil))
	if err != nil {
		t.Fatal(err)
	}
	report("all alive, BG/NBD", b.Boundary, b.Cov, b.SE, dropout, "no dropout identified")
	p, err := Fit(ParetoNBD{}, data(t, alive, nil))
	if err != nil {
		t.Fatal(err)
	}
	report("all alive, Pareto/NBD", p.Boundary, p.Cov, p.SE, dropout, "no dropout identified")
	if got := p.Model.PAlive(History{X: 10, TX: 45, T: 50}); got < 0.99 {
		t.Errorf("P(alive) where nobody drops out: %v", got)
	}
	c, err := Fit(MBGNBD{}, data(t, alike, nil))
	if err != nil {
		t.Fatal(err)
	}
	report("all alike", c.Boundary, c.Cov, c.SE, []bool{true, true, false, false}, "r and alpha are both large")
	near(t, "the rate of all", c.Params[0]/c.Params[1], 0.25, 0.03)
	// What is determined still has an interval.
	draws, err := c.Draw(200, 1)
	if err != nil {
		t.Fatal(err)
	}
	low, high := Interval(draws, 0.95, func(m MBGNBD) float64 { return m.Expected(History{X: 3, TX: 40, T: 50}, 10) })
	if !(low < high && high < 1.2*low) {
		t.Errorf("interval [%v, %v] of what is determined", low, high)
	}
	// All that is not determined is named.
	all := []bool{true, true, true, true}
	d, err := Fit(MBGNBD{}, data(t, both, nil))
	if err != nil {
		t.Fatal(err)
	}
	report("all alike and alive, MBG/NBD", d.Boundary, d.Cov, d.SE, all, "r and alpha are both large", "no dropout identified")
	q, err := Fit(ParetoNBD{}, data(t, both, nil))
	if err != nil {
		t.Fatal(err)
	}
	report("all alike and alive, Pareto/NBD", q.Boundary, q.Cov, q.SE, all, "r and alpha are both large", "no dropout identified")
	var same []History
	for k := range 10 {
		same = append(same, History{X: 6 + k%2, TX: float64(20 - k/2), T: 20})
	}
	same = slices.Repeat(same, 100)
	e, err := Fit(BGBB{}, data(t, same, nil))
	if err != nil {
		t.Fatal(err)
	}
	report("all alike and alive, BG/BB", e.Boundary, e.Cov, e.SE, all, "alpha and beta are large", "no dropout identified")
	g, err := FitSpend(slices.Repeat([]Spend{{3, 20}, {1, 20}, {2, 20}}, 20), nil)
	if err != nil {
		t.Fatal(err)
	}
	report("everyone spends the same", g.Boundary, g.Cov, g.SE, []bool{true, true, true}, "p is large", "q and gamma are both large")
}

// A limit counts only where the data do not determine its parameters, and what is
// flat but at no limit is named too.
func TestBoundaryNames(t *testing.T) {
	unknown := math.NaN()
	limits := []limit{{"first", []int{0, 1}}, {"second", []int{2, 3}}}
	for _, c := range []struct {
		se   []float64
		ends []bool
		want string
		nans int
	}{
		{[]float64{1, 1, 1, 1}, nil, "", 0},
		{[]float64{1, 1, unknown, 1}, nil, "second", 2},
		{[]float64{unknown, 1, 1, unknown}, nil, "first; second", 4},
		{[]float64{1, 1, 1, 1, unknown}, nil, "e: the likelihood is flat", 1},
		{[]float64{unknown, 1, 1, 1, unknown}, nil, "first; e: the likelihood is flat", 3},
		{[]float64{1, 1, 1, 1, 1}, []bool{false, false, false, false, true}, "e: ran to the end", 1},
	} {
		n := len(c.se)
		f := &Fitted[MBGNBD]{Names: []string{"a", "b", "c", "d", "e"}[:n], SE: c.se, Cov: mat.NewSymDense(n, nil), root: mat.NewDense(n, n, nil), ends: c.ends}
		f.bound(limits)
		nans := 0
		for _, v := range f.SE {
			if math.IsNaN(v) {
				nans++
			}
		}
		if !strings.HasPrefix(f.Boundary, c.want) || (f.Boundary == "") != (c.want == "") || nans != c.nans || (f.Cov == nil) != (c.want != "") {
			t.Errorf("got %q, standard errors %v, covariance %v; want %q and %d unknown", f.Boundary, f.SE, f.Cov != nil, c.want, c.nans)
		}
	}
}

func TestDraw(t *testing.T) {
	fit, err := Fit(MBGNBD{}, data(t, newSim(3).members(MBGNBD{0.6, 7, 0.7, 2.1}.core(), 3000, 1), nil))
	if err != nil {
		t.Fatal(err)
	}
	draws, err := fit.Draw(1000, 42)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := fit.Draw(1000, 42)
	if draws[999] != again[999] {
		t.Error("the same seed gave other draws")
	}
	// A parameter's interval is about 1.96 standard errors, on the log scale.
	low, high := Interval(draws, 0.95, func(m MBGNBD) float64 { return m.R })
	near(t, "width", math.Log(high/low), 2*1.96*fit.SE[0]/fit.Params[0], 0.1)
	h := History{X: 3, TX: 20, T: 30}
	spend := 25.0
	value := func(m MBGNBD) float64 {
		return CLV(m, h, spend, Valuation{Periods: 12, Length: 4.345, Discount: 0.01, Margin: 0.3})
	}
	best := value(fit.Model)
	before := 0.0
	for _, level := range []float64{0.5, 0.8, 0.95, 0.99} {
		low, high := Interval(draws, level, value)
		if !(low < best && best < high && high-low > before) {
			t.Errorf("level %v: [%v, %v] around %v", level, low, high, best)
		}
		before = high - low
	}
}

// An evaluation of the likelihood with its derivatives allocates nothing.
func TestNoAllocations(t *testing.T) {
	d := data(t, newSim(1).members(MBGNBD{0.6, 7, 0.7, 2.1}.core(), 500, 1), nil)
	for _, m := range some {
		if _, ok := m.(BGBB); ok {
			continue // its terms come through a closure, and its data are small
		}
		var g [dim]float64
		var h [dim][dim]float64
		if n := testing.AllocsPerRun(5, func() { m.eval(d, &g, &h) }); n > 2 {
			t.Errorf("%T: %v allocations for %d histories", m, n, d.Patterns())
		}
	}
}
