// Package btyd has models of members who buy until they drop out, unobserved:
// who is still there, what they will buy, and what that is worth.
//
// The members are those of a program without a contract: nobody says goodbye,
// so that a long silence may be a slow buyer or a lost one. The models weigh
// the two from nothing but the number of repeat purchases, the time of the last
// one and the time observed: a History. They answer with the probability of
// being alive (PAlive), the expected purchases in a time ahead (Expected), their
// distribution (PMF) and their discounted sum (DERT).
//
// # Which model
//
// MBGNBD is the one to start with. BGNBD is older and better known, but takes
// everyone who bought only once for alive. ParetoNBD allows dropout at any
// time, not only after a purchase; it is better for some heavy buyers and takes
// ten to thirty times as long. MBGCNBD is for regular buyers, such as of things that
// run out. BGBB is for purchases that can be made at given opportunities only.
// Fit several and let Choose compare what they said of a later period, and look
// at Calibrate before anyone acts on the numbers.
//
// Expected spend per purchase is the matter of GammaGamma, which assumes that
// members who buy often do not spend more or less: see SpendCorrelation. CLV
// joins the two.
//
// # When not
//
// Where members sign and cancel a contract, dropout is observed: use survival
// analysis. Seasons, campaigns and price changes are not in these models, which
// take the rate of a member as constant; a fit over a Christmas that predicts
// the spring is too high. Members enrolled at different times under different
// rules are best fitted apart or with Static covariates. With less than some
// hundred members, or hardly any repeat purchases, the parameters have errors
// as large as themselves: SE and Boundary say so.
//
// # Data
//
// A fit reads Data, made from histories and how many members have each, so that
// a database can do the counting: a million members in whole weeks are some ten
// thousand rows. Times are in any unit, the same one throughout, which is also
// that of Alpha, Beta of ParetoNBD, and of the times asked about. Several
// purchases within the smallest step of time (mostly a day) count as one; rounding
// times up to whole steps raises Alpha by somewhat less than a step.
//
// # How the fits work
//
// Newton's method on the logarithms of the parameters, with exact first and
// second derivatives, from three starts; damped where the likelihood is not
// concave. A Fitted says how it went: the gradient and the condition of the
// Hessian at the end, how many starts led there, and in Boundary what the data
// do not determine. Standard errors and the draws for intervals come from the
// Hessian.
//
// Simulations check that fits recover the parameters of their world and that intervals
// cover; a short form runs with the tests, the long one by
//
//	LOYALTY_COVERAGE=long go test ./stats/btyd -run Coverage -v -timeout 60m
//
// Impossible histories and data that cannot answer are errors of the fits. The
// methods of the models take the histories that NewData would and parameters
// above 0; anything else gives no meaningful answer and may panic.
package btyd
