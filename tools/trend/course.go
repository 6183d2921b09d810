package trend

import (
	"math"
	"time"
)

// course is a series in its working form: each bucket has a yield and an
// exposure, and the rate of a span is the sum of yields over the sum of
// exposures, which is what stays the same when nothing happens.
//
// Of a ratio yield and exposure are numerator and denominator. Of a flow the
// exposure is what the weekday, and a day of the month on which something
// always happens, let expect. Of a stock the yield is the growth in the bucket,
// with what such days bring taken off.
type course struct {
	kind  Kind
	cycle int // buckets a week
	start int // of the window
	days  []time.Time
	y, x  []float64 // 0 where not known
	off   []float64 // taken off the yield; nil for nothing
	known []bool

	log    bool    // rates are compared by their ratio, else by their difference
	units  bool    // yields are counts of units, or amounts that come by units
	unit   float64 // the yield of one unit
	usual  float64 // the rate before the window, which one unit pulls a rate to
	growth bool    // yields are changes of a logarithm
	level  float64 // of a stock, where the window begins, over scale
	scale  float64 // of the KPI in yields over exposures
	scaleY float64 // of the numerator in yields

	sumY, sumX, sumKnown []float64 // of all buckets before
}

// newCourse expects checked buckets.
func newCourse(kind Kind, buckets []Bucket, start, cycle int) *course {
	n := len(buckets)
	c := &course{kind: kind, cycle: cycle, start: start, days: make([]time.Time, n), y: make([]float64, n), x: make([]float64, n), known: make([]bool, n)}
	for i, b := range buckets {
		c.days[i], c.known[i] = civil(b.Start), b.Known
	}
	c.scaleY = c.scaled(c.y, func(i int) float64 { return buckets[i].Numerator })
	c.scale = c.scaleY
	switch kind {
	case Stock:
		c.grow()
	case Ratio:
		scaleX := c.scaled(c.x, func(i int) float64 { return buckets[i].Denominator })
		c.scale /= scaleX
		c.log = c.positive()
	default:
		if c.log = c.positive(); c.log {
			c.expose()
		} else {
			c.even()
			c.takeOff()
		}
	}
	c.sumY, c.sumX, c.sumKnown = make([]float64, n+1), make([]float64, n+1), make([]float64, n+1)
	for i := range c.y {
		known := 0.0
		if c.known[i] {
			known = 1
		}
		c.sumY[i+1], c.sumX[i+1], c.sumKnown[i+1] = c.sumY[i]+c.y[i], c.sumX[i]+c.x[i], c.sumKnown[i]+known
	}
	c.measure(buckets)
	return c
}

// scaled copies the values of known buckets, divided by the largest before the
// window, so that no later product leaves the range of numbers.
func (c *course) scaled(dst []float64, value func(int) float64) float64 {
	most := 0.0
	for i := range dst {
		if c.known[i] && (i < c.start || most == 0) {
			most = max(most, math.Abs(value(i)))
		}
	}
	if most == 0 {
		most = 1
	}
	for i := range dst {
		if c.known[i] {
			dst[i] = value(i) / most
		}
	}
	return most
}

// positive reports whether no yield before the window is negative.
func (c *course) positive() bool {
	for i, v := range c.y[:c.start] {
		if c.known[i] && v < 0 {
			return false
		}
	}
	return true
}

// even gives each known bucket the same exposure.
func (c *course) even() {
	for i := range c.x {
		c.x[i] = 0
		if c.known[i] {
			c.x[i] = 1
		}
	}
}

// grow turns levels into yields: the growth of the logarithm, from the last
// time before the window at which it was not above 0; or the change, where it is
// not above 0 later.
func (c *course) grow() {
	level, known := make([]float64, len(c.y)), c.known
	copy(level, c.y)
	first := 0
	for i, v := range level {
		if known[i] && v <= 0 {
			first = i + 1
		}
	}
	c.growth = first < c.start/2
	c.known = make([]bool, len(level))
	last := -1
	for i, v := range level {
		if i < c.start && known[i] {
			c.level = v
		}
		c.y[i] = 0
		if !known[i] {
			continue
		}
		if last >= 0 && !(c.growth && last < first) {
			change := v - level[last]
			if c.growth {
				change = math.Log(v) - math.Log(level[last])
			}
			// Over days without a level it is taken to be even.
			for k := last + 1; k <= i; k++ {
				c.known[k], c.y[k] = true, change/float64(i-last)
			}
		}
		last = i
	}
	c.even()
	c.takeOff()
}

// measure finds the usual rate and what one unit yields. Where the numerator of
// a ratio never exceeds its denominator it is taken to count some of its units.
// Where nothing came before the window, rates have no logarithm, and the units
// are those of the window.
func (c *course) measure(buckets []Bucket) {
	if !c.log {
		return
	}
	sums := func(from, to int) (y, x, n float64) {
		for i := from; i < to; i++ {
			if c.known[i] {
				y, x, n = y+c.y[i], x+c.x[i], n+buckets[i].N
			}
		}
		return y, x, n
	}
	y, x, n := sums(0, c.start)
	if c.log = y > 0 && x > 0; !c.log {
		y, x, n = sums(c.start, len(c.y))
	} else {
		c.usual = y / x
	}
	if !(y > 0) || !(x > 0) {
		return
	}
	c.unit = 1e-3 * y / float64(len(c.y))
	switch {
	case n == 0:
	case c.kind == Flow:
		c.units, c.unit = true, y/n
	case c.shares(buckets):
		c.units, c.unit = true, x/n*c.scaleX()/c.scaleY
	}
	c.unit = min(max(c.unit, 1e-9*y/float64(len(c.y))), y)
}

func (c *course) scaleX() float64 { return c.scaleY / c.scale }

func (c *course) shares(buckets []Bucket) bool {
	for _, b := range buckets[:c.start] {
		if b.Known && b.Numerator > b.Denominator {
			return false
		}
	}
	return true
}
