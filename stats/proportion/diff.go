package proportion

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// Method is a way to find the interval of a difference of two shares.
type Method int

const (
	// Newcombe combines the Wilson intervals of the two shares (method 10 of
	// R. G. Newcombe, "Interval estimation for the difference between
	// independent proportions", Statistics in Medicine 17, 1998): with limits
	// l and u of the shares p of treatment t and control c,
	//
	//	d - √((pt-lt)² + (uc-pc)²) to d + √((ut-pt)² + (pc-lc)²).
	Newcombe Method = iota
	// MiettinenNurminen inverts the score test of O. Miettinen and
	// M. Nurminen, "Comparative analysis of two rates", Statistics in Medicine
	// 4, 1985, with their factor N/(N-1) on the variance, N being the number of
	// observations of both groups.
	MiettinenNurminen
	// AgrestiCaffo is the normal interval after adding one success and one
	// failure to each group (A. Agresti and B. Caffo, "Simple and effective
	// confidence intervals for proportions and differences of proportions result
	// from adding two successes and two failures", The American Statistician 54,
	// 2000). It is centred on a difference drawn towards 0. Where that leaves the
	// observed one outside, as it does between shares near 0 and 1 at a
	// confidence below about 0.85, the interval is widened to hold it.
	AgrestiCaffo
	// WaldDifference is the normal interval of the observed shares. It is here
	// to compare with other tools: it covers too little near 0 and 1, and has no
	// width when both shares are 0.
	WaldDifference
)

// Diff returns the difference of the shares of successes, treatment minus
// control, with its interval, in [-1, 1]. The first three methods are defined
// when a share is 0 or 1, in one group or in both.
//
// Diff returns ErrNoData or ErrCounts for counts that are not a sample. It
// panics on an unknown method.
func Diff(control, treatment Count, confidence float64, method Method) (Interval, error) {
	z := criticalValue(confidence)
	if err := control.check(); err != nil {
		return Interval{}, err
	}
	if err := treatment.check(); err != nil {
		return Interval{}, err
	}
	switch method {
	case Newcombe:
		return newcombe(control, treatment, confidence)
	case MiettinenNurminen:
		return miettinenNurminen(control, treatment, z), nil
	case AgrestiCaffo:
		return around(control, treatment, z, 1), nil
	case WaldDifference:
		return around(control, treatment, z, 0), nil
	}
	panic("proportion: unknown method")
}

func around(control, treatment Count, z, add float64) Interval {
	d, se := added(control, treatment, add)
	return Interval{
		Estimate: treatment.share() - control.share(),
		Low:      math.Max(-1, d-z*se),
		High:     math.Min(1, d+z*se),
	}.holding(treatment.share() - control.share())
}

func newcombe(control, treatment Count, confidence float64) (Interval, error) {
	c, err := Wilson(control, confidence)
	if err != nil {
		return Interval{}, err
	}
	t, err := Wilson(treatment, confidence)
	if err != nil {
		return Interval{}, err
	}
	d := t.Estimate - c.Estimate
	return Interval{
		Estimate: d,
		Low:      math.Max(-1, d-math.Hypot(t.Estimate-t.Low, c.High-c.Estimate)),
		High:     math.Min(1, d+math.Hypot(t.High-t.Estimate, c.Estimate-c.Low)),
	}, nil
}

func miettinenNurminen(control, treatment Count, z float64) Interval {
	d := treatment.share() - control.share()
	score := func(delta float64) float64 { return scoreZ(control, treatment, delta) }
	return Interval{
		Estimate: d,
		Low:      crossing(func(x float64) bool { return score(x) > z }, -1, d),
		High:     crossing(func(x float64) bool { return score(x) >= -z }, d, 1),
	}
}

// crossing returns the x in [lo, hi] up to which f holds, for an f that holds
// below some point and not above it.
func crossing(f func(float64) bool, lo, hi float64) float64 {
	if !f(lo) {
		return lo
	}
	if f(hi) {
		return hi
	}
	for {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			return mid
		}
		if f(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
}

// Test is the outcome of a test: the normal deviate Z and its two-sided
// p-value. The one-sided p-value against a difference above the null is
// special.NormalSurvival(Z), below it special.NormalSurvival(-Z).
type Test struct {
	Z, P float64
}

// ScoreTest tests the null hypothesis that the difference of the shares,
// treatment minus control, is null:
//
//	Z = (pt - pc - null) / √((qt (1-qt)/nt + qc (1-qc)/nc) N/(N-1)), N = nt + nc,
//
// where qt and qc are the maximum likelihood estimates of the shares under the
// hypothesis. With null 0 they are the pooled share; a null of minus the margin
// tests for non-inferiority. The test rejects the null differences outside the
// interval of Diff with MiettinenNurminen, whose source is also that of the
// test. Without the factor N/(N-1) it would be the test of C. P. Farrington and
// G. Manning, Statistics in Medicine 9, 1990, and for null 0 Pearson's
// chi-square.
//
// When the observed difference is null, Z is 0 and P is 1, also where both
// shares are 0 or 1 and the variance vanishes.
//
// ScoreTest returns ErrNoData or ErrCounts for counts that are not a sample. It
// panics if null is not between -1 and 1, both excluded.
func ScoreTest(control, treatment Count, null float64) (Test, error) {
	if !(null > -1 && null < 1) {
		panic("proportion: null difference outside (-1, 1)")
	}
	if err := control.check(); err != nil {
		return Test{}, err
	}
	if err := treatment.check(); err != nil {
		return Test{}, err
	}
	z := scoreZ(control, treatment, null)
	return Test{Z: z, P: special.NormalTwoSided(z)}, nil
}

// scoreZ returns the score statistic of the difference delta.
func scoreZ(control, treatment Count, delta float64) float64 {
	diff := treatment.share() - control.share() - delta
	if diff == 0 {
		return 0
	}
	qc := constrained(control, treatment, delta)
	qt := qc + delta
	nc, nt := float64(control.N), float64(treatment.N)
	v := math.Max(0, qt*(1-qt)/nt) + math.Max(0, qc*(1-qc)/nc)
	return diff / math.Sqrt(v*(nc+nt)/(nc+nt-1))
}

// constrained returns the maximum likelihood estimate of the control share
// given that the treatment share is delta above it. The log-likelihood is
// concave, so its slope changes sign once.
func constrained(control, treatment Count, delta float64) float64 {
	xc, yc := float64(control.Successes), float64(control.N-control.Successes)
	xt, yt := float64(treatment.Successes), float64(treatment.N-treatment.Successes)
	if delta == 0 {
		return (xc + xt) / (xc + yc + xt + yt)
	}
	term := func(count, share float64) float64 {
		if count == 0 {
			return 0
		}
		return count / math.Max(share, 0)
	}
	rising := func(q float64) bool {
		return term(xc, q)+term(xt, q+delta) > term(yc, 1-q)+term(yt, 1-q-delta)
	}
	return crossing(rising, math.Max(0, -delta), math.Min(1, 1-delta))
}
