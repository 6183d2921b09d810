package series

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/floats"
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
	f := newInnovations(y, period)
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

// innovations solves for the states at the start. Its buffers serve one solution
// after the other.
type innovations struct {
	y       []float64
	period  int
	columns [][]float64 // the errors by each free state at the start, destroyed by solving
	right   []float64   // the errors from a zero state
	initial []float64
	season  []float64
	free    []float64
}

func newInnovations(y []float64, period int) *innovations {
	f := &innovations{y: y, period: period, columns: make([][]float64, period+1), right: make([]float64, len(y))}
	for k := range f.columns {
		f.columns[k] = make([]float64, len(y))
	}
	f.initial, f.season, f.free = make([]float64, period+2), make([]float64, period), make([]float64, period+1)
	return f
}

// solve returns the initial level, slope and season (which sums to 0) with the
// least sum of squared errors, until it is called again. The errors are run once
// for the data from a zero state, and once for each state with no data: they are
// linear.
func (f *innovations) solve(s Smoothing) ([]float64, float64, error) {
	m := f.period
	for k, column := range f.columns {
		clear(f.initial)
		f.initial[k] = -1 // the errors fall by what a state adds to the forecast
		if k >= 2 {
			f.initial[m+1] = 1 // the last place balances the season
		}
		f.errors(column, s, false)
	}
	clear(f.initial)
	f.errors(f.right, s, true)
	if err := computed(f.right...); err != nil {
		return nil, 0, err
	}
	sse, ok := householder(f.columns, f.right, f.free)
	if !ok {
		return nil, 0, errors.New("series: the season and the trend can't be told apart on so few values")
	}
	copy(f.initial, f.free)
	f.initial[m+1] = 0
	for _, v := range f.free[2:] {
		f.initial[m+1] -= v
	}
	return f.initial, sse, nil
}

// errors writes the one-step errors from the initial state, of the data or of
// a series of zeros.
func (f *innovations) errors(dst []float64, s Smoothing, data bool) {
	level, slope := f.initial[0], f.initial[1]
	copy(f.season, f.initial[2:])
	at := 0
	for i := range dst {
		value := 0.0
		if data {
			value = f.y[i]
		}
		miss := value - level - slope - f.season[at]
		dst[i] = miss
		level += slope + s.Level*miss
		slope += s.Slope * miss
		f.season[at] += s.Season * miss
		if at++; at == f.period {
			at = 0
		}
	}
}

// householder sets b to the least-squares solution of columns b = right, both of
// which it destroys, and returns the residual sum of squares. It reports false
// for columns that are combinations of others.
//
// Source: G. H. Golub (1965), Numerical methods for solving linear least squares
// problems, Numerische Mathematik 7, 206-216.
func householder(columns [][]float64, right, b []float64) (float64, bool) {
	largest := 0.0
	for k, v := range columns {
		norm := floats.Norm(v[k:], 2)
		largest = math.Max(largest, norm)
		if !(norm > 1e-14*largest) {
			return 0, false
		}
		pivot := -math.Copysign(norm, v[k]) // of the sign that cancels nothing
		v[k] -= pivot
		scale := -1 / (pivot * v[k])
		for j := k + 1; j <= len(columns); j++ {
			w := right
			if j < len(columns) {
				w = columns[j]
			}
			floats.AddScaled(w[k:], -scale*floats.Dot(v[k:], w[k:]), v[k:])
		}
		b[k] = pivot // the diagonal of R, until it is solved with
	}
	for k := len(columns) - 1; k >= 0; k-- {
		sum := right[k]
		for j := k + 1; j < len(columns); j++ {
			sum -= columns[j][k] * b[j]
		}
		b[k] = sum / b[k]
	}
	rest := right[len(columns):]
	return floats.Dot(rest, rest), true
}
