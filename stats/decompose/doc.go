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
// Don't use them on cells so small that their rates are noise, where the rate
// effect of a segment is mostly sampling error; and don't read a mix effect
// where a segment's definition changed between the two periods.
package decompose
