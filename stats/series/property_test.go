package series_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"loyaltymcp/stats/series"
)

// days draws a series with a season of so many steps, a slope, and noise.
func days(t *rapid.T, period, least, most int) []float64 {
	y := rapid.SliceOfN(rapid.Float64Range(-10, 10), least, most).Draw(t, "noise")
	season := rapid.SliceOfN(rapid.Float64Range(-50, 50), period, period).Draw(t, "season")
	slope := rapid.Float64Range(-3, 3).Draw(t, "slope")
	for i := range y {
		y[i] += 100 + season[i%period] + slope*float64(i)
	}
	return y
}

func scaled(y []float64, factor, shift float64) []float64 {
	out := make([]float64, len(y))
	for i, v := range y {
		out[i] = factor*v + shift
	}
	return out
}

func reversed(y []float64) []float64 {
	out := slices.Clone(y)
	slices.Reverse(out)
	return out
}

// alike fails unless two slices agree to a tolerance in units of the scale.
func alike(t *rapid.T, what string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tol) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func both(t *rapid.T, what string, a, b error) bool {
	t.Helper()
	if (a == nil) != (b == nil) {
		t.Fatalf("%s: %v, and then %v", what, a, b)
	}
	return a == nil
}

// A unit twice as large, or one of the other sign, changes results by nothing but
// that factor. Factors are powers of two, which rounding does not see.
func TestUnitsDoNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		period := rapid.IntRange(2, 5).Draw(t, "period")
		y := days(t, period, 3*period, 40)
		factor := math.Ldexp(rapid.SampledFrom([]float64{1, -1}).Draw(t, "sign"), rapid.IntRange(-300, 300).Draw(t, "exponent"))
		z := scaled(y, factor, 0)
		smoothing := series.Smoothing{Level: 0.5, Slope: 0.25, Season: 0.5}
		// By the power of the unit that each is in.
		for name, f := range map[string]struct {
			power int
			run   func(y []float64) ([]float64, error)
		}{
			"STL": {1, func(y []float64) ([]float64, error) {
				d, err := series.STL(y, period, series.STLOptions{SeasonWindow: 7, Robust: true})
				return slices.Concat(d.Season, d.Trend, d.Remainder), err
			}},
			"weights": {0, func(y []float64) ([]float64, error) {
				d, err := series.STL(y, period, series.STLOptions{Robust: true})
				return d.Weights, err
			}},
			"slope": {1, func(y []float64) ([]float64, error) { s, err := series.TheilSen(y); return []float64{s}, err }},
			"coefficients": {1, func(y []float64) ([]float64, error) {
				l, err := series.TrendSeason(y, period)
				return l.Coefficients, err
			}},
			"forecast": {1, func(y []float64) ([]float64, error) {
				e, err := series.HoltWinters(y, period, smoothing)
				if err != nil {
					return nil, err
				}
				return e.Forecast(4), nil
			}},
			"breaks": {0, func(y []float64) ([]float64, error) {
				b, err := series.Breakpoints(y, 3)
				var at []float64
				for _, i := range b.At {
					at = append(at, float64(i))
				}
				return at, err
			}},
			"rss":        {2, func(y []float64) ([]float64, error) { b, err := series.Breakpoints(y, 3); return []float64{b.RSS}, err }},
			"CUSUM test": {0, func(y []float64) ([]float64, error) { s, p, err := series.CUSUMTest(y); return []float64{s, p}, err }},
		} {
			a, err := f.run(y)
			b, again := f.run(z)
			if !both(t, name, err, again) {
				continue
			}
			unit := math.Pow(factor, float64(f.power))
			alike(t, name, scaled(b, 1/unit, 0), a, 1e-12*(1+largest(a)))
		}
		scores, err := series.Scores(y)
		others, again := series.Scores(z)
		if both(t, "scores", err, again) { // without unit, but with the sign
			alike(t, "scores", scaled(others, math.Copysign(1, factor), 0), scores, 1e-9*(1+largest(scores)))
		}
		p, err := series.Calibrate(y[:len(y)/2])
		q, again := series.Calibrate(z[:len(z)/2])
		if !both(t, "calibration", err, again) {
			return
		}
		a, err := p.CUSUM(y, 1, 4)
		b, again := q.CUSUM(z, 1, 4)
		if both(t, "CUSUM", err, again) {
			if factor < 0 {
				b.BeyondUp, b.BeyondDown = b.BeyondDown, b.BeyondUp
			}
			if !slices.Equal(a.BeyondUp, b.BeyondUp) || !slices.Equal(a.BeyondDown, b.BeyondDown) {
				t.Fatalf("CUSUM %+v, in another unit %+v", a, b)
			}
		}
		x, err := p.RunRules(y)
		w, again := q.RunRules(z)
		if both(t, "run rules", err, again) && !slices.Equal(x, w) {
			t.Fatalf("runs %v, in another unit %v", x, w)
		}
	})
}

