package demo

import "math"

// The faults of experiments act on the units of one arm, on top of whatever
// the experiment truly does.

// plantMismatch loses units of the arm: no assignment is recorded, and they
// are not treated.
func plantMismatch(f *planted) {
	f.loses = func(m *member, arm int) bool {
		return arm == f.arm && f.chance(uint64(m.id), 1) < f.Size
	}
}

// plantWinner makes the arm buy more.
func plantWinner(f *planted) {
	f.ceiling = 1 + f.Size
	f.purchases = func(*member, instant) float64 { return 1 + f.Size }
	f.affects(f.effects.PurchaseRateFactor, 1+f.Size)
}

// plantLoser makes the arm buy less.
func plantLoser(f *planted) {
	f.purchases = func(*member, instant) float64 { return 1 - f.Size }
	f.affects(f.effects.PurchaseRateFactor, 1-f.Size)
}

// plantHarm makes the arm redeem less, which is a guardrail of experiments
// that should sell more.
func plantHarm(f *planted) {
	f.redemption = func(*member, instant) float64 { return 1 - f.Size }
	f.affects(f.effects.RedemptionFactor, 1-f.Size)
}

// halfLifeDays of a novelty effect, if the plant file has none.
const halfLifeDays = 14

// plantNovelty makes the arm buy more at first; the gain halves with each
// half-life since the assignment. The experiment's true factor stays that of
// its end, without the gain.
func plantNovelty(f *planted) {
	halfLife := halfLifeDays * float64(day)
	if f.HalfLifeDays > 0 {
		halfLife = f.HalfLifeDays * float64(day)
	}
	f.ceiling = 1 + f.Size
	f.purchases = func(_ *member, at instant) float64 {
		return 1 + f.Size*math.Exp2(-float64(at-f.from)/halfLife)
	}
}
