package demo

import (
	"cmp"
	"slices"
)

// eventKind orders events of the same second.
type eventKind uint8

const (
	evReview eventKind = iota
	evOrder
	evRefund
	evVisit
	evBonus
	evReimburse
)

// event is something that may move a member's points or tier; n says which
// order, bonus or reimbursement it is about.
type event struct {
	at   instant
	kind eventKind
	n    int
}

func compareEvents(a, b event) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.kind, b.kind), cmp.Compare(a.n, b.n))
}

// bonus is points given outside an order.
type bonus struct {
	at       instant
	kind     string // bonus or adjust
	points   int64
	campaign string
	fault    *planted // that it comes from, if any
}

// reimbursement is the points that come back from a cancelled redemption.
type reimbursement struct {
	points int64
	reward int64
}

// live tells the member's events in the order of time and writes the orders,
// the ledger, the redemptions and the tiers.
func (g *generator) live(m *member) {
	r := g.stream(forLedger, m.id)
	g.ledger.reset()
	g.reimbursed = g.reimbursed[:0]
	m.standing = standing{since: m.enrolled, reason: "enrolled"}
	g.bonuses = append(g.bonuses, bonus{m.enrolled, "bonus", welcomePoints, welcome, nil})
	if r.Float64() < 0.01 { // goodwill by customer service
		if at := m.enrolled + instant(r.Float64()*float64(end-m.enrolled)); at < m.horizon {
			g.bonuses = append(g.bonuses, bonus{at, "adjust", 100, "", nil})
		}
	}
	g.schedule(m)
	for i := 0; i < len(g.events); i++ { // it grows by reimbursements
		e := g.events[i]
		g.expire(m, e.at)
		switch e.kind {
		case evReview:
			g.review(m, e.at)
		case evOrder:
			g.placeOrder(m, e.n)
		case evRefund:
			g.refundOrder(m, e.n)
		case evVisit:
			g.considerReward(m, e.at, redeemAtVisit, i)
		case evBonus:
			g.award(m, e.at, &g.bonuses[e.n])
		case evReimburse:
			b := &g.reimbursed[e.n]
			g.credit(m, e.at, entry{kind: "reimburse", points: b.points, reward: b.reward})
		}
		if e.kind == evOrder && !m.orders[e.n].cancelled {
			g.considerReward(m, e.at, redeemAtCheckout, i)
		}
	}
	g.expire(m, min(m.horizon, end-1))
	if m.cancelled < end {
		g.forfeit(m)
	}
	g.closeTier(m, m.cancelled)
}

// schedule lists the events that are known beforehand.
func (g *generator) schedule(m *member) {
	ev := g.events[:0]
	for i := range m.orders {
		ev = append(ev, event{m.orders[i].at, evOrder, i})
		if m.orders[i].refund > 0 {
			ev = append(ev, event{m.orders[i].refundedAt, evRefund, i})
		}
	}
	for at := m.enrolled + year; at < m.horizon; at += year {
		ev = append(ev, event{at, evReview, 0})
	}
	for i := range g.touches {
		if k := g.touches[i].kind; k == "login" || k == "app_open" {
			ev = append(ev, event{g.touches[i].at, evVisit, i})
		}
	}
	for i := range g.bonuses {
		ev = append(ev, event{g.bonuses[i].at, evBonus, i})
	}
	slices.SortFunc(ev, compareEvents)
	g.events = ev
}

// placeOrder writes an order and credits its points. An order earns at the
// tier that the member held before it.
func (g *generator) placeOrder(m *member, i int) {
	o := &m.orders[i]
	m.seen = i + 1
	g.writeOrder(o, m.id)
	g.tallyOrder(m, o)
	if !m.test {
		g.truth.Realized.countOrder(o)
	}
	if o.cancelled {
		return
	}
	o.quarter = tiers[m.standing.tier].quarters
	o.earned = earns(o.paid(), o.quarter)
	if o.earned > 0 {
		o.lot = g.credit(m, o.at, entry{kind: "earn", points: o.earned, order: o.id})
		if g.leaks(m, o.at, leakCredit, o.earned) {
			g.credit(m, o.at, entry{kind: "earn", points: o.earned, order: o.id})
		}
	}
	if g.doubled(m, o.at) && o.earned > 0 {
		g.credit(m, o.at, entry{kind: "bonus", points: o.earned, order: o.id, campaign: springDoubleCampaign})
	}
	for k := range campaigns {
		c := &campaigns[k]
		if p := c.bonus(o); p > 0 {
			g.credit(m, o.at, entry{kind: "bonus", points: p, order: o.id, campaign: c.id})
		}
	}
	g.add(m, i)
}

// award gives a bonus. Points that a planted fault takes away without a reason
// go no further than the balance.
func (g *generator) award(m *member, at instant, b *bonus) {
	points := b.points
	if points < 0 {
		points = -min(-points, g.ledger.balance)
		g.ledger.spend(-points)
		if points != 0 {
			g.write(m, at, entry{kind: b.kind, points: points})
		}
	} else {
		g.credit(m, at, entry{kind: b.kind, points: points, campaign: b.campaign})
	}
	if b.fault != nil && points != 0 {
		g.acted(b.fault, m, 1, points)
	}
}

// refundOrder takes back the points that the refunded money earned. Bonuses
// of campaigns stay with the member.
func (g *generator) refundOrder(m *member, i int) {
	o := &m.orders[i]
	m.standing.age(m.orders[:m.seen], o.refundedAt)
	m.standing.deduct(m.orders, i, o.refund)
	g.reverse(m, o, o.earned-earns(o.paid()-o.refund, o.quarter))
}
