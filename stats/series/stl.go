package series

import (
	"fmt"
	"math"
	"slices"
)

// STLOptions say how smooth the parts of [STL] are. Windows are in steps, odd,
// and larger is smoother.
type STLOptions struct {
	// SeasonWindow is how many cycles the season may drift over; 0 means
	// periodic: the season never changes.
	SeasonWindow int
	// TrendWindow is how long a bend of the trend takes; 0 means the smallest
	// odd number above 1.5 period / (1 - 1.5/SeasonWindow).
	TrendWindow int
	// Robust weighs odd values down, over 15 rounds.
	Robust bool
}

// Decomposition is a series as Season + Trend + Remainder.
type Decomposition struct {
	Season, Trend, Remainder []float64
	Weights                  []float64 // of the last robust round, 0 to 1; 1 without
}

// STL splits a series into season, trend and remainder by locally weighted
// regression: in turns, each cycle's subseries is smoothed for the season,
// what drifts in the season is moved to the trend, and the trend is smoothed.
// Season is fitted locally constant, trend locally linear. A remainder that is
// but rounding, below (n + 8) 2^-52 of the largest value, is 0: season and trend
// then explain all.
//
// The period is at least 2, and the series spans at least two of them;
// otherwise, and for an even or too small window, it returns an error.
//
// Source: R. B. Cleveland, W. S. Cleveland, J. E. McRae and I. Terpenning
// (1990), STL: A seasonal-trend decomposition procedure based on loess,
// Journal of Official Statistics 6, 3-73. Windows and jumps default as in that
// paper's program.
func STL(y []float64, period int, o STLOptions) (Decomposition, error) {
	if err := seasonal(y, period, 2, 1); err != nil {
		return Decomposition{}, err
	}
	n := len(y)
	season := smoother{window: o.SeasonWindow}
	if o.SeasonWindow == 0 {
		season.window = 10*n + 1
	}
	trend := smoother{window: o.TrendWindow, linear: true}
	if o.TrendWindow == 0 {
		trend.window = odd(math.Ceil(1.5 * float64(period) / (1 - 1.5/float64(season.window))))
	}
	for name, w := range map[string]int{"season": season.window, "trend": trend.window} {
		if w < 3 || w%2 == 0 || w > math.MaxInt32 {
			return Decomposition{}, fmt.Errorf("series: %s window is %d; windows are odd, and at least 3", name, w)
		}
	}
	low := smoother{window: odd(float64(period)), linear: true}
	for _, s := range []*smoother{&season, &trend, &low} {
		s.jump = (s.window + 9) / 10
	}
	inner, outer := 2, 0
	if o.Robust {
		inner, outer = 1, 15
	}
	d := Decomposition{Season: make([]float64, n), Trend: make([]float64, n), Remainder: make([]float64, n)}
	w := &workspace{
		detrended: make([]float64, n), cycle: make([]float64, n+2*period), average: make([]float64, n+2*period), filtered: make([]float64, n+2),
		sub: make([]float64, n/period+3), subWeights: make([]float64, n/period+3), smooth: make([]float64, n/period+5), kernel: make([]float64, n),
	}
	dust := rounding(n, largest(y))
	var weights []float64
	for round := 0; ; round++ {
		for range inner {
			w.step(y, period, season, trend, low, weights, d.Season, d.Trend)
		}
		if round == outer {
			break
		}
		if weights == nil {
			weights = make([]float64, n)
		}
		for i := range y {
			w.detrended[i] = math.Abs(y[i] - d.Season[i] - d.Trend[i])
		}
		bisquare(weights, w.detrended, dust)
	}
	d.Weights = weights
	if weights == nil {
		d.Weights = slices.Repeat([]float64{1}, n)
	}
	if o.SeasonWindow == 0 {
		cycleMeans(d.Season, period)
	}
	for i := range y {
		if r := y[i] - d.Season[i] - d.Trend[i]; math.Abs(r) > dust {
			d.Remainder[i] = r
		}
	}
	return d, nil
}

func odd(x float64) int {
	n := int(math.Round(x))
	if n%2 == 0 {
		n++
	}
	return n
}

// cycleMeans replaces each value by the mean of its place in the cycle.
func cycleMeans(season []float64, period int) {
	for place := range period {
		sum, k := 0.0, 0
		for i := place; i < len(season); i += period {
			sum, k = sum+season[i], k+1
		}
		for i := place; i < len(season); i += period {
			season[i] = sum / float64(k)
		}
	}
}

// bisquare sets the robustness weights from the absolute residuals: 1 near 0,
// 0 beyond six times their median. Those that are but rounding have 1.
func bisquare(weights, residuals []float64, dust float64) {
	limit := 6 * median(slices.Clone(residuals))
	for i, r := range residuals {
		switch {
		case r <= 0.001*limit, r <= dust:
			weights[i] = 1
		case r <= 0.999*limit:
			u := r / limit
			weights[i] = (1 - u*u) * (1 - u*u)
		default:
			weights[i] = 0
		}
	}
}

// workspace holds the buffers of STL's inner loop.
type workspace struct {
	detrended, cycle, average, filtered []float64
	sub, subWeights, smooth, kernel     []float64
}

// step is one turn of the inner loop: it renews season and trend in place.
func (w *workspace) step(y []float64, period int, s, t, low smoother, weights, season, trend []float64) {
	n := len(y)
	for i := range y {
		w.detrended[i] = y[i] - trend[i]
	}
	w.cycles(period, s, weights)
	// The low-pass filter: moving averages over the period, twice, and over 3.
	long := n + 2*period
	a := movingAverage(w.average[:long-period+1], w.cycle[:long], period)
	b := movingAverage(w.filtered, a, period)
	c := movingAverage(w.average[:n], b, 3)
	low.smooth(w.filtered[:n], c, nil, w.kernel)
	for i := range y {
		season[i] = w.cycle[period+i] - w.filtered[i]
		w.detrended[i] = y[i] - season[i]
	}
	t.smooth(trend, w.detrended, weights, w.kernel)
}

// cycles smooths each place's subseries, reaching one cycle beyond both ends.
func (w *workspace) cycles(period int, s smoother, weights []float64) {
	n := len(w.detrended)
	for place := range period {
		k := (n-place-1)/period + 1
		sub := w.sub[:k]
		var subWeights []float64
		if weights != nil {
			subWeights = w.subWeights[:k]
		}
		for i := range k {
			sub[i] = w.detrended[place+i*period]
			if weights != nil {
				subWeights[i] = weights[place+i*period]
			}
		}
		out := w.smooth[:k+2]
		s.smooth(out[1:k+1], sub, subWeights, w.kernel)
		var ok bool
		if out[0], ok = s.at(0, sub, 1, min(s.window, k), subWeights, w.kernel); !ok {
			out[0] = out[1]
		}
		if out[k+1], ok = s.at(float64(k+1), sub, max(1, k-s.window+1), k, subWeights, w.kernel); !ok {
			out[k+1] = out[k]
		}
		for i, v := range out {
			w.cycle[place+i*period] = v
		}
	}
}

// movingAverage writes the means of so many successive values to dst.
func movingAverage(dst, src []float64, window int) []float64 {
	dst = dst[:len(src)-window+1]
	sum := 0.0
	for _, v := range src[:window] {
		sum += v
	}
	dst[0] = sum / float64(window)
	for i := 1; i < len(dst); i++ {
		sum += src[i+window-1] - src[i-1]
		dst[i] = sum / float64(window)
	}
	return dst
}
