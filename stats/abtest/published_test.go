package abtest

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/special"
)

// Values from papers, documentation and closed forms, so that a clone without the
// reference values still proves something.

func TestBoundsPublished(t *testing.T) {
	t.Parallel()
	// Four equal looks at the two-sided level 0.05, as tabled for the spending
	// functions of O'Brien-Fleming and Pocock type.
	quarters := []float64{0.25, 0.5, 0.75, 1}
	for name, c := range map[string]struct {
		spend Spending
		want  []float64
	}{
		"O'Brien-Fleming": {OBrienFleming, []float64{4.3326, 2.9631, 2.3590, 2.0141}},
		"Pocock":          {Pocock, []float64{2.3683, 2.3675, 2.3581, 2.3500}},
	} {
		looks, err := Bounds(quarters, 0.05, true, c.spend)
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range looks {
			if math.Abs(l.Z-c.want[i]) > 1e-4 {
				t.Errorf("%s look %d: got %v, want %v", name, i, l.Z, c.want[i])
			}
		}
	}
	looks, err := Bounds([]float64{1}, 0.05, true, Pocock)
	if err != nil || !within(looks[0].Z, 1.959963984540054, 1e-12) || !within(looks[0].Spent, 0.05, 1e-12) {
		t.Errorf("one look: got %v, %v", looks, err)
	}
	// A look with next to nothing to spend has a bound that is never reached.
	looks, err = Bounds([]float64{1e-3, 1}, 0.05, true, OBrienFleming)
	if err != nil || looks[0].Z != farBound || !within(looks[1].Z, 1.959963984540054, 1e-9) {
		t.Errorf("early look: got %v, %v", looks, err)
	}
	for _, information := range [][]float64{{0}, {0.5, 0.5}, {0.5, 1.1}, {math.NaN()}} {
		if _, err := Bounds(information, 0.05, true, Pocock); !errors.Is(err, ErrInformation) {
			t.Errorf("%v: error %v, want %v", information, err, ErrInformation)
		}
	}
}

func TestBenjaminiHochbergPublished(t *testing.T) {
	t.Parallel()
	// The example of the paper of 1995: BH rejects four at 0.05, Bonferroni three.
	p := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1}
	count := func(adjusted []float64) int {
		n := 0
		for _, v := range adjusted {
			if v <= 0.05 {
				n++
			}
		}
		return n
	}
	for name, c := range map[string]struct {
		f    Correction
		want int
	}{"BH": {BenjaminiHochberg, 4}, "Bonferroni": {Bonferroni, 3}, "Holm": {Holm, 3}, "Hochberg": {Hochberg, 3}} {
		if got := count(c.f(p)); got != c.want {
			t.Errorf("%s: %d rejected, want %d", name, got, c.want)
		}
	}
	// Hommel by hand: for two tests it is Hochberg.
	if got := Hommel([]float64{0.03, 0.04}); got[0] != 0.04 || got[1] != 0.04 {
		t.Errorf("Hommel: got %v, want 0.04 twice", got)
	}
}

func TestPowerTPublished(t *testing.T) {
	t.Parallel()
	// The examples in the documentation of R's power.t.test and power.prop.test,
	// which leave out the far tail.
	if got := PowerT(1, 20, 20, 0.05, false); math.Abs(got-0.8689528) > 5e-7 {
		t.Errorf("power.t.test(20, delta=1): got %v", got)
	}
	if got, err := RequiredNT(1, 1, 0.05, 0.9, false); err != nil || math.Abs(got-22.02110) > 5e-5 {
		t.Errorf("power.t.test(power=.90, delta=1): got %v, %v", got, err)
	}
	if got, err := RequiredNT(1, 1, 0.05, 0.9, true); err != nil || math.Abs(got-17.84713) > 5e-5 {
		t.Errorf("one-sided: got %v, %v", got, err)
	}
	if got := PowerShares(0.5, 0.75, 50, 0.05); math.Abs(got-0.7401659) > 5e-4 {
		t.Errorf("power.prop.test(n=50): got %v", got)
	}
	if got, err := RequiredNShares(0.5, 0.75, 0.05, 0.9); err != nil || math.Abs(got-76.7) > 0.05 {
		t.Errorf("power.prop.test(power=.90): got %v, %v", got, err)
	}
	if got, err := MDEShares(0.5, 76.65294, 0.05, 0.9); err != nil || math.Abs(got-0.75) > 1e-4 {
		t.Errorf("smallest share: got %v, %v", got, err)
	}
	// One degree of freedom: the square of a normal value moved by √λ.
	x := 3.84
	want := special.NormalSurvival(math.Sqrt(x)-2) + special.NormalSurvival(math.Sqrt(x)+2)
	if got := special.ChiSquareNoncentral(x, 1, 4); !within(got, want, 1e-12) {
		t.Errorf("noncentral chi-square: got %v, want %v", got, want)
	}
}

