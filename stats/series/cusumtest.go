package series

import (
	"errors"
	"math"
)

// CUSUMTest tests whether a straight line holds all along, by the largest
// cumulative sum of its residuals, scaled by their standard deviation and the
// square root of the length. It finds lasting changes of level or slope;
// [Breakpoints] then says when. Residuals that depend on the ones before them make
// P too small.
//
// P is for residuals about a line, whose sums are tied to 0 more tightly than the
// Brownian bridge of residuals about a mean. That bridge's law, which is often
// used here too, would reject a true line in less than one case in a thousand at
// a nominal 5 %. P is approximate, and errs to the careful side: where the true
// one is 0.05 it is about 0.07 with 50 values and 0.06 with many.
//
// It takes at least 3 values, and a good approximation about 20. A series that is
// a straight line but for rounding is an error.
//
// Source: W. Ploberger and W. Krämer (1992), The CUSUM test with OLS residuals,
// Econometrica 60, 271-285, for the statistic; I. B. MacNeill (1978), Properties
// of sequences of partial sums of polynomial regression residuals with
// applications to tests for change of regression at unknown times, Annals of
// Statistics 6, 422-433, for the process it is the largest value of.
func CUSUMTest(y []float64) (statistic, p float64, err error) {
	line, err := TrendSeason(y, 1)
	if err != nil {
		return 0, 0, err
	}
	if line.Sigma <= rounding(len(y), largest(y)) {
		return 0, 0, errors.New("series: the values are a straight line; there is no noise to test by")
	}
	sum := 0.0
	for i, v := range y {
		sum += v - line.Coefficients[0] - line.Coefficients[1]*float64(i+1)
		statistic = math.Max(statistic, math.Abs(sum))
	}
	root := math.Sqrt(float64(len(y)))
	statistic /= line.Sigma * root
	// Sums looked at in steps miss the peaks between them.
	return statistic, tied(statistic + 0.5826/root), nil
}

// tied returns P(sup |V| > x) of the process V that the sums of residuals about a
// line tend to, of the covariance s(1-t) - 3 s(1-s) t(1-t) for s <= t: crossings
// of x and -x come at the rate of Durbin's approximation, and about as Poisson
// events. The correction of a random walk's steps, 0.5826, is Siegmund's.
//
// Source: J. Durbin (1985), The first-passage density of a continuous Gaussian
// process to a general boundary, Journal of Applied Probability 22, 99-122, for
// the rate; D. Siegmund (1985), Sequential Analysis, chapter 10.
func tied(x float64) float64 {
	if x < 0.2 {
		return 1 // to two digits
	}
	// The rate vanishes at both ends with all its derivatives: the midpoint rule
	// converges exponentially.
	const steps = 400
	rate := 0.0
	for i := range steps {
		t := (float64(i) + 0.5) / steps
		variance := t * (1 - t) * (1 - 3*t*(1-t))
		drift := (1 - t) * (1 - 3*t + 6*t*t)
		rate += drift * math.Exp(-x*x/(2*variance)) / (variance * math.Sqrt(variance))
	}
	return -math.Expm1(-2 * x * rate / (steps * math.Sqrt(2*math.Pi)))
}
