package abtest

import "math"

// CUPED returns the difference of the means of Y adjusted for the same members'
// values X of before the experiment,
//
//	(mean(y) - θ mean(x)) of treatment less that of control,
//	θ = Σ(x-x̄)(y-ȳ) / Σ(x-x̄)² over both arms,
//
// and θ. Each arm's variance is s²y - 2θ sxy + θ² s²x. With X correlated by ρ with
// Y it is 1-ρ² of the unadjusted one. X must not be touched by the treatment.
// Control is the unadjusted control mean. Where X does not vary, θ is 0.
//
// See A. Deng, Y. Xu, R. Kohavi and T. Walker, "Improving the sensitivity of online
// controlled experiments by utilizing pre-experiment data", WSDM 2013.
//
// CUPED returns the errors of Compare.
func CUPED(control, treatment Pair) (Effect, float64, error) {
	pooled := control.Merge(treatment)
	theta := slope(pooled.CXY, pooled.M2X)
	e, err := cuped(control, treatment, theta)
	return e, theta, err
}

// CUPEDRatio returns the difference of the ratios during the experiment adjusted
// for the ratios before it, as CUPED does with the linear approximations of both
// by member. θ is the sum of the arms' covariances over that of their variances.
//
// CUPEDRatio returns ErrZeroDenominator and the errors of Compare.
func CUPEDRatio(control, treatment Quad) (Effect, float64, error) {
	c, err := control.Ratios()
	if err != nil {
		return Effect{}, 0, err
	}
	t, err := treatment.Ratios()
	if err != nil {
		return Effect{}, 0, err
	}
	if c.N < 2 || t.N < 2 {
		return Effect{}, 0, ErrTooFew
	}
	nc, nt := float64(c.N-1), float64(t.N-1)
	theta := slope(c.CXY/nc+t.CXY/nt, c.M2X/nc+t.M2X/nt)
	e, err := cuped(c, t, theta)
	return e, theta, err
}

func slope(cxy, m2x float64) float64 {
	if m2x == 0 {
		return 0
	}
	return cxy / m2x
}

func cuped(control, treatment Pair, theta float64) (Effect, error) {
	e, err := Compare(adjust(control, theta), adjust(treatment, theta))
	if err != nil {
		return e, err
	}
	nc := float64(control.N)
	y := control.Y()
	e.Control, e.ControlVariance = y.Mean, y.meanVariance()
	e.Covariance = -(control.M2Y - theta*control.CXY) / (nc - 1) / nc
	e.LiftDF, e.plain = e.DF, false
	return e, nil
}

// adjust returns the Sample of y - θx.
func adjust(p Pair, theta float64) Sample {
	m2 := p.M2Y - 2*theta*p.CXY + theta*theta*p.M2X
	return Sample{N: p.N, Mean: p.MeanY - theta*p.MeanX, M2: math.Max(0, m2)}
}
