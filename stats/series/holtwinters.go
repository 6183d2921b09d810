package series

import (
	"fmt"
	"math"
	"slices"
)

// Smoothing holds the shares by which exponential smoothing renews its level,
// its slope and its season with each value, between 0 and 1.
type Smoothing struct {
	Level, Slope, Season float64
}

// Exponential is a series smoothed exponentially, with additive trend and
// season.
type Exponential struct {
	Smoothing Smoothing
	Fitted    []float64 // one-step forecasts of the values from First on
	First     int       // the first value forecast, from 0
	SSE       float64   // sum of squares of the errors of Fitted
	LogLik    float64   // of [ETS], -n/2 ln SSE up to a constant; NaN otherwise
	level     float64
	slope     float64
	season    []float64 // of the next steps
}

// HoltWinters smooths a series with given shares, in the form of Holt and
// Winters: the slope is renewed by the change of the level, the season by what
// the new level leaves. It starts from a line and a season through the first
// two cycles, so it needs three. It returns an error for a shorter series, for
// shares beyond 0 and 1, and for shares that make the errors grow without end.
//
// Source: P. R. Winters (1960), Forecasting sales by exponentially weighted
// moving averages, Management Science 6, 324-342.
func HoltWinters(y []float64, period int, s Smoothing) (Exponential, error) {
	if err := seasonal(y, period, 3, 1); err != nil {
		return Exponential{}, err
	}
	for _, share := range []float64{s.Level, s.Slope, s.Season} {
		if !(share >= 0 && share <= 1) {
			return Exponential{}, fmt.Errorf("series: smoothing share %v; shares are between 0 and 1", share)
		}
	}
	e := Exponential{Smoothing: s, First: period, LogLik: math.NaN()}
	e.level, e.slope, e.season = start(y[:2*period], period)
	e.Fitted = make([]float64, 0, len(y)-period)
	for i, v := range y[period:] {
		seasonal := e.season[i%period]
		forecast := e.level + e.slope + seasonal
		e.Fitted = append(e.Fitted, forecast)
		e.SSE += (v - forecast) * (v - forecast)
		level := s.Level*(v-seasonal) + (1-s.Level)*(e.level+e.slope)
		e.slope = s.Slope*(level-e.level) + (1-s.Slope)*e.slope
		e.level = level
		e.season[i%period] = s.Season*(v-level) + (1-s.Season)*seasonal
	}
	e.season = turned(e.season, len(y))
	if err := computed(e.SSE, e.level, e.slope); err != nil {
		return Exponential{}, err
	}
	return e, nil
}

// turned returns a season that begins with the place of the next step.
func turned(season []float64, steps int) []float64 {
	next := steps % len(season)
	return slices.Concat(season[next:], season[:next])
}

// start returns level and slope of a line through the centred moving averages
// of two cycles, and the season around them.
func start(y []float64, period int) (level, slope float64, season []float64) {
	half := period / 2
	trend := make([]float64, 0, len(y))
	for i := half; i+half < len(y); i++ {
		sum := 0.0
		for j := i - half; j <= i+half; j++ {
			w := 1.0
			if period%2 == 0 && (j == i-half || j == i+half) {
				w = 0.5
			}
			sum += w * y[j]
		}
		trend = append(trend, sum/float64(period))
	}
	season, seen := make([]float64, period), make([]float64, period)
	meanX, meanY := float64(len(trend)+1)/2, 0.0
	for i, v := range trend {
		season[(i+half)%period] += y[i+half] - v
		seen[(i+half)%period]++
		meanY += v / float64(len(trend))
	}
	sxx, sxy, centre := 0.0, 0.0, 0.0
	for i, v := range trend {
		dx := float64(i+1) - meanX
		sxx, sxy = sxx+dx*dx, sxy+dx*(v-meanY)
	}
	for i := range season {
		season[i] /= seen[i]
		centre += season[i] / float64(period)
	}
	for i := range season {
		season[i] -= centre
	}
	slope = sxy / sxx
	return meanY - slope*meanX, slope, season
}

// Forecast returns the values of so many next steps, without intervals. A negative
// number panics.
func (e Exponential) Forecast(steps int) []float64 {
	out := make([]float64, steps)
	for h := range out {
		out[h] = e.level + float64(h+1)*e.slope + e.season[h%len(e.season)]
	}
	return out
}
