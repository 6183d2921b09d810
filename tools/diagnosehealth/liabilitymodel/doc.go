// Package liabilitymodel tells what the open points of a program will come to,
// from sums of points by month of issue, month of expiry and what became of them.
//
// A Book holds the lots. Points that came back (reimbursed), were corrected upwards or
// transferred in are lots of their own, issued in that month. New fits the monthly hazard of redemption of stats/reserve
// to them, by age, nearness of expiry and calendar month, and projects each open
// lot to its own expiry. What to fit to is chosen among parts of the history by
// how well each would have predicted since closings of three, six and nine months
// ago: the first points of a program are redeemed otherwise than those that
// follow, since nobody has older ones to be spent before them. Beside chance,
// shocks of months and the error of the coefficients, the error of the estimate
// holds what the chosen part was off by at those closings, and by how much the
// parts disagree.
//
// Checks values the same points by the methods of the actuaries, and says which of
// them must not be used. Defer turns redemptions into deferred revenue.
//
// # How it is checked
//
//	LOYALTY_COVERAGE=long go test ./tools/diagnosehealth/liabilitymodel -run Coverage -v -timeout 60m
//
// simulates 400 programs of each kind, whose members save for rewards and spend
// their oldest points first, and runs them on to the expiry of the last point.
// The 95 % intervals held what was redeemed in .985 of programs with points of a
// year and three years of history, in .963 with points of 18 months and four
// years, in .978 without a season, and in all of those younger than two lives of
// their points, whose intervals are wide (half width 30 %). They err on the side
// of width, more so the younger a program is.
package liabilitymodel
