package btyd

import (
	"math"
	"sync"
	"testing"

	"loyaltymcp/stats/internal/coverage"
)

// pareto returns the history until T of a member of the world of m.
func (s sim) pareto(m ParetoNBD, t float64) History {
	lambda, mu := s.gamma(m.R, m.Alpha), s.gamma(m.S, m.Beta)
	end := math.Min(t, s.ExpFloat64()/mu)
	h := History{T: t}
	for now := s.ExpFloat64() / lambda; now <= end; now += s.ExpFloat64() / lambda {
		h.X, h.TX = h.X+1, now
	}
	return h
}

// discrete returns the history of n opportunities of a member of the world of m.
func (s sim) discrete(m BGBB, n int) History {
	p, theta := s.beta(m.Alpha, m.Beta), s.beta(m.Gamma, m.Delta)
	h := History{T: float64(n)}
	for at := 1; at <= n && s.Float64() >= theta; at++ {
		if s.Float64() < p {
			h.X, h.TX = h.X+1, float64(at)
		}
	}
	return h
}

// spends returns what n members of the world of m spent.
func (s sim) spends(m GammaGamma, n int) []Spend {
	out := make([]Spend, n)
	for i := range out {
		nu := s.gamma(m.Q, m.Gamma)
		x := 1 + s.IntN(6)
		out[i] = Spend{x, s.gamma(m.P*float64(x), nu) / float64(x)}
	}
	return out
}

// estimate is a fit to one simulated world: its parameters, with standard errors, and
// an interval of something the model says of a member.
type estimate struct {
	names      []string
	params, se []float64
	low, high  float64
}

// fitWorld fits the family of m to the histories.
func fitWorld[M Model](m M, h []History) (estimate, error) {
	d, err := NewData(h, nil)
	if err != nil {
		return estimate{}, err
	}
	fit, err := Fit(m, d)
	if err != nil {
		return estimate{}, err
	}
	return said(fit, func(m M) float64 { return m.Expected(someone, 20) })
}

// someone is the member asked about, of all worlds.
var someone = History{X: 3, TX: 20, T: 30}

func said[M any](fit *Fitted[M], f func(m M) float64) (estimate, error) {
	e := estimate{names: fit.Names, params: fit.Params, se: fit.SE}
	draws, err := fit.Draw(400, 1)
	if err != nil {
		return e, err
	}
	e.low, e.high = Interval(draws, 0.95, f)
	return e, nil
}

