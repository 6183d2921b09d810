package trend

import (
	"math"

	"loyaltymcp/stats/series"
)

const (
	changeWeeks   = 8   // before the window, in which a change may lie too
	longestInDays = 120 // a longer window is dated in weeks
	piece         = 5   // the shortest level
)

// change returns the bucket from which on the rate is another, in the direction
// of the score; -1 where none can be told. It cuts the weeks before the window
// and the window into straight pieces, and of the cuts takes the one with the
// largest step between the pieces' means.
func (c *course) change(score float64) int {
	width := 1
	if len(c.y)-c.start > longestInDays {
		width = c.cycle
	}
	from := max(0, c.start-changeWeeks*c.cycle)
	from += (len(c.y) - from) % width
	var at []int
	var y []float64
	for i := from; i+width <= len(c.y); i += width {
		if s := c.span(i, i+width, -1); s.ok {
			at, y = append(at, i), append(y, s.rate)
		}
	}
	cuts, err := series.Breakpoints(y, piece)
	if err != nil {
		return -1
	}
	bounds := append(append([]int{0}, cuts.At...), len(y))
	best, most := -1, 0.0
	for k := 1; k+1 < len(bounds); k++ {
		step := mean(y[bounds[k]:bounds[k+1]]) - mean(y[bounds[k-1]:bounds[k]])
		if step*score > 0 && math.Abs(step) > most {
			best, most = at[bounds[k]], math.Abs(step)
		}
	}
	return best
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}
