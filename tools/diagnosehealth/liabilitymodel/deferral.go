package liabilitymodel

import (
	"math"

	"loyaltymcp/stats/reserve"
)

// Sales is what members paid in a month, in money, and the points they were
// issued for it, which are those that a part of the price is allocated to.
type Sales struct {
	Month       int
	Net, Earned float64
}

// Deferred is revenue deferred by IFRS 15 and ASC 606 at the valuation.
type Deferred struct {
	Allocated, Recognised, Deferred float64
	Low, High                       float64   // for the 95 % interval of the redemptions
	ByMonth                         []float64 // of Deferred, recognised from the month of the valuation on
}

// Defer allocates the sales of each month between goods and points by their
// stand-alone prices, the points' being value per point times the rate at which
// they are redeemed, and recognises the points' part as they are redeemed:
//
//	recognised = allocated × redeemed / (redeemed + expected).
//
// Points that were issued for something else than a sale have no part in a
// price: of each lot the share that was earned counts. The rates are today's, for
// all months.
func (e *Estimate) Defer(sales []Sales, value float64) (Deferred, error) {
	out, err := e.deferAt(sales, value, 1)
	if err != nil || e.Redeemed <= 0 {
		return out, err
	}
	out.Low, out.High = math.Inf(1), math.Inf(-1)
	for _, redeemed := range []float64{e.Low, e.High} {
		other, err := e.deferAt(sales, value, redeemed/e.Redeemed)
		if err != nil {
			return out, err
		}
		out.Low, out.High = min(out.Low, other.Deferred), max(out.High, other.Deferred)
	}
	return out, nil
}

// deferAt defers with future redemptions times a factor.
func (e *Estimate) deferAt(sales []Sales, value, factor float64) (Deferred, error) {
	out := Deferred{ByMonth: make([]float64, len(e.ByMonth))}
	for _, s := range sales {
		var issued, spent, future float64
		for i := range e.Lots {
			if l := &e.Lots[i]; l.Issued == s.Month {
				issued, spent, future = issued+l.Points, spent+l.Spent, future+factor*l.Future
			}
		}
		if issued <= 0 || s.Earned <= 0 || s.Net <= 0 || spent+future <= 0 {
			continue
		}
		share := min(1, s.Earned/issued)
		rate := min(1, (spent+future)/issued)
		_, points, err := reserve.Allocate(s.Net, s.Net, share*issued*value*rate)
		if err != nil {
			return out, err
		}
		d := reserve.Deferral{Allocated: points}
		if _, err := d.Close(spent, spent+future); err != nil {
			return out, err
		}
		out.Allocated += d.Allocated
		out.Recognised += d.Recognised
		out.Deferred += d.Liability()
		// A cohort's revenue follows its own redemptions, not those of all.
		for i := range e.Lots {
			if l := &e.Lots[i]; l.Issued == s.Month && future > 0 {
				for t, v := range l.ByMonth {
					out.ByMonth[t] += d.Liability() * factor * v / future
				}
			}
		}
	}
	return out, nil
}
