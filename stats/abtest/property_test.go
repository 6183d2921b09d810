package abtest

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func drawSample(t *rapid.T, name string) Sample {
	return Sample{
		N:    rapid.Int64Range(2, 1e7).Draw(t, name+" n"),
		Mean: rapid.Float64Range(-1e6, 1e6).Draw(t, name+" mean"),
		M2:   rapid.Float64Range(1e-3, 1e9).Draw(t, name+" m2"),
	}
}

func close12(a, b float64) bool {
	return a == b || math.Abs(a-b) <= 1e-9*math.Max(math.Abs(a), math.Abs(b))+1e-12
}

// Moments do not depend on order or grouping, and a merge with itself is a
// repetition of every value.
func TestPropertyMoments(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) [4]float64 {
			var r [4]float64
			for i := range r {
				r[i] = rapid.Float64Range(-1e3, 1e3).Draw(t, "v")
			}
			return r
		}), 1, 40).Draw(t, "rows")
		cut := rapid.IntRange(0, len(rows)).Draw(t, "cut")
		all := QuadFromValues(rows)
		backwards := slices.Clone(rows)
		slices.Reverse(backwards)
		twice := QuadFromValues(append(slices.Clone(rows), rows...))
		for name, q := range map[string][2]Quad{
			"cut":    {QuadFromValues(rows[:cut]).Merge(QuadFromValues(rows[cut:])), all},
			"order":  {QuadFromValues(backwards), all},
			"double": {all.Merge(all), twice},
		} {
			if q[0].N != q[1].N {
				t.Fatalf("%s: %d rows, want %d", name, q[0].N, q[1].N)
			}
			scale := 1e6 * float64(q[1].N)
			for i := range all.Mean {
				if math.Abs(q[0].Mean[i]-q[1].Mean[i]) > 1e-10 {
					t.Fatalf("%s: mean %v, want %v", name, q[0].Mean, q[1].Mean)
				}
				for j := range all.Mean {
					if math.Abs(q[0].C[i][j]-q[1].C[i][j]) > 1e-12*scale {
						t.Fatalf("%s: products %v, want %v", name, q[0].C, q[1].C)
					}
				}
			}
		}
		var x, y []float64
		for _, r := range rows {
			x, y = append(x, r[2]), append(y, r[0])
		}
		p := PairFromValues(x[:cut], y[:cut]).Merge(PairFromValues(x[cut:], y[cut:]))
		if math.Abs(p.CXY-all.C[0][2]) > 1e-6*float64(all.N) || math.Abs(p.M2X-all.C[2][2]) > 1e-6*float64(all.N) {
			t.Fatalf("pair %+v of %v", p, all.C)
		}
	})
}

// The unit does not matter, and the sides are alike.
func TestPropertyScale(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, v := drawSample(t, "control"), drawSample(t, "treatment")
		k := math.Exp(rapid.Float64Range(-10, 10).Draw(t, "unit"))
		unit := func(s Sample) Sample { return Sample{s.N, k * s.Mean, k * k * s.M2} }
		a, err := Compare(c, v)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Compare(unit(c), unit(v))
		if err != nil {
			t.Fatal(err)
		}
		d, e := a.Test(0.9), b.Test(0.9)
		if !close12(d.P, e.P) || !close12(k*d.Low, e.Low) || !close12(k*d.High, e.High) {
			t.Fatalf("got %+v in units of %v, want %+v", e, k, d)
		}
		la, erra := a.Lift(0.9)
		lb, errb := b.Lift(0.9)
		if erra != errb || la.Bounded != lb.Bounded || la.Bounded && !close12(la.High, lb.High) {
			t.Fatalf("lift %+v in units of %v, want %+v", lb, k, la)
		}
		s, err := Compare(v, c)
		if err != nil {
			t.Fatal(err)
		}
		if m := s.Test(0.9); !close12(m.P, d.P) || !close12(m.Low, -d.High) {
			t.Fatalf("swapped %+v, want the negative of %+v", m, d)
		}
		// Fieller by the function and by the Effect.
		if math.Abs(c.Mean) < 1e-140 { // 0, or the ratio is out of range
			return
		}
		f, err := Fieller(c, v, 0.9)
		if err != nil || f.Bounded != la.Bounded || f.Bounded && (math.Abs(f.Low-la.Low) > 1e-6*(1+math.Abs(f.Low)) || math.Abs(f.High-la.High) > 1e-6*(1+math.Abs(f.High))) {
			t.Fatalf("Fieller %+v, %v, want %+v", f, err, la)
		}
	})
}

