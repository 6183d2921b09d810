package btyd

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/mathext"
)

func near(t *testing.T, what string, got, want, rel float64) {
	t.Helper()
	if !(math.Abs(got-want) <= rel*math.Abs(want)) {
		t.Errorf("%s: got %.15g, want %.15g", what, got, want)
	}
}

// some is a member of each family, at ordinary parameters.
var some = []Model{
	BGNBD{0.243, 4.414, 0.793, 2.426},
	MBGNBD{0.525, 6.183, 0.891, 1.614},
	MBGCNBD{1, 0.525, 6.183, 0.891, 1.614},
	MBGCNBD{2, 0.865, 2.541, 0.533, 2.472},
	MBGCNBD{3, 0.9, 1.7, 1, 3},
	ParetoNBD{0.553, 10.578, 0.606, 11.669},
	ParetoNBD{1.2, 3, 1, 3},
	BGBB{1.204, 0.75, 0.657, 2.783},
}

// someHistories suit every family.
var someHistories = []History{
	{},
	{T: 30},
	{X: 1, TX: 3, T: 30, LogGaps: 1.1},
	{X: 2, TX: 30, T: 38, LogGaps: 4},
	{X: 9, TX: 12, T: 12, LogGaps: 2},
	{X: 7, TX: 10, T: 40, LogGaps: 2.5},
}

// Values printed in the papers.
func TestPublished(t *testing.T) {
	// Fader, Hardie and Lee, "Implementing the BG/NBD model for customer base
	// analysis in Excel", 2005: the first member of the CDNOW sample.
	bg := BGNBD{0.243, 4.414, 0.793, 2.426}
	if got := bg.Expected(History{X: 2, TX: 30.43, T: 38.86}, 39); math.Abs(got-1.226) > 5e-4 {
		t.Errorf("BG/NBD: got %.4f expected purchases, want 1.226", got)
	}
	// Fader, Hardie and Shang 2010, table of the donors: six out of six.
	bb := BGBB{1.204, 0.750, 0.657, 2.783}
	h := History{X: 6, TX: 6, T: 6}
	if got := bb.PAlive(h); math.Abs(got-0.93) > 5e-3 {
		t.Errorf("BG/BB: got P(alive) %.4f, want 0.93", got)
	}
	if got := bb.Expected(h, 5); math.Abs(got-3.75) > 5e-3 {
		t.Errorf("BG/BB: got %.4f expected purchases, want 3.75", got)
	}
}

// The closed forms of the papers, where they hold their digits.
func TestClosedForms(t *testing.T) {
	r, alpha, a, b := 0.7, 5.0, 2.3, 3.1
	for _, u := range []float64{1, 7, 40} {
		f := mathext.Hypergeo(r, b, a+b-1, u/(alpha+u))
		want := (a + b - 1) / (a - 1) * (1 - math.Pow(alpha/(alpha+u), r)*f)
		near(t, "BG/NBD mean", BGNBD{r, alpha, a, b}.Expected(History{}, u), want, 1e-10)
	}
	s, beta := 1.7, 9.0
	p := ParetoNBD{r, alpha, s, beta}
	near(t, "Pareto/NBD mean", p.Expected(History{}, 20), r*beta/alpha/(s-1)*(1-math.Pow(beta/(beta+20), s-1)), 1e-14)
	// With α = β the integral of the likelihood is elementary.
	q := ParetoNBD{r, 6, s, 6}
	h := History{X: 3, TX: 4, T: 11}
	rs := r + 3 + s
	lg, _ := math.Lgamma(r + 3)
	lr, _ := math.Lgamma(r)
	want := lg - lr + (r+s)*math.Log(6) + math.Log(math.Pow(17, -rs)+s/rs*(math.Pow(10, -rs)-math.Pow(17, -rs)))
	near(t, "Pareto/NBD log-likelihood", q.LogLik(h), want, 1e-14)
	// A new member who never bought, by hand: MBG/NBD.
	m := MBGNBD{r, alpha, a, b}
	lik := a/(a+b) + b/(a+b)*math.Pow(alpha/(alpha+8), r)
	near(t, "MBG/NBD log-likelihood", m.LogLik(History{T: 8}), math.Log(lik), 1e-13)
	near(t, "MBG/NBD P(alive)", m.PAlive(History{T: 8}), b/(a+b)*math.Pow(alpha/(alpha+8), r)/lik, 1e-13)
	if got := (BGNBD{r, alpha, a, b}).PAlive(History{T: 500}); got != 1 {
		t.Errorf("BG/NBD P(alive) without a repeat purchase: got %v, want 1", got)
	}
}

