package demo

// plantDrop keeps a share of the purchases from happening. What follows from a
// purchase (points, tier, leaving for good) doesn't follow either.
func plantDrop(f *planted) {
	f.purchases = func(*member, instant) float64 { return 1 - f.Size }
}
