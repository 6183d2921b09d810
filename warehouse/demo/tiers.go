package demo

import "slices"

// A tier is reached by spending at least its threshold within twelve months.
// The multiplier on earned points is in quarters, so that points are computed
// in whole numbers.
type tier struct {
	name      string
	threshold Cents
	quarters  int64
}

var tiers = [...]tier{
	{"Bronze", 0, 4},
	{"Silver", 300_00, 5},
	{"Gold", 900_00, 6},
	{"Platinum", 2000_00, 8},
}

// year is the tiers' twelve months. No February 29 lies in the period.
const year = 365 * day

// standing is a member's tier and the spend that decides it.
type standing struct {
	tier   int
	since  instant
	reason string
	spend  Cents // paid less refunded over the orders from head on
	head   int   // first order of the trailing year
}

// age drops the orders that have left the year up to now.
func (s *standing) age(orders []order, now instant) {
	for s.head < len(orders) && orders[s.head].at <= now-year {
		s.spend -= orders[s.head].counted
		s.head++
	}
}

// count adds an order's payment and returns the highest tier that the year's
// spend reaches, or the present one.
func (s *standing) count(orders []order, i int) int {
	o := &orders[i]
	s.age(orders[:i], o.at)
	o.counted = o.paid()
	s.spend += o.counted
	reached := s.tier
	for reached+1 < len(tiers) && s.spend >= tiers[reached+1].threshold {
		reached++
	}
	return reached
}

// add counts an order's payment and raises the member at once.
func (g *generator) add(m *member, i int) {
	if reached := m.standing.count(m.orders, i); reached > m.standing.tier {
		g.moveTier(m, m.orders[i].at, reached, "qualified")
	}
}

// deduct takes a refund out of the spend. A tier reached by the order stays
// until the next review, as programs rarely take one back on a return.
func (s *standing) deduct(orders []order, i int, refund Cents) {
	orders[i].counted -= refund
	if i >= s.head {
		s.spend -= refund
	}
}

// review takes place at each anniversary of the enrollment: a member who
// doesn't reach the tier's own threshold goes down one step, however far below
// the spend is.
func (g *generator) review(m *member, now instant) {
	if s := &m.standing; s.falls(m.orders[:m.seen], now) {
		g.moveTier(m, now, s.tier-1, "downgraded")
	}
}

// falls reports whether the year's spend is too little for the tier.
func (s *standing) falls(orders []order, now instant) bool {
	s.age(orders, now)
	return s.tier > 0 && s.spend < tiers[s.tier].threshold
}

// tierAt returns the tier that the member holds just before a moment, from the
// orders up to then. It only borrows what the orders count for: add sets that
// anew when the orders are told.
func (g *generator) tierAt(m *member, t instant) int {
	past := g.past[:0]
	for i := range m.orders {
		o := &m.orders[i]
		if o.at < t && !o.cancelled {
			past = append(past, event{o.at, evOrder, i})
		}
		if o.refund > 0 && o.refundedAt < t {
			past = append(past, event{o.refundedAt, evRefund, i})
		}
	}
	for at := m.enrolled + year; at < t; at += year {
		past = append(past, event{at, evReview, 0})
	}
	slices.SortFunc(past, compareEvents)
	g.past = past
	var s standing
	seen := 0
	for _, e := range past {
		switch e.kind {
		case evOrder:
			s.tier, seen = s.count(m.orders, e.n), e.n+1
		case evRefund:
			s.age(m.orders[:seen], e.at)
			s.deduct(m.orders, e.n, m.orders[e.n].refund)
		case evReview:
			if s.falls(m.orders[:seen], e.at) {
				s.tier--
			}
		}
	}
	return s.tier
}

func (g *generator) moveTier(m *member, now instant, to int, reason string) {
	g.closeTier(m, now)
	m.standing.tier, m.standing.since, m.standing.reason = to, now, reason
}

// closeTier writes the current spell. The spell of a cancelled member ends
// with the cancellation, an open member's last one has no end.
func (g *generator) closeTier(m *member, until instant) {
	s := &m.standing
	g.emit("tier_history", m.id, tiers[s.tier].name, s.since.time(), until.orNull(), s.reason)
}
