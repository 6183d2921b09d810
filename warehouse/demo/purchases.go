package demo

import (
	"math"
	"math/rand/v2"
)

// Purchases follow the modified beta-geometric model (MBG/NBD): a member buys
// at an individual rate drawn from a Gamma distribution, and after the
// enrollment and after every purchase leaves for good with an individual
// probability drawn from a Beta distribution. The calendar and a running
// experiment bend the rate by thinning, which leaves both distributions alone.
// Planted faults thin what this process gives and add purchases of a process
// of their own (see boost), so that they don't move any other draw.
const (
	rateShape = 1.2  // of the Gamma distribution of purchases per average day
	rateScale = 30.0 // days; the mean rate is rateShape / rateScale
	dropoutA  = 0.8
	dropoutB  = 9.0

	// Amounts paid are lognormal around a lognormal mean of the member.
	valueLogMean   = 3.40
	valueLogMember = 0.45 // standard deviation between members
	valueLogOrder  = 0.45 // and within a member

	discountShare  = 0.22
	refundShare    = 0.025
	fullRefunds    = 0.6
	cancelledShare = 0.01
	marginMean     = 0.34
	marginSD       = 0.05
)

// order is an order of a member or, without one, of the shop.
type order struct {
	at         instant
	gross      Cents
	discount   Cents
	refund     Cents // as known when the data end
	refundedAt instant
	marginRate float64
	channel    string
	region     string
	items      int32
	cancelled  bool

	id      int64 // given when the order is written
	lot     int64 // the lot of its points
	earned  int64
	quarter int64 // the tier multiplier it earned at
	counted Cents // what it adds to the spend for tiers
}

// paid is what was paid when the order was placed.
func (o *order) paid() Cents { return o.gross - o.discount }

// purchases draws the member's orders up to the horizon and when the member
// left for good, and assigns the experiments on the way: whether a member is a
// unit depends on the orders before, and the orders after depend on the arm.
func (g *generator) purchases(m *member) {
	r := g.stream(forPurchases, m.id)
	m.orders = g.orders[:0]
	m.left = never
	if r.Float64() < m.dropout {
		m.left = m.enrolled
	}
	bound := g.cal.peak * largestEffect
	own := candidates{r: r, clock: m.clock, rate: m.rate * bound}
	extra := g.boost(m, bound)
	for m.left == never {
		own.draw()
		extra.draw()
		c := &own
		if extra.clock < own.clock {
			c = &extra
		}
		if c.clock >= periodDays {
			break
		}
		c.drawn = false
		at := g.cal.stamp(c.clock)
		g.strike(m, at)
		if at >= m.horizon {
			break
		}
		g.assign(m, at)
		accepted := g.cal.season[int(c.clock)] * g.purchaseFactor(m, at)
		if c == &extra {
			accepted *= max(g.bend(m, at)-1, 0) / g.planting.surplus
		}
		if c.r.Float64()*bound >= accepted {
			continue
		}
		before := len(m.orders)
		g.purchase(c.r, m, at)
		leaves := c.r.Float64() < m.dropout
		if c == &own && g.prevented(m, at) {
			m.orders = m.orders[:before]
			continue
		}
		if c == &extra {
			g.credited(m, at, func(factor float64) bool { return factor > 1 })
		}
		if leaves {
			m.left = at
		}
	}
	g.strike(m, m.horizon-1)
	g.assign(m, m.horizon-1)
	g.orders = m.orders
}

// candidates are the moments of an even process, one at a time; each becomes a
// purchase or not.
type candidates struct {
	r     *rand.Rand
	clock float64 // of the last one drawn
	rate  float64 // per day of the clock; nothing ever comes at zero
	drawn bool    // and not yet used
}

func (c *candidates) draw() {
	switch {
	case c.drawn:
	case c.rate == 0:
		c.clock, c.drawn = periodDays, true
	default:
		c.clock, c.drawn = c.clock+c.r.ExpFloat64()/c.rate, true
	}
}

// purchase adds one purchase. Now and then it is the second try after an order
// cancelled minutes before; cancelled orders come on top of purchases, so that
// the others follow the process exactly.
func (g *generator) purchase(r *rand.Rand, m *member, at instant) {
	paid := math.Exp(m.valueLog + valueLogOrder*r.NormFloat64())
	o := drawOrder(r, paid*g.valueFactor(m, at), m.channel, m.region)
	o.at = at
	if r.Float64() < cancelledShare {
		first := o
		first.at -= 2*minute + instant(r.IntN(int(28*minute)))
		last := m.enrolled
		if n := len(m.orders); n > 0 {
			last = m.orders[n-1].at
		}
		if first.at > last {
			first.cancelled = true
			m.orders = append(m.orders, first)
		}
	}
	o.drawRefund(r, m.horizon)
	m.orders = append(m.orders, o)
}

// drawOrder draws everything about an order but when it took place and what
// became of it.
func drawOrder(r *rand.Rand, paid float64, home, region string) order {
	rate := 0.0
	if r.Float64() < discountShare {
		rate = 0.05 + 0.20*r.Float64()
	}
	o := order{refundedAt: never}
	o.gross = Cents(math.Round(100 * max(paid, 2) / (1 - rate)))
	o.discount = Cents(math.Round(float64(o.gross) * rate))
	o.items = 1 + int32(min(r.ExpFloat64()*1.7, 40))
	o.marginRate = min(max(marginMean+marginSD*r.NormFloat64(), 0.05), 0.6)
	o.channel, o.region = home, region
	if home == "partner" || r.Float64() < 0.3 {
		o.channel = pick(r, orderChannels)
	}
	if r.Float64() < 0.05 {
		o.region = pick(r, regions)
	}
	return o
}

// drawRefund decides on a refund. One that would come after the horizon isn't
// known when the data end.
func (o *order) drawRefund(r *rand.Rand, horizon instant) {
	if r.Float64() >= refundShare {
		return
	}
	refund := o.paid()
	if r.Float64() >= fullRefunds {
		refund = Cents(math.Round(float64(refund) * (0.2 + 0.6*r.Float64())))
	}
	at := o.at + 2*day + instant(r.IntN(int(18*day)))
	if at < horizon {
		o.refund, o.refundedAt = refund, at
	}
}

// writeOrder gives the order its identifier and writes it.
func (g *generator) writeOrder(o *order, member any) {
	o.id = g.orderIDs.next()
	net := o.paid() - o.refund
	status := "completed"
	switch {
	case o.cancelled:
		status = "cancelled"
	case o.refund > 0:
		status = "refunded"
	}
	g.emit("orders", o.id, member, o.at.time(), o.gross, o.discount, o.refund, net,
		Cents(math.Round(float64(net)*o.marginRate)), o.channel, o.region, o.items, status)
}
