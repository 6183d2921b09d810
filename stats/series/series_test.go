package series_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"loyaltymcp/stats/internal/golden"
	"loyaltymcp/stats/series"
)

// week is a series of days with a weekly season, a slope and noise.
func week(days int, seed uint64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	y := make([]float64, days)
	for i := range y {
		y[i] = 1000 + float64(i) + 80*math.Sin(2*math.Pi*float64(i)/7) + 10*rng.NormFloat64()
	}
	return y
}

func ExampleSTL() {
	y := week(70, 3)
	y[40] += 150 // something happened
	d, err := series.STL(y, 7, series.STLOptions{Robust: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	z, err := series.Scores(d.Remainder)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, score := range z {
		if math.Abs(score) > 5 {
			fmt.Printf("day %d is odd, z = %.0f\n", i, score)
		}
	}
	// Output: day 40 is odd, z = 16
}

func near(a, b, tol float64) bool { return math.Abs(a-b) <= tol*math.Max(1, math.Abs(b)) }

// A line with a fixed season is taken apart exactly.
func TestSTLOfALineWithSeason(t *testing.T) {
	season := []float64{3, -1, -2, 4, -4}
	var y []float64
	for i := range 60 {
		y = append(y, 10+0.5*float64(i)+season[i%5])
	}
	for _, o := range []series.STLOptions{{SeasonWindow: 7}, {SeasonWindow: 9, TrendWindow: 15}} {
		d, err := series.STL(y, 5, o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range y {
			if !near(d.Season[i], season[i%5], 1e-6) || !near(d.Trend[i], 10+0.5*float64(i), 1e-6) {
				t.Fatalf("%+v: at %d season %v and trend %v", o, i, d.Season[i], d.Trend[i])
			}
		}
	}
}

// The parts add up to the series; scale and level pass through.
func TestSTLProperties(t *testing.T) {
	y := week(60, 9)
	for _, robust := range []bool{false, true} {
		d, err := series.STL(y, 7, series.STLOptions{SeasonWindow: 11, Robust: robust})
		if err != nil {
			t.Fatal(err)
		}
		scaled := make([]float64, len(y))
		for i, v := range y {
			scaled[i] = 5 + 1000*v
			if !near(d.Season[i]+d.Trend[i]+d.Remainder[i], v, 1e-12) {
				t.Fatalf("the parts don't add up at %d", i)
			}
		}
		s, err := series.STL(scaled, 7, series.STLOptions{SeasonWindow: 11, Robust: robust})
		if err != nil {
			t.Fatal(err)
		}
		for i := range y {
			if !near(s.Season[i], 1000*d.Season[i], 1e-8) || !near(s.Trend[i], 5+1000*d.Trend[i], 1e-8) {
				t.Fatalf("robust %v: scaled series is taken apart otherwise at %d", robust, i)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	good := week(30, 1)
	bad := slices.Clone(good)
	bad[3] = math.NaN()
	p := series.Process{Center: 0, SD: 1}
	for name, err := range map[string]error{
		"STL, NaN":            second(series.STL(bad, 7, series.STLOptions{})),
		"STL, short":          second(series.STL(good[:13], 7, series.STLOptions{})),
		"STL, even window":    second(series.STL(good, 7, series.STLOptions{SeasonWindow: 8})),
		"STL, period":         second(series.STL(good, 1, series.STLOptions{})),
		"scores, constant":    second(series.Scores([]float64{1, 1, 1, 2})),
		"outliers, fence":     second(series.Outliers(good, 0)),
		"outliers, NaN":       second(series.Outliers(bad, 3)),
		"calibrate, constant": second(series.Calibrate([]float64{1, 1, 1})),
		"xmr, NaN":            second(p.XmR(bad, 3)),
		"cusum, interval":     second(p.CUSUM(good, 1, 0)),
		"runs, NaN":           second(p.RunRules(bad)),
		"breaks, piece":       second(series.Breakpoints(good, 2)),
		"breaks, short":       second(series.Breakpoints(good[:9], 5)),
		"breaks, exact":       second(series.Breakpoints([]float64{1, 2, 3, 4, 5, 6}, 3)),
		"line, short":         second(series.TrendSeason(good[:8], 7)),
		"holt-winters, short": second(series.HoltWinters(good[:20], 7, series.Smoothing{})),
		"holt-winters, share": second(series.HoltWinters(good, 7, series.Smoothing{Level: 2})),
		"ets, short":          second(series.ETS(good[:13], 7)),
		"theil-sen, one":      second(series.TheilSen(good[:1])),
		"laney, all":          second(series.Laney([]float64{5, 5}, []float64{5, 5})),
		"laney, above":        second(series.Laney([]float64{6, 5}, []float64{5, 5})),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, _, err := series.PChart([]float64{1}, []float64{2}, 2, 3, 1); err == nil {
		t.Error("p chart calibrated beyond its end: no error")
	}
	if _, _, err := series.MannKendall(bad); err == nil {
		t.Error("Mann-Kendall, NaN: no error")
	}
	if _, _, err := series.CUSUMTest([]float64{1, 2, 3, 4}); err == nil {
		t.Error("CUSUM test of a line: no error")
	}
	if _, _, err := p.EWMA(good, 0, 3); err == nil {
		t.Error("EWMA without weight: no error")
	}
}

func second[T any](_ T, err error) error { return err }

func TestRunRules(t *testing.T) {
	p := series.Process{Center: 10, SD: 1}
	for _, c := range []struct {
		name string
		x    []float64
		want []series.Run
	}{
		{"calm", []float64{10.5, 9.5, 10.2, 9.1}, nil},
		{"beyond three", []float64{10, 13.5, 10}, []series.Run{{1, 1}}},
		{"two of three", []float64{12.5, 10, 12.1}, []series.Run{{2, 2}}},
		{"opposite sides", []float64{12.5, 10, 7.9}, nil},
		{"four of five", []float64{8.5, 8.7, 10, 8.4, 8.9}, []series.Run{{3, 4}}},
		{"eight in a row", []float64{10.1, 10.2, 10.1, 10.3, 10.1, 10.2, 10.4, 10.1}, []series.Run{{4, 7}}},
	} {
		if got, err := p.RunRules(c.x); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; want %v", c.name, got, err, c.want)
		}
	}
}

func TestTrendByHand(t *testing.T) {
	tau, p, err := series.MannKendall([]float64{1, 3, 2, 4})
	// S = 4 of 6 pairs, variance 4*3*13/18.
	if want := math.Erfc(3 / math.Sqrt(4*3*13/18.) / math.Sqrt2); err != nil || !near(tau, 4./6, 1e-15) || !near(p, want, 1e-12) {
		t.Errorf("tau %v, P %v, %v; want %v, %v", tau, p, err, 4./6, want)
	}
	if tau, p, err := series.MannKendall([]float64{2, 2, 2}); err != nil || tau != 0 || p != 1 {
		t.Errorf("constant: tau %v, P %v, %v; want 0, 1", tau, p, err)
	}
	if slope, err := series.TheilSen([]float64{0, 2, 4, 60, 8, 10}); err != nil || !near(slope, 2, 1e-12) {
		t.Errorf("slope %v, %v; want 2 whatever the odd value", slope, err)
	}
}

// A break is dated where it was put, and none is found in a straight line.
func TestBreakpoints(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	plain, broken := make([]float64, 60), make([]float64, 60)
	for i := range plain {
		plain[i] = 50 + 0.3*float64(i) + rng.NormFloat64()
		broken[i] = plain[i]
		if i >= 35 {
			broken[i] += 8
		}
	}
	if got, err := series.Breakpoints(plain, 9); err != nil || len(got.At) != 0 {
		t.Errorf("breaks of a line at %v, %v; want none", got.At, err)
	}
	if got, err := series.Breakpoints(broken, 9); err != nil || !slices.Equal(got.At, []int{35}) {
		t.Errorf("breaks at %v, %v; want 35", got.At, err)
	}
	if _, p, err := series.CUSUMTest(plain); err != nil || p < 0.05 {
		t.Errorf("CUSUM test of a line: P %v, %v", p, err)
	}
	if _, p, err := series.CUSUMTest(broken); err != nil || p > 0.01 {
		t.Errorf("CUSUM test of a break: P %v, %v", p, err)
	}
}

// Shares that vary more than binomially get wider limits, and only those.
func TestLaney(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	var x, n, over []float64
	for range 2000 {
		size := 5000.0
		mean := size * 0.3
		n = append(n, size)
		x = append(x, math.Round(mean+math.Sqrt(mean*0.7)*rng.NormFloat64()))
		over = append(over, math.Round(mean+3*math.Sqrt(mean*0.7)*rng.NormFloat64()))
	}
	if got, err := series.Laney(x, n); err != nil || math.Abs(got-1) > 0.06 {
		t.Errorf("factor of binomial shares %v, %v; want about 1", got, err)
	}
	if got, err := series.Laney(over, n); err != nil || math.Abs(got-3) > 0.18 {
		t.Errorf("factor of shares thrice as wide %v, %v; want about 3", got, err)
	}
}

func TestForecastsFollowALine(t *testing.T) {
	y := week(84, 2)
	hw, err := series.HoltWinters(y, 7, series.Smoothing{Level: 0.2, Slope: 0.05, Season: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	ets, err := series.ETS(y, 7)
	if err != nil {
		t.Fatal(err)
	}
	line, err := series.TrendSeason(y, 7)
	if err != nil {
		t.Fatal(err)
	}
	for h := range 14 {
		want := 1000 + float64(84+h) + 80*math.Sin(2*math.Pi*float64(84+h)/7)
		for name, got := range map[string]float64{"Holt-Winters": hw.Forecast(14)[h], "ETS": ets.Forecast(14)[h], "line": line.Forecast(14)[h]} {
			if math.Abs(got-want) > 25 {
				t.Errorf("%s: %v in %d steps, want about %v", name, got, h+1, want)
			}
		}
	}
}

func TestGoldenDaily(t *testing.T) {
	type parts struct{ Seasonal, Trend, Remainder, Weights []float64 }
	var want struct {
		Periodic parts     `json:"stl_periodic_robust"`
		Swin     parts     `json:"stl_swin13"`
		Both     parts     `json:"stl_swin13_twin21_robust"`
		Z        []float64 `json:"robust_z_of_remainder"`
		Flags    []int     `json:"flag_abs_z_gt_5"`
		MAD      float64   `json:"mad_remainder"`
		Outliers []int     `json:"tsoutliers_index"`
		HW       struct {
			Alpha, Beta, Gamma float64
			Last               []float64 `json:"fitted_last"`
			Forecast           []float64 `json:"forecast7"`
			SSE                float64
		} `json:"holt_winters_fixed"`
		ETS struct{ LogLik float64 } `json:"ets_AAA"`
	}
	golden.Load(t, &want, "kpi_anomaly", "daily_stl_robust", "expected.json")
	y := column(t, "kpi", "kpi_anomaly", "daily_stl_robust", "daily.csv")
	tol := golden.Tolerance{Rel: 1e-6, Abs: 1e-7}
	var w golden.Worst
	for name, c := range map[string]struct {
		o    series.STLOptions
		want parts
	}{
		"periodic": {series.STLOptions{Robust: true}, want.Periodic},
		"season":   {series.STLOptions{SeasonWindow: 13}, want.Swin},
		"both":     {series.STLOptions{SeasonWindow: 13, TrendWindow: 21, Robust: true}, want.Both},
	} {
		d, err := series.STL(y, 7, c.o)
		if err != nil {
			t.Fatal(err)
		}
		sameSlice(t, &w, name+" season", d.Season, c.want.Seasonal, tol)
		sameSlice(t, &w, name+" trend", d.Trend, c.want.Trend, tol)
		sameSlice(t, &w, name+" remainder", d.Remainder, c.want.Remainder, tol)
		sameSlice(t, &w, name+" weights", d.Weights, c.want.Weights, tol)
		if name != "periodic" {
			continue
		}
		z, err := series.Scores(d.Remainder)
		if err != nil {
			t.Fatal(err)
		}
		sameSlice(t, &w, "scores", z, want.Z, tol)
		var flags []int
		for i, v := range z {
			if math.Abs(v) > 5 {
				flags = append(flags, i+1)
			}
		}
		if !slices.Equal(flags, want.Flags) {
			t.Errorf("odd days %v, want %v", flags, want.Flags)
		}
		outliers, err := series.Outliers(d.Remainder, 3)
		for i := range outliers {
			outliers[i]++
		}
		if err != nil || !slices.Equal(outliers, want.Outliers) {
			t.Errorf("outliers %v, %v; want %v", outliers, err, want.Outliers)
		}
		scale := (d.Remainder[0] - d.Remainder[1]) / (z[0] - z[1])
		w.Check(t, "MAD", scale, want.MAD, tol)
	}
	hw, err := series.HoltWinters(y, 7, series.Smoothing{Level: want.HW.Alpha, Slope: want.HW.Beta, Season: want.HW.Gamma})
	if err != nil {
		t.Fatal(err)
	}
	sameSlice(t, &w, "fitted", hw.Fitted[len(hw.Fitted)-5:], want.HW.Last, tol)
	sameSlice(t, &w, "forecast", hw.Forecast(7), want.HW.Forecast, tol)
	w.Check(t, "SSE", hw.SSE, want.HW.SSE, tol)
	ets, err := series.ETS(y, 7)
	if err != nil {
		t.Fatal(err)
	}
	if ets.LogLik < want.ETS.LogLik {
		t.Errorf("log-likelihood of ETS %v, want at least %v", ets.LogLik, want.ETS.LogLik)
	}
	t.Logf("ETS: %+v, log-likelihood %v against %v", ets.Smoothing, ets.LogLik, want.ETS.LogLik)
	w.Log(t)
}

func TestGoldenMonthly(t *testing.T) {
	var want struct {
		STL  struct{ Seasonal, Trend, Remainder, Weights []float64 } `json:"stl_swin7_robust"`
		Line struct {
			N         int
			Coef      []float64
			Sigma     float64
			Predicted []float64 `json:"predicted_last12"`
		} `json:"regression_trend_seasonal_on_first"`
		Breaks struct {
			Best any `json:"best_by_bic"`
			RSS  float64
			BIC  []float64
		} `json:"breakpoints_linear_trend"`
		CUSUM struct{ Stat, P float64 } `json:"ols_cusum"`
		Tau   float64                   `json:"mann_kendall_tau"`
		Slope float64                   `json:"theil_sen"`
	}
	golden.Load(t, &want, "kpi_anomaly", "monthly_trend_seasonal_break", "expected.json")
	y := column(t, "kpi", "kpi_anomaly", "monthly_trend_seasonal_break", "monthly.csv")
	tol := golden.Tolerance{Rel: 1e-6, Abs: 1e-8}
	var w golden.Worst
	d, err := series.STL(y, 12, series.STLOptions{SeasonWindow: 7, Robust: true})
	if err != nil {
		t.Fatal(err)
	}
	sameSlice(t, &w, "season", d.Season, want.STL.Seasonal, tol)
	sameSlice(t, &w, "trend", d.Trend, want.STL.Trend, tol)
	sameSlice(t, &w, "remainder", d.Remainder, want.STL.Remainder, tol)
	sameSlice(t, &w, "weights", d.Weights, want.STL.Weights, tol)
	line, err := series.TrendSeason(y[:want.Line.N], 12)
	if err != nil {
		t.Fatal(err)
	}
	sameSlice(t, &w, "coefficient", line.Coefficients, want.Line.Coef, tol)
	w.Check(t, "sigma", line.Sigma, want.Line.Sigma, tol)
	sameSlice(t, &w, "prediction", line.Forecast(12), want.Line.Predicted, tol)
	breaks, err := series.Breakpoints(y, len(y)/5)
	if err != nil {
		t.Fatal(err)
	}
	sameSlice(t, &w, "BIC", breaks.BIC, want.Breaks.BIC, tol)
	if _, none := want.Breaks.Best.(string); none != (len(breaks.At) == 0) {
		t.Errorf("breaks at %v, want %v", breaks.At, want.Breaks.Best)
	}
	stat, p, err := series.CUSUMTest(y)
	if err != nil {
		t.Fatal(err)
	}
	w.Check(t, "CUSUM", stat, want.CUSUM.Stat, tol)
	w.Check(t, "P of CUSUM", p, want.CUSUM.P, tol)
	tau, _, err := series.MannKendall(y)
	if err != nil {
		t.Fatal(err)
	}
	w.Check(t, "tau", tau, want.Tau, tol)
	slope, err := series.TheilSen(y)
	if err != nil {
		t.Fatal(err)
	}
	w.Check(t, "slope", slope, want.Slope, tol)
	t.Logf("RSS %v, want %v", breaks.RSS, want.Breaks.RSS)
	w.Log(t)
}

func TestGoldenCharts(t *testing.T) {
	var in struct {
		Individuals  []float64
		Calibration  int
		PChart       struct{ X, N []float64 } `json:"p_chart"`
		PCalibration int                      `json:"p_calibration"`
	}
	golden.Load(t, &in, "kpi_anomaly", "spc_charts", "input.json")
	var want struct {
		XmR struct {
			Center, SD float64
			Limits     []float64
			Violations []int
		}
		CUSUM struct {
			Pos, Neg []float64
			Upper    []int `json:"beyond_upper"`
			Lower    []int `json:"beyond_lower"`
		}
		EWMA struct {
			EWMA       []float64
			Low        []float64 `json:"limits_lower"`
			High       []float64 `json:"limits_upper"`
			Violations []int
		}
		P struct {
			Center     float64
			Low        []float64 `json:"limits_lower"`
			High       []float64 `json:"limits_upper"`
			Violations any
		}
	}
	golden.Load(t, &want, "kpi_anomaly", "spc_charts", "expected.json")
	tol := golden.Tolerance{Rel: 1e-8, Abs: 1e-10}
	var w golden.Worst
	p, err := series.Calibrate(in.Individuals[:in.Calibration])
	if err != nil {
		t.Fatal(err)
	}
	w.Check(t, "center", p.Center, want.XmR.Center, tol)
	w.Check(t, "sd", p.SD, want.XmR.SD, tol)
	limits, err := p.XmR(in.Individuals, 3)
	if err != nil {
		t.Fatal(err)
	}
	w.Check(t, "low", limits.Low[0], want.XmR.Limits[0], tol)
	w.Check(t, "high", limits.High[0], want.XmR.Limits[1], tol)
	samePlaces(t, "XmR", limits.Beyond, want.XmR.Violations)
	sums, err := p.CUSUM(in.Individuals, 1, 5)
	if err != nil {
		t.Fatal(err)
	}
	sameSlice(t, &w, "up", sums.Up, want.CUSUM.Pos, tol)
	sameSlice(t, &w, "down", sums.Down, want.CUSUM.Neg, tol)
	samePlaces(t, "CUSUM up", sums.BeyondUp, want.CUSUM.Upper)
	samePlaces(t, "CUSUM down", sums.BeyondDown, want.CUSUM.Lower)
	z, limits, err := p.EWMA(in.Individuals, 0.2, 3)
	if err != nil {
		t.Fatal(err)
	}
	sameSlice(t, &w, "EWMA", z, want.EWMA.EWMA, tol)
	sameSlice(t, &w, "EWMA low", limits.Low, want.EWMA.Low, tol)
	sameSlice(t, &w, "EWMA high", limits.High, want.EWMA.High, tol)
	samePlaces(t, "EWMA", limits.Beyond, want.EWMA.Violations)
	center, limits, err := series.PChart(in.PChart.X, in.PChart.N, in.PCalibration, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	w.Check(t, "p center", center, want.P.Center, tol)
	sameSlice(t, &w, "p low", limits.Low, want.P.Low, tol)
	sameSlice(t, &w, "p high", limits.High, want.P.High, tol)
	violations := []int{}
	switch v := want.P.Violations.(type) {
	case float64:
		violations = append(violations, int(v))
	case []any:
		for _, x := range v {
			violations = append(violations, int(x.(float64)))
		}
	}
	samePlaces(t, "p chart", limits.Beyond, violations)
	w.Log(t)
}

func sameSlice(t *testing.T, w *golden.Worst, what string, got, want []float64, tol golden.Tolerance) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range want {
		w.Check(t, fmt.Sprintf("%s %d", what, i), got[i], want[i], tol)
	}
}

// samePlaces compares places from 0 with places from 1.
func samePlaces(t *testing.T, what string, got, want []int) {
	t.Helper()
	shifted := []int{}
	for _, i := range got {
		shifted = append(shifted, i+1)
	}
	if !slices.Equal(shifted, want) {
		t.Errorf("%s beyond at %v, want %v", what, shifted, want)
	}
}

func column(t *testing.T, name string, elem ...string) []float64 {
	t.Helper()
	file, err := os.Open(golden.Path(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(rows[0], name)
	var out []float64
	for _, row := range rows[1:] {
		v, err := strconv.ParseFloat(row[at], 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// FuzzFits: any numbers give finite results or an error, and soon.
func FuzzFits(f *testing.F) {
	f.Add(1.0, 2.0, -3.0, 1e9, uint8(7))
	f.Add(0.0, 0.0, 0.0, 0.0, uint8(2))
	f.Fuzz(func(t *testing.T, a, b, c, d float64, period uint8) {
		y := make([]float64, 40)
		for i := range y {
			y[i] = []float64{a, b, c, d}[i*7%4]
		}
		m := int(period % 14)
		for _, robust := range []bool{false, true} {
			d, err := series.STL(y, m, series.STLOptions{Robust: robust})
			if err != nil {
				continue
			}
			for i, v := range d.Trend {
				if math.IsNaN(v) && math.Abs(a)+math.Abs(b)+math.Abs(c)+math.Abs(y[3]) < 1e300 {
					t.Fatalf("trend at %d of %v is NaN", i, y)
				}
			}
		}
		_, _ = series.ETS(y, m)
		_, _ = series.Breakpoints(y, 5)
		_, _, _ = series.CUSUMTest(y)
		_, _ = series.Scores(y)
	})
}

func BenchmarkSTLRobustTwoYears(b *testing.B) {
	y := week(730, 5)
	for b.Loop() {
		if _, err := series.STL(y, 7, series.STLOptions{Robust: true}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkETSHalfAYear(b *testing.B) {
	y := week(182, 5)
	for b.Loop() {
		if _, err := series.ETS(y, 7); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBreakpointsTwoYears(b *testing.B) {
	y := week(730, 5)
	for b.Loop() {
		if _, err := series.Breakpoints(y, 60); err != nil {
			b.Fatal(err)
		}
	}
}
