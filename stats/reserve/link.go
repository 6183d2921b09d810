package reserve

import "math"

// Link is the scale on which effects on a hazard add up.
type Link int

const (
	// CLogLog is ln(-ln(1-h)): effects multiply a rate in continuous time, so
	// that they mean the same in weeks and months.
	CLogLog Link = iota
	// Logit is ln(h/(1-h)): effects multiply the odds.
	Logit
)

// The linear predictor is kept where a hazard is neither 0 nor 1 in float64.
const (
	lowest         = -30.0
	highestLogit   = 30.0
	highestCLogLog = 3.4
)

// inverse returns the hazard at a linear predictor, and its derivative.
func (l Link) inverse(eta float64) (h, slope float64) {
	if l == Logit {
		eta = min(max(eta, lowest), highestLogit)
		h = 1 / (1 + math.Exp(-eta))
		return h, math.Exp(-eta) * h * h
	}
	eta = min(max(eta, lowest), highestCLogLog)
	r := math.Exp(eta)
	return -math.Expm1(-r), r * math.Exp(-r)
}

// start returns the linear predictor of a share.
func (l Link) start(share float64) float64 {
	if l == Logit {
		return math.Log(share / (1 - share))
	}
	return math.Log(-math.Log1p(-share))
}
