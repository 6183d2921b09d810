package survival

import "math"

// Quantile returns the time by which a share p has had the event, and the
// limits of its interval: the times at which the limits of the curve at the
// given level pass 1-p (Brookmeyer and Crowley 1982). A time not reached
// within the data is NaN. Where the curve stays at 1-p for a while, the time is
// the middle of that while.
//
// p and level are within (0, 1); others panic.
//
// Source: R. Brookmeyer and J. Crowley (1982), A confidence interval for the
// median survival time, Biometrics 38, 29-41.
func (c Curve) Quantile(p, level float64, scale Scale) (at, low, high float64) {
	if !(p > 0 && p < 1) {
		panic("survival: quantile must be between 0 and 1")
	}
	lows, highs := make([]float64, len(c.Time)), make([]float64, len(c.Time))
	for i, t := range c.Time {
		lows[i], highs[i] = c.At(t).Interval(level, scale)
	}
	return c.passes(c.Survival, 1-p), c.passes(lows, 1-p), c.passes(highs, 1-p)
}

// passes returns the first time at which a falling step function is below a
// share; at it, rounding aside, the middle of the while it stays there.
func (c Curve) passes(steps []float64, share float64) float64 {
	const same = 1e-9
	for i, v := range steps {
		switch {
		case v < share-same:
			return c.Time[i]
		case v <= share+same:
			for j := i + 1; j < len(steps); j++ {
				if steps[j] < share-same {
					return (c.Time[i] + c.Time[j]) / 2
				}
			}
			return c.Time[i]
		}
	}
	return math.NaN()
}
