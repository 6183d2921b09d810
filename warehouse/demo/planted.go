package demo

// PlantedTruth is what was planted and what it did. The program without the
// faults is the same one in every other draw, so the difference is the faults'
// doing; where several act on the same members it is that of all of them.
type PlantedTruth struct {
	WithoutFaults Realized     `json:"without_faults"`
	Faults        []FaultTruth `json:"faults"`
}

// FaultTruth is a fault as it was asked for, with what it did.
type FaultTruth struct {
	Fault
	Realized FaultRealized `json:"realized"`
}

// FaultRealized is what a fault did. What an event is depends on the kind: a
// purchase that failed to come or came on top, an occasion to redeem while the
// chance was lowered, a cancellation, a bonus, an entry that leaked or moved, a
// unit lost, a row that shows the fault in the data. A reward that can't be had has none. Points are
// those given or moved; of a leak, by how much the ledger is too high.
type FaultRealized struct {
	Members      int   `json:"members_touched"`
	Events       int   `json:"events"`
	Points       int64 `json:"points"`
	PointsOnDate int64 `json:"points_on_date,omitempty"` // that expire on the date of a wall
	Rows         int   `json:"rows_in_place,omitempty"`  // in the place and dates, for faults of the data
	Missing      int   `json:"rows_missing,omitempty"`

	// The members in the place (of an experiment's fault: the units of the
	// arm) within the dates, without any fault and with all of them.
	Without *Tally `json:"without,omitempty"`
	With    *Tally `json:"with,omitempty"`
}

// Tally is what members did within some dates. Test members aren't counted.
type Tally struct {
	Members        int     `json:"members"` // with a membership within the dates
	Purchases      int     `json:"purchases"`
	Revenue        float64 `json:"revenue"` // net of refunds
	PointsIssued   int64   `json:"points_issued"`
	PointsRedeemed int64   `json:"points_redeemed"` // by the ledger
	PointsExpired  int64   `json:"points_expired"`
	Redemptions    int     `json:"redemptions"` // claimed; of the reward alone, where the place names one
	Cancellations  int     `json:"cancellations"`

	revenue Cents
}

// Outcome is what the units of an arm did while the experiment ran.
type Outcome struct {
	Units     int     `json:"units"`
	Buyers    int     `json:"buyers"`
	Purchases int     `json:"purchases"`
	Revenue   float64 `json:"revenue"`
	Redeemers int     `json:"redeemers"`

	revenue                 Cents
	lastBuyer, lastRedeemer int64
}

func (r *FaultRealized) settle() {
	for _, t := range []*Tally{r.Without, r.With} {
		if t != nil {
			t.Revenue = float64(t.revenue) / 100
		}
	}
}

func (x *ExperimentTruth) settle() {
	all := []map[string]*Outcome{x.Outcomes}
	for _, arms := range x.Strata {
		all = append(all, arms)
	}
	for _, arms := range all {
		for _, o := range arms {
			o.Revenue = float64(o.revenue) / 100
		}
	}
}

// addTrial adds a planted experiment.
func (t *Truth) addTrial(x *trial) {
	e := ExperimentTruth{ID: x.id, Start: x.start.time(), Control: x.control, Shares: x.shares(),
		PurchaseRateFactor: map[string]float64{}, EarnFactor: map[string]float64{}, Units: map[string]int{}}
	if x.end < end {
		at := x.end.time()
		e.End = &at
	}
	for _, a := range x.arms {
		e.PurchaseRateFactor[a.name], e.EarnFactor[a.name], e.Units[a.name] = a.purchases, 1, 0
	}
	t.Experiments = append(t.Experiments, e)
}

// addFactors adds the effects that only plant files bring.
func (x *ExperimentTruth) addFactors(t *trial) {
	x.OrderValueFactor, x.RedemptionFactor = map[string]float64{}, map[string]float64{}
	for _, a := range t.arms {
		x.OrderValueFactor[a.name], x.RedemptionFactor[a.name] = a.value, a.redeem
	}
}

// affects notes a fault's factor on its arm in the experiment's true effects.
func (f *planted) affects(effect map[string]float64, by float64) {
	effect[f.trial.arms[f.arm].name] *= by
}

