package abtest

import (
	"errors"
	"math"
	"slices"
	"testing"

	"loyaltymcp/stats/internal/special"
	"loyaltymcp/stats/proportion"
)

func sortedCopy(x []float64) []float64 {
	x = slices.Clone(x)
	slices.Sort(x)
	return x
}

// The defects measured in a widespread engine, by letter. Defects a and b, intervals
// of the lift that do not cover, are in TestCoverageFixed and TestCoveragePeeking.

// Defect c: no member of 500 against 9 of 500 gets no effect and p = 1 there.
func TestDefectC(t *testing.T) {
	t.Parallel()
	c, v := proportion.Count{Successes: 0, N: 500}, proportion.Count{Successes: 9, N: 500}
	iv, err := proportion.Diff(c, v, 0.95, proportion.Newcombe)
	if err != nil || iv.Estimate != 0.018 || !(iv.Low > 0.005) {
		t.Errorf("Newcombe: got %+v, %v", iv, err)
	}
	if e, err := proportion.Fisher(c, v); err != nil || e.TwoSided > 0.005 {
		t.Errorf("Fisher: got %+v, %v", e, err)
	}
	if test, err := proportion.ScoreTest(c, v, 0); err != nil || test.P > 0.005 {
		t.Errorf("score: got %+v, %v", test, err)
	}
	e, err := Compare(must[Sample](t)(Share(500, 0)), must[Sample](t)(Share(500, 9)))
	if err != nil || e.Difference != 0.018 || !(e.Test(0.95).P < 0.005) {
		t.Errorf("Compare: got %+v, %v", e, err)
	}
}

// Defect d: with a control mean of 0 even the difference is refused there.
func TestDefectD(t *testing.T) {
	t.Parallel()
	e, err := Compare(Sample{N: 100, Mean: 0, M2: 50}, Sample{N: 100, Mean: 0.1, M2: 59})
	if err != nil || e.Difference != 0.1 || math.IsNaN(e.Test(0.95).P) {
		t.Errorf("got %+v, %v", e, err)
	}
	for name, f := range map[string]func() error{
		"lift":    func() error { _, err := e.Lift(0.95); return err },
		"delta":   func() error { _, err := e.DeltaLift(); return err },
		"anytime": func() error { _, err := e.LiftAnytime(0.95, DefaultTuning); return err },
		"margin":  func() error { _, err := e.NonInferiorityLift(Increase, 0.1, 0.95); return err },
	} {
		if err := f(); !errors.Is(err, ErrZeroControl) {
			t.Errorf("%s: error %v, want %v", name, err, ErrZeroControl)
		}
	}
}

// Defect e: members in an arm of weight 0 make an even split look broken there.
func TestDefectE(t *testing.T) {
	t.Parallel()
	got, err := SRM([]int64{500, 500, 100}, []float64{0.5, 0.5, 0})
	if err != nil || got.P != 1 || got.DF != 1 || got.Unplanned != 100 {
		t.Errorf("got %+v, %v, want P 1 on 1 with 100 unplanned", got, err)
	}
}

// Defect f: a mean of 1e8 with a deviation of 1 has the variance 0 there.
func TestDefectF(t *testing.T) {
	t.Parallel()
	x := make([]float64, 1000)
	y := make([]float64, 1000)
	for i := range x {
		x[i] = math.Sin(float64(i)) * math.Sqrt2
		y[i] = x[i] + 0.1*math.Cos(7*float64(i))
	}
	want := PairFromValues(x, y)
	for i := range x {
		x[i] += 1e8
		y[i] += 1e8
	}
	// In any grouping.
	var got Pair
	for from := 0; from < len(x); from += 37 {
		to := min(from+37, len(x))
		got = got.Merge(PairFromValues(x[from:to], y[from:to]))
	}
	for name, v := range map[string][2]float64{"M2X": {got.M2X, want.M2X}, "M2Y": {got.M2Y, want.M2Y}, "CXY": {got.CXY, want.CXY}} {
		if !within(v[0], v[1], 1e-7) {
			t.Errorf("%s: got %v, want %v", name, v[0], v[1])
		}
	}
	var s, ss float64
	for _, v := range x {
		s, ss = s+v, ss+v*v
	}
	if _, err := FromSums(1000, s, ss); !errors.Is(err, ErrPrecision) {
		t.Errorf("sums that lost the variance: error %v, want %v", err, ErrPrecision)
	}
}

