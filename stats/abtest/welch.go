package abtest

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// Difference is the difference of two means, treatment minus control, in the
// unit of the values: its estimate, standard error and confidence interval, and
// the test of no difference with the statistic T on DF degrees of freedom and
// the two-sided p-value P.
type Difference struct {
	Estimate, SE, DF, T, P, Low, High float64
}

// Welch compares the means of two arms without assuming equal variances,
//
//	SE² = st²/nt + sc²/nc, T = (mt - mc)/SE,
//	DF = SE⁴ / ((st²/nt)²/(nt-1) + (sc²/nc)²/(nc-1)),
//
// with the interval Estimate ± t SE, t being the quantile of Student's t
// distribution on DF degrees of freedom.
//
// See B. L. Welch, "The generalization of 'Student's' problem when several
// different population variances are involved", Biometrika 34, 1947, and F. E.
// Satterthwaite, Biometrics Bulletin 2, 1946.
//
// One arm may be constant; DF is then that of the other. Welch returns
// ErrZeroVariance when both are, equal or not, with Estimate set and the other
// fields NaN, ErrTooFew when an arm has fewer than two members, and
// ErrNotFinite for data that are not finite or out of range.
func Welch(control, treatment Sample, confidence float64) (Difference, error) {
	checkProbability(confidence, "confidence")
	if err := checkArms(control, treatment); err != nil {
		return Difference{}, err
	}
	nan := math.NaN()
	d := Difference{Estimate: treatment.Mean - control.Mean, SE: nan, DF: nan, T: nan, P: nan, Low: nan, High: nan}
	vc, vt := control.meanVariance(), treatment.meanVariance()
	if vc == 0 && vt == 0 {
		return d, ErrZeroVariance
	}
	d.SE = math.Sqrt(vc + vt)
	d.DF = satterthwaite(vc, vt, control.N, treatment.N)
	d.T = d.Estimate / d.SE
	if !finite(d.T, d.DF) {
		return Difference{}, ErrNotFinite
	}
	d.P = special.TTwoSided(d.T, d.DF)
	half := tValue(confidence, d.DF) * d.SE
	d.Low, d.High = d.Estimate-half, d.Estimate+half
	return d, nil
}

// satterthwaite returns the degrees of freedom of the sum of two independent
// estimates of variance.
func satterthwaite(vc, vt float64, nc, nt int64) float64 {
	r := vc / (vc + vt)
	q := vt / (vc + vt)
	return 1 / (r*r/float64(nc-1) + q*q/float64(nt-1))
}

// tValue returns the t quantile of a two-sided confidence.
func tValue(confidence, df float64) float64 {
	return -special.TQuantile((1-confidence)/2, df)
}
