package checkfeeds

import (
	"math"
	"slices"
)

// The rules of gaps, stale feeds and drops. All compare a day with the same
// weekday of the weeks around it, by medians, so that a weekend, a holiday or
// an outage among them doesn't matter; and all need so many rows to be
// expected that chance can't explain their absence.
const (
	// fewest is how many rows a gap or a stale feed must lack by the medians.
	// At random arrivals none of ten come once in 20,000 times.
	fewest = 10
	// often is how many rows a day they must lack on average: in a feed with
	// fewer, days without rows are its nature.
	often = 3
	// weeksAround is how many weeks on each side tell what is usual.
	weeksAround = 4
	// weeksBefore is how many weeks tell it for the newest days, which have
	// nothing after them.
	weeksBefore = 8
	// newest is how many last days are judged by the weeks before them alone.
	newest = 28
	// A day or week has dropped when it has less than half of the median and
	// of the lower quartile (so that the end of a high season is none), and
	// lies further below the median than chance explains (dropRoots of its
	// root) and than is usual (dropScales of 1.4826 MAD).
	dropShare  = 0.5
	dropRoots  = 4
	dropScales = 3
	// dropMedian is the least median at which a drop can be told.
	dropMedian = 20
)

// days are a feed's rows by day, from its first day with rows on.
type days struct {
	first  int // day number of counts[0]
	counts []float64
	last   int // index of the last day with rows
}

// newDays lays out the rows from the first day to the end (inclusive).
func newDays(rows map[int]int64, end int) (d days, ok bool) {
	first, last, any := 0, 0, false
	for day, n := range rows {
		if n == 0 || day > end {
			continue
		}
		if !any || day < first {
			first = day
		}
		if !any || day > last {
			last = day
		}
		any = true
	}
	if !any {
		return days{}, false
	}
	d = days{first: first, counts: make([]float64, end-first+1), last: last - first}
	for day, n := range rows {
		if day <= end {
			d.counts[day-first] += float64(n)
		}
	}
	return d, true
}

// span is a run of days or weeks, by index, both ends inclusive.
type span struct {
	from, to       int
	rows, expected float64
}

// gaps returns the runs of days without rows between days with rows in which
// the weeks around let expect some. When there are more than three, and more
// than one in eight weeks, they are the feed's rhythm: none is returned.
func (d days) gaps() []span {
	var out []span
	for i := 0; i <= d.last; i++ {
		if d.counts[i] > 0 {
			continue
		}
		s := span{from: i}
		for d.counts[i+1] == 0 {
			i++ // ends before last, which has rows
		}
		s.to = i
		for day := s.from; day <= s.to; day++ {
			var around []float64
			for k, n := day-7, 0; k >= 0 && n < weeksAround; k -= 7 {
				if k < s.from {
					around, n = append(around, d.counts[k]), n+1
				}
			}
			for k, n := day+7, 0; k <= d.last && n < weeksAround; k += 7 {
				if k > s.to {
					around, n = append(around, d.counts[k]), n+1
				}
			}
			if len(around) >= 2 {
				s.expected += median(around)
			}
		}
		if s.missed() {
			out = append(out, s)
		}
	}
	if len(out) > max(3, d.last/56) {
		return nil
	}
	return out
}

// lag returns the days after the last one with rows, and what was to be
// expected on them.
func (d days) lag() span {
	s := span{from: d.last + 1, to: len(d.counts) - 1}
	for day := s.from; day <= s.to; day++ {
		var before []float64
		for k := day - 7; k >= 0 && len(before) < weeksBefore; k -= 7 {
			if k <= d.last {
				before = append(before, d.counts[k])
			}
		}
		if len(before) >= 2 {
			s.expected += median(before)
		}
	}
	return s
}

// missed reports whether so many rows were to be expected that chance can't
// explain that there are none.
func (s span) missed() bool {
	return s.expected >= fewest && s.expected >= often*float64(s.to-s.from+1)
}

