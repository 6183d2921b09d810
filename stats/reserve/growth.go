package reserve

import "math"

// Growth is the curve by which a cohort redeems over its age.
type Growth int

const (
	// LogLogistic is G(x) = x^w/(x^w + theta^w), with a heavy tail: it is what
	// to use with care, and with a limit, for points that never expire.
	LogLogistic Growth = iota
	// Weibull is G(x) = 1 - exp(-(x/theta)^w), with a light tail.
	Weibull
)

// at returns G(x) and its derivatives by ln w and ln theta.
func (g Growth) at(x, w, theta float64) (v, byW, byTheta float64) {
	if math.IsInf(x, 1) {
		return 1, 0, 0
	}
	if x <= 0 {
		return 0, 0, 0
	}
	l := math.Log(x / theta)
	if g == Weibull {
		h := math.Exp(w * l)
		e := math.Exp(-h)
		if e == 0 {
			return 1, 0, 0
		}
		d := e * h // dG/dln h
		return -math.Expm1(-h), d * w * l, -d * w
	}
	v = 1 / (1 + math.Exp(-w*l))
	d := v * (1 - v)
	return v, d * w * l, -d * w
}
