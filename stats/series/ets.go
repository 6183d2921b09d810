package series

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// ETS fits the innovations state space model with additive error, trend and
// season by maximum likelihood. Level, slope and season at the start are
// estimated too: given the shares the errors are linear in them, so they are
// solved for exactly, and only the three shares are searched.
//
// The shares are those of the innovations form, in which an error e moves the
// level by Level e, the slope by Slope e and the season by Season e, with
// Slope at most Level and Season at most 1 - Level. Shares near 0 say that
// line and season are fixed.
//
// It needs at least period + 7 values and two cycles. A series that line and
// season explain, but for rounding, has no error to estimate from, and is one. The
// work grows with the square of the period: for the season of a year of days take
// weeks, or [STL].
//
// Source: R. J. Hyndman, A. B. Koehler, J. K. Ord and R. D. Snyder (2008),
// Forecasting with Exponential Smoothing, chapters 3 and 5.
func ETS(y []float64, period int) (Exponential, error) {
	if err := seasonal(y, period, 2, period+7); err != nil {
		return Exponential{}, err
	}
	f := &innovations{y: y, period: period}
	best, bestSSE := []float64{0, 0, 0}, math.Inf(1)
	for _, at := range [][]float64{{-4, -4, -4}, {-1, -2, -2}, {1, -1, 0}} {
		result, err := optimize.Minimize(optimize.Problem{Func: func(x []float64) float64 {
			_, sse, err := f.solve(shares(x))
			if err != nil {
				return math.Inf(1)
			}
			return math.Log(sse)
		}}, at, &optimize.Settings{MajorIterations: 600}, &optimize.NelderMead{})
		if err != nil || result == nil {
			continue
		}
		if sse := math.Exp(result.F); sse < bestSSE {
			best, bestSSE = result.X, sse
		}
	}
	dust := rounding(len(y), largest(y))
	if math.IsInf(bestSSE, 1) || bestSSE <= float64(len(y))*dust*dust {
		return Exponential{}, errors.New("series: level, slope and season can't be estimated: the values follow them exactly, or overflow")
	}
	s := shares(best)
	initial, sse, err := f.solve(s)
	if err != nil {
		return Exponential{}, err
	}
	e := Exponential{Smoothing: s, SSE: sse, LogLik: -float64(len(y)) / 2 * math.Log(sse)}
	e.level, e.slope, e.season = initial[0], initial[1], append([]float64(nil), initial[2:]...)
	e.Fitted = make([]float64, 0, len(y))
	for i, v := range y {
		forecast := e.level + e.slope + e.season[i%period]
		miss := v - forecast
		e.Fitted = append(e.Fitted, forecast)
		e.level += e.slope + s.Level*miss
		e.slope += s.Slope * miss
		e.season[i%period] += s.Season * miss
	}
	e.season = turned(e.season, len(y))
	if err := computed(e.SSE, e.level, e.slope); err != nil {
		return Exponential{}, err
	}
	return e, nil
}

// shares maps any three numbers to admissible shares.
func shares(x []float64) Smoothing {
	logistic := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	level := logistic(x[0])
	return Smoothing{Level: level, Slope: level * logistic(x[1]), Season: (1 - level) * logistic(x[2])}
}

// innovations solves for the states at the start.
type innovations struct {
	y      []float64
	period int
}

// solve returns the initial level, slope and season (which sums to 0) with the
// least sum of squared errors. The errors are run once for the data from a
// zero state, and once for each state with no data: they are linear.
func (f *innovations) solve(s Smoothing) ([]float64, float64, error) {
	n, m := len(f.y), f.period
	design := mat.NewDense(n, m+1, nil)
	column := make([]float64, n)
	for k := range m + 1 {
		initial := make([]float64, m+2)
		initial[k] = 1
		if k >= 2 {
			initial[m+1] = -1 // the last place balances the season
		}
		f.errors(column, initial, s, false)
		for i, v := range column {
			design.Set(i, k, -v)
		}
	}
	f.errors(column, make([]float64, m+2), s, true)
	for _, v := range column {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, 0, errors.New("series: the errors overflow")
		}
	}
	free, sse, err := leastSquares(design, column)
	if err != nil {
		return nil, 0, err
	}
	initial := make([]float64, m+2)
	copy(initial, free)
	for _, v := range free[2:] {
		initial[m+1] -= v
	}
	return initial, sse, nil
}

// errors writes the one-step errors from the initial state, of the data or of
// a series of zeros.
func (f *innovations) errors(dst, initial []float64, s Smoothing, data bool) {
	level, slope := initial[0], initial[1]
	season := append([]float64(nil), initial[2:]...)
	for i := range dst {
		value := 0.0
		if data {
			value = f.y[i]
		}
		at := i % f.period
		miss := value - level - slope - season[at]
		dst[i] = miss
		level += slope + s.Level*miss
		slope += s.Slope * miss
		season[at] += s.Season * miss
	}
}
