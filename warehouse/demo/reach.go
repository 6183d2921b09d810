package demo

import "slices"

// decision is whether a fault reaches a member.
type decision uint8

const (
	open decision = iota
	outside
	inside
)

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
