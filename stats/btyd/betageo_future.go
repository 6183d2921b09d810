package btyd

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"loyaltymcp/stats/internal/special"
)

// posterior returns the parameters for what follows h of a member who is alive:
// the rate is Gamma(R, A) and the probability of dropout Beta(a, b).
func (m *betaGeo) posterior(h History) (rr, aa, b float64) {
	return m.r + float64(m.k*h.X), m.alpha + h.T, m.b + float64(h.X+m.atZero)
}

func (m *betaGeo) expected(h History, t float64) float64 {
	if t <= 0 {
		return 0
	}
	rr, aa, b := m.posterior(h)
	if m.k == 1 {
		return m.pAlive(h) * special.BetaMean(m.a, b, geometric(rr, t/aa))
	}
	return m.pAlive(h) * m.eachPhase(h, func(j int, rr float64) float64 {
		return renewals(m.k, j, rr, t/(aa+t), m.a, b)
	})
}

// geometric returns the expected number of purchases in t = q A by a member who
// drops out with probability p after each, as a function of p.
func geometric(rr, q float64) func(p float64) float64 {
	return func(p float64) float64 {
		v := p * q
		if v < 1e-300 {
			return rr * q
		}
		return -math.Expm1(-rr*math.Log1p(v)) / p
	}
}

// eachPhase returns the mean of f over the phases j completed since the last
// purchase; R+j is the shape of the rate given j.
func (m *betaGeo) eachPhase(h History, f func(j int, shape float64) float64) float64 {
	rr, aa, _ := m.posterior(h)
	q := (h.T - h.TX) / aa
	term, sum, mean := 1.0, 0.0, 0.0
	for j := range m.k {
		if term > 0 {
			sum += term
			mean += term * f(j, rr+float64(j))
		}
		term *= (rr + float64(j)) * q / float64(j+1)
	}
	return mean / sum
}

// renewals returns the expected number of purchases of a member alive, j phases
// into the next one: the m-th happens if the m-1 before it did not end in
// dropout and if at least m k - j phases pass,
//
//	Σ_{m≥1} B(a, b+m-1)/B(a, b) I_q(m k - j, shape).
//
// After 4096 terms one stands for itself and its neighbours.
func renewals(k, j int, shape, q, a, b float64) float64 {
	const exact = 4096
	var sum float64
	stay := 1.0
	for i := 1; i <= exact; i++ {
		term := stay * mathext.RegIncBeta(float64(i*k-j), shape, q)
		sum += term
		if term <= 1e-16*sum {
			return sum
		}
		stay *= (b + float64(i) - 1) / (a + b + float64(i) - 1)
	}
	for lo, step := float64(exact), 3.0; lo < 1e15; {
		mid := lo + (step+1)/2 // of the terms lo+1 to lo+step
		d, _, _ := special.GammaDiff(b, mid-1)
		e, _, _ := special.GammaDiff(a+b, mid-1)
		term := step * math.Exp(d-e) * mathext.RegIncBeta(mid*float64(k)-float64(j), shape, q)
		sum += term
		if term <= 1e-13*sum {
			break
		}
		lo += step
		step = 2*math.Floor(lo/4096) + 1
	}
	return sum
}

// pmf returns the probability of n purchases in t after h.
func (m *betaGeo) pmf(h History, n int, t float64) float64 {
	if n < 0 || t < 0 {
		return 0
	}
	alive := m.pAlive(h)
	var gone float64
	if n == 0 {
		gone = 1 - alive
	}
	if t == 0 {
		if n == 0 {
			return 1
		}
		return 0
	}
	_, aa, b := m.posterior(h)
	d, _, _ := special.GammaDiff(b, float64(n))
	e, _, _ := special.GammaDiff(m.a+b, float64(n))
	stay := math.Exp(d - e) // of not dropping out at n purchases
	return gone + alive*m.eachPhase(h, func(j int, shape float64) float64 {
		var p float64
		first := max(0, n*m.k-j)
		for i := first; i < (n+1)*m.k-j; i++ {
			p += negBinomial(i, shape, aa, t)
		}
		p *= stay
		if n > 0 {
			last := m.a / (b + float64(n) - 1) * stay
			p += last * mathext.RegIncBeta(float64(n*m.k-j), shape, t/(aa+t))
		}
		return p
	})
}

// negBinomial returns the probability of n events in t at the rate λ ~
// Gamma(shape, rate).
func negBinomial(n int, shape, rate, t float64) float64 {
	d, _, _ := special.GammaDiff(shape, float64(n))
	lf, _ := math.Lgamma(float64(n) + 1)
	l := d - lf - shape*math.Log1p(t/rate)
	if n > 0 {
		l -= float64(n) * math.Log1p(rate/t)
	}
	return math.Exp(l)
}

// dert is the mean of λ/(δ + λ p) over λ ~ Gamma(R, A) and p ~ Beta(a, b), for
// k = 1, where that over λ is R/p e^z E_{R+1}(z) with z = δ A/p.
func (m *betaGeo) dert(h History, rate float64) float64 {
	checkRate(rate)
	rr, aa, b := m.posterior(h)
	if m.k == 1 {
		return m.pAlive(h) * special.BetaMean(m.a, b, func(p float64) float64 {
			if p < 1e-300 {
				return rr / (rate * aa)
			}
			return rr / p * special.ExpIntScaled(rr+1, rate*aa/p)
		})
	}
	// The discounted purchases at the rate λ are φ^(k-j) / (1 - (1-p) φ^k) with
	// φ = λ/(λ+δ).
	return m.pAlive(h) * m.eachPhase(h, func(j int, shape float64) float64 {
		return gammaMean(shape, aa, func(lambda float64) float64 {
			lphi := -math.Log1p(rate / lambda)
			miss := -math.Expm1(float64(m.k) * lphi)
			hit := 1 - miss
			return math.Exp(float64(m.k-j)*lphi) * special.BetaMean(m.a, b, func(p float64) float64 {
				return 1 / (miss + p*hit)
			})
		})
	})
}

// gammaMean returns the mean of f over λ ~ Gamma(shape, rate) by the
// trapezoidal rule in ln λ. f falls to 0 at least like λ.
func gammaMean(shape, rate float64, f func(float64) float64) float64 {
	h := math.Min(0.25, 0.5/math.Sqrt(shape))
	mode := math.Log(shape / rate)
	peak, _ := math.Lgamma(shape)
	peak = math.Exp(shape*math.Log(shape) - shape - peak)
	sum := f(math.Exp(mode))
	for _, dir := range []float64{-h, h} {
		for i := 1; i < 1e5; i++ {
			y := float64(i) * dir
			t := math.Exp(shape*(y-math.Expm1(y))) * f(math.Exp(mode+y))
			sum += t
			if t <= 1e-17*sum {
				break
			}
		}
	}
	return sum * h * peak
}

func checkRate(rate float64) {
	if !(rate > 0) {
		panic("btyd: discount rate not above 0")
	}
}
