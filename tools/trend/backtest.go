package trend

import (
	"math"
	"slices"
)

const (
	trialWeeks   = 52  // of the windows that are tried
	trialDays    = 28  // the longest window that is tried
	trialStep    = 3   // days from one window to the next, so that all weekdays come
	fewestTrials = 4   // degrees of freedom
	overlapGain  = 1.5 // degrees of freedom of overlapping windows for each that doesn't
	yearWeeks    = 52
	mostYears    = 3
)

// backtest forecasts windows of the last year from what came before each, and
// returns how far they lay from that, as a standard deviation, and its degrees
// of freedom. As the windows are as long as the one in question, what their
// buckets have to do with one another is in it.
//
// Where there is a year before a window too, only what lies outside of what
// both outlooks allow counts, as it does for the window in question; but the
// spread is no less than that of the quieter windows. Windows without such a
// year, which meet each season unawares, are left out where that makes the
// bounds narrower.
//
// Longer windows than four weeks are tried as four weeks: what a level strays
// grows with the root of time, as that of a random walk, which is no less than
// what the mean of a longer window does. Overlapping windows tell half as much
// again as those that don't.
//
// Source: L. J. Tashman (2000), Out-of-sample tests of forecasting accuracy,
// International Journal of Forecasting 16, 437-450; on the overlap A. W. Lo and
// A. C. MacKinlay (1989), The size and power of the variance ratio test in
// finite samples, Journal of Econometrics 40, 203-238.
func (c *course) backtest() (wide, df float64, ok bool) {
	steps, tried, step := c.trial()
	var all, seasonal trials
	for origin := c.start - tried; origin > max(0, c.start-trialWeeks*c.cycle); origin -= step {
		miss, ok := c.miss(origin, tried)
		if !ok {
			continue
		}
		shift, years := c.shifts(origin, tried)
		all.add(miss, shift)
		if years > 0 {
			seasonal.add(miss, shift)
		}
	}
	perTrial := overlapGain * float64(step) / float64(max(tried, step))
	reach := math.Inf(1)
	for _, t := range []trials{all, seasonal} {
		n := perTrial * float64(len(t.raw))
		if n < fewestTrials || len(t.raw) < fewestTrials {
			continue
		}
		if s := t.spread(); toStudent(DefaultThreshold, n)*s < reach {
			wide, df, ok = s*math.Sqrt(float64(steps)/float64(tried)), n, true
			reach = toStudent(DefaultThreshold, n) * s
		}
	}
	return wide, df, ok
}

// trials are how far past windows lay from the recent course, and from what is
// between that and the outlook of the year before.
type trials struct{ raw, outside []float64 }

func (t *trials) add(miss, shift float64) {
	t.raw, t.outside = append(t.raw, math.Abs(miss)), append(t.outside, math.Abs(outside(miss, shift)))
}

// spread makes a standard deviation of quartile, median and ninth decile of a
// normal's distance from its centre.
func (t *trials) spread() float64 {
	slices.Sort(t.raw)
	slices.Sort(t.outside)
	return max(quantile(t.raw, 0.25)/0.3186, quantile(t.outside, 0.5)/0.6745, quantile(t.outside, 0.9)/1.6449)
}

// trial returns the length of the window in question, of those tried, and the
// buckets from one of these to the next.
func (c *course) trial() (steps, tried, step int) {
	steps, step = len(c.y)-c.start, trialStep
	if c.cycle == 1 {
		step = 1
	}
	return steps, min(steps, trialDays*c.cycle/7), step
}

// fewestDays is how many days before the window a backtest takes.
func (c *course) fewestDays() int {
	_, tried, step := c.trial()
	origins := max(fewestTrials, math.Ceil(fewestTrials/overlapGain*float64(max(tried, step))/float64(step)))
	return 7*levelWeeks + (tried+step*(int(origins)-1))*7/c.cycle
}

// shifts returns how far on average the windows at the same time of the years
// before were from the forecasts then.
func (c *course) shifts(origin, steps int) (mean, years float64) {
	for y := 1; y <= mostYears; y++ {
		if miss, ok := c.miss(origin-y*yearWeeks*c.cycle, steps); ok {
			mean, years = mean+miss, years+1
		}
	}
	return mean / max(1, years), years
}

// outside returns how far a value lies from what is between 0 and a shift.
func outside(v, shift float64) float64 {
	switch low, high := min(0, shift), max(0, shift); {
	case v > high:
		return v - high
	case v < low:
		return v - low
	}
	return 0
}
