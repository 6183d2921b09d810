// Package churnmodel tells who of a program's members is likely gone, where
// nobody says goodbye, and what that puts at risk, from counts of members by
// purchase history.
//
// Three models of stats/btyd are fitted by maximum likelihood: MBG/NBD, which
// is taken unless another predicts better; Pareto/NBD; and BG/NBD for
// comparison only, as it takes everyone who never bought again for alive. They
// are fitted twice: up to an earlier day, to be held to what members did
// afterwards (Test), and up to the end, for the figures. A choice that fails the
// test is refused.
//
// Revenue at risk is, over the open members,
//
//	Σ (1 - P(alive)) × purchases within the horizon if alive × spend a purchase,
//
// what those who are gone would have brought had they stayed. Its interval
// allows for the error of both fits and for the chance of who in fact is gone.
// With p = P(alive) and v what a member would bring, the chance adds
// Σ v² p (1-p), and what is not known of each member's spend.
//
// # How it is checked
//
//	LOYALTY_COVERAGE=long go test ./tools/diagnosehealth/churnmodel -run Coverage -v -timeout 60m
//
// draws 600 programs from the model. Of programs like the generated one the 95 %
// intervals held the truth in .945 (revenue at risk) and .953 (P(alive)). Where
// members buy rarely, many leave at once and history is short, they held in .908
// and .895 only: the likelihood has a bent ridge, which steps along straight lines
// leave. (Steps as long as the likelihood allows, in place of one standard error,
// make it worse for that reason: .898 and .877.) The width of the interval gives
// such data away, and the diagnosis warns of it.
package churnmodel
