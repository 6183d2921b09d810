package abtest

import "math"

// Lift is a change relative to the control mean, as a fraction: 0.05 is 5% more
// than control. Bounded tells whether the data bound it; if not, Low is -Inf
// and High +Inf. G is the square of the ratio of the margin of error of the
// control mean to that mean: from 1 on the control mean cannot be told from 0
// and a relative change from anything.
type Lift struct {
	Estimate, Low, High float64
	Bounded             bool
	G                   float64
}

// Fieller returns the change of the mean relative to the magnitude of the
// control mean, (mt - mc)/|mc|, with its confidence set by the theorem of
// Fieller: the ratios r = mt/mc with
//
//	|mt - r mc| <= t √(st²/nt + r² sc²/nc).
//
// With g = t² sc²/(nc mc²) below 1 the set is an interval, and not symmetric
// about the estimate. Otherwise it is not bounded and Bounded is false. t is the
// quantile of Student's t distribution on the degrees of freedom of Tamhane and
// Logan, those of the variance under the root at the estimated ratio.
//
// For a negative control mean the sign is that of the difference: a positive
// change is still an increase.
//
// See E. C. Fieller, "Some problems in interval estimation", Journal of the
// Royal Statistical Society B 16(2), 1954, and A. C. Tamhane and B. R. Logan,
// "Finding the maximum safe dose level for heteroscedastic data", Journal of
// Biopharmaceutical Statistics 14(4), 2004.
//
// Fieller returns ErrTooFew when an arm has fewer than two members,
// ErrZeroControl when the control mean is 0, with the unbounded Lift of NaN and
// a G of +Inf, and ErrZeroVariance when neither arm varies or the treatment is
// constantly 0, with Estimate set and G, Low and High NaN, and ErrNotFinite for data
// that are not finite or out of range.
func Fieller(control, treatment Sample, confidence float64) (Lift, error) {
	checkProbability(confidence, "confidence")
	if err := checkArms(control, treatment); err != nil {
		return Lift{}, err
	}
	if control.Mean == 0 {
		return Lift{Estimate: math.NaN(), Low: math.Inf(-1), High: math.Inf(1), G: math.Inf(1)}, ErrZeroControl
	}
	ratio := treatment.Mean / control.Mean
	vc, vt := control.meanVariance(), treatment.meanVariance()
	if ratio*ratio*vc == 0 && vt == 0 {
		nan := math.NaN()
		estimate := (treatment.Mean - control.Mean) / math.Abs(control.Mean)
		return Lift{Estimate: estimate, Low: nan, High: nan, G: nan}, ErrZeroVariance
	}
	df := satterthwaite(ratio*ratio*vc, vt, control.N, treatment.N)
	if !finite(ratio, df) {
		return Lift{}, ErrNotFinite
	}
	l := fieller(control, treatment, tValue(confidence, df))
	if !finite(l.Estimate) || math.IsNaN(l.G) || l.Bounded && !finite(l.Low, l.High) {
		return Lift{}, ErrNotFinite
	}
	return l, nil
}

// fieller returns the Lift with margins of error of c standard errors.
func fieller(control, treatment Sample, c float64) Lift {
	m := control.Mean
	// In units of the control mean: g and h are the squared margins of error of
	// the control and the treatment mean.
	g := c * c * control.meanVariance() / (m * m)
	h := c * c * treatment.meanVariance() / (m * m)
	ratio := treatment.Mean / m
	change := (treatment.Mean - m) / m
	if !(g < 1) {
		return Lift{Estimate: math.Copysign(1, m) * change, Low: math.Inf(-1), High: math.Inf(1), G: g}
	}
	// The roots of r² (1-g) - 2 r ratio + ratio² - h, less 1.
	root := math.Sqrt(g*ratio*ratio + h*(1-g))
	low, high := (change+g-root)/(1-g), (change+g+root)/(1-g)
	if m < 0 {
		change, low, high = -change, -high, -low
	}
	return Lift{Estimate: change, Low: low, High: high, Bounded: true, G: g}
}
