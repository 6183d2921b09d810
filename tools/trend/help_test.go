package trend_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"loyaltymcp/tools/trend"
)

// flow lays daily counts out as a flow of as many units.
func flow(values []float64) []trend.Bucket {
	out := make([]trend.Bucket, len(values))
	for i, v := range values {
		out[i] = trend.Bucket{Start: programStart.AddDate(0, 0, i), Numerator: v, N: v, Known: true}
	}
	return out
}

// busy is a KPI with a level, a weekly season and noise as of counts.
func busy(days int, level float64, rng *rand.Rand) []float64 {
	y := make([]float64, days)
	for i := range y {
		season := 1 + 0.3*math.Sin(2*math.Pi*float64(i)/7)
		y[i] = math.Round(max(0, level*season+math.Sqrt(level)*rng.NormFloat64()))
	}
	return y
}

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

func judge(t testing.TB, kind trend.Kind, b []trend.Bucket, start int) trend.Judgement {
	t.Helper()
	j, err := trend.Judge(kind, b, start, trend.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func near(a, b, tol float64) bool { return math.Abs(a-b) <= tol*max(1, math.Abs(b)) }

// poisson draws a count by counting even moments.
func poisson(mean float64, rng *rand.Rand) float64 {
	n := -1.0
	for at := 0.0; at < mean; n++ {
		at += rng.ExpFloat64()
	}
	return max(0, n)
}

func on(year int, month time.Month, day int) int {
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Sub(programStart).Hours() / 24)
}
