package checkfeeds

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

// made returns days of Poisson counts around the mean of each day, the last of
// which is the end.
func made(seed uint64, n int, mean func(day int) float64) days {
	r := rand.New(rand.NewPCG(seed, 1))
	d := days{counts: make([]float64, n), last: -1}
	for i := range d.counts {
		// Arrivals by exponential pauses.
		for t := r.ExpFloat64(); t < mean(i); t += r.ExpFloat64() {
			d.counts[i]++
		}
		if d.counts[i] > 0 {
			d.last = i
		}
	}
	return d
}

// week is a shop that is closed on the last day of seven.
func week(day int) float64 { return []float64{80, 90, 100, 100, 120, 150, 0}[day%7] }

func between(day, from, to int) bool { return day >= from && day <= to }

func TestDaysThatBreakTheirRhythm(t *testing.T) {
	const n = 300
	for _, c := range []struct {
		name string
		mean func(int) float64
		want string // gaps, drops, weak week, days missing at the end
		miss int    // how many of the 20 seeds may tell a day more or less by chance
	}{
		{"a steady shop", week, "[] [] false 0", 0},
		{"one row a day", func(int) float64 { return 1 }, "[] [] false 0", 0},
		{"a mailing a fortnight", func(day int) float64 {
			if day%14 == 3 {
				return 500
			}
			return 0
		}, "[] [] false 0", 0},
		{"a hole", func(day int) float64 {
			if between(day, 100, 103) {
				return 0
			}
			return week(day)
		}, "[100-104] [] false 0", 0},
		{"a Tuesday off", func(day int) float64 {
			if day == 148+1 {
				return 0
			}
			return week(day)
		}, "[149-149] [] false 0", 0},
		{"the last day half loaded", func(day int) float64 {
			if day == n-1 {
				return 0.3 * week(day)
			}
			return week(day)
		}, "[] [299-299] false 0", 0},
		{"a fortnight at a third", func(day int) float64 {
			if day >= 287 {
				return 0.33 * week(day)
			}
			return week(day)
		}, "[] [287-292 294-299] true 0", 5},
		{"a dip long ago", func(day int) float64 {
			if between(day, 120, 121) {
				return 0.3 * week(day)
			}
			return week(day)
		}, "[] [120-121] false 0", 0},
		{"a season that ends", func(day int) float64 {
			if between(day, 200, 280) {
				return 1.6 * week(day)
			}
			return week(day)
		}, "[] [] false 0", 1},
		{"growth", func(day int) float64 { return week(day) * (1 + float64(day)/100) }, "[] [] false 0", 0},
		{"few rows, then hardly any", func(day int) float64 {
			if day >= n-7 {
				return 3
			}
			return 9
		}, "[] [] true 0", 4},
		{"an end three days early", func(day int) float64 {
			if day >= n-3 {
				return 0
			}
			return 50
		}, "[] [] false 3", 0},
	} {
		var wrong []string
		for seed := range uint64(20) {
			d := made(seed, n, c.mean)
			var gaps, drops []string
			for _, s := range d.gaps() {
				gaps = append(gaps, fmt.Sprintf("%d-%d", s.from, s.to))
			}
			for _, s := range d.drops() {
				drops = append(drops, fmt.Sprintf("%d-%d", s.from, s.to))
			}
			_, weak := d.weakWeek()
			missing := 0
			if lag := d.lag(); lag.missed() {
				missing = lag.to - lag.from + 1
			}
			if got := fmt.Sprint(gaps, drops, weak, missing); got != c.want {
				wrong = append(wrong, fmt.Sprintf("seed %d: %s", seed, got))
			}
		}
		if len(wrong) > c.miss {
			t.Errorf("%s: gaps, drops, weak week, days missing are %v, want %s for %d seeds at least", c.name, wrong, c.want, 20-c.miss)
		}
	}
}

// What a year ago fell as well is a season.
func TestLastYearsFallIsNone(t *testing.T) {
	fall := func(year bool) func(int) float64 {
		return func(day int) float64 {
			if day >= 720 || year && between(day, 720-364, 735-364) {
				return 25
			}
			return 100
		}
	}
	for seed := range uint64(20) {
		for _, s := range made(seed, 735, fall(true)).drops() {
			if s.from >= 720 {
				t.Errorf("seed %d: %v fell as last year, and is told", seed, s)
			}
		}
		if got := made(seed, 735, fall(false)).drops(); len(got) != 1 || got[0].from != 720 || got[0].to != 734 {
			t.Errorf("seed %d: drops = %v, want days 720 to 734", seed, got)
		}
	}
}

func TestDaysAreLaidOut(t *testing.T) {
	d, ok := newDays(map[int]int64{5: 2, 7: 1, 12: 9}, 9)
	if !ok || d.first != 5 || d.last != 2 || !reflect.DeepEqual(d.counts, []float64{2, 0, 1, 0, 0}) || d.longestPause() != 1 {
		t.Errorf("days = %+v, %v", d, ok)
	}
	if _, ok := newDays(map[int]int64{12: 9}, 9); ok {
		t.Error("a feed that starts after the end has days")
	}
	if got := median([]float64{3, 1, 2, 10}); got != 2.5 {
		t.Errorf("median = %v, want 2.5", got)
	}
	if got := mad([]float64{1, 2, 3, 4, 100}); got != 1 {
		t.Errorf("mad = %v, want 1", got)
	}
}

// Rows long before a feed begins don't make its beginning a gap, one by one or
// in a heap; a hole in its middle stays one.
func TestStrayRowsMakeNoGap(t *testing.T) {
	for seed := range uint64(20) {
		d := made(seed, 300, func(day int) float64 {
			switch {
			case day == 3 || day == 4 || day == 21 || between(day, 40, 41):
				return 10
			case day < 60 || between(day, 150, 152):
				return 0
			}
			return 100
		})
		if got := d.gaps(); len(got) != 1 || got[0].from != 150 || got[0].to != 152 {
			t.Errorf("seed %d: gaps = %v, want days 150 to 152", seed, got)
		}
	}
}
