package abtest

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// Study is one result to combine: an estimate, such as the lift of a past test, and
// its standard error.
type Study struct {
	Estimate, SE float64
}

// Heterogeneity says how much results differ beyond their errors.
type Heterogeneity struct {
	// Q is Cochran's statistic Σ w (y - ȳ)², w = 1/SE², on DF degrees of freedom.
	Q  float64
	DF int
	P  float64
	// I2 is the share of the variation that is not error, max(0, 1 - DF/Q).
	I2 float64
}

// Heterogeneous tests that all results estimate the same effect: those of one
// experiment in its segments, or of several experiments. A segment whose effect
// differs deserves another look only when this test, not its own p-value, says so.
//
// See W. G. Cochran, Biometrics 10, 1954, and J. P. T. Higgins and S. G. Thompson,
// Statistics in Medicine 21, 2002.
//
// Heterogeneous returns ErrStudies.
func Heterogeneous(studies []Study) (Heterogeneity, error) {
	if err := checkStudies(studies); err != nil {
		return Heterogeneity{}, err
	}
	mean, _ := weighted(studies, 0)
	h := Heterogeneity{DF: len(studies) - 1}
	for _, s := range studies {
		d := (s.Estimate - mean) / s.SE
		h.Q += d * d
	}
	h.P = special.ChiSquareSurvival(h.Q, float64(h.DF))
	if h.Q > 0 {
		h.I2 = math.Max(0, 1-float64(h.DF)/h.Q)
	}
	return h, nil
}

func checkStudies(studies []Study) error {
	if len(studies) < 2 {
		return ErrStudies
	}
	for _, s := range studies {
		// Fourth powers of the errors are to stay in range.
		if !(s.SE >= 1e-70 && s.SE <= 1e70) || math.IsNaN(s.Estimate) || math.IsInf(s.Estimate, 0) {
			return ErrStudies
		}
	}
	return nil
}
