// Package proportion has interval estimates for shares of members: one share,
// the difference of two shares, and the net promoter score.
//
// All intervals are two-sided. A confidence is a number between 0 and 1, both
// excluded, such as 0.95; any other value is an error of the program and
// panics. Counts that do not describe a sample give ErrNoData or ErrCounts.
package proportion
