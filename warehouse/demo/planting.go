package demo

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"
)

// planting is the faults at work in a generator. There are two generators of
// every planted program: one without the faults, of which only counts are
// kept, and the one that is written. Both draw the same randomness, so that
// what they differ in is what the faults did.
type planting struct {
	acts    bool // false in the generator without the faults
	without *generator
	faults  []*planted
	surplus float64 // how much the faults and arms may add to a purchase rate of 1
	tables  map[string]*spoiled
	place   []decision // of the present member, by fault
	src     *rand.PCG
	rng     *rand.Rand // draws from src
}

// planted is one fault at work.
type planted struct {
	Fault
	kind     Kind
	number   int
	from, to instant
	key      uint64 // of its draws
	trial    *trial // of a fault of an experiment
	arm      int
	effects  *ExperimentTruth // of the trial
	tier     int
	hooks
	truth *FaultTruth
	last  int64 // the last member it acted on, to count each once
}

// spoiled is a table with what faults do to it.
type spoiled struct {
	Table
	extra  int // columns added
	when   int // the column that dates a row
	index  map[string]int
	faults []*planted
}

// decision is whether a fault reaches a member.
type decision uint8

const (
	open decision = iota
	outside
	inside
)

func newPlanting() *planting {
	src := rand.NewPCG(0, 0)
	return &planting{tables: map[string]*spoiled{}, src: src, rng: rand.New(src)}
}

// plant sets the generator up for a plant.
func (g *generator) plant(o Options) {
	p := newPlanting()
	p.acts = true
	g.planting = p
	without := newGenerator(Options{Members: o.Members, Seed: o.Seed}, nothing{})
	without.planting = newPlanting()
	p.without = without
	for i := range o.Plant.Experiments {
		t := o.Plant.Experiments[i].trial(o.Seed)
		t.number = len(g.trials)
		g.trials = append(g.trials, t)
		g.truth.addTrial(t)
		without.truth.addTrial(t)
	}
	for _, t := range g.trials {
		g.truth.Experiments[t.number].addFactors(t)
	}
	without.trials = g.trials
	g.truth.Planted = &PlantedTruth{Faults: make([]FaultTruth, len(o.Plant.Faults))}
	for i, spec := range o.Plant.Faults {
		f := g.newPlanted(i, spec)
		f.kind.plant(f)
		p.faults = append(p.faults, f)
		if f.trial != nil {
			f.trial.faults = append(f.trial.faults, f)
		}
	}
	for _, t := range (Options{Plant: o.Plant}).Tables() {
		p.tables[t.Name] = newSpoiled(t, p.faults)
	}
	without.planting.faults = p.faults
	without.planting.tables = p.tables
	p.surplus = ceiling(g.trials, p.faults) - 1
	without.planting.surplus = p.surplus
}

func (g *generator) newPlanted(number int, spec Fault) *planted {
	kind, _ := kindOf(spec.Kind)
	f := &planted{Fault: spec, kind: kind, number: number, from: spec.From.instant(0), to: spec.To.instant(end),
		key: mix(g.seed ^ named(spec.ID)), tier: slices.IndexFunc(tiers[:], func(t tier) bool { return t.name == spec.Place.Tier })}
	f.truth = &g.truth.Planted.Faults[number]
	*f.truth = FaultTruth{Fault: spec}
	if !kind.data {
		f.truth.Realized.Without, f.truth.Realized.With = &Tally{}, &Tally{}
	}
	for _, t := range g.trials {
		if t.id == spec.Place.Experiment {
			f.trial, f.from, f.to = t, t.start, min(t.end, end)
			f.arm = t.armNumber(spec.Place.Arm)
			f.truth.Place.Arm = t.arms[f.arm].name
			f.effects = &g.truth.Experiments[t.number]
		}
	}
	return f
}

