package series_test

import (
	"math"
	"math/rand/v2"
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

func near(a, b, tol float64) bool { return math.Abs(a-b) <= tol*math.Max(1, math.Abs(b)) }
