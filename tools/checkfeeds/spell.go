package checkfeeds

import (
	"maps"
	"math"
	"slices"
)

// The rules of a clock that is wrong for part of the time.
const (
	// spellRows is how many rows the part needs: fewer draw no shape of a day.
	spellRows = 1000
	// spellDays is how many days it needs, so that no event of a weekend is
	// taken for it.
	spellDays = 5
	// spellHours is the least shift: one hour may be a season's.
	spellHours = 2
)

// spell is a run of days in which a feed's clock differs from its own.
type spell struct {
	from, to int // day numbers, both inclusive
	hours    int // by how many the clock runs ahead
	rows     int64
}

// oddSpell looks for the run of days whose rows fit the feed's own day best
// when its clock is moved: first against the whole, then against the rest.
func oddSpell(hours map[int][24]int64) (s spell, ok bool) {
	days := slices.Sorted(maps.Keys(hours))
	rest := profileOf(hours, nil)
	for range 2 {
		if !rest.rhythm(clockRows) {
			return spell{}, false
		}
		s = likeliest(days, hours, rest)
		rest = profile{}
		for _, day := range days {
			if day < s.from || day > s.to {
				rest = rest.plus(hours[day])
			}
		}
	}
	var own profile
	for _, day := range days {
		if day >= s.from && day <= s.to {
			own = own.plus(hours[day])
		}
	}
	s.rows = int64(own.total())
	if s.to-s.from+1 < spellDays || !rest.rhythm(clockRows) || !own.rhythm(spellRows) || own.shift(rest) != s.hours {
		return spell{}, false
	}
	return s, true
}

// likeliest returns the run of days and the shift whose likelihood exceeds that
// of no shift by most.
func likeliest(days []int, hours map[int][24]int64, usual profile) (best spell) {
	n, most := usual.total(), 0.0
	for k := -11; k <= 12; k++ {
		if max(k, -k) < spellHours {
			continue
		}
		var weight profile
		for h := range weight {
			// A hundredth spread over the day, as no hour is impossible.
			moved, here := usual[((h-k)%24+24)%24]/n+0.01/24, usual[h]/n+0.01/24
			weight[h] = math.Log(moved / here)
		}
		sum, from := 0.0, 0
		for i, day := range days {
			if sum <= 0 {
				sum, from = 0, i
			}
			for h, c := range hours[day] {
				sum += float64(c) * weight[h]
			}
			if sum > most {
				most, best = sum, spell{from: days[from], to: day, hours: k}
			}
		}
	}
	return best
}

// plus adds rows by hour.
func (p profile) plus(counts [24]int64) profile {
	for h, n := range counts {
		p[h] += float64(n)
	}
	return p
}
