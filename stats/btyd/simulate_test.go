package btyd

import (
	"math"
	"math/rand/v2"
)

// sim draws members from the models, with the randomness of one seed.
type sim struct{ *rand.Rand }

func newSim(seed uint64) sim { return sim{rand.New(rand.NewPCG(seed, 1))} }

// gamma returns a draw from Gamma(shape, rate) by Marsaglia and Tsang's method.
func (s sim) gamma(shape, rate float64) float64 {
	boost := 1.0
	if shape < 1 {
		boost = math.Pow(1-s.Float64(), 1/shape)
		shape++
	}
	d := shape - 1./3
	c := 1 / math.Sqrt(9*d)
	for {
		z := s.NormFloat64()
		v := 1 + c*z
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-s.Float64()) < 0.5*z*z+d-d*v+d*math.Log(v) {
			return boost * d * v / rate
		}
	}
}

func (s sim) beta(a, b float64) float64 {
	x, y := s.gamma(a, 1), s.gamma(b, 1)
	return x / (x + y)
}

// member returns the history until T of a member of the world of m, and the
// purchases in the time after it. Times are rounded up to whole steps, if step
// is above 0.
func (s sim) member(m *betaGeo, t, after, step float64) (h History, later int) {
	round := func(t float64) float64 {
		if step > 0 {
			return math.Ceil(t/step) * step
		}
		return t
	}
	lambda, p := s.gamma(m.r, m.alpha), s.beta(m.a, m.b)
	h.T = round(t)
	now := 0.0
	if m.atZero == 1 && s.Float64() < p {
		return h, 0
	}
	for {
		gap := 0.0
		for range m.k {
			gap += s.ExpFloat64() / lambda
		}
		now += gap
		if now > t+after {
			return h, later
		}
		if now <= t {
			h.X++
			h.TX = math.Min(round(now), h.T)
			h.LogGaps += math.Log(gap)
		} else {
			later++
		}
		if s.Float64() < p {
			return h, later
		}
	}
}

// members returns n members of the world of m, observed between 2 and 104.
func (s sim) members(m *betaGeo, n int, step float64) []History {
	h := make([]History, n)
	for i := range h {
		h[i], _ = s.member(m, 2+102*s.Float64(), 0, step)
	}
	return h
}
