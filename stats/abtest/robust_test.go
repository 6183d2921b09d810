package abtest

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"loyaltymcp/stats/internal/special"
)

// Data that are not finite, or overflow, are an error and never an effect of NaN.
func TestNotFinite(t *testing.T) {
	t.Parallel()
	good := FromValues([]float64{1, 2, 3, 5})
	for name, bad := range map[string]Sample{
		"NaN":       FromValues([]float64{1, 2, math.NaN()}),
		"Inf":       FromValues([]float64{1, 2, math.Inf(1)}),
		"overflow":  FromValues([]float64{1e200, -1e200}),
		"underflow": {N: 3, Mean: 1e300, M2: 1e-320},
	} {
		for _, arms := range [][2]Sample{{good, bad}, {bad, good}, {bad, bad}} {
			if e, err := Compare(arms[0], arms[1]); err == nil && !finite(e.Test(0.95).P) || err == nil && name != "underflow" {
				t.Errorf("%s: Compare: %+v, no error", name, e)
			}
			if d, err := Welch(arms[0], arms[1], 0.95); err == nil && (name != "underflow" || !finite(d.P)) {
				t.Errorf("%s: Welch: %+v, no error", name, d)
			}
			if l, err := Fieller(arms[0], arms[1], 0.95); err == nil && (name != "underflow" || !finite(l.Estimate)) {
				t.Errorf("%s: Fieller: %+v, no error", name, l)
			}
		}
	}
}

// A metric that nothing is known about blocks the decision.
func TestShipUnknown(t *testing.T) {
	t.Parallel()
	rule := Rule{Alpha: 0.05, Harm: 0.01, Arms: 1}
	win := Metric{Effect: Effect{N: 100, Difference: 10, Variance: 1, DF: 98, Control: 1, ControlVariance: 0.5}}
	if d, err := Ship([]Metric{win}, rule, true); err != nil || !d.Ship {
		t.Fatalf("the winner alone: %+v, %v", d, err)
	}
	unknown, nan := Effect{}, win.Effect
	nan.Difference = math.NaN()
	inf := win.Effect
	inf.Variance = math.Inf(1)
	for _, e := range []Effect{unknown, nan, inf} {
		for _, m := range []Metric{{Effect: e}, {Effect: e, Guardrail: true, Margin: 1}, {Effect: e, Guardrail: true, Margin: 0.1, Relative: true}} {
			if d, err := Ship([]Metric{win, m}, rule, true); !errors.Is(err, ErrEffect) || d.Ship {
				t.Errorf("%+v: got %+v, %v, want %v", m, d, err, ErrEffect)
			}
		}
	}
}

// The shares of TopTwo stay finite when all but one arm are next to impossible.
func TestTopTwoExtreme(t *testing.T) {
	t.Parallel()
	if got := TopTwo([]float64{1, 5e-324}); !finite(got...) || math.Abs(got[0]+got[1]-1) > 1e-12 {
		t.Errorf("got %v", got)
	}
}

// Quantiles of counts stand on ties: tests without an effect end in ErrTied, not in
// false findings, whatever the unit.
func TestQuantileCounts(t *testing.T) {
	t.Parallel()
	const runs, members = 400, 1000
	r := rand.New(rand.NewPCG(1, 2))
	for _, mean := range []float64{0.5, 3, 30} {
		rejected, tied := 0, 0
		for range runs {
			var s [2]Sample
			var err error
			for i := range s {
				values := make([]float64, members)
				for k := range values {
					for limit, p := math.Exp(-mean), r.Float64(); p > limit; p *= r.Float64() {
						values[k]++
					}
				}
				var sample Sample
				q, e := QuantileOf(sortedCopy(values), 0.75)
				if e == nil {
					sample, e = q.Sample()
				}
				s[i], err = sample, errors.Join(err, e)
			}
			if err != nil {
				if !errors.Is(err, ErrTied) {
					t.Fatal(err)
				}
				tied++
				continue
			}
			if e, err := Compare(s[0], s[1]); err != nil || e.Test(0.95).P <= 0.05 {
				rejected++
			}
		}
		if rejected > runs/20 || tied == 0 {
			t.Errorf("mean %v: %d of %d rejected, %d tied", mean, rejected, runs, tied)
		}
	}
	small := Quantile{N: 1000, Nu: 0.5, Value: 2e-6, Low: 1e-6, High: 3e-6}
	large := Quantile{N: 1000, Nu: 0.5, Value: 2, Low: 1, High: 3}
	if a, b := must[Sample](t)(small.Sample()), must[Sample](t)(large.Sample()); math.Abs(a.M2*1e12-b.M2) > 1e-9*b.M2 {
		t.Errorf("the unit matters: %v, %v", a, b)
	}
}

