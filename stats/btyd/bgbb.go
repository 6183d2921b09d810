package btyd

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// BGBB is the beta-geometric/beta-Bernoulli model, for purchases that can be
// made only at certain opportunities, such as one a month, at most one each.
// Times count opportunities: History.T is their number, TX the last one used
// and X how many were used. At each opportunity the member first drops out with
// probability θ ~ Beta(Gamma, Delta) and, if still there, buys with probability
// p ~ Beta(Alpha, Beta). The likelihood with n = T is
//
//	B(α+x,β+n-x)/B(α,β) B(γ,δ+n)/B(γ,δ) + Σ_{i<n-tx} B(α+x,β+tx-x+i)/B(α,β) B(γ+1,δ+tx+i)/B(γ,δ),
//
// the first term that of being alive.
//
// Static covariates are not offered for it.
//
// See P. S. Fader, B. G. S. Hardie and J. Shang, "Customer-base analysis in a
// discrete-time noncontractual setting", Marketing Science 29(6), 2010.
type BGBB struct {
	Alpha, Beta  float64 // of the probability to buy
	Gamma, Delta float64 // of the probability of dropout
}

// ends calls f with the logarithm of the likelihood of x purchases, the last at
// tx, and of the member having dropped out after opportunity i, for every i from
// tx to n-1, and last with that of being alive after n. miss is the number of
// opportunities passed over while alive, stay that of those survived.
func (m BGBB) ends(x, tx, n int, f func(l float64, miss, stay int, alive bool)) {
	bx, _, _ := special.GammaDiff(m.Alpha, float64(x))
	at := func(miss int) float64 {
		d, _, _ := special.GammaDiff(m.Beta, float64(miss))
		e, _, _ := special.GammaDiff(m.Alpha+m.Beta, float64(x+miss))
		return bx + d - e
	}
	for i := tx; i < n; i++ {
		d, _, _ := special.GammaDiff(m.Delta, float64(i))
		e, _, _ := special.GammaDiff(m.Gamma+m.Delta, float64(i+1))
		f(at(i-x)+math.Log(m.Gamma)+d-e, i-x, i, false)
	}
	d, _, _ := special.GammaDiff(m.Delta, float64(n))
	e, _, _ := special.GammaDiff(m.Gamma+m.Delta, float64(n))
	f(at(n-x)+d-e, n-x, n, true)
}

// likelihood returns the log-likelihood of h and the probability of being alive.
func (m BGBB) likelihood(h History) (ll, alive float64) {
	var sum, last float64
	ref := math.Inf(-1)
	m.ends(h.X, int(h.TX), int(h.T), func(l float64, _, _ int, isAlive bool) {
		if l > ref {
			sum *= math.Exp(ref - l)
			ref = l
		}
		v := math.Exp(l - ref)
		sum += v
		if isAlive {
			last = v
		}
	})
	return ref + math.Log(sum), last / sum
}

// LogLik implements Model.
func (m BGBB) LogLik(h History) float64 {
	ll, _ := m.likelihood(h)
	return ll
}

// PAlive implements Model: the probability of being there at the next
// opportunity, as the paper has it, which is that of being there still after
// the last one times the mean (δ+n)/(γ+δ+n) of 1-θ.
func (m BGBB) PAlive(h History) float64 {
	_, alive := m.likelihood(h)
	return alive * (m.Delta + h.T) / (m.Gamma + m.Delta + h.T)
}

// rate returns the expected probability to buy after h.
func (m BGBB) rate(h History) float64 {
	return (m.Alpha + float64(h.X)) / (m.Alpha + m.Beta + h.T)
}

// Expected implements Model, for the next t opportunities, a fraction of one
// dropped: the probability of being there after the last one times (α+x)/(α+β+n) times the mean of (1-θ)(1-(1-θ)^t)/θ
// over θ ~ Beta(γ, δ+n).
func (m BGBB) Expected(h History, t float64) float64 {
	t = math.Floor(t)
	if t <= 0 {
		return 0
	}
	lifetime := special.BetaMean(m.Gamma, m.Delta+h.T, func(p float64) float64 {
		if p < 1e-300 {
			return t
		}
		return (1 - p) * -math.Expm1(t*math.Log1p(-p)) / p
	})
	_, alive := m.likelihood(h)
	return alive * m.rate(h) * lifetime
}

// DERT implements Model with the discount (1+rate)^-i of the i-th opportunity:
// the probability of being there after the last one times (α+x)/(α+β+n) times the mean of (1-θ)/(rate+θ).
func (m BGBB) DERT(h History, rate float64) float64 {
	checkRate(rate)
	lifetime := special.BetaMean(m.Gamma, m.Delta+h.T, func(p float64) float64 {
		return (1 - p) / (rate + p)
	})
	_, alive := m.likelihood(h)
	return alive * m.rate(h) * lifetime
}

// PMF implements Model, for the next t opportunities.
func (m BGBB) PMF(h History, n int, t float64) float64 {
	var p float64
	_, alive := m.likelihood(h)
	switch {
	case n < 0 || t < 0 || float64(n) > math.Floor(t):
		return 0
	case n == 0:
		p = 1 - alive
	}
	// What follows of a member alive is the model of a new one.
	later := BGBB{m.Alpha + float64(h.X), m.Beta + h.T - float64(h.X), m.Gamma, m.Delta + h.T}
	later.ends(n, n, int(t), func(l float64, miss, _ int, _ bool) {
		choose, _, _ := special.GammaDiff(float64(miss)+1, float64(n))
		lf, _ := math.Lgamma(float64(n) + 1)
		p += alive * math.Exp(l+choose-lf)
	})
	return p
}

// Params implements Model.
func (m BGBB) Params() []float64 { return []float64{m.Alpha, m.Beta, m.Gamma, m.Delta} }

// Names implements Model.
func (m BGBB) Names() []string { return []string{"alpha", "beta", "gamma", "delta"} }
