package checkfeeds

import (
	"math"
	"slices"
)

// drops returns the days whose rows fall far below the usual, days without
// rows left out, joined to runs.
func (d days) drops() []span {
	counts := d.counts[:d.last+1]
	return runs(falls(counts, 7, newest, func(i int) bool { return counts[i] == 0 }))
}

// weakWeek returns the last seven days if they fall far below the weeks
// before, for feeds too small for single days to tell. Earlier weeks without
// any row are left out.
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
