package series_test

import (
	"math"
	"testing"

	"loyaltymcp/stats/series"
)

// A level with a fixed season is taken apart exactly.
func TestSTLOfALevelWithSeason(t *testing.T) {
	season := []float64{3, -1, -2, 4, -4}
	y := make([]float64, 60)
	for i := range y {
		y[i] = 10 + season[i%5]
	}
	for _, o := range []series.STLOptions{{}, {SeasonWindow: 7}, {SeasonWindow: 9, TrendWindow: 15}, {SeasonWindow: 7, Robust: true}} {
		d, err := series.STL(y, 5, o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range y {
			if !near(d.Season[i], season[i%5], 1e-12) || !near(d.Trend[i], 10, 1e-12) {
				t.Fatalf("%+v: at %d season %v and trend %v", o, i, d.Season[i], d.Trend[i])
			}
		}
	}
}

// A slope passes into the trend. The season is fitted locally constant, which
// leans against a slope at the ends; within them little of it stays.
func TestSTLOfALineWithSeason(t *testing.T) {
	season := []float64{3, -1, -2, 4, -4}
	y := make([]float64, 100)
	for i := range y {
		y[i] = 10 + 0.5*float64(i) + season[i%5]
	}
	for _, o := range []series.STLOptions{{SeasonWindow: 7}, {SeasonWindow: 9, TrendWindow: 15}} {
		d, err := series.STL(y, 5, o)
		if err != nil {
			t.Fatal(err)
		}
		for i := range y {
			tol := 0.01
			if i < 20 || i >= 80 {
				tol = 0.05
			}
			if math.Abs(d.Season[i]-season[i%5]) > tol || math.Abs(d.Trend[i]-10-0.5*float64(i)) > tol {
				t.Errorf("%+v: at %d season %v, trend %v; want %v, %v", o, i, d.Season[i], d.Trend[i], season[i%5], 10+0.5*float64(i))
			}
		}
	}
}