// Defect g: tails are 0 below 1e-16 there, and 2.2e-16 where the truth is 8.8e-17.
func TestDefectG(t *testing.T) {
	t.Parallel()
	e := Effect{N: 820, Difference: 8.502337071841392, Variance: 1, DF: 817.1330600458322, Control: 1}
	if got, want := e.Test(0.95).P, 8.776197482014629e-17; !within(got, want, 1e-8) {
		t.Errorf("got %v, want %v", got, want)
	}
	e.Difference = 36
	if got := e.Test(0.95).P; !(got > 0 && got < 1e-160) {
		t.Errorf("at 36 standard errors: got %v", got)
	}
}

// Defect h: a prior in the unit of the difference is taken for one of the lift there,
// so both give the same posterior.
func TestDefectH(t *testing.T) {
	t.Parallel()
	e := Effect{N: 1000, Difference: 4, Variance: 4, DF: 998, Control: 50}
	lift := must[Effect](t)(e.DeltaLift())
	absolute := Prior{Mean: 1, SD: 5} // of the difference
	rescaled := must[Prior](t)(absolute.Unscale(e.Control))
	p := must[Posterior](t)(e.Posterior(absolute, 0.95))
	q := must[Posterior](t)(lift.Posterior(rescaled, 0.95))
	// The control value has no error here: the two scales say the same.
	if !within(q.Mean*50, p.Mean, 1e-13) || !within(q.SD*50, p.SD, 1e-13) || !within(q.Win, p.Win, 1e-13) || !within(q.RiskControl*50, p.RiskControl, 1e-12) {
		t.Errorf("got %+v, want %+v relative to 50", q, p)
	}
	if wrong := must[Posterior](t)(lift.Posterior(absolute, 0.95)); within(wrong.Mean, q.Mean, 1e-3) {
		t.Errorf("the unit of the prior makes no difference: %v", wrong.Mean)
	}
}

// Defect i: where less is better the second arm is the wrong one there, and two arms
// fail.
func TestDefectI(t *testing.T) {
	t.Parallel()
	arms := []Study{{10, 1}, {8, 1}, {7.5, 1}, {12, 1}}
	best := must[[]float64](t)(Best(arms, Decrease))
	shares := TopTwo(best)
	if !(shares[2] > shares[1] && shares[1] > shares[0] && shares[0] > shares[3]) {
		t.Errorf("got %v: the two smallest should lead", shares)
	}
	// The mirror image.
	for i := range arms {
		arms[i].Estimate = -arms[i].Estimate
	}
	mirror := must[[]float64](t)(Best(arms, Increase))
	for i := range best {
		if !within(mirror[i], best[i], 1e-9) {
			t.Errorf("arm %d: %v, mirrored %v", i, best[i], mirror[i])
		}
	}
	two := must[[]float64](t)(Best([]Study{{1, 3}, {4, 4}}, Increase))
	if want := special.NormalSurvival(-3.0 / 5); !within(two[1], want, 1e-9) {
		t.Errorf("two arms: got %v, want %v", two[1], want)
	}
	for _, s := range TopTwo(two) {
		if !within(s, 0.5, 1e-12) {
			t.Errorf("top two of two arms: got %v, want 1/2 each", s)
		}
	}
}

