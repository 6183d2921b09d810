package proportion

import (
	"errors"
	"math"

	"loyaltymcp/stats/internal/special"
)

var (
	// ErrNoData is returned for a sample of size 0: its share is undefined.
	ErrNoData = errors.New("proportion: no observations")
	// ErrCounts is returned for negative counts, for more successes than
	// observations, and for more than 2^60 observations.
	ErrCounts = errors.New("proportion: counts are negative, exceed the number of observations, or are too large to be counts")
)

// most is the most observations: sums of a few counts stay within an int64.
const most = 1 << 60

// Count is a number of successes out of N observations.
type Count struct {
	Successes, N int64
}

func (c Count) check() error {
	switch {
	case c.N < 0 || c.N > most || c.Successes < 0 || c.Successes > c.N:
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
	return wilson(float64(c.Successes), float64(c.N-c.Successes), z), nil
}

// WilsonWeighted is [Wilson] for sums of weights, such as transitions that stand
// for several members or ties that are shared out: successes and failures need
// not be whole. The sum of the weights is taken for that many independent
// observations.
//
// WilsonWeighted returns ErrNoData when both are 0, and ErrCounts for weights
// that are negative or not finite, or whose sum is not.
func WilsonWeighted(successes, failures, confidence float64) (Interval, error) {
	z := criticalValue(confidence)
	n := successes + failures
	switch {
	case !(successes >= 0 && failures >= 0) || math.IsInf(n, 1):
		return Interval{}, ErrCounts
	case n == 0:
		return Interval{}, ErrNoData
	}
	return wilson(successes, failures, z), nil
}

// wilson takes both counts, so that neither a share near 0 nor one near 1 loses
// digits.
func wilson(x, y, z float64) Interval {
	n := x + y
	iv := Interval{Estimate: x / n, Low: 1 - wilsonHigh(y, x, z), High: wilsonHigh(x, y, z)}
	if iv.Estimate == 0 {
		iv.Low = 0 // exactly, also where the share is below the smallest number
	} else if iv.Estimate < 0.5 {
		// The product of the limits is p²/(1+z²/n): no cancellation near 0.
		iv.Low = iv.Estimate * (iv.Estimate / iv.High) * (n / (n + z*z))
	}
	return iv.holding(iv.Estimate)
}

func wilsonHigh(x, y, z float64) float64 {
	if y == 0 {
		return 1
	}
	n := x + y
	return math.Min(1, (x+z*z/2+z*math.Sqrt(x*(y/n)+z*z/4))/(n+z*z))
}

// holding widens the interval to hold a value, which rounding, or a method that
// draws the share to the middle, may have left outside.
func (iv Interval) holding(v float64) Interval {
	iv.Low, iv.High = math.Min(iv.Low, v), math.Max(iv.High, v)
	return iv
}

// criticalValue returns the normal quantile of a two-sided confidence.
func criticalValue(confidence float64) float64 {
	if !(confidence > 0 && confidence < 1) {
		panic("proportion: confidence outside (0, 1)")
	}
	return -special.NormalQuantile((1 - confidence) / 2)
}
