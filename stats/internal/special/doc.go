// Package special has the special functions and quadrature rules that the
// packages under stats need and gonum lacks: differences of log-gamma
// functions that keep their digits, the digamma and trigamma functions,
// Gauss-Legendre and Gauss-Jacobi rules, the mean of a function under a beta
// distribution, and the scaled exponential integral.
//
// Arguments outside the range stated are errors of the program and panic. A
// NaN argument gives NaN.
package special
