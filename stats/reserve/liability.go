package reserve

import "math"

// Liability is points outstanding, valued: the rate is that of the outstanding
// points (Projection.Rate), the cost that of a redeemed point, in money, with
// the mix of rewards it is redeemed for.
type Liability struct {
	Points, Rate, Cost float64
}

// Value returns Points * Rate * Cost, in money.
func (l Liability) Value() float64 { return l.Points * l.Rate * l.Cost }

// SE returns the standard error of the value from those of the redeemed points
// (Projection.SE) and of the cost, taken as independent:
//
//	sqrt(Cost² se² + (Points Rate)² seCost² + se² seCost²).
func (l Liability) SE(redeemed, cost float64) float64 {
	a, b := l.Cost*redeemed, l.Points*l.Rate*cost
	return math.Sqrt(a*a + b*b + redeemed*redeemed*cost*cost)
}

// Sensitivity is a change of one assumption and what it changes the value by.
type Sensitivity struct {
	What   string
	Change float64 // of the value, in money
}

// Sensitivities returns what the value changes by for the changes of assumption
// that are disclosed by custom: the redemption rate by a point and by a tenth,
// breakage (1 - rate) by a tenth, and the cost by a twentieth, each up and down.
// The rate stays within 0 and 1. A rush of redemptions or another rule of expiry
// changes the rate lot by lot: project again (Scenario).
func (l Liability) Sensitivities() []Sensitivity {
	out := make([]Sensitivity, 0, 8)
	add := func(what string, rate, cost float64) {
		c := Liability{Points: l.Points, Rate: min(1, max(0, rate)), Cost: cost}
		out = append(out, Sensitivity{what, c.Value() - l.Value()})
	}
	add("redemption rate +1 point", l.Rate+0.01, l.Cost)
	add("redemption rate -1 point", l.Rate-0.01, l.Cost)
	add("redemption rate +10%", l.Rate*1.1, l.Cost)
	add("redemption rate -10%", l.Rate*0.9, l.Cost)
	add("breakage +10%", 1-(1-l.Rate)*1.1, l.Cost)
	add("breakage -10%", 1-(1-l.Rate)*0.9, l.Cost)
	add("cost per point +5%", l.Rate, l.Cost*1.05)
	add("cost per point -5%", l.Rate, l.Cost*0.95)
	return out
}

// Movement explains the change of a liability over a period by the movements of
// points, at the opening rate and cost, and then by what changed in the rate and
// in the cost of what is outstanding at the close. Every amount is signed as it
// changes the liability, in money.
type Movement struct {
	Opening                                                                        float64
	Issued, Reversed, Redeemed, Reimbursed, Expired, Adjusted, Transferred, Points float64 // Points is what the books don't explain
	Rate, Cost                                                                     float64
	Closing                                                                        float64
}

// Explain returns the movement from the opening to the closing valuation by the
// roll-forward of the points, whose Opening and Closing times unit are the
// points of the two; unit is 1 unless the amounts are in fractions of a point.
//
//	Issued = +issued r0 c0, Redeemed = -redeemed r0 c0, ..., Points = unexplained r0 c0,
//	Rate = points1 (r1 - r0) c0, Cost = points1 r1 (c1 - c0)
//
// The terms add up to Closing - Opening but for rounding (Unexplained). To issue
// and redeem at the opening rate means that what a redemption releases above or
// below its cost, and points redeemed sooner or by others than expected, show in
// Rate.
func Explain[T ~int64](points RollForward[T], opening, closing Liability, unit float64) Movement {
	each := opening.Rate * opening.Cost * unit
	at := func(v T) float64 { return float64(v) * each }
	return Movement{
		Opening:     opening.Value(),
		Issued:      at(points.Issued),
		Reversed:    -at(points.Reversed),
		Redeemed:    -at(points.Redeemed),
		Reimbursed:  at(points.Reimbursed),
		Expired:     -at(points.Expired),
		Adjusted:    at(points.Adjusted),
		Transferred: at(points.Transferred),
		Points:      at(points.Unexplained()),
		Rate:        closing.Points * (closing.Rate - opening.Rate) * opening.Cost,
		Cost:        closing.Points * closing.Rate * (closing.Cost - opening.Cost),
		Closing:     closing.Value(),
	}
}

// Unexplained returns what the terms leave open, which is 0 but for rounding
// when the points of the valuations are those of the roll-forward.
func (m Movement) Unexplained() float64 {
	return m.Closing - (m.Opening + m.Issued + m.Reversed + m.Redeemed + m.Reimbursed + m.Expired +
		m.Adjusted + m.Transferred + m.Points + m.Rate + m.Cost)
}