func TestRegressPublished(t *testing.T) {
	t.Parallel()
	// Anscombe's first data set (1973).
	x := []float64{10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5}
	y := []float64{8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68}
	m := mat.NewDense(len(x), 2, nil)
	for i, v := range x {
		m.SetRow(i, []float64{1, v})
	}
	r, err := Regress(m, y)
	if err != nil {
		t.Fatal(err)
	}
	cov := r.Covariance(Classical)
	for i, v := range [][2]float64{{r.Coef[0], 3.0000909}, {r.Coef[1], 0.5000909}, {math.Sqrt(cov.At(0, 0)), 1.1247468}, {math.Sqrt(cov.At(1, 1)), 0.1179055}} {
		if math.Abs(v[0]-v[1]) > 5e-8 {
			t.Errorf("value %d: got %v, want %v", i, v[0], v[1])
		}
	}
	f, err := r.Wald([]int{1}, Classical)
	if err != nil || math.Abs(f.F-17.98994) > 5e-6 || math.Abs(f.P-0.00217) > 5e-6 {
		t.Errorf("F: got %+v, %v, want 17.98994 and 0.00217", f, err)
	}
	for i := range x {
		m.SetRow(i, []float64{2, 4})
	}
	if _, err := Regress(m, y); !errors.Is(err, ErrCollinear) {
		t.Errorf("collinear: error %v, want %v", err, ErrCollinear)
	}
}

// Without covariates the regression is Welch, but for the degrees of freedom.
func TestLinIsWelch(t *testing.T) {
	t.Parallel()
	control := []float64{0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0}
	treatment := []float64{1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5}
	var y []float64
	var treated []bool
	for _, v := range control {
		y, treated = append(y, v), append(treated, false)
	}
	for _, v := range treatment {
		y, treated = append(y, v), append(treated, true)
	}
	got := must[Effect](t)(Lin(y, treated))
	want := must[Effect](t)(Compare(FromValues(control), FromValues(treatment)))
	for name, v := range map[string][2]float64{
		"difference": {got.Difference, want.Difference}, "variance": {got.Variance, want.Variance},
		"control": {got.Control, want.Control}, "control variance": {got.ControlVariance, want.ControlVariance},
		"covariance": {got.Covariance, want.Covariance},
	} {
		if !within(v[0], v[1], 1e-12) {
			t.Errorf("%s: got %v, want %v", name, v[0], v[1])
		}
	}
	// An adjustment for a covariate that determines y leaves nothing.
	if e, err := Lin(y, treated, y); err == nil && math.Sqrt(e.Variance) > 1e-12 {
		t.Errorf("y as its own covariate: got %+v", e)
	}
	if _, err := Lin(y, treated, make([]float64, len(y))); !errors.Is(err, ErrCollinear) {
		t.Errorf("constant covariate: error %v, want %v", err, ErrCollinear)
	}
	if _, err := Lin([]float64{1, 2, 3}, []bool{true, true, false}); !errors.Is(err, ErrTooFew) {
		t.Errorf("one control: error %v, want %v", err, ErrTooFew)
	}
}

