package proportion

import "loyaltymcp/stats/internal/special"

// ClopperPearson returns the share of successes and its exact interval, the
// shares that neither one-sided binomial test rejects at half the level:
//
//	Low = B(α/2; x, n-x+1), High = B(1-α/2; x+1, n-x),
//
// B being the quantile of the beta distribution. It covers with at least its
// confidence whatever the share, and is therefore wider than Wilson or Jeffreys.
//
// See C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits
// illustrated in the case of the binomial", Biometrika 26, 1934.
//
// ClopperPearson returns ErrNoData or ErrCounts for counts that are not a sample.
func ClopperPearson(c Count, confidence float64) (Interval, error) {
	return betaInterval(c, confidence, 0, 1)
}

// Jeffreys returns the share of successes and the central interval of its
// posterior distribution under the prior Beta(1/2, 1/2),
//
//	B(α/2; x+1/2, n-x+1/2) to B(1-α/2; x+1/2, n-x+1/2).
//
// with Low 0 without successes and High 1 without failures: the quantile there is
// above 0 or below 1, and would leave out the share observed. Its coverage is
// close to the confidence on average over the shares. At confidences below about
// 0.15 the central interval is little more than the median, which may be on one
// side of the share; it is then widened to hold it.
//
// See L. D. Brown, T. T. Cai and A. DasGupta, "Interval estimation for a binomial
// proportion", Statistical Science 16, 2001, whose definition has the same two
// exceptions.
//
// Jeffreys returns ErrNoData or ErrCounts for counts that are not a sample.
func Jeffreys(c Count, confidence float64) (Interval, error) {
	return betaInterval(c, confidence, 0.5, 0.5)
}

// betaInterval has the lower limit of Beta(x+own, n-x+other) and the mirror of
// it above.
func betaInterval(c Count, confidence, own, other float64) (Interval, error) {
	criticalValue(confidence)
	if err := c.check(); err != nil {
		return Interval{}, err
	}
	tail := (1 - confidence) / 2
	low := func(x, y int64) float64 {
		if x == 0 {
			return 0
		}
		return special.BetaQuantile(tail, float64(x)+own, float64(y)+other)
	}
	x, y := c.Successes, c.N-c.Successes
	iv := Interval{Estimate: c.share(), Low: low(x, y)}
	// The upper tail of Beta(a, b) is the lower one of Beta(b, a).
	iv.High = 1 - low(y, x)
	if y > x && iv.High < tail {
		// A small limit loses digits as 1 less a large one, a small tail as 1 less
		// itself: the larger of them is given up.
		iv.High = special.BetaQuantile(1-tail, float64(x)+other, float64(y)+own)
	}
	return iv.holding(iv.Estimate), nil
}