// What the histories imply about the future sums to 1, has the mean Expected,
// and DERT is its discounted sum.
func TestFuture(t *testing.T) {
	for _, m := range some {
		for _, h := range someHistories {
			name := fmt.Sprintf("%T%v%v", m, m, h)
			for _, horizon := range []float64{6} {
				var sum, mean float64
				for n := range 400 {
					p := m.PMF(h, n, horizon)
					if p < 1e-10*mean && sum > 0.99 {
						break
					}
					if p < 0 {
						t.Fatalf("%s: negative probability", name)
					}
					sum += p
					mean += float64(n) * p
				}
				near(t, name+" sum", sum, 1, 1e-9)
				near(t, name+" mean", mean, m.Expected(h, horizon), 1e-7)
			}
			const rate = 0.02
			near(t, name+" DERT", m.DERT(h, rate), discounted(m, h, rate), 1e-8)
			if m.Expected(h, 0) != 0 || m.PMF(h, 0, 0) != 1 || m.PMF(h, 1, 0) != 0 {
				t.Errorf("%s: no time, but purchases", name)
			}
		}
	}
}

// discounted is δ ∫ e^-δt E(t) dt, for BGBB the sum.
func discounted(m Model, h History, rate float64) float64 {
	var s float64
	if _, ok := m.(BGBB); ok {
		before := 0.0
		for i := 1; i <= 3000; i++ {
			e := m.Expected(h, float64(i))
			s += (e - before) * math.Pow(1+rate, -float64(i))
			before = e
		}
		return s
	}
	for lo, width := 0.0, 1.0; lo < 1500; lo, width = lo+width, 1.1*width {
		for i, x := range legendre.x {
			u := lo + width*x
			s += width * legendre.w[i] * rate * math.Exp(-rate*u) * m.Expected(h, u)
		}
	}
	return s
}

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