func TestMetaClosedForm(t *testing.T) {
	t.Parallel()
	// With equal errors REML is the variance of the estimates less that of an error,
	// and Knapp-Hartung the t interval of their mean.
	y := []float64{0.04, -0.01, 0.07, 0.02, 0.1}
	s := FromValues(y)
	studies := make([]Study, len(y))
	for i, v := range y {
		studies[i] = Study{v, 0.03}
	}
	for _, method := range []MetaMethod{REML, DerSimonianLaird} {
		m, err := MetaAnalysis(studies, method, true, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		se := math.Sqrt(s.Variance() / 5)
		if !within(m.Tau2, s.Variance()-0.0009, 1e-12) || !within(m.Mean, s.Mean, 1e-14) || !within(m.SE, se, 1e-12) ||
			!within(m.High, s.Mean+2.7764451051977987*se, 1e-9) {
			t.Errorf("method %v: got %+v", method, m)
		}
		w := m.Tau2 / (m.Tau2 + 0.0009)
		if got := m.Shrink(nil, studies)[4]; !within(got, w*0.1+(1-w)*s.Mean, 1e-13) {
			t.Errorf("winner: got %v", got)
		}
	}
	// Errors that explain all the spread leave none between the effects.
	for i := range studies {
		studies[i].SE = 0.2
	}
	if m, err := MetaAnalysis(studies, REML, false, 0.95); err != nil || m.Tau2 != 0 || !within(m.SE, 0.2/math.Sqrt(5), 1e-12) {
		t.Errorf("wide errors: got %+v, %v", m, err)
	}
	for _, bad := range [][]Study{nil, {{1, 1}}, {{1, 1}, {2, 0}}, {{math.NaN(), 1}, {2, 1}}} {
		if _, err := MetaAnalysis(bad, REML, false, 0.95); !errors.Is(err, ErrStudies) {
			t.Errorf("%v: error %v, want %v", bad, err, ErrStudies)
		}
	}
}

func TestPosteriorClosedForm(t *testing.T) {
	t.Parallel()
	e := Effect{N: 100, Difference: 2, Variance: 4, DF: 98, Control: 10}
	p := must[Posterior](t)(e.Posterior(Prior{Mean: 0, SD: 2}, 0.95))
	if !within(p.Mean, 1, 1e-15) || !within(p.SD, math.Sqrt2, 1e-15) || !within(p.Win, special.NormalSurvival(-1/math.Sqrt2), 1e-14) {
		t.Errorf("got %+v", p)
	}
	// The gain less the loss is the mean, and neither vanishes in the tail.
	for z := -40.0; z < 40; z += 0.37 {
		if got := gain(z) - gain(-z); math.Abs(got-z) > 1e-13*math.Max(1, math.Abs(z)) {
			t.Errorf("gain(%v) - gain(%v) = %v", z, -z, got)
		}
	}
	// φ(6) - 6 Q(6) from the tabled values 6.075882849823286e-9 and
	// 9.865876450376981e-10, which leave 8 digits.
	if got, want := gain(-6), 6.075882849823286e-9-6*9.865876450376981e-10; !within(got, want, 1e-8) {
		t.Errorf("gain(-6) = %v, want %v", got, want)
	}
	for _, prior := range []Prior{{0, 0}, {0, -1}, {math.NaN(), 1}, {math.Inf(1), 1}, {0, math.NaN()}} {
		if _, err := e.Posterior(prior, 0.95); !errors.Is(err, ErrPrior) {
			t.Errorf("%v: error %v, want %v", prior, err, ErrPrior)
		}
	}
}

func TestPostStratifyClosedForm(t *testing.T) {
	t.Parallel()
	// One stratum is the plain comparison.
	c, v := Sample{N: 30, Mean: 4, M2: 60}, Sample{N: 40, Mean: 5, M2: 90}
	want := must[Effect](t)(Compare(c, v))
	got := must[Effect](t)(PostStratify([]Stratum[Sample]{{c, v}}))
	if !within(got.Difference, want.Difference, 1e-14) || !within(got.Variance, want.Variance, 1e-14) || !within(got.Covariance, want.Covariance, 1e-13) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	// By hand: shares 1/4 and 3/4, effects 1 and 3, N = 80.
	strata := []Stratum[Sample]{
		{Sample{N: 10, Mean: 1, M2: 9}, Sample{N: 10, Mean: 2, M2: 9}},
		{Sample{N: 30, Mean: 5, M2: 29}, Sample{N: 30, Mean: 8, M2: 29}},
	}
	got = must[Effect](t)(PostStratify(strata))
	variance := (0.2/16 + 9.0/16*2/30) + (0.25+6.75-6.25)/80
	if got.Difference != 2.5 || !within(got.Variance, variance, 1e-14) {
		t.Errorf("got %+v, want 2.5 with the variance %v", got, variance)
	}
	strata[0].Control.N = 1
	if _, err := PostStratify(strata); !errors.Is(err, ErrStratum) {
		t.Errorf("one control: error %v, want %v", err, ErrStratum)
	}
}

func TestCUPEDClosedForm(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	x, y := make([]float64, 300), make([]float64, 300)
	for i := range x {
		x[i] = r.NormFloat64()
		y[i] = 3*x[i] + r.NormFloat64()
	}
	c, v := PairFromValues(x[:150], y[:150]), PairFromValues(x[150:], y[150:])
	e, theta, err := CUPED(c, v)
	if err != nil || math.Abs(theta-3) > 0.3 {
		t.Fatalf("theta %v, %v", theta, err)
	}
	// The same from the adjusted values.
	adjusted := make([]float64, 300)
	for i := range x {
		adjusted[i] = y[i] - theta*x[i]
	}
	want := must[Effect](t)(Compare(FromValues(adjusted[:150]), FromValues(adjusted[150:])))
	if !within(e.Difference, want.Difference, 1e-10) || !within(e.Variance, want.Variance, 1e-10) {
		t.Errorf("got %+v, want %+v", e, want)
	}
	// A covariate that does not vary adjusts nothing.
	c.M2X, c.CXY, v.M2X, v.CXY, v.MeanX = 0, 0, 0, 0, c.MeanX
	e, theta, err = CUPED(c, v)
	want = must[Effect](t)(Compare(c.Y(), v.Y()))
	if err != nil || theta != 0 || e.Difference != want.Difference || e.Variance != want.Variance {
		t.Errorf("constant covariate: got %+v, %v, %v", e, theta, err)
	}
}

func TestQuantileLevels(t *testing.T) {
	t.Parallel()
	low, high, err := QuantileLevels(799, 0.5)
	if half := 1.959963984540054 * 0.5 / 20; err != nil || !within(0.5-low, half, 1e-12) || !within(high-0.5, half, 1e-12) {
		t.Errorf("got %v to %v, %v, want 1/2 with %v either side", low, high, err, half)
	}
	for _, c := range []struct {
		n  int64
		nu float64
	}{{99, 0.5}, {100, 0.99}, {100, 0.01}} {
		if _, _, err := QuantileLevels(c.n, c.nu); !errors.Is(err, ErrTooFewForQuantile) {
			t.Errorf("%d at %v: error %v, want %v", c.n, c.nu, err, ErrTooFewForQuantile)
		}
	}
	sorted := make([]float64, 101)
	for i := range sorted {
		sorted[i] = float64(i)
	}
	if q, err := QuantileOf(sorted, 0.5); err != nil || q.Value != 50 {
		t.Errorf("got %+v, %v, want 50", q, err)
	}
}

func TestGrowth(t *testing.T) {
	t.Parallel()
	e := Effect{N: 1000, Difference: 1, Variance: 1, DF: 998, Control: 10}
	// Power 0.8 for 1 needs a standard error of 1/2.80158.
	g, err := e.Growth(1, 0.8, 0.05, 0)
	if err != nil || !within(g, 7.848860, 1e-5) {
		t.Errorf("got %v, %v, want 7.84886", g, err)
	}
	if g, err := e.Growth(10, 0.8, 0.05, 0); err != nil || g != 1 {
		t.Errorf("enough members: got %v, %v, want 1", g, err)
	}
	if _, err := e.Growth(0, 0.8, 0.05, 0); !errors.Is(err, ErrZeroDelta) {
		t.Errorf("no difference: error %v, want %v", err, ErrZeroDelta)
	}
	// A prior far from 0 reaches power sooner.
	with, err := e.GrowthWith(Prior{Mean: 1, SD: 1}, 1, 0.8, 0.05)
	if err != nil || with >= g {
		t.Errorf("with a prior: got %v, %v, want below %v", with, err, g)
	}
}

func TestDesignErrors(t *testing.T) {
	t.Parallel()
	good := Design{Control: 0.5, Treatment: 0.5, Mean: 0.1, Variance: 0.09, Alpha: 0.05}
	for name, f := range map[string]func(d *Design){
		"no control":       func(d *Design) { d.Control = 0 },
		"too many":         func(d *Design) { d.Treatment = 0.6 },
		"variance":         func(d *Design) { d.Variance = math.NaN() },
		"relative to 0":    func(d *Design) { d.Relative, d.Mean = true, 0 },
		"share":            func(d *Design) { d.Binary, d.Mean = true, 1 },
		"negative tuning":  func(d *Design) { d.Tuning = -1 },
		"infinite average": func(d *Design) { d.Mean = math.Inf(1) },
	} {
		d := good
		f(&d)
		if _, err := d.Power(0.1, 1000); !errors.Is(err, ErrDesign) {
			t.Errorf("%s: error %v, want %v", name, err, ErrDesign)
		}
	}
	if _, err := good.Power(0.1, 3); !errors.Is(err, ErrTooFew) {
		t.Errorf("three members: error %v, want %v", err, ErrTooFew)
	}
	still := good
	still.Variance = 0
	if _, err := still.Power(0.1, 1000); !errors.Is(err, ErrZeroVariance) {
		t.Errorf("no variance: error %v, want %v", err, ErrZeroVariance)
	}
	if _, err := good.RequiredN(0, 0.8); !errors.Is(err, ErrZeroDelta) {
		t.Errorf("no effect: error %v, want %v", err, ErrZeroDelta)
	}
	// The lift of a mean that can't be told from 0 is never found.
	noisy := Design{Control: 0.5, Treatment: 0.5, Mean: 0.01, Variance: 1e6, Alpha: 0.05, Relative: true}
	if _, err := noisy.MDE(1000, 0.8); !errors.Is(err, ErrNoMDE) {
		t.Errorf("noise: error %v, want %v", err, ErrNoMDE)
	}
	// Peeking costs members.
	peeked := good
	peeked.Tuning = DefaultTuning
	fixed, sequential := must[int64](t)(good.RequiredN(0.01, 0.8)), must[int64](t)(peeked.RequiredN(0.01, 0.8))
	if sequential <= fixed {
		t.Errorf("peeked at %d members, fixed %d", sequential, fixed)
	}
}

func TestShipRule(t *testing.T) {
	t.Parallel()
	metric := func(z float64) Metric {
		return Metric{Effect: Effect{N: 1e4, Difference: z, Variance: 1, DF: math.Inf(1), Control: 100}}
	}
	rail := func(z float64) Metric {
		m := metric(z)
		m.Guardrail, m.Margin = true, 3
		return m
	}
	complaints := metric(-4)
	complaints.Prefer = Decrease
	rule := Rule{Alpha: 0.05, Harm: 0.01, Arms: 1}
	for _, c := range []struct {
		name    string
		metrics []Metric
		sound   bool
		want    bool
	}{
		{"good and safe", []Metric{metric(3), rail(0)}, true, true},
		{"fewer complaints", []Metric{complaints, rail(0)}, true, true},
		{"broken split", []Metric{metric(3), rail(0)}, false, false},
		{"no benefit", []Metric{metric(1), rail(0)}, true, false},
		{"guardrail not shown safe", []Metric{metric(3), rail(-1.5)}, true, false},
		{"one success worse", []Metric{metric(4), metric(-4), rail(0)}, true, false},
		{"one of two", []Metric{metric(2.1), metric(0), rail(0)}, true, true},
		{"one of four", []Metric{metric(2.1), metric(0), metric(0), metric(0), rail(0)}, true, false},
	} {
		d, err := Ship(c.metrics, rule, c.sound)
		if err != nil || d.Ship != c.want {
			t.Errorf("%s: got %+v, %v, want %v", c.name, d, err, c.want)
		}
	}
	relative := rail(0)
	relative.Relative, relative.Margin = true, 0.03
	if d, err := Ship([]Metric{metric(3), relative}, rule, true); err != nil || !d.Ship {
		t.Errorf("relative margin: got %+v, %v", d, err)
	}
	if _, err := Ship([]Metric{rail(0)}, rule, true); !errors.Is(err, ErrNoSuccess) {
		t.Errorf("no success metric: error %v", err)
	}
	bare := rail(0)
	bare.Margin = 0
	if _, err := Ship([]Metric{metric(3), bare}, rule, true); !errors.Is(err, ErrNoMargin) {
		t.Errorf("no margin: error %v", err)
	}
}
