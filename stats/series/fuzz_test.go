package series_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"loyaltymcp/stats/series"
)

// fataler is a test, a fuzz target or a property.
type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

// method is one of the package's, with all numbers of its result.
type method struct {
	name string
	run  func(y []float64) ([]float64, error)
}

// methods are all that take one series, with given settings.
func methods(period, piece int, smoothing series.Smoothing, setting float64) []method {
	process := func(y []float64) (series.Process, error) { return series.Calibrate(y[:len(y)/2]) }
	return []method{
		{"STL", func(y []float64) ([]float64, error) {
			d, err := series.STL(y, period, series.STLOptions{})
			return slices.Concat(d.Season, d.Trend, d.Remainder, d.Weights), err
		}},
		{"robust STL", func(y []float64) ([]float64, error) {
			d, err := series.STL(y, period, series.STLOptions{SeasonWindow: 7, Robust: true})
			return slices.Concat(d.Season, d.Trend, d.Remainder, d.Weights), err
		}},
		{"scores", series.Scores},
		{"outliers", func(y []float64) ([]float64, error) {
			_, err := series.Outliers(y, setting)
			return nil, err
		}},
		{"breakpoints", func(y []float64) ([]float64, error) {
			b, err := series.Breakpoints(y, piece)
			return append(b.BIC, b.RSS), err
		}},
		{"CUSUM test", func(y []float64) ([]float64, error) {
			statistic, p, err := series.CUSUMTest(y)
			return []float64{statistic, p}, err
		}},
		{"Mann-Kendall", func(y []float64) ([]float64, error) {
			tau, p, err := series.MannKendall(y)
			return []float64{tau, p}, err
		}},
		{"Theil-Sen", func(y []float64) ([]float64, error) {
			slope, err := series.TheilSen(y)
			return []float64{slope}, err
		}},
		{"trend and season", func(y []float64) ([]float64, error) {
			l, err := series.TrendSeason(y, period)
			if err != nil {
				return nil, err
			}
			return slices.Concat(l.Coefficients, []float64{l.Sigma}, l.Forecast(3)), nil
		}},
		{"Holt-Winters", func(y []float64) ([]float64, error) {
			e, err := series.HoltWinters(y, period, smoothing)
			if err != nil {
				return nil, err
			}
			return slices.Concat(e.Fitted, []float64{e.SSE}, e.Forecast(3)), nil
		}},
		{"calibrate", func(y []float64) ([]float64, error) {
			p, err := series.Calibrate(y)
			return []float64{p.Center, p.SD}, err
		}},
		{"XmR", func(y []float64) ([]float64, error) {
			p, err := process(y)
			if err != nil {
				return nil, err
			}
			l, err := p.XmR(y, setting)
			return append(l.Low, l.High...), err
		}},
		{"EWMA", func(y []float64) ([]float64, error) {
			p, err := process(y)
			if err != nil {
				return nil, err
			}
			z, l, err := p.EWMA(y, smoothing.Level, setting)
			return slices.Concat(z, l.Low, l.High), err
		}},
		{"CUSUM", func(y []float64) ([]float64, error) {
			p, err := process(y)
			if err != nil {
				return nil, err
			}
			s, err := p.CUSUM(y, smoothing.Slope, setting)
			return append(s.Up, s.Down...), err
		}},
		{"run rules", func(y []float64) ([]float64, error) {
			p, err := process(y)
			if err != nil {
				return nil, err
			}
			_, err = p.RunRules(y)
			return nil, err
		}},
		{"p chart", func(y []float64) ([]float64, error) {
			n := make([]float64, len(y))
			for i, v := range y {
				n[i] = 2 * math.Abs(v)
			}
			center, l, err := series.PChart(y, n, len(y)/2, 3, setting)
			return slices.Concat([]float64{center}, l.Low, l.High), err
		}},
		{"Laney", func(y []float64) ([]float64, error) {
			n := slices.Repeat([]float64{setting}, len(y))
			factor, err := series.Laney(y, n)
			return []float64{factor}, err
		}},
	}
}

