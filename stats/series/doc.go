// Package series judges a KPI over time: what is season and trend, which
// values are odd, when it left its course.
//
//   - [STL] splits a series into season, trend and remainder; its robust form
//     keeps odd values from bending the rest.
//   - [Scores] and [Outliers] say how odd each remainder is.
//   - [Process.XmR], [PChart], [Process.CUSUM], [Process.EWMA] and
//     [Process.RunRules] are the control charts: the first two for single days,
//     CUSUM and EWMA for small lasting shifts.
//   - [Breakpoints] dates lasting changes of a linear trend, and [CUSUMTest]
//     tests whether there is any.
//   - [MannKendall] and [TheilSen] describe a trend without assuming a law.
//   - [HoltWinters], [ETS] and [TrendSeason] forecast.
//
// A series is a slice of values at equal steps, oldest first, without gaps: a
// missing day is the caller's to fill or to leave out, and a value that is not
// finite is an error. Seasons are given by their period in steps, such as 7
// for days of the week.
//
// Which to take: for the odd days of a KPI with a season, the scores of STL's
// remainder; for a share of differing sizes, [PChart] with [Laney]'s factor, which
// heeds how many members a day has; for a slow drift, CUSUM of what the season
// leaves; for the date of a change of policy, Breakpoints on weeks or months.
// Don't use the charts on a raw series with a season, which breaks their limits
// every week, nor CUSUM, EWMA, RunRules and the tests on days that follow each
// other closely: all of these take values for independent, and give more alarms
// than they say otherwise.
//
// Forecasts are single values without an interval: they are to be compared with
// what comes, and [Scores] of the misses say how far off is odd.
//
// None of the methods knows the reason. A value is called odd against the
// series' own past, so a series needs at least two full seasons, better five,
// and an odd value in several KPIs at once is one event, not several. Days
// that must be different (a holiday, the end of a month) have to be left out
// or explained first: to these methods they are anomalies.
package series

import (
	"errors"
	"fmt"
	"math"
)

// Beyond these sizes squares and sums are no longer numbers with all digits.
const tiniest, hugest = 1e-140, 1e140

// finite returns an error for a series that is too short, holds a value that is
// not finite, or is of a size whose squares can't be computed with.
func finite(y []float64, least int) error {
	if len(y) < least {
		return fmt.Errorf("series: %d values; at least %d are needed", len(y), least)
	}
	for i, v := range y {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("series: value %d is %v; leave it out or fill it in first", i, v)
		}
	}
	if most := largest(y); most > hugest || most > 0 && most < tiniest {
		return fmt.Errorf("series: the largest value is %v, too far from 1 to compute with; take another unit", most)
	}
	return nil
}

// seasonal checks a series with a season, of which it has to hold so many cycles
// and values.
func seasonal(y []float64, period, cycles, least int) error {
	if period < 2 {
		return fmt.Errorf("series: period is %d; a season takes at least 2 steps", period)
	}
	if period > len(y)/cycles {
		return fmt.Errorf("series: %d values, which are fewer than %d cycles of %d; a longer series or a shorter season is needed", len(y), cycles, period)
	}
	return finite(y, least)
}

// computed returns an error unless all results are numbers.
func computed(values ...float64) error {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return errors.New("series: the result is too large for a number; look for a value that is far from the others, or take other settings")
		}
	}
	return nil
}

// rounding returns how large the residuals of values of a magnitude may be by
// rounding alone, in a fit to n values: (n + 8) 2^-52 of it. Less is not noise.
func rounding(n int, magnitude float64) float64 {
	return float64(n+8) * 0x1p-52 * math.Abs(magnitude)
}

// largest returns the largest absolute value.
func largest(y []float64) float64 {
	most := 0.0
	for _, v := range y {
		most = math.Max(most, math.Abs(v))
	}
	return most
}
