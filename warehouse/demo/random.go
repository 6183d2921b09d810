package demo

import (
	"math"
	"math/rand/v2"
)

// purpose separates a member's random streams, so that a change in how mails
// are drawn, say, leaves the purchases as they were.
type purpose uint64

const (
	forTraits purpose = iota + 1
	forPurchases
	forLedger
	forEngagement
	forSurveys
	forNonMembers
	forArms // and the numbers after it, one per experiment of the program

	forFaults purpose = 1000 + iota
	forBoost
)

// stream points the generator's source at a member's stream for a purpose.
func (g *generator) stream(p purpose, id int64) *rand.Rand {
	g.src.Seed(mix(g.seed^mix(uint64(p))), mix(uint64(id)))
	return g.rng
}

// mix spreads neighboring numbers over all 64 bits (the finisher of
// SplitMix64): PCG states that differ in a low bit alone start out alike.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// gamma draws from a Gamma distribution of scale 1 (Marsaglia and Tsang).
func gamma(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(r, shape+1) * math.Pow(1-r.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-r.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// beta draws from a Beta distribution.
func beta(r *rand.Rand, a, b float64) float64 {
	x := gamma(r, a)
	return x / (x + gamma(r, b))
}

// logGamma returns the mean and standard deviation of the logarithm of a Gamma
// variable of scale 1: the first two derivatives of the log-gamma function.
func logGamma(shape float64) (mean, sd float64) {
	const h = 1e-3
	below, _ := math.Lgamma(shape - h)
	at, _ := math.Lgamma(shape)
	above, _ := math.Lgamma(shape + h)
	return (above - below) / (2 * h), math.Sqrt((above - 2*at + below) / (h * h))
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// share is a value and its part of the whole.
type share struct {
	value string
	part  float64
}

// pick draws one of the values; their parts add up to 1.
func pick(r *rand.Rand, of []share) string {
	u := r.Float64()
	for _, s := range of[:len(of)-1] {
		if u < s.part {
			return s.value
		}
		u -= s.part
	}
	return of[len(of)-1].value
}
