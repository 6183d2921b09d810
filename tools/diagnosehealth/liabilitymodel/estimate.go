package liabilitymodel

import (
	"errors"
	"fmt"
	"math"

	"loyaltymcp/stats/reserve"
)

// Horizon is how many months ahead points that never expire are projected: what
// is not redeemed by then is not counted as redeemed at all.
const Horizon = 60

// z95 is the quantile of the normal distribution for intervals of 95 %.
const z95 = 1.959963984540054

// ErrTooLittle says that the history is too short for a model.
var ErrTooLittle = errors.New("too little history for a model of redemptions")

// The fewest complete months of history that a hazard is fitted to.
const leastMonths = 6

// Estimate is what the open points are expected to come to.
type Estimate struct {
	// From is the first month of issue that was fitted to, Since the first month
	// looked at, Seasonal whether calendar months differ in it.
	From, Since int
	Seasonal    bool
	Points      float64 // open
	Redeemed    float64 // of them, in the end
	Low, High   float64 // the 95 % prediction interval of Redeemed
	// The standard error of Redeemed, and what it is made of: chance, months that
	// hit everyone, the coefficients, and what past predictions were off by
	// beyond these three.
	SE, Process, Shock, Parameter, Model float64
	Unseen                               float64   // part of Redeemed at ages or in months that the data don't have
	ByMonth                              []float64 // redeemed, from the month of the valuation on
	Breaks                               []float64 // expired unused, by month likewise
	Lots                                 []LotEstimate
	Past                                 []Closing // what earlier closings would have said

	hazard *reserve.Hazard
}

// LotEstimate is one lot with what is still to be redeemed of it, and of it
// in all per point issued.
type LotEstimate struct {
	Lot
	Spent, Future, Rate float64
	ByMonth             []float64 // of Future, from the month of the valuation on
}

// Closing is an earlier valuation, held to what came until the latest.
type Closing struct {
	At               int // the month
	Expected, Actual float64
	SE               float64
}

// Error returns what was off, relative to what was expected.
func (c Closing) Error() float64 { return c.Actual/c.Expected - 1 }

// choice is a part of the history to fit to, and how.
type choice struct {
	skip   int // months of issue left out at the start of the data
	recent int // months looked at, 0 for all
	o      reserve.HazardOptions
}

// choices, the plainest first. The first points of a program, or of a ledger that
// begins in its midst, lie with members who have no older ones that would be
// spent before them, and so are spent otherwise than all that follow.
// Where a calendar month was seen but once, it may have been a season or chance.
var choices = []choice{{}, {skip: 3}, {skip: 6}, {recent: 24}, {recent: 12}, {skip: 6, recent: 12}, {o: reserve.HazardOptions{NoSeason: true}}}

// seasonSeen is after how many months a season is no longer in doubt.
const seasonSeen = 18

// back is how many months before the valuation the earlier ones are made.
var back = []int{3, 6, 9}

// better is by how much, of what was expected, a later choice must have been nearer
// than the ones before it.
const better = 0.01

// New estimates the redemptions of the open points. The part of the history to
// fit to is the one that would have predicted best at earlier closings; what it
// was off by then, beyond what its own standard error allows, goes into the
// error of the estimate.
func New(b *Book) (*Estimate, error) {
	cells := b.cells()
	first := b.Closing
	for _, c := range cells {
		first = min(first, c.Month)
	}
	if months := b.Closing - first; months < leastMonths {
		return nil, fmt.Errorf("%w: %d complete months, and it takes %d", ErrTooLittle, max(months, 0), leastMonths)
	}
	var best *Estimate
	var all []*Estimate
	var problem error
	for _, c := range choices {
		if c.o.NoSeason && (b.Closing-first < 12 || b.Closing-first >= seasonSeen) {
			continue
		}
		e, err := b.estimate(cells, first, c)
		if err != nil {
			if problem == nil {
				problem = err
			}
			continue
		}
		e.finish(b)
		all = append(all, e)
		if best == nil || e.nearer(best) {
			best = e
		}
	}
	if best == nil {
		return nil, fmt.Errorf("%w: %w", ErrTooLittle, problem)
	}
	best.widen(all)
	return best, nil
}

