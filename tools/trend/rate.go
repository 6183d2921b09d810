package trend

import "math"

// span is some buckets taken together.
type span struct {
	y, x float64
	rate float64 // on the scale on which rates are compared
	ok   bool    // false where half of the buckets are not known, or next to nothing is exposed
}

// span takes the buckets from one to another, exclusive, together, but for one
// of them (none if negative).
func (c *course) span(from, to, without int) span {
	s := span{y: c.sumY[to] - c.sumY[from], x: c.sumX[to] - c.sumX[from]}
	if without >= 0 {
		s.y, s.x = s.y-c.y[without], s.x-c.x[without]
	}
	known := c.sumKnown[to] - c.sumKnown[from]
	if s.ok = 2*known >= float64(to-from) && s.x > thin*c.exposed()*float64(to-from); s.ok {
		s.rate = c.link(s.y, s.x)
	}
	return s
}

// exposed is the mean exposure of a bucket before the window.
func (c *course) exposed() float64 { return c.sumX[c.start] / max(1, c.sumKnown[c.start]) }

// thin is the share of the usual exposure below which a span tells nothing.
const thin = 0.05

// link returns the rate of a yield and an exposure, on the scale on which rates
// are compared.
func (c *course) link(y, x float64) float64 {
	if !c.log {
		return y / x
	}
	// Both sides grow by one unit at the usual rate, so that 0 has a logarithm.
	return math.Log(max(y+c.unit, 1e-9*c.unit)) - math.Log(x+c.unit/c.usual)
}

// yield undoes link: the yield that an exposure lets expect at a rate.
func (c *course) yield(rate, x float64) float64 {
	if !c.log {
		return rate * x
	}
	return max(0, math.Exp(rate)*(x+c.unit/c.usual)-c.unit)
}

// value turns a yield of the window into the KPI's value.
func (c *course) value(y float64) float64 {
	x := c.sumX[len(c.y)] - c.sumX[c.start]
	switch c.kind {
	case Flow:
		return y*c.scaleY + c.taken(c.start, len(c.y))*c.scaleY
	case Ratio:
		return y / x * c.scale
	}
	y += c.taken(c.start, len(c.y))
	if c.growth {
		return c.level * math.Exp(y) * c.scaleY
	}
	return (c.level + y) * c.scaleY
}

// taken returns what was taken off the yields.
func (c *course) taken(from, to int) float64 {
	sum := 0.0
	for i := from; c.off != nil && i < to; i++ {
		if c.known[i] {
			sum += c.off[i]
		}
	}
	return sum
}