func largest(y []float64) float64 {
	most := 0.0
	for _, v := range y {
		most = math.Max(most, math.Abs(v))
	}
	return most
}

// A level moves levels and nothing else.
func TestLevelsDoNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		period := rapid.IntRange(2, 5).Draw(t, "period")
		y := days(t, period, 3*period, 40)
		shift := rapid.Float64Range(-1e4, 1e4).Draw(t, "shift")
		z := scaled(y, 1, shift)
		a, err := series.STL(y, period, series.STLOptions{SeasonWindow: 7})
		b, again := series.STL(z, period, series.STLOptions{SeasonWindow: 7})
		if both(t, "STL", err, again) {
			alike(t, "season", b.Season, a.Season, 1e-8)
			alike(t, "trend", scaled(b.Trend, 1, -shift), a.Trend, 1e-8)
		}
		l, err := series.TrendSeason(y, period)
		m, again := series.TrendSeason(z, period)
		if both(t, "line", err, again) {
			alike(t, "slope", m.Coefficients[1:], l.Coefficients[1:], 1e-8)
			alike(t, "forecast", scaled(m.Forecast(5), 1, -shift), l.Forecast(5), 1e-8)
		}
		u, err := series.HoltWinters(y, period, series.Smoothing{Level: 0.3, Slope: 0.1, Season: 0.2})
		v, again := series.HoltWinters(z, period, series.Smoothing{Level: 0.3, Slope: 0.1, Season: 0.2})
		if both(t, "Holt-Winters", err, again) {
			alike(t, "forecast", scaled(v.Forecast(5), 1, -shift), u.Forecast(5), 1e-7)
		}
	})
}

// What has no order in time does not depend on it; what has turns with it.
func TestOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		y := days(t, 1, 6, 30)
		places := make([]int, len(y))
		for i := range places {
			places[i] = i
		}
		order := rapid.Permutation(places).Draw(t, "order")
		shuffled := make([]float64, len(y))
		for k, i := range order {
			shuffled[k] = y[i]
		}
		a, err := series.Scores(y)
		b, again := series.Scores(shuffled)
		if both(t, "scores", err, again) {
			for k, i := range order {
				if a[i] != b[k] {
					t.Fatalf("score of %v is %v, in another order %v", y[i], a[i], b[k])
				}
			}
		}
		out, err := series.Outliers(y, 1.5)
		other, again := series.Outliers(shuffled, 1.5)
		if both(t, "outliers", err, again) {
			for k, i := range other {
				other[k] = order[i]
			}
			slices.Sort(other)
			if !slices.Equal(out, other) {
				t.Fatalf("outliers %v, in another order %v", out, other)
			}
		}
		back := reversed(y)
		tau, p, err := series.MannKendall(y)
		turned, q, again := series.MannKendall(back)
		if both(t, "Mann-Kendall", err, again) && (tau != -turned || p != q) {
			t.Fatalf("tau %v with %v, backwards %v with %v", tau, p, turned, q)
		}
		s, err := series.TheilSen(y)
		r, again := series.TheilSen(back)
		if both(t, "Theil-Sen", err, again) {
			alike(t, "slope backwards", []float64{r}, []float64{-s}, 1e-12)
		}
		x, p, err := series.CUSUMTest(y)
		z, q, again := series.CUSUMTest(back)
		if err == nil && again == nil {
			alike(t, "CUSUM test backwards", []float64{z, q}, []float64{x, p}, 1e-6)
		}
		c, err := series.Breakpoints(y, 3)
		d, again := series.Breakpoints(back, 3)
		if err == nil && again == nil {
			alike(t, "criterion backwards", d.BIC, c.BIC, 1e-5*(1+largest(c.BIC)))
		}
	})
}

// One break is where trying all places finds it.
func TestBreakOfAllPlaces(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		y := days(t, 1, 8, 16)
		b, err := series.Breakpoints(y, 4)
		if err != nil {
			return
		}
		rss := func(y []float64) float64 {
			l, err := series.TrendSeason(y, 1)
			if err != nil {
				t.Fatal(err)
			}
			return l.Sigma * l.Sigma * float64(len(y)-2)
		}
		n := float64(len(y))
		best := math.Inf(1)
		for i := 4; i+4 <= len(y); i++ {
			best = math.Min(best, rss(y[:i])+rss(y[i:]))
		}
		want := n*(math.Log(best)-math.Log(n)+1+math.Log(2*math.Pi)) + 6*math.Log(n)
		if math.Abs(b.BIC[1]-want) > 1e-5*(1+math.Abs(want)) && best > 1e-6 {
			t.Fatalf("criterion of one break %v, of all places %v", b.BIC[1], want)
		}
	})
}