// each calls do with the tally of every fault that counts the member at the
// moment.
func (g *generator) each(m *member, at instant, do func(*planted, *Tally)) {
	if g.planting == nil || m.test {
		return
	}
	for _, f := range g.planting.faults {
		if !f.kind.data && f.on(at) && g.hits(f, m) {
			do(f, f.tally(g.planting.acts))
		}
	}
}

func (f *planted) tally(acts bool) *Tally {
	if acts {
		return f.truth.Realized.With
	}
	return f.truth.Realized.Without
}

func (g *generator) tallyOrder(m *member, o *order) {
	if g.planting == nil || o.cancelled {
		return
	}
	net := o.paid() - o.refund
	g.each(m, o.at, func(_ *planted, t *Tally) { t.Purchases++; t.revenue += net })
	g.eachOutcome(m, o.at, func(x *Outcome) {
		x.Purchases++
		x.revenue += net
		if x.lastBuyer != m.id {
			x.lastBuyer = m.id
			x.Buyers++
		}
	})
}

func (g *generator) tallyEntry(m *member, at instant, e entry) {
	if g.planting == nil {
		return
	}
	g.each(m, at, func(_ *planted, t *Tally) {
		switch e.kind {
		case "earn", "bonus":
			t.PointsIssued += e.points
		case "redeem":
			t.PointsRedeemed -= e.points
		case "expire":
			t.PointsExpired -= e.points
		}
	})
	if e.kind != "expire" || !g.planting.acts {
		return
	}
	for _, f := range g.planting.faults {
		if !f.Date.IsZero() && at == f.Date.instant(never) && g.reaches(f, m) {
			f.truth.Realized.PointsOnDate -= e.points
		}
	}
}

func (g *generator) tallyRedemption(m *member, at instant, w *reward) {
	g.each(m, at, func(f *planted, t *Tally) {
		if f.Place.Reward == 0 || f.Place.Reward == w.id {
			t.Redemptions++
		}
	})
	g.eachOutcome(m, at, func(x *Outcome) {
		if x.lastRedeemer != m.id {
			x.lastRedeemer = m.id
			x.Redeemers++
		}
	})
}

// settle counts a member as the end of the data finds them.
func (g *generator) settle(m *member) {
	if g.planting == nil || m.test {
		return
	}
	for _, f := range g.planting.faults {
		if f.kind.data || m.horizon <= f.from || m.enrolled >= f.to || !g.hits(f, m) {
			continue
		}
		t := f.tally(g.planting.acts)
		t.Members++
		if f.on(m.cancelled) {
			t.Cancellations++
		}
		if g.planting.acts && f.Date.instant(0) >= end {
			for _, l := range g.ledger.lots[g.ledger.head:] {
				if l.expires == f.Date.instant(never) {
					f.truth.Realized.PointsOnDate += l.left
				}
			}
		}
	}
	for _, t := range g.trials {
		if m.armOf(t) != nil {
			g.eachOutcomeOf(m, t, func(x *Outcome) { x.Units++ })
		}
	}
}

// eachOutcome calls do with the outcomes of the experiments that the member
// takes part in at the moment.
func (g *generator) eachOutcome(m *member, at instant, do func(*Outcome)) {
	if g.planting == nil || !g.planting.acts {
		return
	}
	for _, t := range g.trials {
		if at >= t.start && at < t.end {
			g.eachOutcomeOf(m, t, do)
		}
	}
}

// eachOutcomeOf calls do with the outcome of the member's arm, and with that
// of the arm in the member's stratum.
func (g *generator) eachOutcomeOf(m *member, t *trial, do func(*Outcome)) {
	a := m.armOf(t)
	if a == nil || !g.planting.acts {
		return
	}
	x := &g.truth.Experiments[t.number]
	do(outcomeOf(&x.Outcomes, a.name))
	for _, f := range t.faults {
		if f.stratum == nil {
			continue
		}
		s := f.stratum(m)
		if x.Strata == nil {
			x.Strata = map[string]map[string]*Outcome{}
		}
		arms := x.Strata[s]
		do(outcomeOf(&arms, a.name))
		x.Strata[s] = arms
	}
}

func outcomeOf(arms *map[string]*Outcome, name string) *Outcome {
	if *arms == nil {
		*arms = map[string]*Outcome{}
	}
	if (*arms)[name] == nil {
		(*arms)[name] = &Outcome{}
	}
	return (*arms)[name]
}
