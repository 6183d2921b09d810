package proportion

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// WaldTest tests the null hypothesis that the difference of the shares,
// treatment minus control, is null, with the variance of the observed shares:
//
//	Z = (pt - pc - null) / √(pt (1-pt)/nt + pc (1-pc)/nc).
//
// Where the variance vanishes, both shares being 0 or 1, Z is 0 or infinite.
// ScoreTest has the better level for few events.
//
// WaldTest returns ErrNoData or ErrCounts for counts that are not a sample. It
// panics if null is not between -1 and 1, both excluded.
func WaldTest(control, treatment Count, null float64) (Test, error) {
	return addedTest(control, treatment, null, 0)
}

// AgrestiCaffoTest is WaldTest with one success and one failure added to each
// group; its interval is that of Diff with AgrestiCaffo.
func AgrestiCaffoTest(control, treatment Count, null float64) (Test, error) {
	return addedTest(control, treatment, null, 1)
}

func addedTest(control, treatment Count, null, add float64) (Test, error) {
	if !(null > -1 && null < 1) {
		panic("proportion: null difference outside (-1, 1)")
	}
	if err := control.check(); err != nil {
		return Test{}, err
	}
	if err := treatment.check(); err != nil {
		return Test{}, err
	}
	d, se := added(control, treatment, add)
	if d == null {
		return Test{P: 1}, nil
	}
	z := (d - null) / se
	return Test{Z: z, P: special.NormalTwoSided(z)}, nil
}

// added returns the difference of the shares and its standard error after add
// successes and add failures in each group.
func added(control, treatment Count, add float64) (d, se float64) {
	nc, nt := float64(control.N)+2*add, float64(treatment.N)+2*add
	pc, pt := (float64(control.Successes)+add)/nc, (float64(treatment.Successes)+add)/nt
	return pt - pc, math.Sqrt(pt*(1-pt)/nt + pc*(1-pc)/nc)
}
