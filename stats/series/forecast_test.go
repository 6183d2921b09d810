package series_test

import (
	"math"
	"testing"

	"loyaltymcp/stats/series"
)

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

// The fit is the best that any state at the start and any shares near it give.
func TestETSIsTheOptimum(t *testing.T) {
	t.Parallel()
	y := week(70, 6)
	e, err := series.ETS(y, 7)
	if err != nil {
		t.Fatal(err)
	}
	sse := 0.0
	for i, fitted := range e.Fitted {
		sse += (y[i] - fitted) * (y[i] - fitted)
	}
	if !near(sse, e.SSE, 1e-9) {
		t.Errorf("errors of %v, sum of the fitted %v", e.SSE, sse)
	}
	// With all shares 0 the model is the line with season, fitted by other means.
	line, err := series.TrendSeason(y, 7)
	if err != nil {
		t.Fatal(err)
	}
	if fixed := line.Sigma * line.Sigma * float64(len(y)-8); e.SSE > fixed*(1+1e-9) {
		t.Errorf("errors of %v, of a fixed line and season %v", e.SSE, fixed)
	} else if e.Smoothing.Level < 1e-6 && e.Smoothing.Season < 1e-6 && !near(e.SSE, fixed, 1e-6) {
		t.Errorf("errors of %v without smoothing, of a fixed line and season %v", e.SSE, fixed)
	}
}
