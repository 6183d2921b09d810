package reserve

import (
	"errors"
	"fmt"
	"math"
)

// ErrDeferral is the class of errors of deferred revenue that can't be computed;
// errors.Is finds it.
var ErrDeferral = errors.New("reserve: deferral")

// Allocate splits the price of a sale that earns points between the goods and
// the points, in proportion to their stand-alone prices (IFRS 15 B42, ASC
// 606-10-55-44): points are a material right, worth what they buy times the rate
// at which they are expected to be redeemed.
//
//	points part = price * sspPoints / (sspGoods + sspPoints),
//	sspPoints = points * value per point * redemption rate
func Allocate(price, sspGoods, sspPoints float64) (goods, points float64, err error) {
	if !(price >= 0) || !(sspGoods >= 0) || !(sspPoints >= 0) || math.IsInf(price+sspGoods+sspPoints, 1) {
		return 0, 0, fmt.Errorf("%w: prices must be finite and not negative", ErrDeferral)
	}
	if sspGoods+sspPoints == 0 {
		return 0, 0, fmt.Errorf("%w: neither goods nor points have a stand-alone price to allocate by", ErrDeferral)
	}
	points = price * (sspPoints / (sspGoods + sspPoints))
	return price - points, points, nil
}

// Deferral is revenue deferred for the points of one cohort. The amount is fixed
// when the points are issued; later estimates of how many will be redeemed
// change only how fast it is recognised, breakage with the redemptions, in
// proportion to the pattern of rights exercised (IFRS 15 B46, IE52).
type Deferral struct {
	Allocated  float64
	Redeemed   float64 // points, to date
	Expected   float64 // points that will be redeemed in all, the latest estimate
	Recognised float64 // revenue to date
}

// Revenue is what a period recognised, and the two parts of it: AtPrevious, at
// the estimate of the period before, and Change, the cumulative effect of the
// new estimate on what had been redeemed by the end of the period.
type Revenue struct {
	Recognised, AtPrevious, Change float64
}

// Liability returns what is not yet recognised.
func (d *Deferral) Liability() float64 { return d.Allocated - d.Recognised }

// Close closes a period in which redeemed points came to redeemed to date, and
// expected are now estimated to be redeemed in all:
//
//	recognised to date = Allocated * redeemed / expected,
//	Change = Allocated * redeemed * (1/expected - 1/expected before).
//
// In the first period of a cohort there is no change. When nothing is left to be
// redeemed, expected is redeemed, all is recognised and the liability is 0; if
// more is expected later, what goes back into the liability is a Change.
//
// Redeemed is net of reversals, and may be less than in the period before, when
// more was reversed than redeemed: the revenue is then negative. It returns an
// error, and leaves the cohort as it was, for amounts that are negative or not
// finite and for fewer points expected than redeemed.
func (d *Deferral) Close(redeemed, expected float64) (Revenue, error) {
	sound := func(v float64) bool { return v >= 0 && !math.IsInf(v, 1) }
	switch {
	case !sound(d.Allocated) || !sound(d.Redeemed) || !sound(d.Expected) || math.IsNaN(d.Recognised) || math.IsInf(d.Recognised, 0):
		return Revenue{}, fmt.Errorf("%w: the cohort is %+v; its amounts must be finite and not negative", ErrDeferral, *d)
	case !sound(redeemed):
		return Revenue{}, fmt.Errorf("%w: %g points redeemed to date; give the amount to date, net of reversals, which is finite and not negative", ErrDeferral, redeemed)
	case !(expected >= redeemed) || math.IsInf(expected, 1):
		return Revenue{}, fmt.Errorf("%w: %g points are expected in all, fewer than the %g redeemed; raise the estimate", ErrDeferral, expected, redeemed)
	}
	part := 1.0 // nothing will ever be redeemed: nothing is owed
	if expected > 0 {
		part = redeemed / expected
	}
	before := part
	switch {
	case d.Expected > 0:
		before = redeemed / d.Expected
	case d.Recognised != 0:
		before = 1 // closed before with nothing ever to be redeemed
	}
	r := Revenue{Recognised: d.Allocated*part - d.Recognised, Change: d.Allocated * (part - before)}
	r.AtPrevious = r.Recognised - r.Change
	d.Redeemed, d.Expected = redeemed, expected
	d.Recognised = d.Allocated * part
	return r, nil
}

// DeferredRevenue is the movement of the deferred revenue of many cohorts over a
// period.
type DeferredRevenue struct {
	Opening, Allocated, AtPrevious, Change, Closing float64
}

// Add adds a cohort: what it had at the opening, what was allocated to it in the
// period, what the period recognised, and its closing liability.
func (m *DeferredRevenue) Add(opening, allocated float64, r Revenue, closing float64) {
	m.Opening += opening
	m.Allocated += allocated
	m.AtPrevious += r.AtPrevious
	m.Change += r.Change
	m.Closing += closing
}

// Unexplained returns what no movement accounts for,
//
//	Closing - (Opening + Allocated - AtPrevious - Change),
//
// 0 but for rounding.
func (m DeferredRevenue) Unexplained() float64 {
	return m.Closing - (m.Opening + m.Allocated - m.AtPrevious - m.Change)
}