// The power is a probability and grows with the difference, however far off and
// however many members.
func TestPowerTRange(t *testing.T) {
	t.Parallel()
	for _, n := range []float64{10, 100, 1e4, 4e5, 6e5, 1e8, 1e12} {
		for _, oneSided := range []bool{false, true} {
			last := 0.0
			for ncp := 0.0; ncp < 100; ncp += 0.5 {
				p := PowerT(ncp/math.Sqrt(n/2), n, n, 0.05, oneSided)
				if !(p >= 0 && p <= 1) || p < last-1e-9 {
					t.Errorf("n %v, noncentrality %v, one-sided %v: got %v after %v", n, ncp, oneSided, p, last)
				}
				if m := PowerT(-ncp/math.Sqrt(n/2), n, n, 0.05, oneSided); !oneSided && m != p || oneSided && m > 0.05+1e-9 {
					t.Errorf("n %v, noncentrality %v, one-sided %v: got %v of the negative, %v", n, -ncp, oneSided, m, p)
				}
				last = p
			}
		}
		if p := PowerT(0, n, n, 0.05, false); math.Abs(p-0.05) > 1e-6 {
			t.Errorf("n %v without effect: got %v", n, p)
		}
	}
}

// Strata without variance within, and one difference, have no error to test against.
func TestPostStratifyZeroVariance(t *testing.T) {
	t.Parallel()
	flat := func(n int64, y float64) Pair { return Pair{N: n, MeanX: 1, MeanY: y} }
	quad := func(n int64, y float64) Quad { return Quad{N: n, Mean: [4]float64{y, 1, 1, 1}} }
	for _, shift := range []float64{0, 0.3} {
		var samples []Stratum[Sample]
		var pairs []Stratum[Pair]
		var quads []Stratum[Quad]
		for i, y := range []float64{0.1, 1.7, 5.3} {
			n := int64(10 + i)
			samples = append(samples, Stratum[Sample]{Sample{N: n, Mean: y}, Sample{N: n, Mean: y + shift}})
			pairs = append(pairs, Stratum[Pair]{flat(n, y), flat(n, y+shift)})
			quads = append(quads, Stratum[Quad]{quad(n, y), quad(n, y+shift)})
		}
		_, plain := PostStratify(samples)
		_, ratio := PostStratifyRatio(pairs)
		_, cuped := PostStratifyCUPED(pairs)
		_, both := PostStratifyCUPEDRatio(quads)
		for name, err := range map[string]error{"plain": plain, "ratio": ratio, "CUPED": cuped, "CUPED ratio": both} {
			if !errors.Is(err, ErrZeroVariance) {
				t.Errorf("%s, difference %v: error %v, want %v", name, shift, err, ErrZeroVariance)
			}
		}
	}
}

// A share has the variance of its mean, and stays a share.
func TestDesignBinary(t *testing.T) {
	t.Parallel()
	d := Design{Control: 0.5, Treatment: 0.5, Mean: 0.1, Binary: true, Alpha: 0.05}
	full := d
	full.Variance = 0.09
	a, b := must[float64](t)(d.Power(0.03, 3000)), must[float64](t)(full.Power(0.03, 3000))
	if math.Abs(a-b) > 1e-12 || !(a > 0.5 && a < 0.9) {
		t.Errorf("power %v without the variance, %v with it", a, b)
	}
	relative := d
	relative.Relative = true
	for _, f := range []func() error{
		func() error { _, err := d.RequiredN(0.95, 0.8); return err },
		func() error { _, err := d.RequiredN(-0.2, 0.8); return err },
		func() error { _, err := relative.RequiredN(9.5, 0.8); return err },
		func() error { _, err := d.Power(math.NaN(), 1000); return err },
		func() error { _, err := d.RequiredN(math.NaN(), 0.8); return err },
	} {
		if err := f(); !errors.Is(err, ErrPlannedEffect) {
			t.Errorf("error %v, want %v", err, ErrPlannedEffect)
		}
	}
}

