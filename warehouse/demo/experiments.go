package demo

import "encoding/json"

const (
	control   = "control"
	treatment = "treatment"

	springDoubleEffect = 1.12 // factor on the purchase rate of the treatment
	largestEffect      = springDoubleEffect
	recency            = 180 * day // a unit has ordered this lately at the start
)

// experiment is an experiment on members.
type experiment struct {
	id, name, hypothesis string
	start, end           instant
	primary, guardrails  string
	owner                string
}

// trial is an experiment at work: its arms, and how members come by them.
type trial struct {
	experiment
	number  int    // its place among the trials
	key     uint64 // of the draw of the arm
	control string
	arms    []trialArm
	faults  []*planted // that act on it
	planned bool       // it comes from a plant file
}

// trialArm is an arm with the factors that act on its units while the
// experiment runs. Those of the built-in experiments stand in the code, as
// they are more than factors.
type trialArm struct {
	name                     string
	share                    float64
	purchases, value, redeem float64
}

// The places of the built-in experiments among the trials.
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

// builtIn returns the trials of the built-in experiments, which split evenly.
func builtIn(seed uint64) []*trial {
	all := make([]*trial, len(experiments))
	for i, e := range experiments {
		all[i] = &trial{experiment: e, number: i, key: mix(seed ^ mix(uint64(forArms)+uint64(i))), control: control,
			arms: []trialArm{{control, 0.5, 1, 1, 1}, {treatment, 0.5, 1, 1, 1}}}
	}
	return all
}

// arm is what an experiment means to a member: undecided, noUnit, or the arm
// with the number arm - firstArm.
type arm uint8

const (
	undecided arm = iota
	noUnit
	firstArm
)

// inTreatment is the treated arm of the built-in experiments.
const inTreatment = firstArm + 1

// armOf returns the member's arm in a trial, nil if the member is no unit.
func (m *member) armOf(t *trial) *trialArm {
	if m.arms[t.number] < firstArm {
		return nil
	}
	return &t.arms[m.arms[t.number]-firstArm]
}

// assign decides on the experiments that have started by now. Units are open
// members with an order in the half year before; test members are left out,
// and so are members who enroll later.
func (g *generator) assign(m *member, now instant) {
	for i, t := range g.trials {
		if m.arms[i] != undecided || now < t.start {
			continue
		}
		m.arms[i] = noUnit
		if m.test || m.enrolled >= t.start || m.horizon <= t.start || !m.orderedSince(t.start-recency) {
			continue
		}
		n, recorded := g.allot(m, t)
		if !recorded {
			continue
		}
		m.arms[i] = firstArm + arm(n)
		g.truth.Experiments[i].Units[t.arms[n].name]++
		g.emit("assignments", t.id, m.id, t.arms[n].name, t.start.time())
	}
}

// allot draws the member's arm by a hash of its own for each pair of member
// and experiment, so that neither the purchases nor another experiment have
// anything to do with it. Faults may bend the shares and lose the unit.
func (g *generator) allot(m *member, t *trial) (n int, recorded bool) {
	u := float64(mix(t.key^mix(uint64(m.id)))>>11) / (1 << 53)
	shares := func(n int) float64 { return t.arms[n].share }
	for _, f := range t.faults {
		if g.planting.acts && f.shares != nil {
			shares = f.shares(m)
		}
	}
	for n < len(t.arms)-1 && u >= shares(n) {
		u -= shares(n)
		n++
	}
	for _, f := range t.faults {
		if g.planting.acts && f.loses != nil && f.loses(m, n) {
			g.acted(f, m, 1, 0)
			return n, false
		}
	}
	return n, true
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

// purchaseFactor is the built-in experiments' effect on the member's purchase
// rate. The birthday surprise truly has none.
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
		g.bonuses = append(g.bonuses, bonus{m.birthday, "bonus", birthdayPoints, birthdayCampaign, nil})
	}
}

// writeExperiments writes the table of experiments. Where faults are planted
// it comes last, as a fault may bend the shares by who the units are.
func (g *generator) writeExperiments() {
	for _, t := range g.trials {
		shares, err := json.Marshal(t.shares())
		if err != nil && g.err == nil {
			g.err = err
		}
		g.emit("experiments", t.id, t.name, t.hypothesis, t.start.time(), t.end.orNull(),
			t.control, string(shares), t.primary, t.guardrails, t.owner)
	}
}

// shares returns the planned share of each arm.
func (t *trial) shares() map[string]float64 {
	out := map[string]float64{}
	for _, a := range t.arms {
		out[a.name] = a.share
	}
	for _, f := range t.faults {
		if f.planned != nil {
			return f.planned()
		}
	}
	return out
}
