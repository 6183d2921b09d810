package proportion

import (
	"errors"
	"math"

	"loyaltymcp/stats/internal/special"
)

var (
	// ErrNoData is returned for a sample of size 0: its share is undefined.
	ErrNoData = errors.New("proportion: no observations")
	// ErrCounts is returned for negative counts and for more successes than
	// observations.
	ErrCounts = errors.New("proportion: counts are negative or exceed the number of observations")
)

// Count is a number of successes out of N observations.
type Count struct {
	Successes, N int64
}

func (c Count) check() error {
	switch {
	case c.N < 0 || c.Successes < 0 || c.Successes > c.N:
		return ErrCounts
	case c.N == 0:
		return ErrNoData
	}
	return nil
}

func (c Count) share() float64 {
	return float64(c.Successes) / float64(c.N)
}

// Interval is an estimate with the limits of its confidence interval, in the
// unit of the estimate.
type Interval struct {
	Estimate, Low, High float64
}

// Wilson returns the share of successes and its score interval, the shares p0
// with
//
//	|p - p0| <= z √(p0 (1-p0) / n),
//
// where z is the normal quantile of the confidence. The limits lie in [0, 1];
// Low is exactly 0 when there are no successes and High exactly 1 when there
// are no failures.
//
// See E. B. Wilson, "Probable inference, the law of succession, and statistical
// inference", Journal of the American Statistical Association 22, 1927.
//
// Wilson returns ErrNoData or ErrCounts for counts that are not a sample.
func Wilson(c Count, confidence float64) (Interval, error) {
	z := criticalValue(confidence)
	if err := c.check(); err != nil {
		return Interval{}, err
	}
	iv := Interval{
		Estimate: c.share(),
		Low:      1 - wilsonHigh(c.N-c.Successes, c.N, z),
		High:     wilsonHigh(c.Successes, c.N, z),
	}
	if iv.Estimate < 0.5 {
		// The product of the limits is p²/(1+z²/n): no cancellation near 0.
		iv.Low = iv.Estimate * iv.Estimate / ((1 + z*z/float64(c.N)) * iv.High)
	}
	return iv, nil
}

func wilsonHigh(x, n int64, z float64) float64 {
	if x == n {
		return 1
	}
	p := float64(x) / float64(n)
	q := float64(n-x) / float64(n)
	a := z * z / float64(n)
	return (p + a/2 + math.Sqrt(a*(p*q+a/4))) / (1 + a)
}

// criticalValue returns the normal quantile of a two-sided confidence.
func criticalValue(confidence float64) float64 {
	if !(confidence > 0 && confidence < 1) {
		panic("proportion: confidence outside (0, 1)")
	}
	return -special.NormalQuantile((1 - confidence) / 2)
}
