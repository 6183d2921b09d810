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