// Intervals hold their estimate, grow with the confidence, hold under peeking what
// they hold without, and agree with their tests. Whatever is finite gives finite
// results.
func TestPropertyIntervals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e, err := Compare(drawSample(t, "control"), drawSample(t, "treatment"))
		if err != nil {
			t.Fatal(err)
		}
		tuning := math.Exp(rapid.Float64Range(3, 15).Draw(t, "tuning"))
		var before [4]float64
		for i, confidence := range []float64{0.5, 0.8, 0.95, 0.999} {
			d, a := e.Test(confidence), e.TestAnytime(confidence, tuning)
			g := e.TestAnytimeT(confidence, 1)
			for name, d := range map[string]Difference{"fixed": d, "anytime": a, "anytime t": g} {
				if !(d.Low <= d.Estimate && d.Estimate <= d.High) || !(d.P >= 0 && d.P <= 1) || math.IsNaN(d.T) {
					t.Fatalf("%s: %+v", name, d)
				}
				if excludes := d.Low > 0 || d.High < 0; excludes != (d.P <= 1-confidence) && math.Abs(d.P-(1-confidence)) > 1e-9 {
					t.Fatalf("%s at %v: %+v", name, confidence, d)
				}
			}
			if a.High-a.Low < (d.High-d.Low)*(1-1e-9) && e.DF > 30 {
				t.Fatalf("anytime %+v within fixed %+v", a, d)
			}
			widths := [4]float64{d.High - d.Low, a.High - a.Low, g.High - g.Low, 0}
			if l, err := e.Lift(confidence); err == nil && l.Bounded {
				if !(l.Low <= l.Estimate && l.Estimate <= l.High) || math.IsInf(l.High, 0) {
					t.Fatalf("lift %+v", l)
				}
				widths[3] = l.High - l.Low
			} else {
				widths[3] = math.Inf(1)
			}
			for k, w := range widths {
				if i > 0 && w < before[k] {
					t.Fatalf("width %d falls from %v to %v", k, before[k], w)
				}
			}
			before = widths
		}
		p, err := e.Posterior(Prior{SD: rapid.Float64Range(1e-3, 1e6).Draw(t, "prior")}, 0.95)
		if err != nil || math.IsNaN(p.Win) || p.RiskControl < 0 || p.RiskTreatment < 0 || math.Abs(p.RiskControl-p.RiskTreatment-p.Mean) > 1e-9*(math.Abs(p.Mean)+p.SD) {
			t.Fatalf("posterior %+v, %v", p, err)
		}
	})
}

// Corrections do not depend on the order, never lower a p-value (but for the stages
// that estimate the true hypotheses), and keep the order.
func TestPropertyCorrections(t *testing.T) {
	t.Parallel()
	corrections := map[string]Correction{
		"Bonferroni": Bonferroni, "Sidak": Sidak, "Holm": Holm, "HolmSidak": HolmSidak, "Hochberg": Hochberg,
		"Hommel": Hommel, "BH": BenjaminiHochberg, "BY": BenjaminiYekutieli,
	}
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 20).Draw(t, "p")
		shuffled := rapid.Permutation(p).Draw(t, "shuffled")
		got := make(map[string][]float64)
		for name, f := range corrections {
			a, b := f(p), f(shuffled)
			got[name] = a
			x, y := slices.Clone(a), slices.Clone(b)
			slices.Sort(x)
			slices.Sort(y)
			for i := range x {
				if !close12(x[i], y[i]) {
					t.Fatalf("%s: %v of %v, %v of %v", name, a, p, b, shuffled)
				}
			}
			for i, v := range a {
				if v < p[i]*(1-1e-12) || v > 1 {
					t.Fatalf("%s: %v became %v", name, p[i], v)
				}
				for j, u := range a {
					if p[i] < p[j] && v > u+1e-12 {
						t.Fatalf("%s: %v of %v changes the order", name, a, p)
					}
				}
			}
		}
		for i := range p {
			if !(got["Hommel"][i] <= got["Hochberg"][i]+1e-12 && got["Hochberg"][i] <= got["Holm"][i]+1e-12 && got["Holm"][i] <= got["Bonferroni"][i]+1e-12 && got["BH"][i] <= got["Hommel"][i]+1e-12) {
				t.Fatalf("order of power broken: %v", got)
			}
		}
	})
}

func TestPropertyBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.SliceOfN(rapid.Float64Range(0.02, 1), 1, 6).Draw(t, "steps")
		var total float64
		for _, s := range steps {
			total += s
		}
		var at float64
		information := make([]float64, len(steps))
		for i, s := range steps {
			at += s / total
			information[i] = math.Min(1, at)
		}
		information[len(steps)-1] = 1
		alpha := rapid.Float64Range(0.001, 0.2).Draw(t, "alpha")
		looks, err := Bounds(information, alpha, true, Pocock)
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range looks {
			if !(l.Z > 0 && l.Z <= farBound) || i > 0 && l.Spent < looks[i-1].Spent {
				t.Fatalf("looks %v", looks)
			}
		}
		if !close12(looks[len(looks)-1].Spent, alpha) {
			t.Fatalf("spent %v of %v", looks[len(looks)-1].Spent, alpha)
		}
	})
}

func TestPropertyBest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		arms := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Study {
			return Study{rapid.Float64Range(-5, 5).Draw(t, "mean"), rapid.Float64Range(0.1, 5).Draw(t, "se")}
		}), 1, 5).Draw(t, "arms")
		best, err := Best(arms, Increase)
		if err != nil {
			t.Fatal(err)
		}
		for _, shares := range [][]float64{best, TopTwo(best)} {
			var sum float64
			for _, p := range shares {
				if p < 0 || p > 1+1e-9 {
					t.Fatalf("shares %v", shares)
				}
				sum += p
			}
			if math.Abs(sum-1) > 1e-9 {
				t.Fatalf("shares %v sum to %v", shares, sum)
			}
		}
	})
}

// Any finite rows give a fit or an error that says why not.
func FuzzLin(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, 4.0, uint8(10))
	f.Add(0.0, 0.0, 0.0, 0.0, uint8(3))
	f.Add(1e300, -1e300, 1e-300, 5.0, uint8(20))
	f.Fuzz(func(t *testing.T, a, b, c, d float64, n uint8) {
		for _, v := range []float64{a, b, c, d} {
			if math.IsNaN(v) || math.Abs(v) > 1e100 {
				return
			}
		}
		k := int(n%40) + 1
		y, x, treated := make([]float64, k), make([]float64, k), make([]bool, k)
		for i := range y {
			y[i] = a + b*math.Sin(c*float64(i))
			x[i] = c + d*float64(i*i%7)
			treated[i] = i%3 == 0
		}
		e, err := Lin(y, treated, x)
		if err == nil && (math.IsNaN(e.Difference) || !(e.Variance > 0)) {
			t.Errorf("got %+v", e)
		}
	})
}

func FuzzMetaAnalysis(f *testing.F) {
	f.Add(0.1, 0.2, -0.3, 1.0, 2.0, 0.5)
	f.Add(0.0, 0.0, 0.0, 1e-9, 1e9, 1.0)
	f.Add(52.0, 42.0, 0.0, 1e-9, 1e9, 6.0)
	f.Fuzz(func(t *testing.T, a, b, c, p, q, r float64) {
		studies := []Study{{a, p}, {b, q}, {c, r}}
		for _, s := range studies {
			if math.Abs(s.Estimate) > 1e50 || s.SE < 1e-50 || s.SE > 1e50 {
				return
			}
		}
		for _, method := range []MetaMethod{REML, DerSimonianLaird, Fixed} {
			m, err := MetaAnalysis(studies, method, true, 0.95)
			if err == nil && (math.IsNaN(m.Mean) || math.IsNaN(m.SE) || m.Tau2 < 0 || math.IsNaN(m.Tau2)) {
				t.Errorf("%v: %+v of %v", method, m, studies)
			}
		}
	})
}

