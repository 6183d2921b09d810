package btyd

import (
	"errors"
	"fmt"
	"math"
)

// History is what a model needs to know of one member. Times are counted from
// the member's first purchase, in any unit, the same one everywhere.
type History struct {
	X  int     // repeat purchases: the first purchase is not counted
	TX float64 // time of the last purchase, 0 when X is 0
	T  float64 // time for which the member was observed
	// LogGaps is the sum of the natural logarithms of the X times between
	// purchases. Only MBGCNBD with K above 1 reads it.
	LogGaps float64
}

// check returns an error unless h is a possible history.
func (h History) check() error {
	switch {
	case h.X < 0:
		return errors.New("negative number of purchases")
	case math.IsNaN(h.TX) || math.IsNaN(h.T) || math.IsInf(h.T, 0) || math.IsNaN(h.LogGaps) || math.IsInf(h.LogGaps, 0):
		return errors.New("a time that is not finite")
	case h.TX < 0 || h.TX > h.T:
		return errors.New("last purchase outside the time observed")
	case h.X == 0 && h.TX != 0:
		return errors.New("a last purchase without a repeat purchase")
	case h.X > 0 && h.TX == 0:
		return errors.New("repeat purchases at the time of the first one")
	}
	return nil
}

var (
	// ErrNoMembers is returned when there is no history of positive weight.
	ErrNoMembers = errors.New("btyd: no members to fit a model to")
	// ErrNoRepeat is returned when no member bought again: the rate of purchase
	// cannot be estimated. A longer window of observation would help.
	ErrNoRepeat = errors.New("btyd: no member bought again; observe for longer")
	// ErrNoTime is returned when no member was observed after the first purchase.
	ErrNoTime = errors.New("btyd: no member was observed after the first purchase")
	// ErrNoGaps is returned by fits that need LogGaps when all of them are 0.
	ErrNoGaps = errors.New("btyd: the sums of log gaps between purchases are missing")
	// ErrNotDiscrete is returned when the histories do not count opportunities.
	ErrNotDiscrete = errors.New("btyd: times are not whole numbers of opportunities with at most one purchase each")
)

// Data is a set of histories in the form that the fits read: sorted by number
// of purchases, equal histories merged into one with their weights added. It is
// not changed by a fit and may be shared.
type Data struct {
	groups  []group
	tx, t   []float64
	w       []float64
	members float64 // sum of weights
	buys    float64 // weighted sum of purchases
	time    float64 // weighted sum of times observed
	gaps    float64 // weighted sum of LogGaps
	gapped  bool    // whether any is other than 0
}

// group is the range of histories with x purchases.
type group struct {
	x      int
	lo, hi int
}

// NewData returns the data of the histories with the weights, which are counts
// of members with that history or any other weights not below 0. A nil weights
// gives every history the weight 1; a history of weight 0 is left out.
//
// NewData returns an error that names the first history that is impossible, or
// ErrNoMembers. It panics if the lengths of histories and weights differ.
func NewData(histories []History, weights []float64) (*Data, error) {
	if weights != nil && len(weights) != len(histories) {
		panic("btyd: slice length mismatch")
	}
	d := &Data{}
	for i := range histories {
		h := &histories[i]
		if err := h.check(); err != nil {
			return nil, fmt.Errorf("btyd: history %d: %w", i, err)
		}
		w := 1.0
		if weights != nil {
			w = weights[i]
			if !(w >= 0) || math.IsInf(w, 1) {
				return nil, fmt.Errorf("btyd: weight %d is negative or not finite", i)
			}
		}
		d.members += w
		d.buys += w * float64(h.X)
		d.time += w * h.T
		d.gaps += w * h.LogGaps
		d.gapped = d.gapped || w > 0 && h.LogGaps != 0
	}
	if !(d.members > 0) {
		return nil, ErrNoMembers
	}
	d.collapse(histories, weights)
	return d, nil
}

// Members returns the sum of the weights.
func (d *Data) Members() float64 { return d.members }

// Patterns returns the number of distinct histories, the size of a fit.
func (d *Data) Patterns() int { return len(d.t) }

// thin returns about n of the histories, each group represented in proportion
// to its members, with weights that keep the total of each group.
func (d *Data) thin(n int) *Data {
	if len(d.t) <= n {
		return d
	}
	s := &Data{members: d.members, buys: d.buys, time: d.time, gaps: d.gaps}
	for _, g := range d.groups {
		var all, kept float64
		for _, w := range d.w[g.lo:g.hi] {
			all += w
		}
		lo, size := len(s.t), g.hi-g.lo
		keep := min(size, int(math.Ceil(float64(n)*all/d.members)))
		for k := range keep {
			i := g.lo + (2*k+1)*size/(2*keep)
			s.tx = append(s.tx, d.tx[i])
			s.t = append(s.t, d.t[i])
			s.w = append(s.w, d.w[i])
			kept += d.w[i]
		}
		for i := lo; i < len(s.w); i++ {
			s.w[i] *= all / kept
		}
		s.groups = append(s.groups, group{g.x, lo, len(s.t)})
	}
	return s
}
