package churnmodel

import (
	"math"

	"loyaltymcp/stats/btyd"
)

// Valuer tells of groups of members how many are alive, what they will buy in
// the days ahead and what is at risk.
type Valuer struct {
	spend  *Spend // nil where purchases have no worth
	offset int    // purchases that count for spend beyond those after the start
	days   float64
	center view
	sides  [][2]view
}

// NewValuer returns the valuer of a fit. Offset is how many purchases count for
// a member's spend beyond those after the start: 1 where the start is one.
func NewValuer(f Fit, spend *Spend, days, offset int) *Valuer {
	v := &Valuer{spend: spend, offset: offset, days: float64(days), center: newView(f.Model)}
	for _, s := range f.sides {
		v.sides = append(v.sides, [2]view{newView(s[0]), newView(s[1])})
	}
	return v
}

// view is a model with what it says of members who are alive, which depends on
// their purchases and time only.
type view struct {
	model btyd.Model
	ahead map[[2]int]float64
}

func newView(m btyd.Model) view { return view{m, map[[2]int]float64{}} }

// purchases returns the expected purchases in the days ahead of a member who is
// alive.
func (v view) purchases(x, t int, days float64) float64 {
	key := [2]int{x, t}
	e, ok := v.ahead[key]
	if !ok {
		// Whoever bought at the very end is alive for sure, or nearly so.
		h := btyd.History{X: x, T: float64(t)}
		if x > 0 {
			h.TX = h.T
		}
		e = v.model.Expected(h, days) / v.model.PAlive(h)
		v.ahead[key] = e
	}
	return e
}

// coarse returns the node of T at which the sides are evaluated: within 2 % of
// T + 30 days. Only their relation to the center at the same node is used.
func coarse(t int) int {
	const least, width = 30, 0.04
	k := math.Round(math.Log(float64(t+least)/least) / width)
	return int(math.Round(least*math.Exp(k*width))) - least
}

// Tally adds up groups of members.
type Tally struct {
	Members float64

	now   [figures]float64
	sides [][2][figures]float64 // of the fit of purchases
	costs [][2][figures]float64 // of the fit of spend
	state [figures]float64      // variance by who in fact is alive
}

// The figures of a tally.
const (
	alive     = iota // members alive
	purchases        // expected within the horizon
	revenue          // their worth
	atRisk           // what those who are gone would have brought
	figures
)

// Sum adds up the open members.
func (v *Valuer) Sum(rows []Row) Tally {
	var t Tally
	for _, r := range rows {
		if r.Open {
			v.Add(&t, r)
		}
	}
	return t
}

// Add adds the members of a row, which are open.
func (v *Valuer) Add(t *Tally, r Row) {
	if t.sides == nil {
		t.sides = make([][2][figures]float64, len(v.sides))
		if v.spend != nil {
			t.costs = make([][2][figures]float64, len(v.spend.sides))
		}
	}
	h := r.history()
	t.Members += r.Members
	n, spent, worth := r.X+v.offset, r.Spend/r.Members, 0.0
	if v.spend != nil {
		worth = v.spend.mean(n, spent)
	}
	p, ahead := v.center.model.PAlive(h), v.center.purchases(r.X, r.T, v.days)
	add := func(to *[figures]float64, p, ahead, worth float64) {
		to[alive] += r.Members * p
		to[purchases] += r.Members * p * ahead
		to[revenue] += r.Members * p * ahead * worth
		to[atRisk] += r.Members * (1 - p) * ahead * worth
	}
	add(&t.now, p, ahead, worth)
	node := coarse(r.T)
	for i := range v.sides {
		for j, side := range v.sides[i] {
			relative := side.purchases(r.X, node, v.days) / v.center.purchases(r.X, node, v.days)
			add(&t.sides[i][j], side.model.PAlive(h), ahead*relative, worth)
		}
	}
	t.state[alive] += r.Members * p * (1 - p)
	if v.spend == nil {
		return
	}
	for i, pair := range v.spend.sides {
		for j, cost := range pair {
			add(&t.costs[i][j], p, ahead, cost(n, spent))
		}
	}
	// Of a member the variance of what is lost is, with v its expectation if
	// gone, v² ((1-p)(1+within) - (1-p)²). The members of a row vary around
	// its mean, a single one doesn't.
	value, gone := ahead*worth, 1-p
	squares := value * value * (r.Members + (v.spend.between(n)-1)*math.Max(r.Members-1, 0))
	t.state[atRisk] += squares * gone * (1 + v.spend.within(n) - gone)
}

// Estimate is a figure with its 95 % interval.
type Estimate struct{ Value, Low, High float64 }

// z is the standard normal quantile of 95 % intervals.
const z = 1.959963984540054

// Alive is the share of members who are alive. The interval is of who in fact
// is.
func (t *Tally) Alive() Estimate {
	value, se := t.now[alive]/t.Members, t.se(alive)/t.Members
	return Estimate{value, math.Max(0, value-z*se), math.Min(1, value+z*se)}
}

// Purchases is how many all members together are expected to make. The interval
// is of the expectation, not of chance.
func (t *Tally) Purchases() Estimate { return t.positive(purchases) }

// Revenue is what these are worth.
func (t *Tally) Revenue() Estimate { return t.positive(revenue) }

// AtRisk is what the members who are gone would have brought. The interval is
// of who in fact is gone.
func (t *Tally) AtRisk() Estimate { return t.positive(atRisk) }

// AtRiskShare is the share of it in what all members would bring were they
// alive.
func (t *Tally) AtRiskShare() Estimate {
	value := share(t.now)
	var said [][2]float64
	for _, s := range append(append([][2][figures]float64{}, t.sides...), t.costs...) {
		said = append(said, [2]float64{share(s[0]), share(s[1])})
	}
	whole := t.now[revenue] + t.now[atRisk]
	se := math.Hypot(btyd.SideError(said), math.Sqrt(t.state[atRisk])/whole)
	return Estimate{value, math.Max(0, value-z*se), math.Min(1, value+z*se)}
}

func share(f [figures]float64) float64 { return f[atRisk] / (f[atRisk] + f[revenue]) }

// positive returns a figure above 0 with an interval of its logarithm.
func (t *Tally) positive(figure int) Estimate {
	value := t.now[figure]
	if value <= 0 {
		return Estimate{}
	}
	off := math.Exp(z * t.se(figure) / value)
	return Estimate{value, value / off, value * off}
}

// se is the standard error: of both fits, and of chance.
func (t *Tally) se(figure int) float64 {
	var said [][2]float64
	for _, s := range append(append([][2][figures]float64{}, t.sides...), t.costs...) {
		said = append(said, [2]float64{s[0][figure], s[1][figure]})
	}
	return math.Hypot(btyd.SideError(said), math.Sqrt(t.state[figure]))
}
