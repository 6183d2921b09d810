package series_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"loyaltymcp/stats/series"
)

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
