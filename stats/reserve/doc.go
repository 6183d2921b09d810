// Package reserve answers what the points that are open will come to: how many
// will be redeemed and how many expire, by how much that may be wrong, and what
// it means for the books.
//
// # Which method
//
// The points of a program are lots: issued in a month, redeemed over time, and
// expired at a date of their own. FitHazard is the method to start with. It
// models the part of the open points of an age that is redeemed in a month, by
// age, calendar month, tier and nearness of expiry, and Project carries each
// open lot to its own expiry, with a standard error. What the data have never
// seen, an age or a season, is marked as such in the result (Projection.Unseen).
//
// The methods on a Triangle of cohorts by age are the actuaries' and serve as
// cross-checks: the chain ladder with Mack's standard errors, MerzWuthrich for
// how far the reserve can move by the next closing, ODP as a second opinion on
// the errors, BornhuetterFerguson with CapeCod or a hazard's rate as prior for
// young cohorts (project one point of age 0 to have the rate of issued points; a
// liability's errors are those of Bornhuetter),
// Clark and Tail for points that never expire.
//
// CompetingRisks gives redemption and expiry by age with no model at all.
//
// # When not
//
// A chain ladder takes past factors for the future's. Valued at the end of
// December, it projects the Christmas peak of the youngest cohorts onto all that
// come: in the simulations of this package it is then 15 to 30% too high, where
// the hazard is within 1%. CalendarTest and CorrelationTest tell when not to use
// it. No method here knows of a rule that will change, a devaluation or a closed
// program: use Scenario, or lots with another expiry, to see what they would do.
//
// A season can be told from a trend only with more than a year of data, and
// effects near expiry only once lots have expired.
//
// # What the rate is of
//
// The redemption rate of issued points and that of the points outstanding are
// different numbers, and to multiply a balance by the former is the usual error.
// Projection.Rate is of the outstanding; OutstandingRate converts.
//
// # Lots and books
//
// Which lot a redemption used is a matter of the rules: a Ledger processes the
// events of a member, with reversals; Attribute does without events where only
// sums are known. RollForward reconciles the movements of points, Explain those
// of the liability's value, Deferral and DeferredRevenue those of revenue
// deferred under IFRS 15 and ASC 606, to nothing unexplained.
//
// # Units
//
// Points in Attribute, Ledger and RollForward are integers of one type of the
// caller's choice, for example whole points or ten-thousandths of a point; their
// arithmetic is exact as long as totals fit the type. Elsewhere they are floats.
// Ages are periods, mostly months, since the period of issue, which is age 0.
//
// # How it is checked
//
// Against published triangles, two reference implementations, the examples of
// the standards, and simulated programs whose future is known:
//
//	LOYALTY_COVERAGE=long go test ./stats/reserve -run Coverage -v -timeout 60m
package reserve
