// Package proportion has intervals and tests for shares of members: one share, the
// difference and the ratio of two, and the net promoter score.
//
//   - For one share use [Wilson], [WilsonWeighted] of sums of weights;
//     [ClopperPearson] where the confidence must be kept for every share, [Jeffreys]
//     where an average will do.
//   - For the difference of two use [Diff] with [Newcombe], or [MiettinenNurminen]
//     with its [ScoreTest], which also tests for non-inferiority; both answer when a
//     share is 0.
//   - With few events in all, [Fisher] or the more powerful [Boschloo].
//   - [Ratio] and [OddsRatio] with [RatioScore] where the relative form is asked for.
//   - [NPS] is a net promoter score.
//
// [Wald] and the like are what other tools show; they cover too little near 0 and 1.
// Every interval holds its estimate, whatever the counts and the confidence.
//
// Members are to be independent, and counted once: for shares of orders of members
// use the ratio in package abtest. For an experiment that is looked at before its
// end use the intervals there. A share of those who had an event so far, where many
// could not yet, is no share: see package survival.
//
// All intervals are two-sided. A confidence is a number between 0 and 1, both
// excluded, such as 0.95; any other value is an error of the program and
// panics. Counts that do not describe a sample give ErrNoData or ErrCounts.
package proportion
