package trend

import (
	"math"
	"time"
)

const (
	oddPoint   = 5.0 // standard deviations
	pointDays  = 14  // on either side, whose median a day is compared with
	pointWeeks = 4   // the same of weeks
	fewestNear = 5   // known buckets among them
	calmWeeks  = 26  // before the window, that tell how buckets differ
)

// Point is a bucket that is odd by itself: an outage of a day, a double load.
type Point struct {
	Start    time.Time
	Value    float64 // of the KPI in the bucket
	Expected float64
	Score    float64 // robust standard deviations of single buckets
}

// points returns the buckets of the window more than five robust standard
// deviations off the median of those around them, as far as the window goes. How
// far single buckets are from that is taken from before the window. It is the
// chart of individual values, on which neither trend and season nor odd values
// widen the limits.
//
// Source: F. R. Hampel (1974), The influence curve and its role in robust
// estimation, JASA 69, 383-393; the rule of five is that of series.Scores.
func (c *course) points(buckets []Bucket) []Point {
	rate, told := make([]float64, len(c.y)), make([]bool, len(c.y))
	for i := range c.y {
		s := c.span(i, i+1, -1)
		rate[i], told[i] = s.rate, s.ok
	}
	radius := pointDays
	if c.cycle == 1 {
		radius = pointWeeks
	}
	centre := func(i, end int) (float64, bool) {
		var near []float64
		for k := max(0, i-radius); k < min(i+radius+1, end); k++ {
			if told[k] {
				near = append(near, rate[k])
			}
		}
		if !told[i] || len(near) < fewestNear {
			return 0, false
		}
		return median(near), true
	}
	var off []float64
	for i := max(0, c.start-calmWeeks*c.cycle); i < c.start; i++ {
		if m, ok := centre(i, c.start); ok {
			off = append(off, rate[i]-m)
		}
	}
	if len(off) < 2*fewestNear {
		return nil
	}
	wide := spread(off)
	var out []Point
	for i := c.start; i < len(c.y); i++ {
		m, ok := centre(i, len(c.y))
		if !ok {
			continue
		}
		expected := c.yield(m, c.x[i])
		z := c.capped(toNormal((rate[i]-m)/max(wide, c.floor(m, 1)), float64(len(off))), c.y[i], expected)
		if math.Abs(z) >= oddPoint {
			out = append(out, Point{Start: buckets[i].Start, Value: c.single(buckets, i, c.y[i]), Expected: c.single(buckets, i, expected), Score: z})
		}
	}
	return out
}

// single turns a yield of one bucket into the KPI's value in it.
func (c *course) single(buckets []Bucket, i int, y float64) float64 {
	off := 0.0
	if c.off != nil {
		off = c.off[i]
	}
	switch {
	case c.kind == Flow:
		return (y + off) * c.scaleY
	case c.kind == Ratio:
		return y / c.x[i] * c.scale
	case c.growth:
		return buckets[i].Numerator * math.Exp(y-c.y[i])
	}
	return buckets[i].Numerator + (y-c.y[i])*c.scaleY
}
