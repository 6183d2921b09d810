package demo

// bend is what the planted experiments and faults together do to the member's
// purchase rate.
func (g *generator) bend(m *member, at instant) float64 {
	bend := 1.0
	for _, t := range g.trials {
		if t.planned && at >= t.start && at < t.end {
			if a := m.armOf(t); a != nil {
				bend *= a.purchases
			}
		}
	}
	if !g.planting.acts {
		return bend
	}
	for _, f := range g.planting.faults {
		if f.purchases != nil && f.on(at) && g.hits(f, m) {
			bend *= f.purchases(m, at)
		}
	}
	return bend
}

// hits reports whether a fault acts on the member: one of an experiment on the
// units of its arm, another on those in its place.
func (g *generator) hits(f *planted, m *member) bool {
	if f.trial != nil {
		return m.arms[f.trial.number] == firstArm+arm(f.arm)
	}
	return g.reaches(f, m)
}

// prevented reports whether the faults and experiments keep a purchase of the
// ordinary process from happening.
func (g *generator) prevented(m *member, at instant) bool {
	if g.planting == nil {
		return false
	}
	bend := g.bend(m, at)
	if bend >= 1 || g.planting.draw(g.seed, m, at) < bend {
		return false
	}
	g.credited(m, at, func(factor float64) bool { return factor < 1 })
	return true
}

// credited notes a purchase that came or failed to come, with every fault that
// had a part in it.
func (g *generator) credited(m *member, at instant, part func(factor float64) bool) {
	if !g.planting.acts {
		return
	}
	for _, f := range g.planting.faults {
		if f.purchases != nil && f.on(at) && g.hits(f, m) && part(f.purchases(m, at)) {
			g.acted(f, m, 1, 0)
		}
	}
}

// draw is an even draw for a member's moment, apart from all streams.
func (*planting) draw(seed uint64, m *member, at instant) float64 {
	return float64(mix(mix(seed^mix(uint64(forFaults)^mix(uint64(m.id))))^mix(uint64(at)))>>11) / (1 << 53)
}

// boost returns the candidates for purchases on top of the ordinary ones.
func (g *generator) boost(m *member, bound float64) candidates {
	p := g.planting
	if p == nil || p.surplus <= 0 {
		return candidates{}
	}
	p.src.Seed(mix(g.seed^mix(uint64(forBoost))), mix(uint64(m.id)))
	return candidates{r: p.rng, clock: m.clock, rate: m.rate * bound * p.surplus}
}

// strike lets the faults that have begun by now end the membership.
func (g *generator) strike(m *member, now instant) {
	if g.planting == nil || !g.planting.acts {
		return
	}
	for _, f := range g.planting.faults {
		if f.strike == nil || now < f.from || m.places[f.number] != open {
			continue
		}
		if g.reaches(f, m) && m.enrolled < f.from && m.horizon > f.from {
			f.strike(g, m)
		}
	}
}

// cancel ends the membership at a moment, and with it the refunds after it.
func (m *member) cancel(at instant) {
	m.cancelled, m.horizon = at, at
	for i := range m.orders {
		if o := &m.orders[i]; o.refundedAt >= at {
			o.refund, o.refundedAt = 0, never
		}
	}
}

// valueFactor is what the planted experiments do to the amount of an order.
func (g *generator) valueFactor(m *member, at instant) float64 {
	value := 1.0
	for _, t := range g.trials {
		if t.planned && at >= t.start && at < t.end {
			if a := m.armOf(t); a != nil {
				value *= a.value
			}
		}
	}
	return value
}

// redemptionFactor is what planted experiments and faults do to the chance to
// redeem.
func (g *generator) redemptionFactor(m *member, at instant) float64 {
	if g.planting == nil {
		return 1
	}
	chance := 1.0
	for _, t := range g.trials {
		if t.planned && at >= t.start && at < t.end {
			if a := m.armOf(t); a != nil {
				chance *= a.redeem
			}
		}
	}
	if !g.planting.acts {
		return chance
	}
	for _, f := range g.planting.faults {
		if f.redemption != nil && f.on(at) && g.hits(f, m) {
			chance *= f.redemption(m, at)
			g.acted(f, m, 1, 0)
		}
	}
	return chance
}

// stock is what faults do to the weight of a reward.
func (g *generator) stock(m *member, at instant, w *reward) float64 {
	stock := 1.0
	if g.planting == nil || !g.planting.acts {
		return stock
	}
	for _, f := range g.planting.faults {
		if f.stock != nil && f.on(at) && g.hits(f, m) {
			stock *= f.stock(m, at, w)
		}
	}
	return stock
}

// give adds the bonuses of faults.
func (g *generator) give(m *member) {
	if g.planting == nil || !g.planting.acts {
		return
	}
	for _, f := range g.planting.faults {
		if f.give != nil && m.horizon > f.from && g.reaches(f, m) {
			f.give(g, m)
		}
	}
}

// expiry is when points credited now expire.
func (g *generator) expiry(m *member, at, usual instant, points int64) instant {
	if g.planting == nil || !g.planting.acts {
		return usual
	}
	for _, f := range g.planting.faults {
		if f.expiry != nil && f.on(at) && g.reaches(f, m) {
			if moved := f.expiry(m, at, usual); moved != usual {
				usual = moved
				g.acted(f, m, 1, points)
			}
		}
	}
	return usual
}

// leaks reports whether the ledger goes wrong about points at this moment, and
// notes it.
func (g *generator) leaks(m *member, at instant, what string, points int64) bool {
	if g.planting == nil || !g.planting.acts {
		return false
	}
	for _, f := range g.planting.faults {
		if f.leaks != nil && f.on(at) && g.reaches(f, m) && f.leaks(m, at, what) {
			g.acted(f, m, 1, points)
			return true
		}
	}
	return false
}
