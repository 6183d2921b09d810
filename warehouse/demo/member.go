package demo

import (
	"math"
	"slices"
)

const (
	cancellationsPerYear = 0.04 // hazard, the same for every member

	// latentCorrelation ties a member's engagement to the logarithm of the
	// purchase rate: who reads mails tends to buy more, without causing it.
	latentCorrelation = 0.5
)

var (
	regions        = []share{{"North", 0.34}, {"South", 0.27}, {"East", 0.23}, {"West", 0.16}}
	enrollChannels = []share{{"web", 0.35}, {"app", 0.30}, {"store", 0.27}, {"partner", 0.08}}
	orderChannels  = []share{{"web", 0.38}, {"store", 0.36}, {"app", 0.26}}
	ageBands       = []share{{"18-24", 0.11}, {"25-34", 0.22}, {"35-44", 0.23}, {"45-54", 0.19},
		{"55-64", 0.13}, {"65+", 0.08}, {"unknown", 0.04}}
)

// member is a member's true traits and, while the rows are written, state.
type member struct {
	id        int64
	test      bool
	clock     float64 // of the enrollment
	enrolled  instant
	cancelled instant // never for most
	horizon   instant // the first moment without events: cancellation or end
	left      instant // the last purchase, after which there truly is none
	region    string
	channel   string
	ageBand   string
	birthday  instant // in the year 2026
	consent   bool    // at first, and after the mails as it ended

	rate     float64 // purchases per average day
	dropout  float64 // after the enrollment and each purchase
	valueLog float64 // mean of the logarithm of the amount paid
	latent   float64 // engagement, standard normal
	redeemer float64 // factor on the chance to redeem
	saves    int64   // points that the member waits for before redeeming

	arms     []arm      // by trial
	places   []decision // whether each planted fault reaches the member
	orders   []order
	seen     int // orders written so far
	standing standing
}

// draw draws the member's traits.
func (g *generator) draw(id int64, test bool) *member {
	r := g.stream(forTraits, id)
	m := &member{id: id, test: test, cancelled: never, horizon: end}
	m.arms = slices.Grow(g.arms[:0], len(g.trials))[:len(g.trials)]
	clear(m.arms)
	g.arms = m.arms
	m.places = g.undecided()
	m.clock = g.cal.enrolled(r.Float64())
	m.enrolled = g.cal.stamp(m.clock)
	if c := m.clock + r.ExpFloat64()*365/cancellationsPerYear; c < periodDays {
		m.cancelled = max(g.cal.stamp(c), m.enrolled+minute)
		m.horizon = m.cancelled
	}
	m.region, m.channel, m.ageBand = pick(r, regions), pick(r, enrollChannels), pick(r, ageBands)
	m.birthday = on(2026, 1, 1) + instant(r.IntN(365))*day + 8*hour
	m.consent = r.Float64() < 0.74

	scaled := gamma(r, rateShape)
	m.rate = scaled / rateScale
	m.dropout = beta(r, dropoutA, dropoutB)
	m.valueLog = valueLogMean + valueLogMember*r.NormFloat64()
	m.latent = latentCorrelation*(math.Log(scaled)-g.rateLogMean)/g.rateLogSD +
		math.Sqrt(1-latentCorrelation*latentCorrelation)*r.NormFloat64()
	m.redeemer = math.Exp(0.9*r.NormFloat64() - 0.4)
	m.saves = [...]int64{60, 60, 150, 150, 300, 600}[r.IntN(6)]
	return m
}

// member draws one member and writes all of the member's rows. What can be
// known beforehand (orders, refunds, visits, bonuses) is drawn first and then
// told again in the order of time, as only that gives a ledger its balances.
func (g *generator) member(id int64, test bool) {
	m := g.draw(id, test)
	g.current = m
	g.purchases(m)
	g.bonuses = g.bonuses[:0]
	if test {
		g.distort(m)
	}
	g.engage(m)
	g.surprise(m)
	g.give(m)
	g.live(m)
	g.writeTouches(m)
	g.writeSurveys(m)

	status := "active"
	if m.cancelled < end {
		status = "cancelled"
	}
	g.settle(m)
	g.emit("members", m.id, m.enrolled.time(), tiers[m.standing.tier].name, m.region, m.channel,
		status, m.cancelled.orNull(), m.consent, m.test, m.ageBand)
	if !test {
		g.truth.Realized.count(m, g.ledger.balance)
	}
}

// distort gives every eighth test member an order and points no customer
// would have, so that a figure that forgets to leave out the test members is
// visibly wrong.
func (g *generator) distort(m *member) {
	if m.id%8 != 0 {
		return
	}
	r := g.rng
	at := m.enrolled + 3*day
	if at < m.horizon {
		o := drawOrder(r, 20_000+60_000*r.Float64(), m.channel, m.region)
		o.at = at
		i := 0
		for i < len(m.orders) && m.orders[i].at < at {
			i++
		}
		m.orders = append(m.orders, order{})
		copy(m.orders[i+1:], m.orders[i:])
		m.orders[i] = o
		g.orders = m.orders
		g.bonuses = append(g.bonuses, bonus{at, "adjust", 250_000, "", nil})
	}
}
