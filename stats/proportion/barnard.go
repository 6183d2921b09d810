package proportion

import "math"

// Barnard returns the exact unconditional test of equal shares that orders the
// tables by the pooled z statistic. TwoSided counts tables whose statistic is as
// large in either direction.
//
// See G. A. Barnard, "Significance tests for 2×2 tables", Biometrika 34, 1947, and
// S. Suissa and J. J. Shuster, Journal of the Royal Statistical Society A 148, 1985.
//
// Barnard returns ErrNoData or ErrCounts for counts that are not a sample, and
// ErrTooLarge when the product of the group sizes exceeds 4 million.
func Barnard(control, treatment Count) (Exact, error) {
	if err := checkTables(control, treatment); err != nil {
		return Exact{}, err
	}
	z := pooledZ(control.Successes, treatment.Successes, control.N, treatment.N)
	side := func(z float64) (first, last []int64) {
		first, last = make([]int64, control.N+1), make([]int64, control.N+1)
		var up, down int64
		for c := range first {
			for up <= treatment.N && pooledZ(int64(c), up, control.N, treatment.N) < z-1e-9 {
				up++
			}
			for down <= treatment.N && pooledZ(int64(c), down, control.N, treatment.N) <= -z+1e-9 {
				down++
			}
			first[c], last[c] = up, down
		}
		return first, last
	}
	var e Exact
	first, _ := side(z)
	e.Greater = largest(control.N, treatment.N, first, nil)
	none := make([]int64, control.N+1)
	for c := range none {
		none[c] = treatment.N + 1
	}
	_, last := side(-z)
	e.Less = largest(control.N, treatment.N, none, last)
	if z == 0 {
		e.TwoSided = 1
		return e, nil
	}
	first, last = side(math.Abs(z))
	e.TwoSided = largest(control.N, treatment.N, first, last)
	return e, nil
}

// pooledZ is the z statistic with the pooled share, 0 where it vanishes.
func pooledZ(c, t, nc, nt int64) float64 {
	fc, ft := float64(nc), float64(nt)
	d := float64(t)/ft - float64(c)/fc
	if d == 0 {
		return 0
	}
	p := float64(c+t) / (fc + ft)
	return d / math.Sqrt(p*(1-p)*(1/fc+1/ft))
}