// Fits find the parameters of simulated worlds within their errors.
func TestRecovery(t *testing.T) {
	check := func(names []string, got, se, want []float64) {
		t.Helper()
		for i := range want {
			if math.Abs(got[i]-want[i]) > 4*se[i] {
				t.Errorf("%s: got %.4g, want %.4g, standard error %.3g", names[i], got[i], want[i], se[i])
			}
		}
	}
	for _, m := range []MBGCNBD{{1, 0.6, 7, 0.7, 2.1}, {3, 1.2, 3, 0.5, 2}} {
		fit, err := Fit(MBGCNBD{K: m.K}, data(t, newSim(7).members(m.core(), 20000, 0), nil))
		if err != nil {
			t.Fatal(err)
		}
		check(fit.Names, fit.Params, fit.SE, m.Params())
	}
	bg := BGNBD{0.6, 7, 0.7, 2.1}
	fit, err := Fit(BGNBD{}, data(t, newSim(8).members(bg.core(), 20000, 1./7), nil))
	if err != nil {
		t.Fatal(err)
	}
	check(fit.Names, fit.Params, fit.SE, bg.Params())

	s := newSim(9)
	gg := GammaGamma{5, 4, 30}
	spend := make([]Spend, 5000)
	for i := range spend {
		nu := s.gamma(gg.Q, gg.Gamma)
		x := 1 + s.IntN(6)
		spend[i] = Spend{x, s.gamma(gg.P*float64(x), nu) / float64(x)}
	}
	f, err := FitSpend(spend, nil)
	if err != nil {
		t.Fatal(err)
	}
	check(f.Names, f.Params, f.SE, []float64{gg.P, gg.Q, gg.Gamma})
	if c := SpendCorrelation(spend, nil); math.Abs(c) > 0.05 {
		t.Errorf("correlation of independent spend and frequency: %v", c)
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
	var alive, alike []History
	for range 3000 {
		h, _ := s.member(&betaGeo{k: 1, r: 2, alpha: 8, a: 1e-9, b: 1}, 50, 0, 0)
		alive = append(alive, h)
		h, _ = s.member(&betaGeo{k: 1, atZero: 1, r: 1e6, alpha: 4e6, a: 1, b: 4}, 50, 0, 0)
		alike = append(alike, h)
	}
	report := func(name, boundary string, cov *mat.SymDense) {
		t.Helper()
		t.Logf("%s: %s", name, boundary)
		if boundary == "" {
			t.Errorf("%s: no boundary reported", name)
		}
	}
	a, err := Fit(MBGNBD{}, data(t, alive, nil))
	if err != nil {
		t.Fatal(err)
	}
	report("all alive, MBG/NBD", a.Boundary, a.Cov)
	b, err := Fit(BGNBD{}, data(t, alive, nil))
	if err != nil {
		t.Fatal(err)
	}
	report("all alive, BG/NBD", b.Boundary, b.Cov)
	p, err := Fit(ParetoNBD{}, data(t, alive, nil))
	if err != nil {
		t.Fatal(err)
	}
	report("all alive, Pareto/NBD", p.Boundary, p.Cov)
	if got := p.Model.PAlive(History{X: 10, TX: 45, T: 50}); got < 0.99 {
		t.Errorf("P(alive) where nobody drops out: %v", got)
	}
	c, err := Fit(MBGNBD{}, data(t, alike, nil))
	if err != nil {
		t.Fatal(err)
	}
	report("all alike", c.Boundary, c.Cov)
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
	if !math.IsNaN(c.SE[0]) || c.Cov != nil {
		t.Errorf("standard error %v of what is not determined", c.SE[0])
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

// In the world of one model that model predicts best, and what it predicts
// happens.
func TestHoldout(t *testing.T) {
	s := newSim(21)
	truth := MBGNBD{0.9, 6, 0.9, 1.8}
	var o Holdout
	for range 8000 {
		h, later := s.member(truth.core(), 20+40*s.Float64(), 26, 0)
		o.Histories, o.Later = append(o.Histories, h), append(o.Later, later)
	}
	o.Time = 26
	d := data(t, o.Histories, nil)
	mbg, err := Fit(MBGNBD{}, d)
	if err != nil {
		t.Fatal(err)
	}
	bg, err := Fit(BGNBD{}, d)
	if err != nil {
		t.Fatal(err)
	}
	c := []Candidate{{"BG/NBD", bg.Model, bg.LogLik}, {"MBG/NBD", mbg.Model, mbg.LogLik}}
	for _, hold := range []*Holdout{&o, nil} {
		r := Choose(c, hold)
		if r[0].Name != "MBG/NBD" || !(r[1].Behind > 0) || r[0].Behind != 0 {
			t.Errorf("got %+v", r)
		}
		if hold != nil && !(r[1].Behind > 2*r[1].SE) {
			t.Errorf("behind by %v, standard error %v", r[1].Behind, r[1].SE)
		}
	}
	bands := Calibrate(mbg.Model, o, 10)
	if len(bands) < 7 {
		t.Fatalf("got %d bands", len(bands))
	}
	var members float64
	for i, b := range bands {
		members += b.Members
		se := math.Sqrt(b.Predicted * (1 - b.Predicted) / b.Members)
		if math.Abs(b.Active-b.Predicted) > 4.5*se {
			t.Errorf("band %d: predicted %.4f, active %.4f, standard error %.4f", i, b.Predicted, b.Active, se)
		}
		if math.Abs(b.Bought-b.Expected) > 0.25*b.Expected+0.02 {
			t.Errorf("band %d: expected %.4f, bought %.4f", i, b.Expected, b.Bought)
		}
		if i > 0 && b.Predicted < bands[i-1].Predicted {
			t.Errorf("band %d out of order", i)
		}
	}
	if members != 8000 {
		t.Errorf("got %v members in all bands", members)
	}
}

func TestSummarize(t *testing.T) {
	log := []Purchase{
		{"b", 40, 9},
		{"a", 17, 10}, {"a", 10, 99}, {"a", 10, 1}, {"a", 17, 4}, {"a", 31, 6}, {"a", 45, 7}, {"a", 45, 7}, {"a", 60, 7},
		{"c", 20, 5},
	}
	got := Summarize(log, 38, 52, 7)
	want := []Summary{
		{"a", History{2, 3, 4, math.Log(1) + math.Log(2)}, Spend{2, 10}, 1},
		{"c", History{0, 0, 18. / 7, 0}, Spend{}, 0},
	}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %+v, want %+v", got[i], want[i])
		}
	}
}
