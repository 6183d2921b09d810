package demo

// plantWall makes points that were credited at different times expire on one
// date.
func plantWall(f *planted) {
	f.hooks.expiry = func(m *member, at, usual instant) instant {
		if f.chance(uint64(m.id), uint64(at)) >= f.Size {
			return usual
		}
		return f.Date.instant(usual)
	}
}
