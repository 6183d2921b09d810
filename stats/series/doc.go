// Package series judges a KPI over time: what is season and trend, which
// values are odd, when it left its course.
//
//   - [STL] splits a series into season, trend and remainder; its robust form
//     keeps odd values from bending the rest.
//   - [Scores] and [Outliers] say how odd each remainder is.
//   - [XmR], [PChart], [CUSUM], [EWMA] and [RunRules] are the control charts:
//     the first two for single days, CUSUM and EWMA for small lasting shifts.
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
// None of the methods knows the reason. A value is called odd against the
// series' own past, so a series needs at least two full seasons, better five,
// and an odd value in several KPIs at once is one event, not several. Days
// that must be different (a holiday, the end of a month) have to be left out
// or explained first: to these methods they are anomalies.
package series

import (
	"fmt"
	"math"
)

// finite returns an error for a series that is too short or holds a value
// that is not finite.
func finite(y []float64, least int) error {
	if len(y) < least {
		return fmt.Errorf("series: %d values; at least %d are needed", len(y), least)
	}
	for i, v := range y {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("series: value %d is %v; leave it out or fill it in first", i, v)
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
