package abtest

import "errors"

// ErrStratum is returned when a stratum has too few members in an arm for a
// variance.
var ErrStratum = errors.New("abtest: a stratum has too few members in an arm; merge it with another")

// Stratum is one group of members, such as a tier, of both arms. The groups must
// be known before the experiment.
type Stratum[T any] struct {
	Control, Treatment T
}

// PostStratify returns the difference of the means over strata weighted by their
// shares of the members of both arms,
//
//	Σ w (mt - mc),  w = n/N of the stratum,
//
// with the variance Σ w² (st²/nt + sc²/nc) of the strata and the multinomial
// variance of the shares, (Σ w d² - (Σ w d)²)/N with d = mt - mc. It removes the
// differences between strata from the noise, and chance imbalance from the
// estimate. The degrees of freedom are those of the plain comparison.
//
// See L. W. Miratrix, J. S. Sekhon and B. Yu, "Adjusting treatment effect
// estimates by post-stratification in randomized experiments", Journal of the Royal
// Statistical Society B 75, 2013.
//
// PostStratify returns ErrStratum when a stratum has fewer than two members in an
// arm, and the errors of Compare; ErrZeroVariance also when nothing varies within the
// strata and their differences are the same.
func PostStratify(strata []Stratum[Sample]) (Effect, error) {
	var all Stratum[Sample]
	cells := make([]cell, 0, len(strata))
	for _, s := range strata {
		all.Control, all.Treatment = all.Control.Merge(s.Control), all.Treatment.Merge(s.Treatment)
		if s.Control.N < 2 || s.Treatment.N < 2 {
			return Effect{}, ErrStratum
		}
		c := cell{n: float64(s.Control.N + s.Treatment.N), y: [4]float64{s.Control.Mean, 1, s.Treatment.Mean, 1}}
		c.v[0][0], c.v[2][2] = s.Control.meanVariance(), s.Treatment.meanVariance()
		cells = append(cells, c)
	}
	plain, err := Compare(all.Control, all.Treatment)
	if err != nil {
		return Effect{}, err
	}
	return combine(cells, plain)
}

// PostStratifyRatio is PostStratify for the ratio of the sums of Y and X: numerators
// and denominators are weighted by the strata before they are divided.
//
// PostStratifyRatio returns ErrZeroDenominator and the errors of PostStratify.
func PostStratifyRatio(strata []Stratum[Pair]) (Effect, error) {
	var all Stratum[Pair]
	cells := make([]cell, 0, len(strata))
	for _, s := range strata {
		all.Control, all.Treatment = all.Control.Merge(s.Control), all.Treatment.Merge(s.Treatment)
		if s.Control.N < 2 || s.Treatment.N < 2 {
			return Effect{}, ErrStratum
		}
		c := cell{n: float64(s.Control.N + s.Treatment.N)}
		for i, p := range []Pair{s.Control, s.Treatment} {
			f := 1 / (float64(p.N) * float64(p.N-1))
			c.y[2*i], c.y[2*i+1] = p.MeanY, p.MeanX
			c.v[2*i][2*i], c.v[2*i+1][2*i+1] = p.M2Y*f, p.M2X*f
			c.v[2*i][2*i+1], c.v[2*i+1][2*i] = p.CXY*f, p.CXY*f
		}
		cells = append(cells, c)
	}
	rc, err := Ratio(all.Control)
	if err != nil {
		return Effect{}, err
	}
	rt, err := Ratio(all.Treatment)
	if err != nil {
		return Effect{}, err
	}
	plain, err := Compare(rc, rt)
	if err != nil {
		return Effect{}, err
	}
	return combine(cells, plain)
}

// PostStratifyCUPED is PostStratify with Y adjusted for X by a regression with one
// slope for both arms in each stratum and a common residual variance.
//
// PostStratifyCUPED returns ErrStratum also for a stratum of fewer than four
// members, and the errors of CUPED.
func PostStratifyCUPED(strata []Stratum[Pair]) (Effect, error) {
	var all Stratum[Pair]
	cells := make([]cell, 0, len(strata))
	for _, s := range strata {
		all.Control, all.Treatment = all.Control.Merge(s.Control), all.Treatment.Merge(s.Treatment)
		var q Stratum[Quad]
		for _, a := range []struct {
			p Pair
			q *Quad
		}{{s.Control, &q.Control}, {s.Treatment, &q.Treatment}} {
			*a.q = Quad{N: a.p.N, Mean: [4]float64{a.p.MeanY, 1, a.p.MeanX, 0}}
			a.q.C[0][0], a.q.C[2][2] = a.p.M2Y, a.p.M2X
			a.q.C[0][2], a.q.C[2][0] = a.p.CXY, a.p.CXY
		}
		c, err := regress(q, 3)
		if err != nil {
			return Effect{}, err
		}
		cells = append(cells, c)
	}
	plain, _, err := CUPED(all.Control, all.Treatment)
	if err != nil {
		return Effect{}, err
	}
	return combine(cells, plain)
}

// PostStratifyCUPEDRatio is PostStratifyRatio with numerator and denominator each
// adjusted for both values of before the experiment, as in PostStratifyCUPED. The
// residual covariance has the divisor n-6, one for each of the six coefficients of
// the two equations, which is on the safe side.
//
// PostStratifyCUPEDRatio returns ErrStratum for a stratum of fewer than seven
// members, and the errors of CUPEDRatio.
func PostStratifyCUPEDRatio(strata []Stratum[Quad]) (Effect, error) {
	var all Stratum[Quad]
	cells := make([]cell, 0, len(strata))
	for _, s := range strata {
		all.Control, all.Treatment = all.Control.Merge(s.Control), all.Treatment.Merge(s.Treatment)
		c, err := regress(s, 6)
		if err != nil {
			return Effect{}, err
		}
		cells = append(cells, c)
	}
	plain, _, err := CUPEDRatio(all.Control, all.Treatment)
	if err != nil {
		return Effect{}, err
	}
	return combine(cells, plain)
}