// trial turns a planted experiment into a trial.
func (x *PlantedExperiment) trial(seed uint64) *trial {
	t := &trial{planned: true, control: x.Control, key: mix(seed ^ mix(uint64(forArms)^named(x.ID)))}
	t.experiment = experiment{id: x.ID, name: x.Name, hypothesis: x.Hypothesis, start: x.From.instant(0),
		end: x.To.instant(never), primary: x.Primary, guardrails: x.Guardrails, owner: x.Owner}
	if t.name == "" {
		t.name = x.ID
	}
	if t.primary == "" {
		t.primary = "revenue_per_member"
	}
	for _, a := range x.Arms {
		t.arms = append(t.arms, trialArm{a.Arm, a.Share, factor(a.PurchaseRate), factor(a.OrderValue), factor(a.Redemption)})
	}
	return t
}

func factor(f *float64) float64 {
	if f == nil {
		return 1
	}
	return *f
}

// armNumber returns the number of the arm, of the first one besides the
// control if none is named.
func (t *trial) armNumber(name string) int {
	return slices.IndexFunc(t.arms, func(a trialArm) bool { return a.name == name || name == "" && a.name != t.control })
}

// ceiling is the largest factor on a purchase rate that all of them together
// can come to.
func ceiling(trials []*trial, faults []*planted) float64 {
	c := 1.0
	for _, t := range trials {
		largest := 1.0
		for _, a := range t.arms {
			largest = max(largest, a.purchases)
		}
		c *= largest
	}
	for _, f := range faults {
		c *= max(f.ceiling, 1)
	}
	return c
}

// both draws a member without the faults, if there are any, and then with
// them. The member gets the identifiers that it would have had without.
func (g *generator) both(id int64, test bool) {
	if g.planting == nil {
		g.member(id, test)
		return
	}
	b := g.planting.without
	orders, entries, redemptions := b.orderIDs.last, b.entryIDs.last, b.redemptionIDs.last
	b.member(id, test)
	g.orderIDs.take(orders, b.orderIDs.last)
	g.entryIDs.take(entries, b.entryIDs.last)
	g.redemptionIDs.take(redemptions, b.redemptionIDs.last)
	g.member(id, test)
}

// nonMembersFrom frees the counter of orders for the rest, and returns the
// number of member orders that the rest is measured by.
func (g *generator) nonMembersFrom() int64 {
	if g.planting != nil {
		g.orderIDs.take(g.planting.without.orderIDs.last, unlimited().limit)
	}
	return g.orderIDs.last
}

// finishPlant writes what could only be written at the end.
func (g *generator) finishPlant() {
	if g.planting == nil {
		return
	}
	g.writeExperiments()
	g.truth.Planted.WithoutFaults = g.planting.without.truth.Realized
	for i, t := range g.trials {
		g.truth.Experiments[i].Shares = t.shares()
		g.truth.Experiments[i].settle()
	}
	for _, f := range g.planting.faults {
		f.truth.Realized.settle()
	}
}

// named turns a name into a number for seeding.
func named(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name)) // a hash's Write never fails
	return mix(h.Sum64())
}

// chance is an even draw of the fault's own for two numbers: always the same,
// whatever else was drawn.
func (f *planted) chance(a, b uint64) float64 {
	return float64(mix(mix(f.key^mix(a))^mix(b))>>11) / (1 << 53)
}

// on reports whether the fault acts at the moment.
func (f *planted) on(at instant) bool { return at >= f.from && at < f.to }

// undecided returns a member's empty list of decisions.
func (g *generator) undecided() []decision {
	if g.planting == nil {
		return nil
	}
	g.planting.place = slices.Grow(g.planting.place[:0], len(g.planting.faults))[:len(g.planting.faults)]
	clear(g.planting.place)
	return g.planting.place
}

