package series_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"loyaltymcp/stats/internal/golden"
	"loyaltymcp/stats/series"
)

// parts are those of a reference decomposition.
type parts struct{ Seasonal, Trend, Remainder, Weights []float64 }

// sameRobust compares robust decompositions with a drifting season roughly.
// Where the number of values is even, the reference asks its partial sort for
// the two middle places in descending order, which that sort is not made for:
// in some rounds the median of the residuals is then another order statistic,
// and the rounds take another path to nearly the same end.
func sameRobust(t *testing.T, name string, d series.Decomposition, want parts) {
	t.Helper()
	tol := golden.Tolerance{Abs: 0.25}
	var w golden.Worst
	sameSlice(t, &w, name+" season", d.Season, want.Seasonal, tol)
	sameSlice(t, &w, name+" trend", d.Trend, want.Trend, tol)
	sameSlice(t, &w, name+" weights", d.Weights, want.Weights, golden.Tolerance{Abs: 0.02})
}

func TestGoldenDaily(t *testing.T) {
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
		if name == "both" {
			sameRobust(t, name, d, c.want)
			continue
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
		STL  parts `json:"stl_swin7_robust"`
		Line struct {
			N         int
			Coef      []float64
			Sigma     float64
			Predicted []float64 `json:"predicted_last12"`
		} `json:"regression_trend_seasonal_on_first"`
		Breaks struct {
			Best any `json:"best_by_bic"`
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
	sameRobust(t, "season 7", d, want.STL)
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
	stat, _, err := series.CUSUMTest(y)
	if err != nil {
		t.Fatal(err)
	}
	w.Check(t, "CUSUM", stat, want.CUSUM.Stat, tol)
	// The reference takes the law for residuals about a mean, the Brownian
	// bridge's, which TestCUSUMTestLevel shows to be far off for a line.
	w.Check(t, "P of CUSUM by the bridge", bridge(stat), want.CUSUM.P, tol)
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
	// The reference's RSS is another than its own criterion is computed from;
	// ours must be that one.
	n := float64(len(y))
	rss := math.Exp((want.Breaks.BIC[0]-3*math.Log(n))/n + math.Log(n) - 1 - math.Log(2*math.Pi))
	w.Check(t, "RSS", breaks.RSS, rss, tol)
	w.Log(t)
}

// bridge is Kolmogorov's law of the supremum of a Brownian bridge.
func bridge(x float64) float64 {
	sum := 0.0
	for k := 1; k <= 50; k++ {
		sum += 2 * math.Pow(-1, float64(k-1)) * math.Exp(-2*float64(k*k)*x*x)
	}
	return math.Min(1, sum)
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
