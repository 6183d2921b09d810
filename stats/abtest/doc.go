// Package abtest has the statistics of controlled experiments with members: from
// the check of the split to the decision to ship, and from the size to plan with to
// what a won test is worth.
//
// # From data to an effect
//
// A database counts; this package computes. An arm comes down to centred moments: a
// Sample of one variable, a Pair of two, a Quad of two ratios. They merge without
// losing digits, in any order and grouping. FromSums takes plain sums and says when
// they have lost the variance.
//
// An Effect is a difference with its variance, made by
//
//	Compare             two means, and what follows as the Sample of an arm:
//	                    Ratio (spend per order), Quantile, Share
//	CUPED, CUPEDRatio   adjusted for the same members' values of before
//	PostStratify...     weighted over tiers or other strata
//	Lin                 adjusted for several covariates, from the members' rows
//	Interact, Contrast  between the cells of two experiments
//
// For shares with few events, say below ten in an arm, use package proportion.
//
// # From an effect to a decision
//
// Decide on the difference and report the lift. Test is for one look at the planned
// size, Lift its relative form by Fieller. Whoever looks more often needs an interval
// made for it: TestAnytime and LiftAnytime hold at all looks without a plan; Bounds
// and TestLook are narrower where the size at the end is known. Reading Test daily and
// stopping when it is significant finds effects that are not there in 15 to 40% of
// tests. DeltaLift has the symmetric interval of the lift that other tools report; it
// covers too little and is here for priors and plans.
//
// Check SRM first: an experiment with a broken split is not to be read. The Effect on a
// value of before the experiment (Compare of Pair.X) should be none. Adjust families of
// tests by Holm or another Correction; ship by Ship, which tests goals for superiority
// and guardrails for non-inferiority and keeps the risk of both errors, or by
// ShipSequential where that is asked at several looks. Posterior
// states chances and expected losses for whoever has a prior; MetaAnalysis makes one
// from past tests, and Shrink says what a winner is likely to be worth.
//
// # Not for
//
// Observational data: nothing here removes confounding. Outcomes that take time, such as
// retention while members still join: compare survival curves. Members that influence
// each other.
//
// # Conventions
//
// A confidence, an alpha or a power is a number between 0 and 1, both excluded; any
// other value is an error of the program and panics, as do slices whose lengths differ.
// Data for which a quantity is undefined give an error that says why. P-values are
// exact tails, down to the smallest number. Nothing allocates but what returns a slice,
// regressions and bounds.
//
// Simulations check that tests keep their level and intervals cover, fixed and peeked
// at; a short form runs with the tests, the long one by
//
//	LOYALTY_COVERAGE=long go test ./stats/abtest -run Coverage -v
package abtest

import (
	"errors"
	"math"
)

var (
	// ErrTooFew is returned when an arm has fewer than two members, so that its
	// variance is undefined.
	ErrTooFew = errors.New("abtest: fewer than two members in an arm")
	// ErrZeroVariance is returned when no value varies, so that there is no
	// sampling error to measure a difference against.
	ErrZeroVariance = errors.New("abtest: no variance in the data")
	// ErrNotFinite is returned for data with a NaN or an infinite value, or values so
	// large or small that their squares leave the range of a float64: nothing is known
	// of the difference then.
	ErrNotFinite = errors.New("abtest: a mean or variance is NaN, infinite or out of range; look for missing or overflowing values")
	// ErrEffect is returned for a decision over an effect that says nothing: it is
	// the zero Effect, or not finite.
	ErrEffect = errors.New("abtest: an effect without a finite difference, a variance and degrees of freedom above 0: nothing is known about the metric")
	// ErrZeroDenominator is returned for a ratio whose denominators sum to 0.
	ErrZeroDenominator = errors.New("abtest: the denominators sum to 0, the ratio is undefined")
	// ErrZeroControl is returned for the change relative to a control mean of 0.
	ErrZeroControl = errors.New("abtest: the control mean is 0, a relative change is undefined")
	// ErrSums is returned for sums that no data can have.
	ErrSums = errors.New("abtest: count, sum and sum of squares do not belong together")
	// ErrPrecision is returned when the variance was lost to rounding in the
	// sums it was to be computed from.
	ErrPrecision = errors.New("abtest: the sum of squares does not hold the variance with 8 digits")
	// ErrPlan is returned when the planned shares do not describe a split into
	// two arms or more.
	ErrPlan = errors.New("abtest: planned shares are negative, not finite, or fewer than two are positive")
	// ErrNoMembers is returned for the check of a split without members.
	ErrNoMembers = errors.New("abtest: no members in the planned arms")
	// ErrZeroDelta is returned for the size needed to find no difference.
	ErrZeroDelta = errors.New("abtest: the difference to find is 0 or too small for any sample")
)

// finite reports whether all of x are numbers.
func finite(x ...float64) bool {
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// checkProbability panics unless 0 < p < 1.
func checkProbability(p float64, name string) {
	if !(p > 0 && p < 1) {
		panic("abtest: " + name + " outside (0, 1)")
	}
}
