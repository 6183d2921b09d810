package checkfeeds

import (
	"math/rand/v2"
	"testing"
)

// shop and office are two rhythms of the day.
var (
	shop   = profile{1, 0, 0, 0, 0, 1, 3, 7, 10, 13, 16, 18, 19, 16, 14, 15, 17, 21, 22, 19, 17, 12, 6, 2}
	office = profile{0, 0, 0, 0, 0, 0, 2, 20, 40, 42, 38, 20, 10, 15, 20, 18, 10, 3, 1, 0, 0, 0, 0, 0}
)

// drawn returns n rows at random in a rhythm whose clock is put forward.
func drawn(seed uint64, from profile, n, forward int) (p profile) {
	r := rand.New(rand.NewPCG(seed, 2))
	for range n {
		u := r.Float64() * from.total()
		h := 0
		for ; h < 23 && u >= from[h]; h++ {
			u -= from[h]
		}
		p[((h+forward)%24+24)%24]++
	}
	return p
}

func TestShiftsAreFoundAndNoOthers(t *testing.T) {
	for seed := range uint64(10) {
		for k := -11; k <= 12; k++ {
			if got := drawn(seed, shop, 2*clockRows, k).shift(drawn(seed+100, shop, 2*clockRows, 0)); got != k {
				t.Errorf("seed %d: a clock %d hours ahead is told as %d", seed, k, got)
			}
			if got := drawn(seed, office, clockRows, k).shift(drawn(seed+100, shop, clockRows, 0)); got != 0 {
				t.Errorf("seed %d: two rhythms are told as a shift of %d", seed, got)
			}
		}
	}
}

func TestRhythm(t *testing.T) {
	batch := profile{2: 900, 3: 100}
	if batch.rhythm(fewRows) || !shop.rhythm(fewRows) || shop.rhythm(fewRows*2) {
		t.Errorf("rhythm: batch %v, shop %v, with fewer rows than asked %v", batch.rhythm(fewRows), shop.rhythm(fewRows), shop.rhythm(fewRows*2))
	}
	if got := shop.share(22, 4); got != (6+2+1+0)/shop.total() {
		t.Errorf("share around midnight = %v", got)
	}
	if got := midway([]profile{{0: 10}, {1: 1000}}); got[0] != 0.5 || got[1] != 0.5 {
		t.Errorf("midway = %v, want each feed to weigh the same", got)
	}
}

// A clock that is wrong for part of the time is found with its days; seasons,
// weekends and chance are not taken for one.
func TestAClockWrongForAWhile(t *testing.T) {
	for _, c := range []struct {
		name          string
		ahead         func(day int) int // hours
		rows          int               // a day
		from, to, way int               // way 0: nothing
	}{
		{"honest", func(int) int { return 0 }, 60, 0, 0, 0},
		{"the last fortnight", func(day int) int {
			if day >= 346 {
				return -8
			}
			return 0
		}, 100, 346, 359, -8},
		{"a quarter", func(day int) int {
			if day >= 270 {
				return 8
			}
			return 0
		}, 60, 270, 359, 8},
		{"a month in the middle", func(day int) int {
			if between(day, 100, 130) {
				return 5
			}
			return 0
		}, 60, 100, 130, 5},
		{"a summer an hour late", func(day int) int {
			if between(day, 100, 280) {
				return 1
			}
			return 0
		}, 60, 0, 0, 0},
		{"a weekend", func(day int) int {
			if between(day, 100, 102) {
				return 6
			}
			return 0
		}, 400, 0, 0, 0},
		{"weekends that start late", func(day int) int {
			if day%7 >= 5 {
				return 3
			}
			return 0
		}, 60, 0, 0, 0},
	} {
		for seed := range uint64(5) {
			hours := map[int][24]int64{}
			for day := range 360 {
				var counts [24]int64
				for h, n := range drawn(seed*1000+uint64(day), shop, c.rows, c.ahead(day)) {
					counts[h] = int64(n)
				}
				hours[day] = counts
			}
			s, ok := oddSpell(hours)
			if ok != (c.way != 0) || ok && (s.hours != c.way || max(s.from-c.from, c.from-s.from) > 1 || max(s.to-c.to, c.to-s.to) > 1) {
				t.Errorf("%s, seed %d: %+v, %v; want days %d to %d, %d hours", c.name, seed, s, ok, c.from, c.to, c.way)
			}
		}
	}
}
