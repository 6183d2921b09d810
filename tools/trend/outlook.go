package trend

import (
	"fmt"
	"math"
)

const (
	courseWeeks = 8    // whose slope is the recent course
	levelWeeks  = 4    // whose level it is, and the fewest that make one
	reachWeeks  = 52   // how far back they may lie
	agreement   = 20   // of 28 pairs of weeks, more that rise than fall, or fewer, make a slope: p < 0.02
	damping     = 0.85 // of the slope, by the week

	steadiest = 0.005 // no level is steadier than this share of it
	// What a yearly season not seen yet may do, as standard deviations of the
	// logarithm. December's orders in retail are about half more than
	// November's, and January's about half of December's; rates move less.
	flowSeason  = 0.25
	ratioSeason = 0.10
	otherSeason = 1.5 // times the spread of what has no logarithm
)

// outlook is what is expected of the window's rate: a centre, and how far past
// windows lay from what was expected of them, with the degrees of freedom of
// that.
type outlook struct {
	rate, spread, df float64
}

// outlooks returns what the recent course lets expect, and where there is a
// year before the window, the same with how far the window a year ago, or in up
// to three years, was from the recent course then. Without either it says why.
func (c *course) outlooks() ([]outlook, string) {
	steps := len(c.y) - c.start
	rate, ok := c.forecast(c.start, steps)
	if !ok {
		return nil, fmt.Sprintf("A course takes at least %d weeks with data within the %d before the window.", levelWeeks, reachWeeks)
	}
	wide, df, ok := c.backtest()
	if !ok {
		return nil, fmt.Sprintf("How far the KPI strays is told by past windows: a window of this length takes at least %d days with data before it.", c.fewestDays())
	}
	first := outlook{rate, max(wide, c.floor(rate, steps)), df}
	shift, years := c.shifts(c.start, steps)
	if years == 0 {
		return []outlook{c.widened(first)}, ""
	}
	return []outlook{first, {rate + shift, first.spread, df}}, ""
}

// forecast returns the rate that the course before a bucket lets expect over
// the next steps: the median level of the last four weeks that tell one, with
// the damped median slope of the last eight where these agree on one.
//
// Source: P. K. Sen (1968), Estimates of the regression coefficient based on
// Kendall's tau, JASA 63, 1379-1389; of the damping E. S. Gardner and E.
// McKenzie (1985), Forecasting trends in time series, Management Science 31,
// 1237-1246.
func (c *course) forecast(origin, steps int) (float64, bool) {
	var at, rates [courseWeeks]float64
	n := 0
	for back := 0; n < courseWeeks && back < reachWeeks; back++ {
		to := origin - back*c.cycle
		if to-c.cycle < 0 {
			break
		}
		if s := c.span(to-c.cycle, to, -1); s.ok {
			at[n], rates[n] = -float64(back)-0.5, s.rate
			n++
		}
	}
	if n < levelWeeks {
		return 0, false
	}
	slope := 0.0
	if n == courseWeeks && agreed(rates[:]) >= agreement {
		// A step between two levels is no slope: the level's own weeks have one too.
		slope = lesser(theilSen(at[:], rates[:]), theilSen(at[:levelWeeks], rates[:levelWeeks]))
	}
	var level [levelWeeks]float64
	for i := range level {
		level[i] = rates[i] - slope*at[i]
	}
	return median(level[:]) + slope*ahead(float64(steps)/float64(c.cycle)), true
}

// lesser returns the smaller of two slopes of one direction, else 0.
func lesser(a, b float64) float64 {
	if a*b <= 0 {
		return 0
	}
	return math.Copysign(min(math.Abs(a), math.Abs(b)), a)
}

// ahead returns by how many weeks' slope the mean over the next weeks is ahead
// when the slope is damped.
func ahead(weeks float64) float64 {
	k := -math.Log(damping)
	return (1 + math.Expm1(-k*weeks)/(k*weeks)) / k
}

// miss returns how far the rate of the window at a bucket is from the forecast.
func (c *course) miss(origin, steps int) (float64, bool) {
	if origin < 0 || origin+steps > len(c.y) {
		return 0, false
	}
	expected, ok := c.forecast(origin, steps)
	if !ok {
		return 0, false
	}
	got := c.span(origin, origin+steps, -1)
	return got.rate - expected, got.ok
}

// floor is the least spread.
func (c *course) floor(rate float64, steps int) float64 {
	switch {
	case c.log:
		return steadiest
	case c.growth:
		return steadiest / float64(steps)
	case c.kind == Stock:
		rate = c.level / float64(steps)
	}
	return max(steadiest*math.Abs(rate), math.SmallestNonzeroFloat64)
}

// widened adds what a season that has not been seen yet may do. As that is not
// estimated, the degrees of freedom grow.
//
// Source: F. E. Satterthwaite (1946), An approximate distribution of estimates
// of variance components, Biometrics Bulletin 2, 110-114.
func (c *course) widened(o outlook) outlook {
	season := flowSeason
	switch {
	case !c.log:
		season = o.spread * otherSeason
	case c.kind == Ratio:
		season = ratioSeason
	}
	wide := math.Hypot(o.spread, season)
	return outlook{o.rate, wide, o.df * math.Pow(wide/o.spread, 4)}
}
