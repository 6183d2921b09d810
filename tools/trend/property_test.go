package trend_test

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"loyaltymcp/tools/trend"
)

// drawn is a random series with what may happen to it.
func drawn(t *rapid.T) (b []trend.Bucket, start int) {
	days := rapid.IntRange(60, 600).Draw(t, "days")
	length := rapid.IntRange(1, 50).Draw(t, "length")
	y := busy(days, rapid.SampledFrom([]float64{0.3, 5, 400}).Draw(t, "level"), random(rapid.Uint64().Draw(t, "seed")))
	factor := rapid.SampledFrom([]float64{0, 0.5, 1, 1.2, 3}).Draw(t, "factor")
	for i := days - min(length, 20); i < days; i++ {
		y[i] = math.Round(factor * y[i])
	}
	b = flow(y)
	for i := range b {
		b[i].Denominator = 1000 + math.Mod(float64(i)*37, 50)
	}
	return b, days - length
}

var allKinds = []trend.Kind{trend.Flow, trend.Ratio, trend.Stock}

// Other units give the same score.
func TestScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, start := drawn(t)
		kind := rapid.SampledFrom([]trend.Kind{trend.Flow, trend.Stock}).Draw(t, "kind")
		k := rapid.SampledFrom([]float64{1.0 / 1024, 1024, math.Pow(2, 40)}).Draw(t, "factor")
		scaled := slices.Clone(b)
		for i := range scaled {
			scaled[i].Numerator *= k
		}
		a, c := must(t, kind, b, start), must(t, kind, scaled, start)
		if !near(c.Score, a.Score, 1e-6) || !near(c.Expected/k, a.Expected, 1e-6) || a.Alarm != c.Alarm || len(a.Points) != len(c.Points) || !a.ChangePoint.Equal(c.ChangePoint) {
			t.Fatalf("times %v: %+v, want as %+v", k, c, a)
		}
	})
}

// Whole weeks later everything is as much later. A step of 28 weeks may make
// another day of the month stand out by chance, so the series has none.
func TestShift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, start := drawn(t)
		kind := rapid.SampledFrom(allKinds).Draw(t, "kind")
		weeks := rapid.IntRange(-100, 100).Draw(t, "weeks")
		for i := range b {
			b[i].Numerator = 10 + math.Mod(float64(i)*7919, 13) // of a regular spread: no day is far off
		}
		later := slices.Clone(b)
		for i := range later {
			later[i].Start = later[i].Start.AddDate(0, 0, 7*weeks)
		}
		a, c := must(t, kind, b, start), must(t, kind, later, start)
		if !near(c.Score, a.Score, 1e-9) || !near(c.Expected, a.Expected, 1e-9) || a.Alarm != c.Alarm {
			t.Fatalf("%d weeks later: %+v, want as %+v", weeks, c, a)
		}
	})
}

// What is expected does not depend on the window, nor do its bounds.
func TestNothingFromTheWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, start := drawn(t)
		other := slices.Clone(b)
		for i := start; i < len(b); i++ {
			other[i].Numerator, other[i].N = float64(rapid.IntRange(0, 1000).Draw(t, "value")), 0
		}
		kind := rapid.SampledFrom([]trend.Kind{trend.Flow, trend.Ratio}).Draw(t, "kind")
		a, c := must(t, kind, b, start), must(t, kind, other, start)
		if a.Scored && c.Scored && sumOf(b[:start]) > 0 && (a.Low != c.Low || a.High != c.High) {
			t.Fatalf("bounds %v to %v, want %v to %v", c.Low, c.High, a.Low, a.High)
		}
	})
}

func sumOf(b []trend.Bucket) float64 {
	sum := 0.0
	for _, v := range b {
		sum += v.Numerator
	}
	return sum
}

// A ratio and its inverse move against each other, and so do a signed ratio and
// its negative.
func TestMirror(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, start := drawn(t)
		inverse, signed, negative := slices.Clone(b), slices.Clone(b), slices.Clone(b)
		for i := range b {
			b[i].Numerator, b[i].N = b[i].Numerator+1, 0
			inverse[i].Numerator, inverse[i].Denominator, inverse[i].N = b[i].Denominator, b[i].Numerator, 0
			signed[i].Numerator = b[i].Numerator - 1.3*float64(i%3)*b[0].Numerator
			negative[i].Numerator = -signed[i].Numerator
		}
		for _, pair := range [][2][]trend.Bucket{{b, inverse}, {signed, negative}} {
			a, c := must(t, trend.Ratio, pair[0], start), must(t, trend.Ratio, pair[1], start)
			if a.Scored && c.Scored && math.Abs(a.Score+c.Score) > 1e-6*max(1, math.Abs(a.Score)) {
				t.Fatalf("mirrored: %v and %v", a.Score, c.Score)
			}
		}
	})
}

