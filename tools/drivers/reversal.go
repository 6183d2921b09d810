package drivers

import "math"

// What counts as a reversal; see [Reversal].
const (
	// LeastWeight is the weight from which a cell is of meaningful size.
	LeastWeight = 0.01
	// LeastMove is the change from which a rate counts as moved, relative to
	// the mean of its two absolute values.
	LeastMove = 0.01
)

// Reversal says that a ratio moved one way while its cells moved the other: a
// Simpson's reversal. It holds what a sentence about it needs.
//
// A cell moved against the whole when it has a rate in both windows, at least
// [LeastWeight], and its rate changed by at least [LeastMove] of itself with
// the sign that the whole's change hasn't. It is a reversal when such cells
// together have over half of the denominator in each window, and the rate
// effect of all cells together has the sign that the change hasn't: so mix
// alone turned it round.
//
// The thresholds keep out what is too small to be said; they are no test of
// significance.
type Reversal struct {
	// Full says that every cell with a rate in both windows and at least
	// LeastWeight moved against the whole. Otherwise the majority did.
	Full    bool
	Against []Driver // the cells that did, largest effect first
	Along   []Driver // the cells of meaningful size that moved with the whole
	Weight  float64  // of Against together
}

// reversal returns the reversal in a ratio's change that is not zero, or nil.
// The drivers must be ranked.
func reversal(d Decomposition) *Reversal {
	r := Reversal{Full: true}
	var against, all struct{ before, now float64 } // denominators
	for _, c := range d.Drivers {
		all.before += c.Before.Denominator
		all.now += c.Now.Denominator
		before, had := c.Before.Rate()
		now, has := c.Now.Rate()
		if !had || !has || c.Weight < LeastWeight {
			continue
		}
		switch change := now - before; {
		case change == 0 || math.Abs(change) < LeastMove*(math.Abs(before)+math.Abs(now))/2:
			r.Full = false
		case change > 0 != (d.Change > 0):
			r.Against = append(r.Against, c)
			r.Weight += c.Weight
			against.before += c.Before.Denominator
			against.now += c.Now.Denominator
		default:
			r.Full = false
			r.Along = append(r.Along, c)
		}
	}
	most := against.before > all.before/2 && against.now > all.now/2
	if !most || d.Rate == 0 || d.Rate > 0 == (d.Change > 0) {
		return nil
	}
	return &r
}
