package trend

import (
	"math"
	"slices"
)

const (
	mostEvents  = 5   // days of the month
	seenMonths  = 4   // months that are asked whether a day of the month is one
	eventMonths = 3   // of them in which it must be one
	eventSize   = 3.0 // ninth deciles of the other days' distance
)

// events returns for each bucket the day of the month, from 1 to 28, on which
// something always happens and which lies in it; 0 for none. Such a day's value
// lies further from the median of the days around than any other day's, and by
// far, in at least three of the last four months before the window.
func (c *course) events(y []float64) []int {
	of := make([]int, len(y))
	radius := 13
	if c.cycle == 1 {
		radius = 2
	}
	var chosen [29]bool
	for range mostEvents {
		best := 0
		for d := 1; d <= 28 && best == 0; d++ {
			if chosen[d] {
				continue
			}
			seen, odd := 0, 0
			for i := c.start - 1; i >= radius && seen < seenMonths; i-- {
				if c.known[i] && of[i] == 0 && c.holds(i, d) {
					seen++
					if c.standsOut(y, of, i, radius) {
						odd++
					}
				}
			}
			if odd >= eventMonths {
				best = d
			}
		}
		if best == 0 {
			break
		}
		chosen[best] = true
		for i := range of {
			if of[i] == 0 && c.holds(i, best) {
				of[i] = best
			}
		}
	}
	return of
}

// holds reports whether the bucket holds that day of a month.
func (c *course) holds(i, day int) bool {
	first := c.days[i]
	if c.cycle == 7 {
		return first.Day() == day
	}
	last := first.AddDate(0, 0, 6)
	if first.Month() == last.Month() {
		return first.Day() <= day && day <= last.Day()
	}
	return first.Day() <= day || day <= last.Day()
}

// standsOut reports whether bucket i lies much further than all around it
// before the window, but for other days of that kind, from their median.
func (c *course) standsOut(y []float64, of []int, i, radius int) bool {
	var around []float64
	for j := max(0, i-radius); j <= min(i+radius, c.start-1); j++ {
		if j != i && c.known[j] && of[j] == 0 {
			around = append(around, y[j])
		}
	}
	if len(around) < radius {
		return false
	}
	centre := median(around)
	for k, v := range around {
		around[k] = math.Abs(v - centre)
	}
	slices.Sort(around)
	off := math.Abs(y[i] - centre)
	return off > around[len(around)-1] && off > eventSize*quantile(around, 0.9)
}

// sizes returns what each such day lately brought: the median of as many
// months as are asked.
func (c *course) sizes(y []float64, events []int) [29]float64 {
	var seen [29][]float64
	for i := c.start - 1; i >= 0; i-- {
		if d := events[i]; d > 0 && c.known[i] && len(seen[d]) < seenMonths {
			seen[d] = append(seen[d], y[i])
		}
	}
	var size [29]float64
	for d := range size {
		if len(seen[d]) > 0 {
			size[d] = median(seen[d])
		}
	}
	return size
}