// The score is beyond the threshold just where the value is outside the bounds.
func TestBoundsAndScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, start := drawn(t)
		kind := rapid.SampledFrom(allKinds).Draw(t, "kind")
		j := must(t, kind, b, start)
		if !j.Scored {
			return
		}
		margin := 1e-6 * max(math.Abs(j.Low), math.Abs(j.High), math.Abs(j.Value))
		outside := j.Value < j.Low-margin || j.Value > j.High+margin
		inside := j.Value > j.Low+margin && j.Value < j.High-margin
		beyond := math.Abs(j.Score) >= trend.DefaultThreshold
		if outside && !beyond || inside && beyond {
			t.Fatalf("value %v, bounds %v to %v, score %v", j.Value, j.Low, j.High, j.Score)
		}
		if (j.Alarm || j.OneDay) != beyond || j.Alarm && j.OneDay {
			t.Fatalf("score %v: alarm %v, for one day %v", j.Score, j.Alarm, j.OneDay)
		}
	})
}

// Rare events at random raise no more alarms than the rest.
func TestRareEvents(t *testing.T) {
	alarms, windows := 0, 0
	for seed := range uint64(120) {
		rng := random(seed)
		y := make([]float64, 500)
		rate := []float64{0.02, 0.1, 0.5, 2}[seed%4]
		for i := range y {
			y[i] = poisson(rate, rng)
		}
		for _, length := range []int{7, 30} {
			for end := 200; end <= 500; end += 30 {
				windows++
				if judge(t, trend.Flow, flow(y[:end]), end-length).Alarm {
					alarms++
				}
			}
		}
	}
	if alarms*100 > windows {
		t.Errorf("%d alarms in %d windows of rare events", alarms, windows)
	}
}

func must(t *rapid.T, kind trend.Kind, b []trend.Bucket, start int) trend.Judgement {
	t.Helper()
	j, err := trend.Judge(kind, b, start, trend.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// FuzzJudge: whatever finite numbers come, the answer is finite or an error.
func FuzzJudge(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3}, uint8(30), uint8(0))
	f.Add(binary.LittleEndian.AppendUint64(nil, math.Float64bits(1e289)), uint8(7), uint8(1))
	f.Add(binary.LittleEndian.AppendUint64(nil, 1), uint8(90), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, length, kind uint8) {
		if len(data) == 0 {
			return
		}
		days := 260
		b := make([]trend.Bucket, days)
		number := func(i int) float64 {
			var word [8]byte
			for k := range word {
				word[k] = data[(i*8+k)%len(data)]
			}
			return math.Float64frombits(binary.LittleEndian.Uint64(word[:]))
		}
		step := 1 + 6*int(kind/3%2)
		for i := range b {
			b[i] = trend.Bucket{Start: programStart.AddDate(0, 0, i*step), Numerator: number(3 * i), Denominator: math.Abs(number(3*i + 1)), N: math.Abs(number(3*i + 2)), Known: data[i%len(data)] != 7}
		}
		j, err := trend.Judge(allKinds[kind%3], b, days-1-int(length)%200, trend.Options{})
		if err != nil {
			return
		}
		values := []float64{j.Value, j.Expected, j.Low, j.High, j.Score}
		for _, p := range j.Points {
			values = append(values, p.Value, p.Expected, p.Score)
		}
		if j.Slope != nil {
			values = append(values, j.Slope.PerDay, j.Slope.Low, j.Slope.High)
		}
		for i, v := range values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatalf("value %d of %+v is %v", i, j, v)
			}
		}
	})
}

func BenchmarkJudge(b *testing.B) {
	y := flow(busy(760, 400, random(1)))
	for _, length := range []int{7, 30, 90} {
		b.Run((time.Duration(length) * 24 * time.Hour).String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				judge(b, trend.Flow, y, 760-length)
			}
		})
	}
}