// longestPause is the longest run of days without rows between days with some.
func (d days) longestPause() int {
	longest, run := 0, 0
	for _, n := range d.counts[:d.last+1] {
		if n > 0 {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// drops returns the days whose rows fall far below the usual, days without
// rows left out, joined to runs.
func (d days) drops() []span {
	counts := d.counts[:d.last+1]
	return runs(falls(counts, 7, newest, func(i int) bool { return counts[i] == 0 }))
}

// weakWeek returns the last seven days if they fall far below the weeks
// before, for feeds too small for single days to tell. A week with a day
// without rows is left to gaps.
func (d days) weakWeek() (span, bool) {
	var weeks []float64
	for end := d.last; end >= 6; end -= 7 {
		sum := 0.0
		for _, n := range d.counts[end-6 : end+1] {
			sum += n
		}
		weeks = append([]float64{sum}, weeks...)
	}
	last := len(weeks) - 1
	for _, f := range falls(weeks, 1, 1, func(i int) bool { return i < last && weeks[i] == 0 }) {
		if f.from == last {
			return span{from: d.last - 6, to: d.last, rows: f.rows, expected: f.expected}, true
		}
	}
	return span{}, false
}

// falls returns the indices at which counts fall far below what is usual at
// the same place of the cycle of step. The last tail of them are compared with
// those before alone, and with how the same time of last year fell where the
// counts go back so far; the others with both sides, so that a season that
// ends is none.
func falls(counts []float64, step, tail int, skip func(int) bool) []span {
	var out []span
	fallen := map[int]bool{}
	take := func(i, by, most int) (around []float64) {
		for k := i + by; k >= 0 && k < len(counts) && len(around) < most; k += by {
			if !fallen[k] && !skip(k) {
				around = append(around, counts[k])
			}
		}
		return around
	}
	// level is by what factor, at most 1, most days of the week before lie
	// below their usual: a season that wanes.
	level := func(i int) float64 {
		factors := []float64{}
		for k := max(0, i-step+1); step > 1 && k < i; k++ {
			if before := take(k, -step, weeksBefore); !fallen[k] && !skip(k) && len(before) >= weeksAround && median(before) > 0 {
				factors = append(factors, counts[k]/median(before))
			}
		}
		if len(factors) == 0 {
			return 1
		}
		return min(1, median(factors))
	}
	down, waned := -step-1, 1.0 // the last fall, and the level before it
	for i, n := range counts {
		if skip(i) {
			continue
		}
		var usual float64
		var around []float64
		if i >= len(counts)-tail {
			if around = take(i, -step, weeksBefore); len(around) < weeksAround {
				continue
			}
			// While the counts are down, the level is that of before.
			if i-down > step {
				waned = level(i)
			}
			usual = median(around) * min(lastYear(counts, i, step), waned)
		} else {
			before, after := take(i, -step, weeksAround), take(i, step, weeksAround)
			if len(before) < 3 || len(after) < 3 {
				continue
			}
			around = append(before, after...)
			usual = min(median(before), median(after))
		}
		below := max(dropRoots*math.Sqrt(usual), dropScales*1.4826*mad(around))
		if usual >= dropMedian && n < dropShare*min(usual, lowerQuartile(around)) && usual-n > below {
			fallen[i], down = true, i
			out = append(out, span{from: i, to: i, rows: n, expected: usual})
		}
	}
	return out
}

// lastYear is by what factor, at most 1, the counts around the same time a year
// ago lay below the weeks before them.
func lastYear(counts []float64, i, step int) float64 {
	factor := 1.0
	for from := i - 364/7*step - step/2; from <= i-364/7*step; from += max(1, step/2) {
		var sum, usual float64
		for k := from; k < from+step; k++ {
			if k < weeksBefore*step {
				return 1
			}
			var before []float64
			for w := 1; w <= weeksBefore; w++ {
				before = append(before, counts[k-w*step])
			}
			sum += counts[k]
			usual += median(before)
		}
		if usual > 0 {
			factor = min(factor, sum/usual)
		}
	}
	return factor
}

// runs joins neighbours.
func runs(spans []span) []span {
	var out []span
	for _, s := range spans {
		if n := len(out) - 1; n >= 0 && out[n].to+1 == s.from {
			out[n].to = s.to
			out[n].rows += s.rows
			out[n].expected += s.expected
			continue
		}
		out = append(out, s)
	}
	return out
}

func median(x []float64) float64 {
	x = slices.Clone(x)
	slices.Sort(x)
	n := len(x)
	if n%2 == 1 {
		return x[n/2]
	}
	return (x[n/2-1] + x[n/2]) / 2
}

// lowerQuartile is the value that a quarter of x lies below, at most.
func lowerQuartile(x []float64) float64 {
	x = slices.Clone(x)
	slices.Sort(x)
	return x[len(x)/4]
}

// mad is the median of the distances from the median.
func mad(x []float64) float64 {
	m := median(x)
	distances := make([]float64, len(x))
	for i, v := range x {
		distances[i] = math.Abs(v - m)
	}
	return median(distances)
}