func FuzzBounds(f *testing.F) {
	f.Add(0.1, 0.5, 0.9, 0.05)
	f.Add(1e-300, 1e-9, 1.0, 1e-12)
	f.Fuzz(func(t *testing.T, a, b, c, alpha float64) {
		if !(alpha > 0 && alpha < 1) {
			return
		}
		for _, spend := range []Spending{Pocock, OBrienFleming, PowerSpending(3)} {
			looks, err := Bounds([]float64{a, b, c}, alpha, true, spend)
			if err != nil {
				continue
			}
			for _, l := range looks {
				if math.IsNaN(l.Z) || math.Abs(l.Z) > farBound {
					t.Errorf("looks %v at %v, %v, %v with %v", looks, a, b, c, alpha)
				}
			}
		}
	})
}

func FuzzDesign(f *testing.F) {
	f.Add(0.5, 0.5, 0.1, 0.09, 0.01, int64(1000))
	f.Add(1e-9, 0.999, 0.5, 1e-300, 1e300, int64(2))
	f.Fuzz(func(t *testing.T, control, treatment, mean, variance, effect float64, n int64) {
		if math.IsNaN(effect) || math.IsInf(effect, 0) || n < 1 {
			return
		}
		d := Design{Control: control, Treatment: treatment, Mean: mean, Variance: variance, Alpha: 0.05}
		for _, relative := range []bool{false, true} {
			d.Relative = relative
			if p, err := d.Power(effect, n); err == nil && !(p >= 0 && p <= 1+1e-9) {
				t.Errorf("%+v: power %v", d, p)
			}
			if m, err := d.MDE(n, 0.8); err == nil && !(m >= 0) {
				t.Errorf("%+v: effect %v", d, m)
			}
			if n, err := d.RequiredN(effect, 0.8); err == nil && n < 2 {
				t.Errorf("%+v: size %d", d, n)
			}
		}
	})
}

func FuzzPostStratifyCUPED(f *testing.F) {
	f.Add(int64(10), int64(12), 1.0, 2.0, 3.0, 4.0)
	f.Add(int64(2), int64(2), 0.0, 0.0, 0.0, 0.0)
	f.Fuzz(func(t *testing.T, nc, nt int64, a, b, c, d float64) {
		for _, v := range []float64{a, b, c, d} {
			if math.IsNaN(v) || math.Abs(v) > 1e50 {
				return
			}
		}
		if nc < 0 || nt < 0 || nc > 1e12 || nt > 1e12 {
			return
		}
		p := Pair{N: nc, MeanX: a, MeanY: b, M2X: c * c, M2Y: d * d, CXY: c * d / 2}
		q := Pair{N: nt, MeanX: b, MeanY: a, M2X: d * d, M2Y: c * c, CXY: -c * d / 3}
		e, err := PostStratifyCUPED([]Stratum[Pair]{{p, q}, {q, p}})
		if err == nil && (math.IsNaN(e.Difference) || math.IsNaN(e.Variance)) {
			t.Errorf("got %+v", e)
		}
	})
}

func FuzzRegress(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	f.Add([]byte("000010202"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := len(data) / 3
		if n < 1 {
			return
		}
		x, y := mat.NewDense(n, 2, nil), make([]float64, n)
		for i := range n {
			x.SetRow(i, []float64{float64(data[3*i]), float64(data[3*i+1])})
			y[i] = float64(data[3*i+2])
		}
		r, err := Regress(x, y)
		if err != nil {
			return
		}
		for _, kind := range []Robust{Classical, HC0, HC1, HC2, HC3} {
			cov := r.Covariance(kind)
			if math.IsNaN(r.Coef[0]) || math.IsNaN(cov.At(0, 0)) || cov.At(1, 1) < 0 {
				t.Errorf("%v: %v with %v", kind, r.Coef, mat.Formatted(cov))
			}
		}
	})
}

