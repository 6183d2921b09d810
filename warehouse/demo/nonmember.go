package demo

import (
	"context"
	"math"
)

// nonMemberShare is the part of all orders that no member placed.
const nonMemberShare = 0.35

// writeNonMembers writes the orders of customers outside the program: the
// calendar of the members at an even level, without the launch's rush, and
// somewhat smaller baskets. Their number follows from the members' so that the
// share holds at every size of the program; they are therefore the one part
// that a larger program draws anew.
func (g *generator) writeNonMembers(ctx context.Context) {
	g.current = nil
	r := g.stream(forNonMembers, 0)
	perDay := float64(g.nonMembersFrom()) * nonMemberShare / (1 - nonMemberShare) / periodDays
	spread := math.Hypot(valueLogMember, valueLogOrder)
	for clock := 0.0; g.err == nil; {
		clock += r.ExpFloat64() / (perDay * g.cal.peak)
		if clock >= periodDays {
			break
		}
		if r.Float64()*g.cal.peak >= g.cal.season[int(clock)] {
			continue
		}
		home, region := pick(r, orderChannels), pick(r, regions)
		o := drawOrder(r, math.Exp(valueLogMean-0.12+spread*r.NormFloat64()), home, region)
		o.at = g.cal.stamp(clock)
		if r.Float64() < cancelledShare {
			o.cancelled = true
		} else {
			o.drawRefund(r, end)
		}
		g.writeOrder(&o, nil)
		g.truth.Realized.NonMemberOrders++
		if g.truth.Realized.NonMemberOrders%4096 == 0 && ctx.Err() != nil {
			g.err = ctx.Err()
		}
	}
}
