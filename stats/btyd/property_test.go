package btyd

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// positive draws a parameter or a time over many orders of magnitude.
func positive(t *rapid.T, name string, lo, hi float64) float64 {
	return math.Exp(rapid.Float64Range(math.Log(lo), math.Log(hi)).Draw(t, name))
}

func drawHistory(t *rapid.T) History {
	h := History{T: positive(t, "T", 1e-3, 1e5)}
	h.X = rapid.OneOf(rapid.IntRange(0, 5), rapid.IntRange(0, 3000)).Draw(t, "x")
	if h.X > 0 {
		h.TX = h.T * rapid.OneOf(rapid.Just(1.0), rapid.Float64Range(1e-6, 1)).Draw(t, "share")
		h.LogGaps = float64(h.X) * math.Log(h.TX/float64(h.X))
	}
	return h
}

func drawModel(t *rapid.T) Model {
	p := func(n string) float64 { return positive(t, n, 1e-2, 1e3) }
	switch rapid.IntRange(0, 3).Draw(t, "family") {
	case 0:
		return BGNBD{p("r"), p("alpha"), p("a"), p("b")}
	case 1:
		return MBGNBD{p("r"), p("alpha"), p("a"), p("b")}
	case 2:
		return MBGCNBD{rapid.IntRange(1, 5).Draw(t, "k"), p("r"), p("alpha"), p("a"), p("b")}
	}
	return ParetoNBD{p("r"), p("alpha"), p("s"), p("beta")}
}

// Whatever the parameters and the history, the answers are finite and in range.
func TestFinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, h := drawModel(t), drawHistory(t)
		if l := m.LogLik(h); math.IsNaN(l) || math.IsInf(l, 0) {
			t.Fatalf("log-likelihood %v", l)
		}
		if p := m.PAlive(h); !(p >= 0 && p <= 1) {
			t.Fatalf("P(alive) %v", p)
		}
		u := positive(t, "t", 1e-3, 1e4)
		e, more := m.Expected(h, u), m.Expected(h, 2*u)
		if !(e >= 0) || math.IsInf(e, 0) || more < e*(1-1e-6) {
			t.Fatalf("expected purchases %v in t, %v in 2t", e, more)
		}
		if p := m.PMF(h, rapid.IntRange(0, 20).Draw(t, "n"), u); !(p >= 0 && p <= 1+1e-9) {
			t.Fatalf("probability %v", p)
		}
		var g [dim]float64
		var hess [dim][dim]float64
		d, err := NewData([]History{h}, nil)
		if err != nil {
			t.Fatal(err)
		}
		ll := m.eval(d, &g, &hess)
		if want := m.LogLik(h); math.Abs(ll-want) > 1e-9*(1+math.Abs(want)) {
			t.Fatalf("the fit has the log-likelihood %v, the model %v", ll, want)
		}
		for i := range dim {
			if math.IsNaN(g[i]) || math.IsInf(g[i], 0) || math.IsNaN(hess[i][i]) {
				t.Fatalf("gradient %v, Hessian %v", g, hess)
			}
		}
	})
}

// P(alive) falls as time passes without a purchase, and rises with a later one.
func TestAliveFalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, h := drawModel(t), drawHistory(t)
		later := h
		later.T += positive(t, "more", 1e-3, 1e4)
		if a, b := m.PAlive(h), m.PAlive(later); b > a*(1+1e-9) {
			t.Fatalf("P(alive) %v, later %v", a, b)
		}
	})
}

// Data do not depend on the order of the histories, nor on whether equal ones
// are counted or repeated.
func TestOrderAndGrouping(t *testing.T) {
	h := newSim(2).members(MBGNBD{0.6, 7, 0.7, 2.1}.core(), 1500, 4)
	all, err := Fit(MBGNBD{}, data(t, h, nil))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		rnd := rand.New(rand.NewPCG(seed, 0))
		shuffled := append([]History(nil), h...)
		rnd.Shuffle(len(h), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		// Some of them as counts, in two parts.
		count := make(map[History]float64)
		var rows []History
		var w []float64
		for _, v := range shuffled {
			if rnd.IntN(2) == 0 {
				rows, w = append(rows, v), append(w, 1)
			} else {
				count[v]++
			}
		}
		for v, n := range count {
			rows, w = append(rows, v, v), append(w, 0.25*n, 0.75*n)
		}
		fit, err := Fit(MBGNBD{}, data(t, rows, w))
		if err != nil {
			rt.Fatal(err)
		}
		for i := range fit.Params {
			if math.Abs(fit.Params[i]-all.Params[i]) > 1e-3*all.SE[i] || math.Abs(fit.SE[i]-all.SE[i]) > 1e-3*all.SE[i] {
				rt.Fatalf("%s: got %v (%v), want %v (%v)", fit.Names[i], fit.Params[i], fit.SE[i], all.Params[i], all.SE[i])
			}
		}
		if math.Abs(fit.LogLik-all.LogLik) > 1e-6 {
			rt.Fatalf("log-likelihood: got %v, want %v", fit.LogLik, all.LogLik)
		}
	})
}

// In another unit of time only the parameters that are times change, and the
// predictions not at all.
func TestUnitOfTime(t *testing.T) {
	h := newSim(4).members(MBGNBD{0.6, 7, 0.7, 2.1}.core(), 1500, 1)
	weeks := data(t, h, nil)
	mbg, err := Fit(MBGNBD{}, weeks)
	if err != nil {
		t.Fatal(err)
	}
	pareto, err := Fit(ParetoNBD{}, weeks)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []float64{7, 1. / 52, 86400 * 7} {
		scaled := append([]History(nil), h...)
		for i := range scaled {
			scaled[i].TX *= c
			scaled[i].T *= c
		}
		d := data(t, scaled, nil)
		m, err := Fit(MBGNBD{}, d)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "MBG/NBD r", m.Model.R, mbg.Model.R, 1e-4)
		near(t, "MBG/NBD alpha", m.Model.Alpha, c*mbg.Model.Alpha, 1e-4)
		near(t, "MBG/NBD log-likelihood", m.LogLik, mbg.LogLik-weeks.buys*math.Log(c), 1e-9)
		p, err := Fit(ParetoNBD{}, d)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "Pareto/NBD s", p.Model.S, pareto.Model.S, 1e-3)
		near(t, "Pareto/NBD beta", p.Model.Beta, c*pareto.Model.Beta, 1e-3)
		at := History{X: 3, TX: 12 * c, T: 20 * c}
		near(t, "P(alive)", p.Model.PAlive(at), pareto.Model.PAlive(History{X: 3, TX: 12, T: 20}), 1e-4)
	}
}
