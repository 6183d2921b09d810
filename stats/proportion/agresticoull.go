package proportion

import "math"

// AgrestiCoull returns the share of successes and the normal interval around the
// share with z²/2 successes and z²/2 failures added, cut at 0 and 1:
//
//	p ± z √(p (1-p)/m), m = n + z², p = (x + z²/2)/m.
//
// It has the centre of Wilson and contains it.
//
// See A. Agresti and B. A. Coull, "Approximate is better than 'exact' for interval
// estimation of binomial proportions", The American Statistician 52, 1998.
//
// AgrestiCoull returns ErrNoData or ErrCounts for counts that are not a sample.
func AgrestiCoull(c Count, confidence float64) (Interval, error) {
	z := criticalValue(confidence)
	if err := c.check(); err != nil {
		return Interval{}, err
	}
	m := float64(c.N) + z*z
	return normal(c.share(), (float64(c.Successes)+z*z/2)/m, m, z).holding(c.share()), nil
}

// Wald returns the share of successes and the normal interval p ± z √(p (1-p)/n),
// cut at 0 and 1. It is here to compare with what other tools report: it covers
// too little near 0 and 1, and without successes it has no width. Use Wilson.
//
// Wald returns ErrNoData or ErrCounts for counts that are not a sample.
func Wald(c Count, confidence float64) (Interval, error) {
	z := criticalValue(confidence)
	if err := c.check(); err != nil {
		return Interval{}, err
	}
	return normal(c.share(), c.share(), float64(c.N), z), nil
}

func normal(estimate, p, n, z float64) Interval {
	half := z * math.Sqrt(p*(1-p)/n)
	return Interval{Estimate: estimate, Low: math.Max(0, p-half), High: math.Min(1, p+half)}
}