// Parts add up, the periodic season repeats, and weights are weights.
func TestParts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		period := rapid.IntRange(2, 7).Draw(t, "period")
		y := days(t, period, 2*period, 50)
		d, err := series.STL(y, period, series.STLOptions{Robust: rapid.Bool().Draw(t, "robust")})
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range y {
			if !near(d.Season[i]+d.Trend[i]+d.Remainder[i], v, 1e-13) || !(d.Weights[i] >= 0 && d.Weights[i] <= 1) {
				t.Fatalf("at %d %v is not %v and %v and %v, with weight %v", i, v, d.Season[i], d.Trend[i], d.Remainder[i], d.Weights[i])
			}
			if i >= period && d.Season[i] != d.Season[i-period] {
				t.Fatalf("the season of %d differs from a cycle before", i)
			}
		}
	})
}

// Limits are nested by their width, and what is beyond wide ones is beyond narrow
// ones.
func TestLimitsAreNested(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		y := days(t, 1, 4, 40)
		widths := rapid.SliceOfN(rapid.Float64Range(0.1, 6), 2, 2).Draw(t, "widths")
		slices.Sort(widths)
		n, x := make([]float64, len(y)), make([]float64, len(y))
		for i := range y {
			n[i] = float64(rapid.IntRange(1, 200).Draw(t, "n"))
			x[i] = float64(rapid.IntRange(0, int(n[i])).Draw(t, "x"))
		}
		p, err := series.Calibrate(y)
		for name, f := range map[string]func(sigmas float64) (series.Limits, error){
			"XmR":     func(s float64) (series.Limits, error) { return p.XmR(y, s) },
			"EWMA":    func(s float64) (series.Limits, error) { _, l, err := p.EWMA(y, 0.3, s); return l, err },
			"p chart": func(s float64) (series.Limits, error) { _, l, err := series.PChart(x, n, len(x), s, 1); return l, err },
			"widened": func(s float64) (series.Limits, error) { _, l, err := series.PChart(x, n, len(x), 3, s); return l, err },
		} {
			if err != nil && name != "p chart" && name != "widened" {
				continue
			}
			narrow, err := f(widths[0])
			wide, again := f(widths[1])
			if !both(t, name, err, again) {
				continue
			}
			for i := range narrow.Low {
				if wide.Low[i] > narrow.Low[i] || wide.High[i] < narrow.High[i] || narrow.Low[i] > narrow.High[i] {
					t.Fatalf("%s at %d: %v to %v within %v to %v", name, i, narrow.Low[i], narrow.High[i], wide.Low[i], wide.High[i])
				}
			}
			for _, i := range wide.Beyond {
				if !slices.Contains(narrow.Beyond, i) {
					t.Fatalf("%s: %d is beyond wide limits alone", name, i)
				}
			}
		}
	})
}

// Days split into parts, or k days as one of each, have the same share; k times
// the members have limits √k narrower.
func TestSharesByGroup(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		days, k := rapid.IntRange(2, 20).Draw(t, "days"), rapid.IntRange(2, 9).Draw(t, "times")
		var x, n, parts, sizes []float64
		for range days {
			a, b := rapid.IntRange(1, 500).Draw(t, "n"), rapid.IntRange(1, 500).Draw(t, "m")
			c, d := rapid.IntRange(0, a).Draw(t, "x"), rapid.IntRange(0, b).Draw(t, "y")
			x, n = append(x, float64(c+d)), append(n, float64(a+b))
			parts, sizes = append(parts, float64(c), float64(d)), append(sizes, float64(a), float64(b))
		}
		whole, _, err := series.PChart(x, n, days, 3, 1)
		split, _, again := series.PChart(parts, sizes, 2*days, 3, 1)
		if !both(t, "p chart", err, again) {
			return
		}
		alike(t, "centre", []float64{split}, []float64{whole}, 1e-12)
		_, once, err := series.PChart(x, n, days, 0.05, 1) // narrow: not cut at 0 or 1
		_, often, again := series.PChart(scaled(x, float64(k), 0), scaled(n, float64(k), 0), days, 0.05, 1)
		if !both(t, "repeated", err, again) {
			return
		}
		for i := range once.Low {
			if once.Low[i] > 0 && once.High[i] < 1 && !near(math.Sqrt(float64(k))*(often.High[i]-often.Low[i]), once.High[i]-once.Low[i], 1e-9) {
				t.Fatalf("limits %v to %v, of %d times as many %v to %v", once.Low[i], once.High[i], k, often.Low[i], often.High[i])
			}
		}
		f, err := series.Laney(x, n)
		g, again := series.Laney(scaled(x, float64(k), 0), scaled(n, float64(k), 0))
		if err == nil && again == nil {
			alike(t, "factor", []float64{g}, []float64{math.Sqrt(float64(k)) * f}, 1e-9*(1+g))
		}
	})
}
