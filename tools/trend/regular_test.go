package trend_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"loyaltymcp/tools/trend"
)

// On the first of each month forty days' worth happens.
func TestFirstOfMonth(t *testing.T) {
	rng := random(3)
	y := busy(500, 50, rng)
	b := flow(y)
	for i := range b {
		if b[i].Start.Day() == 1 {
			b[i].Numerator = 2000 + 40*rng.NormFloat64()
			b[i].N = b[i].Numerator
		}
	}
	for _, length := range []int{7, 30} {
		for end := 300; end <= 420; end++ {
			if j := judge(t, trend.Flow, b[:end], end-length); !j.Scored || j.Alarm || j.OneDay || !near(j.Expected, j.Value, 0.25) {
				t.Errorf("%d days to %v: %+v", length, b[end-1].Start, j)
			}
		}
	}
	missing := slices.Clone(b)
	at := on(2025, time.October, 1)
	missing[at].Numerator, missing[at].N = 50, 50
	if j := judge(t, trend.Flow, missing[:at+20], at-10); !j.Alarm || len(j.Points) == 0 {
		t.Errorf("a first of the month on which nothing happened is no alarm: %+v", j)
	}
}

// December is half more than other months. It is expected in the second year,
// and not an alarm in the first.
func TestYearlySeason(t *testing.T) {
	y := busy(720, 400, random(5))
	for i := range y {
		if programStart.AddDate(0, 0, i).Month() == time.December {
			y[i] = math.Round(1.5 * y[i])
		}
	}
	for year := 2024; year <= 2025; year++ {
		end := on(year+1, time.January, 1)
		if j := judge(t, trend.Flow, flow(y[:end]), end-31); !j.Scored || j.Alarm {
			t.Errorf("December %d: %+v", year, j)
		}
		if j := judge(t, trend.Flow, flow(y[:end+7]), end); !j.Scored || j.Alarm {
			t.Errorf("the first week after December %d: %+v", year, j)
		}
	}
	end := on(2026, time.January, 1)
	for i := end - 31; i < end; i++ {
		y[i] = math.Round(0.4 * y[i])
	}
	if j := judge(t, trend.Flow, flow(y[:end]), end-31); !j.Alarm || !strings.Contains(j.Method, "last year") {
		t.Errorf("a December with less than half of its sales is no alarm: %+v", j)
	}
}