// Defect j: intervals backed out of adjusted p-values have no coverage there and
// guardrails no family and no margin. TestCoverageSimultaneous and TestCoverageShip
// have the coverage and the risks; here intervals agree with tests.
func TestDefectJ(t *testing.T) {
	t.Parallel()
	p := []float64{0.001, 0.02, 0.03, 0.04, 0.9}
	adjusted := Bonferroni(p)
	for i, v := range p {
		z := -special.NormalQuantile(v / 2)
		e := Effect{N: 1000, Difference: z, Variance: 1, DF: math.Inf(1)}
		d := e.Test(SimultaneousConfidence(0.95, len(p)))
		if (d.Low > 0) != (adjusted[i] <= 0.05) {
			t.Errorf("p %v: interval %v to %v, adjusted %v", v, d.Low, d.High, adjusted[i])
		}
	}
	rejected := 0
	for _, v := range BenjaminiHochberg(p) {
		if v <= 0.05 {
			rejected++
		}
	}
	confidence := SelectedConfidence(0.95, rejected, len(p))
	for _, v := range p[:rejected] {
		e := Effect{N: 1000, Difference: -special.NormalQuantile(v / 2), Variance: 1, DF: math.Inf(1)}
		if d := e.Test(confidence); d.Low < -1e-12 {
			t.Errorf("p %v is among %d rejected, its interval from %v is not", v, rejected, d.Low)
		}
	}
}

// Defect k: power there has the control variance in both arms, equal arms, 80% and no
// guardrails.
func TestDefectK(t *testing.T) {
	t.Parallel()
	// 1% against 3% with a tenth of the members in treatment, by the textbook formula.
	d := Design{Control: 0.9, Treatment: 0.1, Mean: 0.01, Variance: 0.01 * 0.99, Binary: true, Alpha: 0.05}
	n := must[int64](t)(d.RequiredN(0.02, 0.9))
	z := 1.959963984540054 + 1.2815515655446004
	want := math.Ceil(z * z * (0.0099/0.9 + 0.03*0.97/0.1) / 0.0004)
	if float64(n) != want {
		t.Errorf("got %d, want %v", n, want)
	}
	equal := d
	equal.Binary = false
	if short := must[int64](t)(equal.RequiredN(0.02, 0.9)); short >= n*2/3 {
		t.Errorf("the control variance in both arms asks for %d, not much less than %d", short, n)
	}
	for _, power := range []float64{0.5, 0.8, 0.95} {
		mde := must[float64](t)(d.MDE(n, power))
		if got := must[float64](t)(d.Power(mde, n)); !within(got, power, 1e-4) {
			t.Errorf("power %v: the smallest effect %v has %v", power, mde, got)
		}
	}
	// A guardrail that asks for more members than the goal sets the duration.
	goal := Design{Control: 0.5, Treatment: 0.5, Mean: 40, Variance: 3600, Alpha: 0.05}
	rail := Design{Control: 0.5, Treatment: 0.5, Mean: 0.03, Variance: 0.03 * 0.97, Alpha: 0.05, OneSided: true}
	power := GuardedPower(0.8, 1)
	g := must[int64](t)(goal.Runtime(2, power, 5000))
	r := must[int64](t)(rail.Runtime(0.003, power, 5000))
	if r <= g {
		t.Errorf("goal %d weeks, guardrail %d", g, r)
	}
}

// Defect l: no interaction and no test of heterogeneity there.
func TestDefectL(t *testing.T) {
	t.Parallel()
	cell := func(mean float64) Sample { return Sample{N: 400, Mean: mean, M2: 399} }
	in, err := Interact([2][2]Sample{{cell(1), cell(2)}, {cell(3), cell(3.5)}})
	if err != nil || !within(in.Difference, -0.5, 1e-12) || !within(in.Variance, 4.0/400, 1e-12) || in.Independence.P != 1 {
		t.Errorf("got %+v, %v", in, err)
	}
	h, err := Heterogeneous([]Study{{0, 1}, {4, 1}})
	if err != nil || h.Q != 8 || h.DF != 1 || !within(h.I2, 7.0/8, 1e-15) {
		t.Errorf("got %+v, %v", h, err)
	}
}
