package btyd

import (
	"errors"
	"math"

	"loyaltymcp/stats/internal/special"
)

// Spend is what a member spent: the mean of X purchases, in units of money.
// Leave out the first purchase where the model of purchases does.
type Spend struct {
	X    int
	Mean float64
}

// GammaGamma is the model of spend: a member's purchases are Gamma(P, ν)
// distributed with ν ~ Gamma(Q, Gamma), whatever their number. The
// log-likelihood of the mean m of x purchases is
//
//	Q ln γ + (Px-1) ln m + Px ln x - (Px+Q) ln(γ+mx) - ln B(Px, Q).
//
// It assumes that spend and frequency are independent: look at
// SpendCorrelation first, and beyond about 0.2 fit bands of X apart.
//
// See P. S. Fader and B. G. S. Hardie, "The Gamma-Gamma model of monetary
// value", 2013.
type GammaGamma struct {
	P     float64 // shape of one member's purchases
	Q     float64 // shape over members
	Gamma float64 // scale over members, in units of money
}

// ErrNoSpend is returned when no member has a mean spend above 0.
var ErrNoSpend = errors.New("btyd: no member with a purchase of a value above 0")

// LogLik returns the log-likelihood of the spend s, with s.X and s.Mean above 0.
func (m GammaGamma) LogLik(s Spend) float64 {
	x := float64(s.X)
	px := m.P * x
	lg, _ := math.Lgamma(px)
	d, _, _ := special.GammaDiff(m.Q, px)
	y := s.Mean * x
	return -m.Q*math.Log1p(y/m.Gamma) - math.Log(s.Mean) - px*math.Log1p(m.Gamma/y) - lg + d
}

// Mean returns the expected spend per purchase of a member who spent s,
//
//	P (γ + m x) / (P x + Q - 1),
//
// and for the empty Spend{} that of a member of whom nothing is known. It is
// +Inf where P x + Q is not above 1: the mean does not exist.
func (m GammaGamma) Mean(s Spend) float64 {
	x := float64(s.X)
	d := m.P*x + m.Q - 1
	if d <= 0 {
		return math.Inf(1)
	}
	return m.P * (m.Gamma + s.Mean*x) / d
}

// SpendCorrelation returns the correlation of the number and the mean of
// purchases over members with any, which GammaGamma assumes to be 0. It is NaN
// when one of them does not vary.
func SpendCorrelation(s []Spend, weights []float64) float64 {
	var n, mx, my, sxx, sxy, syy float64
	for i, v := range s {
		w := weightAt(weights, len(s), i)
		if v.X <= 0 || !(v.Mean > 0) || w == 0 {
			continue
		}
		n += w
		x, y := float64(v.X), v.Mean
		dx, dy := x-mx, y-my
		mx += w / n * dx
		my += w / n * dy
		sxx += w * dx * (x - mx)
		sxy += w * dx * (y - my)
		syy += w * dy * (y - my)
	}
	return sxy / math.Sqrt(sxx*syy)
}

// weightAt returns the i-th of n weights, 1 if they are nil.
func weightAt(weights []float64, n, i int) float64 {
	if weights == nil {
		return 1
	}
	if len(weights) != n {
		panic("btyd: slice length mismatch")
	}
	return weights[i]
}
