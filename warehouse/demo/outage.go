package demo

// plantOutage makes redemptions fail: all of them, or those of one reward. The
// member keeps the points, and may redeem them later.
func plantOutage(f *planted) {
	if f.Place.Reward == 0 {
		f.redemption = func(*member, instant) float64 { return 1 - f.Size }
		return
	}
	f.stock = func(m *member, at instant, w *reward) float64 {
		if w.id == f.Place.Reward && f.chance(uint64(m.id), uint64(at)) < f.Size {
			return 0
		}
		return 1
	}
}
