package series_test

import (
	"fmt"
	"math"
	"testing"

	"loyaltymcp/stats/series"
)

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
	// Output: day 40 is odd, z = 19
}

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

func BenchmarkSTLRobustTwoYears(b *testing.B) {
	y := week(730, 5)
	for b.Loop() {
		if _, err := series.STL(y, 7, series.STLOptions{Robust: true}); err != nil {
			b.Fatal(err)
		}
	}
}
