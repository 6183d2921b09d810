package abtest

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// SRMResult is the outcome of the check of a split.
type SRMResult struct {
	// ChiSquare is Pearson's statistic on DF degrees of freedom, and P the
	// probability of a larger one under the plan.
	ChiSquare float64
	DF        int
	P         float64
	// MinExpected is the smallest planned number of members of an arm. The
	// chi-square distribution is a good approximation from about 5.
	MinExpected float64
	// Unplanned is the number of members in arms with a planned share of 0.
	// They are no part of the statistic: more than none is a fault of the
	// assignment whatever P is.
	Unplanned int64
}

// SRM tests the numbers of members per arm against the planned shares (a sample
// ratio mismatch test),
//
//	ChiSquare = Σ (count - expected)² / expected, expected = n weight / Σ weight,
//
// over the arms with a positive weight, n being their members, with one degree
// of freedom less than there are such arms. The weights need not sum to 1.
//
// See K. Pearson, Philosophical Magazine 50, 1900, and A. Fabijan et al.,
// "Diagnosing sample ratio mismatch in online controlled experiments", KDD 2019.
//
// SRM returns ErrPlan for weights that are negative, not finite or not positive
// for two arms at least, ErrSums for a negative count and ErrNoMembers when the
// planned arms are empty; with ErrNoMembers the result holds Unplanned. It
// panics if counts and weights differ in length.
func SRM(counts []int64, weights []float64) (SRMResult, error) {
	if len(counts) != len(weights) {
		panic("abtest: counts and weights differ in length")
	}
	var res SRMResult
	var n int64
	var weight float64
	arms := 0
	for i, w := range weights {
		switch {
		case counts[i] < 0:
			return SRMResult{}, ErrSums
		case !(w >= 0) || math.IsInf(w, 1):
			return SRMResult{}, ErrPlan
		case w == 0:
			res.Unplanned += counts[i]
		default:
			arms++
			n += counts[i]
			weight += w
		}
	}
	if arms < 2 || math.IsInf(weight, 1) {
		return SRMResult{}, ErrPlan
	}
	if n == 0 {
		return res, ErrNoMembers
	}
	res.DF = arms - 1
	res.MinExpected = math.Inf(1)
	for i, w := range weights {
		if w == 0 {
			continue
		}
		expected := float64(n) * (w / weight)
		if expected == 0 { // the weight is nothing beside the others
			return SRMResult{}, ErrPlan
		}
		d := float64(counts[i]) - expected
		res.ChiSquare += d * d / expected
		res.MinExpected = math.Min(res.MinExpected, expected)
	}
	res.P = special.ChiSquareSurvival(res.ChiSquare, float64(res.DF))
	return res, nil
}
