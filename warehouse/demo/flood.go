package demo

// floodCampaign is the campaign of the points that a liability spike gives.
const floodCampaign = "bonus-flood"

// plantFlood gives each open member points, at an even moment within the
// dates.
func plantFlood(f *planted) {
	f.give = func(g *generator, m *member) {
		at := f.from + instant(f.chance(uint64(m.id), 1)*float64(f.to-f.from))
		if at > m.enrolled && at < m.horizon {
			g.bonuses = append(g.bonuses, bonus{at, "bonus", int64(f.Size), floodCampaign, f})
		}
	}
}
