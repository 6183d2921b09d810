// Package decompose explains why an aggregate changed.
//
// Four questions, four methods:
//
//   - A rate over segments moved (redemption rate by tier): how much because
//     members moved between segments, how much because the segments' own rates
//     moved? [Kitagawa], and [CrossClassified] where segments are cells of
//     several dimensions.
//   - A figure is a function of several factors (members × active share ×
//     orders × order value): how much is due to each? [Shapley], and
//     [DasGupta], which also returns the standardised values.
//   - A sum or a ratio missed its forecast: which elements of which dimension
//     explain it? [Adtributor].
//
// All of them are accounting: effects sum to the change (to rounding), by
// construction, and none of them is a cause. An order of substitution is never
// chosen: every method averages over all of them, so that relabelling the
// factors or reversing time changes nothing but signs.
//
// Take Kitagawa for a rate and Shapley for a product or any other formula. The
// effects of segments add up within either, so report the totals first and the
// segments' after. CrossClassified asks which of several dimensions moved the mix;
// Adtributor looks for the few elements that explain a miss, which is a search,
// and needs a forecast that was made without looking.
//
// Don't use them on cells so small that their rates are noise, where the rate
// effect of a segment is mostly sampling error; and don't read a mix effect
// where a segment's definition changed between the two periods.
package decompose

import (
	"errors"
	"math"
)

// computed returns an error unless all results are numbers.
func computed(values ...float64) error {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return errors.New("decompose: the effects are too large for a number; take a larger unit")
		}
	}
	return nil
}
