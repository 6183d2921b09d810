package abtest

import (
	"errors"
	"math"

	"loyaltymcp/stats/internal/special"
)

// ErrInformation is returned for looks whose fractions of the information do not
// rise from above 0 to at most 1.
var ErrInformation = errors.New("abtest: information fractions must rise from above 0 to at most 1")

// Spending returns how much of the level alpha of one side may be spent by the
// time the fraction t of the planned information is in, 0 < t <= 1. It rises from
// 0 to alpha.
type Spending func(t, alpha float64) float64

// OBrienFleming spends 2 (1 - Φ(z(1-α/2)/√t)): next to nothing early.
func OBrienFleming(t, alpha float64) float64 {
	return 2 * special.NormalSurvival(-special.NormalQuantile(alpha/2)/math.Sqrt(t))
}

// Pocock spends α ln(1 + (e-1) t): about the same bound at every look.
func Pocock(t, alpha float64) float64 {
	return alpha * math.Log1p((math.E-1)*t)
}

// PowerSpending spends α t^phi. It panics unless phi is above 0 and finite: else more
// than α would be spent, or nothing.
func PowerSpending(phi float64) Spending {
	if !(phi > 0) || math.IsInf(phi, 1) {
		panic("abtest: the power of the spending must be above 0 and finite")
	}
	return func(t, alpha float64) float64 { return alpha * math.Pow(t, phi) }
}
