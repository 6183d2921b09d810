// Package special has the special functions and quadrature rules that the
// packages under stats need and gonum lacks: differences of log-gamma
// functions that keep their digits, the digamma and trigamma functions,
// Gauss-Legendre and Gauss-Jacobi rules, the mean of a function under a beta
// distribution, and the scaled exponential integral; and the tails and
// quantiles of the normal, Student t, chi-square, F, binomial and beta
// distributions that tests and intervals need.
//
// Upper tails are computed directly, never as 1-CDF, so that they keep their
// relative precision down to the smallest numbers a float64 can hold; a result
// below about 5e-324 is 0.
//
// Arguments outside the range stated are errors of the program and panic. A
// NaN argument gives NaN.
package special
