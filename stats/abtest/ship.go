package abtest

// GuardedPower returns the power to plan each metric of a ship decision with, so
// that a treatment that does good and no harm is shipped with the given power:
//
//	1 - (1 - power)/(guardrails + 1).
//
// A guardrail must pass for itself, so its level needs no correction, but each may
// fail by chance, and so may the success metric.
//
// See M. Schultzberg, S. Ankargren and M. Frånberg, "Risk-aware product decisions in
// A/B tests with multiple metrics", 2024 (arXiv 2402.11609).
func GuardedPower(power float64, guardrails int) float64 {
	checkProbability(power, "power")
	return 1 - (1-power)/float64(guardrails+1)
}
