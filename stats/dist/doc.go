// Package dist has the tail probabilities and quantiles that tests and
// intervals need: the normal, Student t, chi-square, F, binomial and beta
// distributions.
//
// Upper tails are computed directly, never as 1-CDF, so that they keep their
// relative precision down to the smallest numbers a float64 can hold. A result
// below about 5e-324 is 0.
//
// A NaN argument gives NaN. A parameter outside its range (degrees of freedom
// not above 0, a probability outside [0, 1]) is an error of the program and
// panics.
package dist