// nearer reports whether e was off by less than an estimate of a plainer choice,
// at the closings that both have.
func (e *Estimate) nearer(plainer *Estimate) bool {
	var own, other float64
	n := 0
	for _, c := range e.Past {
		for _, p := range plainer.Past {
			if c.At == p.At {
				own, other, n = own+c.Error()*c.Error(), other+p.Error()*p.Error(), n+1
			}
		}
	}
	return n > 0 && math.Sqrt(own/float64(n)) < math.Sqrt(other/float64(n))-better
}

// estimate fits a choice, and has it predict what came after earlier closings.
func (b *Book) estimate(cells []reserve.Cell, first int, c choice) (*Estimate, error) {
	h, o, err := fit(cells, first, b.Closing, c)
	if err != nil {
		return nil, err
	}
	e := &Estimate{From: first + c.skip, Since: first, Seasonal: !o.NoSeason, hazard: h}
	if c.recent > 0 {
		e.Since = max(first, b.Closing-c.recent)
	}
	for _, months := range back {
		at := b.Closing - months
		if at-first < leastMonths {
			continue
		}
		if past, ok := hold(cells, first, at, b.Closing, c); ok {
			e.Past = append(e.Past, past)
		}
	}
	return e, nil
}

// fit fits the hazard to what was known before a month. Where a calendar month
// has no finite effect, or the last months before expiry have none, it does
// without them.
func fit(cells []reserve.Cell, first, at int, c choice) (*reserve.Hazard, reserve.HazardOptions, error) {
	var past []reserve.Cell
	since := first
	if c.recent > 0 {
		if at-first <= c.recent {
			return nil, c.o, errors.New("all of the history is recent")
		}
		since = at - c.recent
	}
	oldest, kept := -1, -1
	for _, cell := range cells {
		if cell.Month < at {
			oldest = max(oldest, cell.Age)
			if cell.Month-cell.Age >= first+c.skip && cell.Month >= since {
				past = append(past, cell)
				kept = max(kept, cell.Age)
			}
		}
	}
	// Where points can't be redeemed at first, or weren't, there is no hazard.
	youngest := -1
	for _, cell := range past {
		if cell.Redeemed > 0 && (youngest < 0 || cell.Age < youngest) {
			youngest = cell.Age
		}
	}
	c.o.Start = max(0, youngest)
	// A choice must not lose sight of old points.
	if kept < oldest-1 {
		return nil, c.o, errors.New("no old points in that part of the history")
	}
	var problem error
	for _, o := range []reserve.HazardOptions{{}, {Rush: -1}, {NoSeason: true}, {NoSeason: true, Rush: -1}} {
		o.Start = c.o.Start
		if !o.NoSeason && (at-since < 12 || c.o.NoSeason) {
			continue
		}
		h, err := reserve.FitHazard(past, o)
		if err == nil {
			return h, o, nil
		}
		problem = err
	}
	return nil, c.o, problem
}

// hold values the points open at a closing of the past, and compares what was
// expected with what came.
func hold(cells []reserve.Cell, first, at, now int, c choice) (Closing, bool) {
	h, _, err := fit(cells, first, at, c)
	if err != nil {
		return Closing{}, false
	}
	var lots []reserve.OpenLot
	out := Closing{At: at}
	for _, cell := range cells {
		if cell.Month == at && cell.Age > 0 {
			lots = append(lots, reserve.OpenLot{Age: cell.Age, Left: cell.Left, Points: cell.AtRisk})
		}
		if cell.Month >= at && cell.Month-cell.Age < at {
			out.Actual += cell.Redeemed
		}
	}
	p, err := h.Project(lots, at, now-at, reserve.Scenario{})
	if err != nil || p.Redeemed <= 0 {
		return Closing{}, false
	}
	out.Expected, out.SE = p.Redeemed, p.SE
	return out, true
}
