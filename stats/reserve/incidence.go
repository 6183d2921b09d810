package reserve

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrLife is the class of errors of lives that can't be used.
var ErrLife = errors.New("reserve: life")

// Outcome is how the life of a lot ended.
type Outcome int

const (
	StillOpen Outcome = iota // when it was last seen
	WasRedeemed
	HasExpired
)

// Life is a lot (or a point) from its issue until it was redeemed, expired, or
// last seen.
type Life struct {
	Time    float64 // age at the end, in any unit
	Outcome Outcome
	Weight  float64 // points; 1 to count lots
	Cluster int     // the member; where all are equal every lot stands for itself
}

// Incidence is the share of points that were redeemed, and that expired, by an
// age: at the expiry age the redemption rate and the breakage. Open is the rest.
type Incidence struct {
	Time, Open, Redeemed, Expired float64
	RedeemedSE, ExpiredSE         float64
}

// CompetingRisks returns the cumulative incidence of redemption and of expiry at
// the times given, in ascending order, by Aalen and Johansen (1978):
//
//	F_k(t) = sum over u <= t of S(u-) d_k(u)/Y(u), S = prod (1 - d(u)/Y(u)),
//
// with standard errors by the infinitesimal jackknife, summed within clusters.
// It assumes nothing of the shape, and that lots still open are like others of
// their age, which is the check to hold a Hazard against. At equal times ends
// come before lots that are last seen then.
//
// To take expiry for mere censoring instead gives the redemption rate of a
// program without expiry, under the unlikely premise that expiry tells nothing;
// recode HasExpired as StillOpen to have it.
//
// CompetingRisks returns ErrLife for lives that can't be. It panics unless times ascend.
func CompetingRisks(lives []Life, times []float64) ([]Incidence, error) {
	if !slices.IsSorted(times) || slices.ContainsFunc(times, math.IsNaN) {
		panic("reserve: times are NaN or not in ascending order")
	}
	if len(lives) == 0 {
		return nil, fmt.Errorf("%w: there are none", ErrLife)
	}
	var weight float64
	for i, l := range lives {
		if !(l.Time >= 0) || math.IsInf(l.Time, 1) || !(l.Weight > 0) || math.IsInf(l.Weight, 1) {
			return nil, fmt.Errorf("%w: lot %d has time %g and weight %g; the time must be finite and not negative, the weight above 0", ErrLife, i, l.Time, l.Weight)
		}
		if l.Outcome < StillOpen || l.Outcome > HasExpired {
			return nil, fmt.Errorf("%w: lot %d has the unknown outcome %d", ErrLife, i, l.Outcome)
		}
		weight += l.Weight
	}
	if math.IsInf(weight, 1) {
		return nil, fmt.Errorf("%w: the weights add up beyond the largest number; use a larger unit", ErrLife)
	}
	c := newCurve(lives)
	out := make([]Incidence, len(times))
	for i, t := range times {
		out[i] = c.at(t)
	}
	return out, nil
}

// step is the state after all lots that end at a time. The sums are those of the
// influence of a lot that is at risk, over the times so far.
type step struct {
	time    float64
	before  float64    // S(u-)
	risk    float64    // Y(u)
	open    float64    // S(u)
	share   [2]float64 // F_k(u)
	own     [2]float64 // sum S(v-) dL_k(v) / Y(v)
	all     float64    // sum dL(v) / (Y(v) (1-dL(v)))
	allWith [2]float64 // sum F_k(v) dL(v) / (Y(v) (1-dL(v)))
	left    float64    // 1 - dL(u)
}

type curve struct {
	lives []Life // by time
	steps []step
	of    []int // the step of each life
	slots []int // the cluster of each life, from 0
	sums  [2][]float64
}

func newCurve(lives []Life) *curve {
	c := &curve{lives: slices.Clone(lives)}
	slices.SortStableFunc(c.lives, func(a, b Life) int {
		switch {
		case a.Time < b.Time:
			return -1
		case a.Time > b.Time:
			return 1
		}
		return 0
	})
	one := true
	for _, l := range c.lives {
		one = one && l.Cluster == c.lives[0].Cluster
	}
	// From the last end back, so that what is at risk is a sum of weights and
	// never a difference.
	var at [][3]float64 // weights by outcome
	c.of, c.slots = make([]int, len(lives)), make([]int, len(lives))
	for i, l := range c.lives {
		if i == 0 || l.Time > c.lives[i-1].Time {
			at = append(at, [3]float64{})
			c.steps = append(c.steps, step{time: l.Time})
		}
		at[len(at)-1][l.Outcome] += l.Weight
		c.of[i] = len(at) - 1
	}
	var later float64
	for k := len(at) - 1; k >= 0; k-- {
		e := at[k]
		stay := later + e[StillOpen]
		later = stay + (e[WasRedeemed] + e[HasExpired])
		c.steps[k].risk, c.steps[k].left = later, stay/later
	}
	last := step{open: 1}
	for k, e := range at {
		s := last
		s.time, s.risk, s.left = c.steps[k].time, c.steps[k].risk, c.steps[k].left
		s.before, s.open = last.open, last.open*s.left
		rates := [2]float64{e[WasRedeemed] / s.risk, e[HasExpired] / s.risk}
		for i, rate := range rates {
			s.share[i] += s.before * rate
			s.own[i] += s.before * rate / s.risk
		}
		if s.left > 0 {
			all := (rates[0] + rates[1]) / (s.risk * s.left)
			s.all += all
			for i := range rates {
				s.allWith[i] += s.share[i] * all
			}
		}
		c.steps[k], last = s, s
	}
	index := map[int]int{}
	for i, l := range c.lives {
		slot := i
		if !one {
			var ok bool
			if slot, ok = index[l.Cluster]; !ok {
				slot = len(index)
				index[l.Cluster] = slot
			}
		}
		c.slots[i] = slot
	}
	for e := range c.sums {
		c.sums[e] = make([]float64, len(lives))
	}
	return c
}

// at returns the incidence at a time.
func (c *curve) at(t float64) Incidence {
	n, found := slices.BinarySearchFunc(c.steps, t, func(s step, t float64) int {
		switch {
		case s.time < t:
			return -1
		case s.time > t:
			return 1
		}
		return 0
	})
	if !found {
		n--
	}
	if n < 0 {
		return Incidence{Time: t, Open: 1}
	}
	now := c.steps[n]
	for e := range c.sums {
		clear(c.sums[e])
	}
	for i, l := range c.lives {
		k := c.of[i]
		s := c.steps[min(k, n)] // the lot is at risk up to here
		for e := range c.sums {
			// -S dL_k/Y of the times at risk, and what a later end makes of those
			// that would have come after.
			v := -s.own[e] + now.share[e]*s.all - s.allWith[e]
			if k <= n && l.Outcome != StillOpen {
				if int(l.Outcome)-1 == e {
					v += s.before / s.risk
				}
				if s.left > 0 {
					v -= (now.share[e] - s.share[e]) / (s.left * s.risk)
				}
			}
			c.sums[e][c.slots[i]] += l.Weight * v
		}
	}
	var variance [2]float64
	for e := range c.sums {
		for _, v := range c.sums[e] {
			variance[e] += v * v
		}
	}
	return Incidence{
		Time: t, Open: now.open, Redeemed: now.share[0], Expired: now.share[1],
		RedeemedSE: math.Sqrt(variance[0]), ExpiredSE: math.Sqrt(variance[1]),
	}
}