func TestPowerSpendingPanics(t *testing.T) {
	t.Parallel()
	for _, phi := range []float64{-1, 0, math.NaN(), math.Inf(1)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic for %v", phi)
				}
			}()
			PowerSpending(phi)
		}()
	}
}

// A power below the level needs no members.
func TestRequiredNSharesLowPower(t *testing.T) {
	t.Parallel()
	if n, err := RequiredNShares(0.1, 0.2, 0.5, 0.01); err != nil || n != 0 {
		t.Errorf("got %v, %v, want 0", n, err)
	}
}

// A prior that is certain leaves the posterior where it is.
func TestPosteriorNarrowPrior(t *testing.T) {
	t.Parallel()
	e := Effect{N: 100, Difference: 1, Variance: 0.04, DF: 98}
	for _, mean := range []float64{0, 0.3, -0.3} {
		p, err := e.Posterior(Prior{Mean: mean, SD: 1e-200}, 0.95)
		if err != nil || !finite(p.Mean, p.SD, p.Low, p.High, p.Win, p.RiskControl, p.RiskTreatment) || p.Mean != mean {
			t.Errorf("mean %v: got %+v, %v", mean, p, err)
		}
	}
}

// An arm that is all but known splits the density of another one.
func TestBestNarrow(t *testing.T) {
	t.Parallel()
	for _, se := range []float64{1, 1e-2, 1e-5, 1e-9} {
		for _, at := range []float64{-3, 0.3, 1.234567} {
			got, err := Best([]Study{{0, 1}, {at, se}}, Increase)
			want := special.NormalSurvival(at / math.Hypot(1, se))
			if err != nil || math.Abs(got[0]-want) > 1e-10 {
				t.Errorf("{0, 1} and {%v, %v}: got %v, %v, want %v", at, se, got, err, want)
			}
		}
	}
}

func TestMetaHomogeneous(t *testing.T) {
	t.Parallel()
	same := []Study{{0.1, 0.01}, {0.1, 0.02}, {0.1, 0.03}}
	for _, method := range []MetaMethod{REML, DerSimonianLaird, Fixed} {
		if m, err := MetaAnalysis(same, method, true, 0.95); !errors.Is(err, ErrHomogeneous) {
			t.Errorf("method %v: got %+v, %v, want %v", method, m, err, ErrHomogeneous)
		}
		if m, err := MetaAnalysis(same, method, false, 0.95); err != nil || !(m.SE > 0) {
			t.Errorf("method %v: got %+v, %v", method, m, err)
		}
		if m, err := MetaAnalysis([]Study{{0.1, 1e-200}, {0.2, 1}}, method, false, 0.95); !errors.Is(err, ErrStudies) {
			t.Errorf("method %v: got %+v, %v, want %v", method, m, err, ErrStudies)
		}
	}
}

