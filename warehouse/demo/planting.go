package demo

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
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
