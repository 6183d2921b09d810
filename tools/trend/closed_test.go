package trend_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"loyaltymcp/tools/trend"
)

// A weekly pattern without noise is continued exactly.
func TestWeekdaysExact(t *testing.T) {
	pattern := [7]float64{80, 85, 90, 95, 105, 120, 125}
	y := make([]float64, 230)
	for i := range y {
		y[i] = pattern[i%7]
	}
	for _, length := range []int{1, 7, 30, 90} {
		want := 0.0
		for _, v := range y[len(y)-length:] {
			want += v
		}
		j := judge(t, trend.Flow, flow(y), len(y)-length)
		if !j.Scored || !near(j.Value, want, 1e-9) || !near(j.Expected, want, 1e-9) || math.Abs(j.Score) > 1e-6 || j.Alarm || len(j.Points) > 0 {
			t.Errorf("%d days of a fixed week: %+v, want %v expected and no alarm", length, j, want)
		}
		if !(j.Low < want && want < j.High) {
			t.Errorf("%d days: %v is not between %v and %v", length, want, j.Low, j.High)
		}
	}
}

// A stock that grows by 1 % a day is expected to go on.
func TestSteadyGrowthExact(t *testing.T) {
	level := func(i int) float64 { return 1000 * math.Pow(1.01, float64(i)) }
	b := flow(make([]float64, 240))
	for i := range b {
		b[i].Numerator, b[i].N = level(i), 0
	}
	j := judge(t, trend.Stock, b, 210)
	if !near(j.Expected, level(239), 1e-9) || !near(j.Value, level(239), 1e-9) || math.Abs(j.Score) > 1e-6 || j.Alarm {
		t.Errorf("steady growth: %+v, want %v", j, level(239))
	}
	// The slope is the mean daily change by the level at the window's start.
	if want := level(209) * math.Log(1.01); !near(j.Slope.PerDay, want, 1e-9) {
		t.Errorf("slope %v, want %v", j.Slope.PerDay, want)
	}
}

// Where only chance can be at work, the score is that of a count: one a day for
// half a year, and then none for a week.
func TestScoreOfCounts(t *testing.T) {
	y := slices.Repeat([]float64{1}, 190)
	for i := 183; i < 190; i++ {
		y[i] = 0
	}
	got := judge(t, trend.Flow, flow(y), 183).Score
	if want := 2 * (math.Sqrt(0.375) - math.Sqrt(7.375)); !near(got, want, 1e-9) {
		t.Errorf("score %v, want %v", got, want)
	}
}

func TestZerosAndConstants(t *testing.T) {
	zeros := make([]float64, 200)
	j := judge(t, trend.Flow, flow(zeros), 170)
	if !j.Scored || j.Score != 0 || j.Expected != 0 || j.Alarm || len(j.Points) > 0 {
		t.Errorf("zeros: %+v", j)
	}
	few := slices.Clone(zeros)
	few[175], few[180], few[190] = 1, 1, 1
	if j := judge(t, trend.Flow, flow(few), 170); j.Alarm {
		t.Errorf("three events after zeros are an alarm: %+v", j)
	}
	for i := 170; i < 200; i++ {
		few[i] = 4
	}
	if j := judge(t, trend.Flow, flow(few), 170); !j.Alarm || j.Score < 0 {
		t.Errorf("four events a day after zeros are no alarm: %+v", j)
	}
	constant := flow(slices.Repeat([]float64{10}, 200))
	for i := 170; i < 200; i++ {
		constant[i].Numerator = 10.01
	}
	if j := judge(t, trend.Flow, constant, 170); j.Alarm {
		t.Errorf("a constant that moves by a thousandth is an alarm: %+v", j)
	}
}

// What is on one day is told as a point, and is no alarm of the window.
func TestOneDay(t *testing.T) {
	y := busy(500, 400, random(1))
	for name, factor := range map[string]float64{"outage": 0, "loaded twice": 12} {
		odd := slices.Clone(y)
		odd[485] *= factor
		j := judge(t, trend.Flow, flow(odd), 470)
		if j.Alarm {
			t.Errorf("%s: an alarm of the window: %+v", name, j)
		}
		if factor > 1 && !j.OneDay {
			t.Errorf("%s: the window is not beyond for one day: %+v", name, j)
		}
		if len(j.Points) != 1 || !j.Points[0].Start.Equal(programStart.AddDate(0, 0, 485)) || j.Points[0].Value != odd[485] || !near(j.Points[0].Expected, y[485], 0.2) {
			t.Errorf("%s: points %+v, want day 485 with about %v expected", name, j.Points, y[485])
		}
	}
}

// A lasting fall is an alarm from the day on which it began.
func TestLevelShift(t *testing.T) {
	for seed := range uint64(10) {
		y := busy(530, 400, random(seed))
		for i := 510; i < 530; i++ {
			y[i] = math.Round(0.55 * y[i])
		}
		j := judge(t, trend.Flow, flow(y), 500)
		off := j.ChangePoint.Sub(programStart.AddDate(0, 0, 510)).Hours() / 24
		if !j.Alarm || j.Score > 0 || math.Abs(off) > 1 {
			t.Errorf("seed %d: %+v, want an alarm that began within a day of %v", seed, j, programStart.AddDate(0, 0, 510))
		}
	}
}