// What can't be planned for is an error, and never a number.
func TestPlanRefusals(t *testing.T) {
	t.Parallel()
	e := Effect{N: 1000, Difference: 1, Variance: 1, DF: 998, Control: 10}
	prior := Prior{Mean: 0, SD: 2}
	for _, d := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if g, err := e.Growth(d, 0.8, 0.05, 0); !errors.Is(err, ErrPlannedEffect) {
			t.Errorf("Growth of %v: %v, %v", d, g, err)
		}
		if g, err := e.GrowthWith(prior, d, 0.8, 0.05); !errors.Is(err, ErrPlannedEffect) {
			t.Errorf("GrowthWith of %v: %v, %v", d, g, err)
		}
		if n, err := RequiredNT(d, 1, 0.05, 0.8, false); !errors.Is(err, ErrPlannedEffect) {
			t.Errorf("RequiredNT of %v: %v, %v", d, n, err)
		}
	}
	if g, err := (Effect{N: 10}).Growth(1, 0.8, 0.05, 0); !errors.Is(err, ErrEffect) {
		t.Errorf("Growth of an effect that says nothing: %v, %v", g, err)
	}
	for _, p := range []Prior{{}, {0, math.NaN()}, {math.NaN(), 1}, {0, -1}} {
		if g, err := e.GrowthWith(p, 3, 0.8, 0.05); !errors.Is(err, ErrPrior) {
			t.Errorf("GrowthWith and the prior %v: %v, %v", p, g, err)
		}
		if power := e.PowerWith(p, 3, 1, 0.05); !math.IsNaN(power) {
			t.Errorf("PowerWith and the prior %v: %v", p, power)
		}
	}
	d := Design{Control: 0.5, Treatment: 0.5, Variance: 1, Alpha: 0.05}
	for _, spoil := range []func(d *Design){func(d *Design) { d.Tuning = math.Inf(1) }, func(d *Design) { d.TreatmentVariance = math.Inf(1) }, func(d *Design) { d.Variance = math.NaN() }} {
		bad := d
		spoil(&bad)
		if p, err := bad.Power(1, 1000); !errors.Is(err, ErrDesign) {
			t.Errorf("%+v: power %v, %v", bad, p, err)
		}
	}
	for name, f := range map[string]func(){
		"one-sided confidence":        func() { e.TestAnytimeSide(Greater, 0, -1, 5000) },
		"multiplier":                  func() { MultiplierSide(100, 0, 5000) },
		"infinite arms":               func() { PowerT(1, math.Inf(1), 10, 0.05, false) },
		"ratio":                       func() { _, _ = RequiredNT(1, math.NaN(), 0.05, 0.8, false) },
		"negative share":              func() { PowerSRM([]float64{0.5, 0.5}, []float64{1.5, -0.5}, 100, 0.05) },
		"no shares":                   func() { PowerSRM([]float64{0.5, 0.5}, []float64{0, 0}, 100, 0.05) },
		"no looks":                    func() { LookPower(nil, false, 1) },
		"looks that do not rise":      func() { LookPower([]Look{{1, 2, 0}, {0.5, 2, 0}}, false, 1) },
		"power of looks outside 0, 1": func() { LookDrift([]Look{{1, 2, 0}}, false, 1) },
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

// A control value next to 0 gives no number, neither finite nor infinite.
func TestLiftOutOfRange(t *testing.T) {
	t.Parallel()
	e, err := Compare(Sample{N: 10, Mean: 1e-305, M2: 1}, Sample{N: 10, Mean: 16384, M2: 1})
	if err != nil {
		t.Fatal(err)
	}
	if l, err := e.Lift(0.95); !errors.Is(err, ErrNotFinite) {
		t.Errorf("Lift: %+v, %v", l, err)
	}
	if l, err := e.LiftAnytime(0.95, DefaultTuning); !errors.Is(err, ErrNotFinite) {
		t.Errorf("LiftAnytime: %+v, %v", l, err)
	}
	if l, err := e.DeltaLift(); !errors.Is(err, ErrNotFinite) {
		t.Errorf("DeltaLift: %+v, %v", l, err)
	}
	if d, err := e.NonInferiorityLift(Increase, 0.1, 0.95); !errors.Is(err, ErrNotFinite) {
		t.Errorf("NonInferiorityLift: %+v, %v", d, err)
	}
}

// Rows and cells that are not finite are named for what they are.
func TestRowsNotFinite(t *testing.T) {
	t.Parallel()
	y, treated, x := []float64{1, 2, 3, 5, 4, 7}, []bool{true, false, true, false, true, false}, []float64{1, 4, 2, 6, 3, 3}
	if _, err := Lin(y, treated, x); err != nil {
		t.Fatal(err)
	}
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		bad := append([]float64{v}, y[1:]...)
		if e, err := Lin(bad, treated, x); !errors.Is(err, ErrNotFinite) {
			t.Errorf("an outcome of %v: %+v, %v", v, e, err)
		}
		if e, err := Lin(y, treated, bad); !errors.Is(err, ErrNotFinite) {
			t.Errorf("a covariate of %v: %+v, %v", v, e, err)
		}
		good, spoilt := Sample{N: 10, Mean: 1, M2: 9}, Sample{N: 10, Mean: v, M2: 9}
		if e, err := Contrast([]Sample{good, spoilt}, []float64{1, -1}); !errors.Is(err, ErrNotFinite) {
			t.Errorf("a mean of %v: %+v, %v", v, e, err)
		}
		if e, err := Interact([2][2]Sample{{good, good}, {good, spoilt}}); !errors.Is(err, ErrNotFinite) {
			t.Errorf("a cell of %v: %+v, %v", v, e, err)
		}
	}
	if r, err := SRM([]int64{0, 10, 10}, []float64{5e-324, 1e10, 1e10}); !errors.Is(err, ErrPlan) {
		t.Errorf("a weight of next to nothing: %+v, %v", r, err)
	}
}
