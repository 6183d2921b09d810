package demo

import "math"

// Purchases follow the modified beta-geometric model (MBG/NBD): a member buys
// at an individual rate drawn from a Gamma distribution, and after the
// enrollment and after every purchase leaves for good with an individual
// probability drawn from a Beta distribution. The calendar and a running
// experiment bend the rate by thinning, which leaves both distributions alone.
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
	for clock := m.clock; m.left == never; {
		clock += r.ExpFloat64() / (m.rate * bound)
		if clock >= periodDays {
			break
		}
		at := g.cal.stamp(clock)
		if at >= m.horizon {
			break
		}
		g.assign(m, at)
		accepted := g.cal.season[int(clock)] * g.purchaseFactor(m, at)
		if r.Float64()*bound >= accepted {
			continue
		}
		g.purchase(m, at)
		if r.Float64() < m.dropout {
			m.left = at
		}
	}
	g.assign(m, m.horizon-1)
	g.orders = m.orders
}

// purchase adds one purchase. Now and then it is the second try after an order
// cancelled minutes before; cancelled orders come on top of purchases, so that
// the others follow the process exactly.
func (g *generator) purchase(m *member, at instant) {
	r := g.rng
	o := g.drawOrder(math.Exp(m.valueLog+valueLogOrder*r.NormFloat64()), m.channel, m.region)
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
	g.drawRefund(&o, m.horizon)
	m.orders = append(m.orders, o)
}

// drawOrder draws everything about an order but when it took place and what
// became of it.
func (g *generator) drawOrder(paid float64, home, region string) order {
	r := g.rng
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
func (g *generator) drawRefund(o *order, horizon instant) {
	r := g.rng
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
	g.lastOrder++
	o.id = g.lastOrder
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