// Every interval at a confidence of one half or more holds its estimate, and a wider
// confidence holds a narrower one.
func TestPropertyHoldsEstimate(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		control, treatment := drawSample(t, "control"), drawSample(t, "treatment")
		e, err := Compare(control, treatment)
		if err != nil {
			t.Skip(err)
		}
		confidence := rapid.SampledFrom([]float64{0.5, 0.8, 0.95, 0.999999}).Draw(t, "confidence")
		holds := func(name string, low, estimate, high float64) {
			t.Helper()
			// But for the rounding of the limits.
			slack := 1e-12 * (math.Abs(estimate) + 1e-300)
			if !math.IsInf(low, -1) {
				slack = math.Max(slack, 1e-12*math.Abs(low))
			}
			if !math.IsInf(high, 1) {
				slack = math.Max(slack, 1e-12*math.Abs(high))
			}
			if !finite(estimate) {
				t.Fatalf("%s: estimate %v", name, estimate)
			}
			if !(low <= estimate+slack && estimate-slack <= high) {
				t.Fatalf("%s: %v is outside %v to %v at %v", name, estimate, low, high, confidence)
			}
		}
		difference := func(name string, d Difference) { holds(name, d.Low, d.Estimate, d.High) }
		lift := func(name string, l Lift, err error) {
			if err == nil {
				holds(name, l.Low, l.Estimate, l.High)
			}
		}
		difference("Test", e.Test(confidence))
		for _, side := range []Side{Greater, Less} {
			difference("TestSide", e.TestSide(side, 0, confidence))
			difference("TestAnytimeSide", e.TestAnytimeSide(side, 0, confidence, DefaultTuning))
		}
		difference("TestAnytime", e.TestAnytime(confidence, DefaultTuning))
		difference("TestAnytimeT", e.TestAnytimeT(confidence, 10))
		difference("TestLook", e.TestLook(2.5))
		w, err := Welch(control, treatment, confidence)
		if err == nil {
			difference("Welch", w)
		}
		l, err := Fieller(control, treatment, confidence)
		lift("Fieller", l, err)
		l, err = e.Lift(confidence)
		lift("Lift", l, err)
		l, err = e.LiftAnytime(confidence, DefaultTuning)
		lift("LiftAnytime", l, err)
		for _, prefer := range []Preference{Increase, Decrease} {
			difference("NonInferiority", e.NonInferiority(prefer, 1, confidence))
			if d, err := e.NonInferiorityLift(prefer, 0.1, confidence); err == nil {
				difference("NonInferiorityLift", d)
			}
		}
		if p, err := e.Posterior(Prior{rapid.Float64Range(-10, 10).Draw(t, "prior"), rapid.Float64Range(0.01, 100).Draw(t, "deviation")}, confidence); err == nil {
			holds("Posterior", p.Low, p.Mean, p.High)
		}
		studies := []Study{{e.Difference, math.Sqrt(e.Variance)}, {rapid.Float64Range(-5, 5).Draw(t, "study"), 1}, {0, 2}}
		for _, method := range []MetaMethod{REML, DerSimonianLaird, Fixed} {
			if m, err := MetaAnalysis(studies, method, rapid.Bool().Draw(t, "Knapp and Hartung"), confidence); err == nil {
				holds("MetaAnalysis", m.Low, m.Mean, m.High)
			}
		}
		var estimates, errors, nulls []float64
		for _, s := range studies {
			if s.SE > 0 {
				estimates, errors, nulls = append(estimates, s.Estimate), append(errors, s.SE), append(nulls, 0)
			}
		}
		for i, low := range HolmLimits(estimates, errors, nulls, confidence) {
			holds("HolmLimits", low, estimates[i], math.Inf(1))
		}
	})
}