// reaches reports whether the member is in the fault's place. It is asked only
// once the fault has begun, as the tier is the one held then. Faults of the
// process leave the test members alone.
func (g *generator) reaches(f *planted, m *member) bool {
	p := &f.Place
	if m == nil {
		return p.Region == "" && p.Channel == "" && p.Tier == ""
	}
	d := &m.places[f.number]
	if *d == open {
		*d = outside
		if (p.Region == "" || p.Region == m.region) && (p.Channel == "" || p.Channel == m.channel) &&
			(!m.test || f.kind.data) && g.inTier(f, m) {
			*d = inside
		}
	}
	return *d == inside
}

func (g *generator) inTier(f *planted, m *member) bool {
	return f.Place.Tier == "" || m.enrolled < f.from && g.tierAt(m, f.from) == f.tier
}

// acted notes that a fault did something to a member or to a row of none.
func (g *generator) acted(f *planted, m *member, events int, points int64) {
	if !g.planting.acts {
		return
	}
	r := &f.truth.Realized
	r.Events += events
	r.Points += points
	if m != nil && !m.test && f.last != m.id {
		f.last = m.id
		r.Members++
	}
}

// nothing is a sink that keeps nothing.
type nothing struct{}

func (nothing) Append(string, ...any) error { return nil }

// Tables returns the tables of a program with these options: the columns that
// planted faults add come last in their tables.
func (o Options) Tables() []Table {
	tables := Tables()
	if o.Plant == nil {
		return tables
	}
	for i := range tables {
		t := &tables[i]
		for _, f := range o.Plant.Faults {
			k, _ := kindOf(f.Kind)
			if k.columns == nil {
				continue
			}
			for _, c := range k.columns(f) {
				if c.table == t.Name && !slices.ContainsFunc(t.Columns, func(x Column) bool { return x.Name == c.column.Name }) {
					t.Columns = append(t.Columns, c.column)
				}
			}
		}
	}
	return tables
}

// when names the column that dates the rows of a table that can be spoiled.
var when = map[string]string{
	"members": "enrolled_at", "tier_history": "effective_from", "orders": "ordered_at", "points": "occurred_at",
	"redemptions": "redeemed_at", "engagement": "occurred_at", "surveys": "responded_at", "assignments": "assigned_at",
}

func newSpoiled(t Table, faults []*planted) *spoiled {
	s := &spoiled{Table: t, when: -1, index: map[string]int{}}
	for i, c := range t.Columns {
		s.index[c.Name] = i
		if c.Name == when[t.Name] {
			s.when = i
		}
	}
	for _, f := range faults {
		if (f.row != nil || f.fill != nil) && slices.Contains(f.tables, t.Name) {
			s.faults = append(s.faults, f)
		}
	}
	for _, plain := range Tables() {
		if plain.Name == t.Name {
			s.extra = len(t.Columns) - len(plain.Columns)
		}
	}
	return s
}

// write passes the generator's row on, through the faults that spoil it.
func (p *planting) write(g *generator, table string) error {
	s := p.tables[table]
	for range s.extra {
		g.row = append(g.row, nil)
	}
	if !p.acts || len(s.faults) == 0 {
		return g.sink.Append(table, g.row...)
	}
	r := rowContext{table: table, row: g.row, index: s.index}
	at, ok := g.row[s.when].(time.Time)
	if !ok {
		return fmt.Errorf("demo: a row of %s has no time", table)
	}
	r.at = instant(at.Sub(launch) / time.Second)
	r.key = uint64(r.at)
	if id, ok := g.row[0].(int64); ok {
		r.key ^= mix(uint64(id))
	}
	var others [][]any
	for _, f := range s.faults {
		if f.fill != nil {
			f.fill(&r)
		}
		if f.row == nil || !f.on(r.at) || !g.reaches(f, g.current) {
			continue
		}
		f.truth.Realized.Rows++
		keep, another := f.row(g, &r)
		if another != nil {
			others = append(others, another)
		}
		if !keep {
			return nil
		}
	}
	if err := g.sink.Append(table, r.row...); err != nil {
		return err
	}
	for _, row := range others {
		if err := g.sink.Append(table, row...); err != nil {
			return err
		}
	}
	return nil
}
