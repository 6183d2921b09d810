package special

import "math"

// LogBeta returns ln B(a, b) = ln Γ(a) + ln Γ(b) - ln Γ(a+b) for a, b > 0,
// with its relative precision kept when one or both are large.
func LogBeta(a, b float64) float64 {
	if a > b {
		a, b = b, a
	}
	checkPositive(a)
	lg, _ := math.Lgamma(a)
	d, _, _ := GammaDiff(b, a)
	return lg - d
}
