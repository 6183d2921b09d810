package demo

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

// add counts an order's payment and raises the member to the highest tier that
// the year's spend reaches, at once.
func (g *generator) add(m *member, i int) {
	o := &m.orders[i]
	s := &m.standing
	s.age(m.orders[:i], o.at)
	o.counted = o.paid()
	s.spend += o.counted
	reached := s.tier
	for reached+1 < len(tiers) && s.spend >= tiers[reached+1].threshold {
		reached++
	}
	if reached > s.tier {
		g.moveTier(m, o.at, reached, "qualified")
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
	s := &m.standing
	s.age(m.orders[:m.seen], now)
	if s.tier > 0 && s.spend < tiers[s.tier].threshold {
		g.moveTier(m, now, s.tier-1, "downgraded")
	}
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
