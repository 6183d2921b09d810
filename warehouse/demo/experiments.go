package demo

const (
	control   = "control"
	treatment = "treatment"

	springDoubleEffect = 1.12 // factor on the purchase rate of the treatment
	largestEffect      = springDoubleEffect
	recency            = 180 * day // a unit has ordered this lately at the start
)

// experiment is an experiment on members. Its planned shares are even.
type experiment struct {
	id, name, hypothesis string
	start, end           instant
	primary, guardrails  string
	owner                string
}

// The experiments' places in the table.
const (
	springDouble = iota
	birthdaySurprise
)

var experiments = [...]experiment{
	springDouble: {
		id: "spring-double-points", name: "Spring double points",
		hypothesis: "Doubling the earned points for three months makes members buy more often.",
		start:      on(2026, 3, 1), end: on(2026, 6, 1),
		primary: "revenue_per_member", guardrails: "redeemed_rate", owner: "Loyalty marketing",
	},
	birthdaySurprise: {
		id: "birthday-surprise", name: "Birthday surprise",
		hypothesis: "An unannounced gift of points around the birthday brings members back to buy.",
		start:      on(2026, 5, 1), end: never,
		primary: "conversion", guardrails: "revenue_per_member", owner: "Customer experience",
	},
}

// arm is what an experiment means to a member.
type arm uint8

const (
	undecided arm = iota
	noUnit
	inControl
	inTreatment
)

// assign decides on the experiments that have started by now. Units are open
// members with an order in the half year before; test members are left out,
// and so are members who enroll later.
func (g *generator) assign(m *member, now instant) {
	for i := range experiments {
		e := &experiments[i]
		if m.arms[i] != undecided || now < e.start {
			continue
		}
		m.arms[i] = noUnit
		if m.test || m.enrolled >= e.start || m.horizon <= e.start || !m.orderedSince(e.start-recency) {
			continue
		}
		// A bit of its own for each pair, so that neither the purchases nor
		// the other experiment have anything to do with the arm.
		name := control
		m.arms[i] = inControl
		if mix(mix(g.seed^mix(uint64(forArms)+uint64(i)))^mix(uint64(m.id)))>>63 == 1 {
			m.arms[i], name = inTreatment, treatment
		}
		g.truth.Experiments[i].Units[name]++
		g.emit("assignments", e.id, m.id, name, e.start.time())
	}
}

// orderedSince reports whether the orders so far hold one from then on.
func (m *member) orderedSince(then instant) bool {
	for i := len(m.orders) - 1; i >= 0 && m.orders[i].at >= then; i-- {
		if !m.orders[i].cancelled {
			return true
		}
	}
	return false
}

// doubled reports whether the double points apply to a member's order.
func (g *generator) doubled(m *member, at instant) bool {
	e := &experiments[springDouble]
	return m.arms[springDouble] == inTreatment && at >= e.start && at < e.end
}

// purchaseFactor is the experiments' effect on the member's purchase rate. The
// birthday surprise truly has none.
func (g *generator) purchaseFactor(m *member, at instant) float64 {
	if g.doubled(m, at) {
		return springDoubleEffect
	}
	return 1
}

// surprise gives the birthday points to the treated whose birthday the
// experiment has reached.
func (g *generator) surprise(m *member) {
	if m.arms[birthdaySurprise] == inTreatment &&
		m.birthday >= experiments[birthdaySurprise].start && m.birthday < m.horizon {
		g.bonuses = append(g.bonuses, bonus{m.birthday, "bonus", birthdayPoints, birthdayCampaign})
	}
}
