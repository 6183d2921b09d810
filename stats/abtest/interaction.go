package abtest

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// Interaction is what two experiments that ran on the same members have to do with
// each other.
type Interaction struct {
	// Effect is the difference of the differences: how much larger the effect of
	// one experiment is among the treated of the other.
	Effect
	// Independence tests that the assignments are independent, by Pearson's
	// chi-square of the four counts: a small P is a fault of the assignment.
	Independence SRMResult
}

// Interact returns the interaction of two experiments from the four cells,
// cells[i][j] being the members with arm i of the first and arm j of the second
// experiment, 0 control and 1 treatment:
//
//	(m11 - m01) - (m10 - m00)
//
// with the variance of Welch. It is symmetric in the experiments. Control is the
// mean of the cell with control in both.
//
// Interact returns the errors of Contrast.
func Interact(cells [2][2]Sample) (Interaction, error) {
	e, err := Contrast([]Sample{cells[0][0], cells[0][1], cells[1][0], cells[1][1]}, []float64{1, -1, -1, 1})
	if err != nil {
		return Interaction{}, err
	}
	first := cells[0][0]
	e.Control, e.ControlVariance, e.Covariance = first.Mean, first.meanVariance(), first.meanVariance()
	in := Interaction{Effect: e}
	var rows, columns [2]float64
	for i, r := range cells {
		for j, c := range r {
			rows[i] += float64(c.N)
			columns[j] += float64(c.N)
		}
	}
	in.Independence.MinExpected = math.Inf(1)
	for i, r := range cells {
		for j, c := range r {
			expected := rows[i] * (columns[j] / (columns[0] + columns[1]))
			d := float64(c.N) - expected
			in.Independence.ChiSquare += d * d / expected
			in.Independence.MinExpected = math.Min(in.Independence.MinExpected, expected)
		}
	}
	in.Independence.DF = 1
	in.Independence.P = special.ChiSquareSurvival(in.Independence.ChiSquare, 1)
	return in, nil
}

// Contrast returns Σ weight mean over independent samples, with the variance
// Σ weight² s²/n and the degrees of freedom of Satterthwaite. Control is 0: a
// contrast is relative to nothing.
//
// Contrast returns ErrTooFew when a sample with a weight has fewer than two members,
// ErrZeroVariance when none varies, and ErrNotFinite for data or weights that are not
// finite or out of range. It panics if the lengths differ.
func Contrast(samples []Sample, weights []float64) (Effect, error) {
	if len(samples) != len(weights) {
		panic("abtest: slice length mismatch")
	}
	var e Effect
	var fourth float64
	for i, s := range samples {
		w := weights[i]
		if w == 0 {
			continue
		}
		if s.N < 2 {
			return Effect{}, ErrTooFew
		}
		v := w * w * s.meanVariance()
		e.N += s.N
		e.Difference += w * s.Mean
		e.Variance += v
		fourth += v * v / float64(s.N-1)
	}
	if !finite(e.Difference, e.Variance, fourth) || e.Variance < 0 {
		return Effect{}, ErrNotFinite
	}
	if e.Variance == 0 {
		return Effect{}, ErrZeroVariance
	}
	e.DF = e.Variance * e.Variance / fourth
	e.LiftDF = e.DF
	return e, nil
}

// PooledContrast is Contrast with one variance for all samples, the classical
// analysis of variance: its T² is the F of one degree of freedom. It is more precise
// for small samples of equal variance and wrong for unequal ones.
func PooledContrast(samples []Sample, weights []float64) (Effect, error) {
	e, err := Contrast(samples, weights)
	if err != nil {
		return e, err
	}
	var m2, inverse float64
	e.DF = 0
	for i, s := range samples {
		if s.N > 0 {
			m2 += s.M2
			e.DF += float64(s.N - 1)
		}
		if weights[i] != 0 {
			inverse += weights[i] * weights[i] / float64(s.N)
		}
	}
	e.Variance, e.LiftDF = m2/e.DF*inverse, e.DF
	return e, nil
}
