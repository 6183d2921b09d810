package demo

// plantWave lets a share of the members who are open when it begins cancel,
// each at an even moment within the dates.
func plantWave(f *planted) {
	f.strike = func(g *generator, m *member) {
		if f.chance(uint64(m.id), 1) >= f.Size {
			return
		}
		at := f.from + instant(f.chance(uint64(m.id), 2)*float64(f.to-f.from))
		if at < m.horizon {
			m.cancel(at)
			g.acted(f, m, 1, 0)
		}
	}
}
