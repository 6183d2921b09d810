package btyd

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// ParetoNBD is the Pareto/NBD model: while alive a member buys at the rate
// λ ~ Gamma(R, Alpha), and drops out at any time, at the rate μ ~ Gamma(S, Beta).
// The likelihood is
//
//	Γ(R+x)/Γ(R) α^R β^S { (α+T)^-(R+x) (β+T)^-S + S ∫_tx^T (α+u)^-(R+x) (β+u)^-(S+1) du },
//
// the first term that of being alive. The integral is taken by panels of
// Gauss-Legendre nodes. All terms are positive, so that no digits are lost where
// the closed form by hypergeometric functions cancels or overflows.
//
// See D. C. Schmittlein, D. G. Morrison and R. Colombo, "Counting your
// customers: who are they and what will they do next?", Management Science
// 33(1), 1987, and P. S. Fader and B. G. S. Hardie, "A note on deriving the
// Pareto/NBD model and related expressions", 2005.
type ParetoNBD struct {
	R, Alpha float64 // shape and rate (in units of time) of the rate of purchase
	S, Beta  float64 // shape and rate (in units of time) of the rate of dropout
}

// LogLik implements Model.
func (m ParetoNBD) LogLik(h History) float64 {
	buys, _, _ := special.GammaDiff(m.R, float64(h.X))
	alive := -m.R*math.Log1p(h.T/m.Alpha) - float64(h.X)*math.Log(m.Alpha+h.T) - m.S*math.Log1p(h.T/m.Beta)
	z, _ := m.logOdds(h.X, h.TX, h.T)
	return buys + alive + softplus(z)
}

// PAlive implements Model.
func (m ParetoNBD) PAlive(h History) float64 {
	z, _ := m.logOdds(h.X, h.TX, h.T)
	return 1 / (1 + math.Exp(z))
}

// Expected implements Model: P(alive) times
//
//	(R+x) (β+T)/(α+T) (1 - ((β+T)/(β+T+t))^(S-1)) / (S-1).
func (m ParetoNBD) Expected(h History, t float64) float64 {
	if t <= 0 {
		return 0
	}
	rate := (m.R + float64(h.X)) / (m.Alpha + h.T)
	l := math.Log1p(t / (m.Beta + h.T))
	lifetime := l
	if m.S != 1 {
		lifetime = -math.Expm1(-(m.S-1)*l) / (m.S - 1)
	}
	return m.PAlive(h) * rate * (m.Beta + h.T) * lifetime
}

// DERT implements Model: P(alive) times (R+x) (β+T)/(α+T) e^z E_S(z) with
// z = rate (β+T).
func (m ParetoNBD) DERT(h History, rate float64) float64 {
	checkRate(rate)
	b := m.Beta + h.T
	return m.PAlive(h) * (m.R + float64(h.X)) * b / (m.Alpha + h.T) * special.ExpIntScaled(m.S, rate*b)
}

// PMF implements Model.
func (m ParetoNBD) PMF(h History, n int, t float64) float64 {
	var gone float64
	alive := m.PAlive(h)
	switch {
	case n < 0 || t < 0:
		return 0
	case n == 0:
		gone = 1 - alive
	}
	if t == 0 {
		return gone + alive*float64(max(1-n, 0))
	}
	r, a, b := m.R+float64(h.X), m.Alpha+h.T, m.Beta+h.T
	p := negBinomial(n, r, a, t) * math.Exp(-m.S*math.Log1p(t/b))
	// The time u of dropout has the density S b^S (b+u)^-(S+1).
	least := math.Min(a, b)
	span := math.Log1p(t / least)
	count := math.Ceil(math.Max(span*(r+m.S+1+float64(n))/4, float64(n)/8+1))
	width := span / count
	for i := range int(count) {
		lo := float64(i) * width
		for j, x := range legendre.x {
			y := lo + width*x
			u := least * math.Expm1(y)
			p += width * legendre.w[j] * least * math.Exp(y) *
				m.S / b * math.Exp(-(m.S+1)*math.Log1p(u/b)) * negBinomial(n, r, a, u)
		}
	}
	return gone + alive*p
}

// Params implements Model.
func (m ParetoNBD) Params() []float64 { return []float64{m.R, m.Alpha, m.S, m.Beta} }

// Names implements Model.
func (m ParetoNBD) Names() []string { return []string{"r", "alpha", "s", "beta"} }

func (m ParetoNBD) with(p []float64) Model { return ParetoNBD{p[0], p[1], p[2], p[3]} }

func (m ParetoNBD) check(d *Data) error { return checkTimes(d) }

func (m ParetoNBD) starts(d *Data) [][]float64 {
	age := d.time / d.members
	rate := d.buys / d.time
	s := [][]float64{{0.5, 0, 0.5, 0.4 * age}, {1.5, 0, 1, age}, {0.5, 0, 0.2, 0.1 * age}}
	for _, p := range s {
		p[1] = p[0] / (1.5 * rate)
	}
	return s
}

func (m ParetoNBD) limits(d *Data) []limit {
	all := sameRate(m.R, m.Alpha, "r", "alpha", 0)
	switch {
	case m.S*math.Log1p(d.time/d.members/m.Beta) < 1e-4:
		all = append(all, limit{"no dropout identified: the rate of dropout is negligible, so everyone counts as alive", []int{2, 3}})
	case m.S > large:
		all = append(all, limit{"s and beta are both large: all members drop out at the same rate, only s/beta is identified", []int{2, 3}})
	}
	return all
}

func (m ParetoNBD) effects() (trans, life [dim]float64) {
	return [dim]float64{0, -1, 0, 0}, [dim]float64{0, 0, 0, -1}
}
