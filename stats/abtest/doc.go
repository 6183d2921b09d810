// Package abtest has the computations of a controlled experiment with members:
// the check of the split into arms, the difference of two means and its
// relative form, the correction for several tests, and the size needed.
//
// Everything is computed from the sufficient statistics of a Sample, so that a
// database can do the counting. A confidence, an alpha or a power is a number
// between 0 and 1, both excluded; any other value is an error of the program
// and panics. Data for which a quantity is undefined give an error.
package abtest

import "errors"

var (
	// ErrTooFew is returned when an arm has fewer than two members, so that its
	// variance is undefined.
	ErrTooFew = errors.New("abtest: fewer than two members in an arm")
	// ErrZeroVariance is returned when no value varies, so that there is no
	// sampling error to measure a difference against.
	ErrZeroVariance = errors.New("abtest: no variance in the data")
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

// checkProbability panics unless 0 < p < 1.
func checkProbability(p float64, name string) {
	if !(p > 0 && p < 1) {
		panic("abtest: " + name + " outside (0, 1)")
	}
}