// Fits to simulated worlds find the parameters they were drawn from: without bias
// but for what a maximum of the likelihood has in samples of this size, and within
// intervals of the stated coverage, as the logarithm for parameters above 0.
func TestCoverageRecovery(t *testing.T) {
	t.Parallel()
	mbg, bg := MBGNBD{0.6, 7, 0.7, 2.1}, BGNBD{0.6, 7, 0.7, 2.1}
	regular := MBGCNBD{3, 1.2, 3, 0.5, 2}
	pareto := ParetoNBD{0.55, 10.6, 0.6, 11.7}
	discrete := BGBB{1.2, 0.75, 0.66, 2.8}
	spend := GammaGamma{5, 4, 30}
	static := Static[MBGNBD]{Base: mbg, Trans: []float64{0.5}, Life: []float64{-0.8}}
	for _, w := range []struct {
		name        string
		members     int
		params      []float64
		linear      int // parameters from this one on are coefficients
		said        float64
		fit         func(s sim, n int) (estimate, error)
		short, long int
	}{
		{"MBG/NBD", 4000, mbg.Params(), 4, mbg.Expected(someone, 20), func(s sim, n int) (estimate, error) {
			return fitWorld(MBGNBD{}, s.members(mbg.core(), n, 0))
		}, 20, 1000},
		{"BG/NBD", 4000, bg.Params(), 4, bg.Expected(someone, 20), func(s sim, n int) (estimate, error) {
			return fitWorld(BGNBD{}, s.members(bg.core(), n, 0))
		}, 20, 1000},
		{"MBG/CNBD-3", 4000, regular.Params(), 4, regular.Expected(someone, 20), func(s sim, n int) (estimate, error) {
			return fitWorld(MBGCNBD{K: 3}, s.members(regular.core(), n, 0))
		}, 20, 1000},
		{"Pareto/NBD", 4000, pareto.Params(), 4, pareto.Expected(someone, 20), func(s sim, n int) (estimate, error) {
			h := make([]History, n)
			for i := range h {
				h[i] = s.pareto(pareto, 2+102*s.Float64())
			}
			return fitWorld(ParetoNBD{}, h)
		}, 8, 500},
		{"BG/BB", 4000, discrete.Params(), 4, discrete.Expected(someone, 20), func(s sim, n int) (estimate, error) {
			h := make([]History, n)
			for i := range h {
				h[i] = s.discrete(discrete, 24)
			}
			return fitWorld(BGBB{}, h)
		}, 8, 500},
		{"Gamma-Gamma", 4000, []float64{spend.P, spend.Q, spend.Gamma}, 3, spend.Mean(Spend{2, 40}), func(s sim, n int) (estimate, error) {
			fit, err := FitSpend(s.spends(spend, n), nil)
			if err != nil {
				return estimate{}, err
			}
			return said(fit, func(m GammaGamma) float64 { return m.Mean(Spend{2, 40}) })
		}, 20, 1000},
		{"MBG/NBD with covariates", 4000, append(mbg.Params(), 0.5, -0.8), 4, static.For([]float64{1}, []float64{1}).Expected(someone, 20), func(s sim, n int) (estimate, error) {
			h, z := make([]History, n), make([][]float64, n)
			for i := range h {
				z[i] = []float64{float64(i % 2)}
				h[i], _ = s.member(static.For(z[i], z[i]).core(), 2+102*s.Float64(), 0, 0)
			}
			fit, err := FitStatic(MBGNBD{}, h, nil, z, z)
			if err != nil {
				return estimate{}, err
			}
			return said(fit, func(m Static[MBGNBD]) float64 { return m.For([]float64{1}, []float64{1}).Expected(someone, 20) })
		}, 8, 500},
	} {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			runs := coverage.Runs(t, w.short, w.long)
			all := make([]estimate, runs)
			var wg sync.WaitGroup
			for worker := range 2 {
				wg.Go(func() {
					for k := worker; k < runs; k += 2 {
						var err error
						if all[k], err = w.fit(newSim(uint64(1000+k)), w.members); err != nil {
							t.Errorf("run %d: %v", k, err)
							return
						}
					}
				})
			}
			wg.Wait()
			if t.Failed() {
				return
			}
			// The intervals of the normal approximation are a little narrow or wide
			// in samples of this size.
			const slack = 0.01
			for i, truth := range w.params {
				var held int
				var mean, squares float64
				at := func(v float64) float64 { return v }
				if i < w.linear {
					at = math.Log
				}
				for k, e := range all {
					off, se := at(e.params[i])-at(truth), e.se[i]
					if i < w.linear {
						se /= e.params[i]
					}
					if math.Abs(off) <= 1.959963984540054*se {
						held++
					}
					d := off - mean
					mean += d / float64(k+1)
					squares += d * (off - mean)
				}
				sd := math.Sqrt(squares / float64(runs-1))
				name := w.name + ", " + all[0].names[i]
				coverage.Gate{What: name + " in its interval", Nominal: 0.95, Slack: slack, Hits: held, Runs: runs}.Near(t)
				// A tenth of the standard error: nothing anyone would see.
				coverage.Bias(t, name+", mean error", mean, 0, sd/math.Sqrt(float64(runs)), sd/10)
			}
			held := 0
			for _, e := range all {
				if e.low <= w.said && w.said <= e.high {
					held++
				}
			}
			coverage.Gate{What: w.name + ", expected of a member in its interval", Nominal: 0.95, Slack: slack, Hits: held, Runs: runs}.Near(t)
		})
	}
}
