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
// Its coverage is close to the confidence on average over the shares. It is the
// quantile as it stands: without successes Low is above 0.
//
// See L. D. Brown, T. T. Cai and A. DasGupta, "Interval estimation for a binomial
// proportion", Statistical Science 16, 2001.
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
		if float64(x)+own == 0 {
			return 0
		}
		return special.BetaQuantile(tail, float64(x)+own, float64(y)+other)
	}
	x, y := c.Successes, c.N-c.Successes
	iv := Interval{Estimate: c.share(), Low: low(x, y)}
	// The upper tail of Beta(a, b) is the lower one of Beta(b, a).
	iv.High = 1 - low(y, x)
	if y > x {
		iv.High = upper(tail, float64(x)+other, float64(y)+own)
	}
	return iv, nil
}

// upper keeps the digits of a small upper limit.
func upper(tail, a, b float64) float64 {
	if b == 0 {
		return 1
	}
	return special.BetaQuantile(1-tail, a, b)
}