// explained fails for a result that is no number and no error, and where a series
// that holds what is no number is taken.
func explained(t fataler, m method, y []float64) {
	t.Helper()
	got, err := m.run(y)
	if err != nil {
		if len(err.Error()) < 20 {
			t.Fatalf("%s of %v: the error %q says nothing", m.name, y, err)
		}
		return
	}
	for i, v := range got {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Fatalf("%s of %v: value %d is %v", m.name, y, i, v)
		}
	}
	for _, v := range y {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Fatalf("%s of %v: no error", m.name, y)
		}
	}
}

// anything draws numbers of any size and kind.
func anything() *rapid.Generator[float64] {
	return rapid.OneOf(
		rapid.Float64Range(-1e4, 1e4), rapid.Float64(), rapid.Map(rapid.IntRange(-330, 308), func(e int) float64 { return math.Pow(10, float64(e)) }),
		rapid.SampledFrom([]float64{0, 0, 1, -1, 5e-324, 1e300, -1e300, math.MaxFloat64, 1e-17, 1 + 1e-15}),
	)
}

// numbers draws a series of one kind: of anything, of sizes that can be computed
// with, of like values, of few values, or of values that differ by rounding.
func numbers(t *rapid.T, least, most int) []float64 {
	kinds := []*rapid.Generator[float64]{
		anything(),
		rapid.Map(rapid.Float64Range(-135, 135), func(e float64) float64 { return math.Pow(10, e) }),
		rapid.Float64Range(-1e-3, 10),
		rapid.Map(rapid.IntRange(0, 2), func(v int) float64 { return float64(v) }),
		rapid.Map(rapid.IntRange(0, 9), func(v int) float64 { return 1e9 + 0x1p-23*float64(v) }),
	}
	kind := kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "kind")]
	return rapid.SliceOfN(kind, least, most).Draw(t, "y")
}

// Whatever numbers and settings are given, results are finite, or an error says
// why there is none; nothing panics or hangs.
func TestFiniteOrExplained(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		y := numbers(t, 0, 40)
		if len(y) > 0 && rapid.IntRange(0, 9).Draw(t, "bad") == 0 {
			y[rapid.IntRange(0, len(y)-1).Draw(t, "at")] = rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1)}).Draw(t, "value")
		}
		share := func(name string) float64 {
			return rapid.OneOf(rapid.Float64Range(0, 1), anything()).Draw(t, name)
		}
		smoothing := series.Smoothing{Level: share("level"), Slope: share("slope"), Season: share("season")}
		period := rapid.OneOf(rapid.IntRange(1, 8), rapid.Int()).Draw(t, "period")
		for _, m := range methods(period, rapid.OneOf(rapid.IntRange(0, 9), rapid.Int()).Draw(t, "piece"), smoothing, share("setting")) {
			explained(t, m, y)
		}
	})
}

// The same of ETS, whose search is slow.
func TestETSFiniteOrExplained(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		y := numbers(t, 9, 12)
		explained(t, method{"ETS", func(y []float64) ([]float64, error) {
			e, err := series.ETS(y, 2)
			if err != nil {
				return nil, err
			}
			return slices.Concat(e.Fitted, []float64{e.SSE, e.LogLik}, e.Forecast(3)), nil
		}}, y)
	})
}

func FuzzFits(f *testing.F) {
	f.Add(1.0, 2.0, -3.0, 1e9, uint8(7), 3.0)
	f.Add(0.0, 0.0, 0.0, 0.0, uint8(2), 0.1)
	f.Add(1e139, -1e139, 1e-300, 0.0, uint8(4), 1e6)
	f.Fuzz(func(t *testing.T, a, b, c, d float64, period uint8, setting float64) {
		y := make([]float64, 40)
		for i := range y {
			y[i] = []float64{a, b, c, d}[i*7%4] + float64(i%3)
		}
		for _, m := range methods(int(period%21), int(period)/14, series.Smoothing{Level: setting, Slope: 0.1, Season: 0.3}, setting) {
			explained(t, m, y)
		}
		_, _ = series.ETS(y, int(period%14))
	})
}
