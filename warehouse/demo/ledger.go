package demo

import "slices"

const (
	pointsPerUnit = 1  // per whole unit of money paid, before the tier's multiplier
	expiryMonths  = 12 // whole months after the month of the earn
)

// earns returns the points for an amount paid: whole units times the tier's
// multiplier, rounded half up.
func earns(paid Cents, quarters int64) int64 {
	return (int64(paid/100)*pointsPerUnit*quarters + 2) / 4
}

// lot is the points of one credit with what is left of them.
type lot struct {
	id      int64
	left    int64
	expires instant
}

// ledger is a member's open points. The lots stand in the order in which they
// expire, and the one that expires first is spent first.
type ledger struct {
	lots    []lot
	head    int // first lot that may have points left
	balance int64
}

func (l *ledger) reset() { l.lots, l.head, l.balance = l.lots[:0], 0, 0 }

// add puts a lot in its place. A later credit never expires earlier, unless
// an expiry wall was planted.
func (l *ledger) add(t lot) {
	i := len(l.lots)
	for i > l.head && l.lots[i-1].expires > t.expires {
		i--
	}
	l.lots = slices.Insert(l.lots, i, t)
}

// spend takes points from the lots that expire first. The caller has seen to
// it that the balance suffices.
func (l *ledger) spend(points int64) {
	l.balance -= points
	for points > 0 {
		t := &l.lots[l.head]
		n := min(points, t.left)
		t.left -= n
		points -= n
		if t.left == 0 {
			l.head++
		}
	}
}

// entry is a ledger entry; zero fields are written as null.
type entry struct {
	id       int64
	kind     string
	points   int64
	lot      int64
	order    int64
	reward   int64
	campaign string
	expires  instant
	unitCost float64
}

// write gives the entry its identifier and writes it.
func (g *generator) write(m *member, at instant, e entry) {
	if !m.test {
		g.truth.Realized.countEntry(e)
	}
	var expires, lot, order, reward, campaign, unitCost any
	if e.expires != 0 {
		expires = e.expires.time()
	}
	if e.lot != 0 {
		lot = e.lot
	}
	if e.order != 0 {
		order = e.order
	}
	if e.reward != 0 {
		reward = e.reward
	}
	if e.campaign != "" {
		campaign = e.campaign
	}
	if e.unitCost != 0 {
		unitCost = e.unitCost
	}
	if e.id == 0 {
		e.id = g.entryIDs.next()
	}
	g.tallyEntry(m, at, e)
	g.emit("points", e.id, m.id, at.time(), e.kind, e.points,
		expires, lot, order, reward, campaign, unitCost)
}

// credit writes points in and returns their lot. Lots run for whole months:
// every point of a month expires at the same midnight.
func (g *generator) credit(m *member, at instant, e entry) int64 {
	l := &g.ledger
	e.id = g.entryIDs.next()
	e.lot = e.id
	e.expires = g.expiry(m, at, g.cal.starts[g.cal.monthOf(at)+1+expiryMonths], e.points)
	l.add(lot{e.lot, e.points, e.expires})
	l.balance += e.points
	g.write(m, at, e)
	return e.lot
}

// expire writes off what is left of the lots that have expired by now, each at
// its own moment.
func (g *generator) expire(m *member, now instant) {
	l := &g.ledger
	for l.head < len(l.lots) && l.lots[l.head].expires <= now {
		g.writeOff(m, l.lots[l.head].expires)
	}
}

// forfeit writes off every open lot when the member cancels.
func (g *generator) forfeit(m *member) {
	before := g.truth.Realized.PointsExpired
	for g.ledger.head < len(g.ledger.lots) {
		g.writeOff(m, m.cancelled)
	}
	g.truth.Realized.PointsForfeited += g.truth.Realized.PointsExpired - before
}

// writeOff empties the first lot.
func (g *generator) writeOff(m *member, at instant) {
	l := &g.ledger
	t := &l.lots[l.head]
	l.head++
	if t.left == 0 {
		return
	}
	l.balance -= t.left
	if !g.leaks(m, at, leakExpiry, t.left) {
		g.write(m, at, entry{kind: "expire", points: -t.left, lot: t.id})
	}
	t.left = 0
}

// reverse takes back points of a refunded order: from the order's own lot as
// far as they are still there, then from the oldest lots, and never more than
// the member has, so that no balance falls below zero. The two parts are
// entries of their own, which keeps each lot's account exact.
func (g *generator) reverse(m *member, o *order, points int64) {
	l := &g.ledger
	for i := l.head; i < len(l.lots) && points > 0; i++ {
		t := &l.lots[i]
		if t.id != o.lot || t.left == 0 {
			continue
		}
		n := min(points, t.left)
		t.left -= n
		l.balance -= n
		points -= n
		g.write(m, o.refundedAt, entry{kind: "reverse_earn", points: -n, lot: t.id, order: o.id})
	}
	if n := min(points, l.balance); n > 0 {
		l.spend(n)
		g.write(m, o.refundedAt, entry{kind: "reverse_earn", points: -n, order: o.id})
	}
}