// The minimum of days that a Reason names suffices, and one day less does not.
func TestShortHistory(t *testing.T) {
	y := busy(400, 400, random(7))
	for length, least := range map[int]int{1: 38, 7: 53, 14: 78, 28: 128, 30: 128, 90: 128} {
		if j := judge(t, trend.Flow, flow(y[:least+length]), least); !j.Scored || j.Reason != "" {
			t.Errorf("%d days after %d: %q", length, least, j.Reason)
		}
		j := judge(t, trend.Flow, flow(y[:least-1+length]), least-1)
		if j.Scored || j.Alarm || j.Score != 0 || j.Reason == "" {
			t.Errorf("%d days after %d: %+v", length, least-1, j)
		}
	}
}

func TestSlopeExact(t *testing.T) {
	b := make([]trend.Bucket, 200)
	for i := range b {
		b[i] = trend.Bucket{Start: programStart.AddDate(0, 0, i), Numerator: float64(i+1) * 20 * (1 + 0.001*float64(i)), Denominator: float64(i+1) * 100, Known: true}
	}
	s := judge(t, trend.Ratio, b, 170).Slope
	if s == nil || !near(s.PerDay, 0.0002, 1e-12) || !near(s.Low, 0.0002, 1e-9) || !near(s.High, 0.0002, 1e-9) {
		t.Errorf("slope %+v, want 0.0002 without error", s)
	}
	weeks := make([]trend.Bucket, 60)
	for i := range weeks {
		weeks[i] = trend.Bucket{Start: programStart.AddDate(0, 0, 7*i), Numerator: 700 + 49*float64(i), Known: true}
	}
	// 49 a week more each week are 7 a day, a seventh of that more each day.
	if s := judge(t, trend.Flow, weeks, 47).Slope; s == nil || !near(s.PerDay, 1, 1e-9) {
		t.Errorf("slope %+v, want 1", s)
	}
}

// Unknown days count neither for nor against.
func TestUnknownDays(t *testing.T) {
	y := busy(300, 400, random(9))
	b := flow(y)
	for _, i := range []int{100, 200, 201, 202, 280, 281} {
		b[i] = trend.Bucket{Start: b[i].Start, Numerator: math.NaN()}
	}
	j := judge(t, trend.Flow, b, 270)
	if !j.Scored || j.Alarm || !near(j.Value, j.Expected, 0.05) {
		t.Errorf("with gaps: %+v", j)
	}
	for i := 270; i < 290; i++ {
		b[i].Known = false
	}
	if j := judge(t, trend.Flow, b, 270); j.Scored || j.Reason == "" {
		t.Errorf("with two thirds of the window unknown: %+v", j)
	}
}

func TestErrors(t *testing.T) {
	good := flow(busy(100, 50, random(11)))
	spoiled := func(change func(b []trend.Bucket)) []trend.Bucket {
		b := slices.Clone(good)
		change(b)
		return b
	}
	for name, c := range map[string]struct {
		kind  trend.Kind
		b     []trend.Bucket
		start int
		o     trend.Options
		want  string
	}{
		"kind":      {"rate", good, 70, trend.Options{}, "flow"},
		"start":     {trend.Flow, good, 100, trend.Options{}, "at least the last"},
		"negative":  {trend.Flow, good, -1, trend.Options{}, "at least the last"},
		"single":    {trend.Flow, good[:1], 0, trend.Options{}, "history"},
		"threshold": {trend.Flow, good, 70, trend.Options{Threshold: -1}, "threshold"},
		"gap":       {trend.Flow, slices.Concat(good[:50], good[51:]), 70, trend.Options{}, "a day apart"},
		"nan":       {trend.Flow, spoiled(func(b []trend.Bucket) { b[3].Numerator = math.NaN() }), 70, trend.Options{}, "2024-07-04"},
		"infinite":  {trend.Ratio, spoiled(func(b []trend.Bucket) { b[3].Denominator = math.Inf(1) }), 70, trend.Options{}, "denominator"},
		"below 0":   {trend.Ratio, spoiled(func(b []trend.Bucket) { b[3].Denominator = -1 }), 70, trend.Options{}, "below 0"},
	} {
		if _, err := trend.Judge(c.kind, c.b, c.start, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

// Days of 23 and 25 hours are days.
func TestDaylightSaving(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones here")
	}
	b := flow(busy(300, 400, random(13)))
	want := judge(t, trend.Flow, b, 270)
	for i := range b {
		b[i].Start = time.Date(2024, time.July, 1+i, 0, 0, 0, 0, zone)
	}
	if got := judge(t, trend.Flow, b, 270); got.Score != want.Score || got.Expected != want.Expected {
		t.Errorf("in a zone with daylight saving %+v, want %+v", got, want)
	}
}
