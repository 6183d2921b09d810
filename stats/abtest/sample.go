package abtest

import "math"

// Sample is what one arm's values come down to: their number, their mean, and
// M2, the sum of their squared deviations from the mean. Mean is in the unit of
// the values, M2 in its square. The zero Sample is empty.
type Sample struct {
	N        int64
	Mean, M2 float64
}

// FromValues returns the Sample of the values in x, by the updating formula of
// B. P. Welford, "Note on a method for calculating corrected sums of squares
// and products", Technometrics 4(3), 1962.
func FromValues(x []float64) Sample {
	var s Sample
	for _, v := range x {
		s.N++
		d := v - s.Mean
		s.Mean += d / float64(s.N)
		s.M2 += d * (v - s.Mean)
	}
	return s
}

// FromSums returns the Sample of n values with the given sum and sum of squares,
//
//	Mean = sum/n, M2 = sumsq - sum²/n.
//
// The subtraction cancels when the values vary little around a large mean. It
// is done here without further rounding, so what M2 lacks was lost when the
// sums were formed: about log10(sumsq/M2) of the nearly 16 digits of a float64.
// When more than 8 of them are gone FromSums returns ErrPrecision along with
// the Sample, and centred sums should be asked for instead. Whole sums up to
// 2^53 are taken to be exact, so that a constant count, or a share of 0 or 1,
// is not mistaken for lost precision. M2 is never negative.
//
// FromSums returns ErrSums for a negative n, a sum that is not finite, a sum of
// squares below sum²/n (for one value, different from it) by more than rounding
// explains, or sums other than 0 for no values.
func FromSums(n int64, sum, sumsq float64) (Sample, error) {
	switch {
	case n < 0 || sumsq < 0,
		math.IsNaN(sum) || math.IsInf(sum, 0) || math.IsNaN(sumsq) || math.IsInf(sumsq, 0),
		n == 0 && (sum != 0 || sumsq != 0):
		return Sample{}, ErrSums
	case n == 0:
		return Sample{}, nil
	}
	s := Sample{N: n, Mean: sum / float64(n)}
	// sum²/n = sum·Mean + sum·(sum - n·Mean)/n, with the rounding error of each
	// product from a fused multiply-add.
	p := sum * s.Mean
	perr := math.FMA(sum, s.Mean, -p)
	rest := math.FMA(-float64(n), s.Mean, sum)
	m2 := (sumsq - p) - perr - s.Mean*rest

	const keep = 1e-8
	if m2 < -keep*sumsq {
		return Sample{}, ErrSums
	}
	s.M2 = math.Max(m2, 0)
	if n == 1 {
		if m2 > keep*sumsq {
			return Sample{}, ErrSums
		}
		s.M2 = 0
		return s, nil
	}
	if m2 < keep*sumsq && (m2 < 0 || !whole(sum) || !whole(sumsq)) {
		return s, ErrPrecision
	}
	return s, nil
}

// whole reports whether x is a whole number up to 2^53.
func whole(x float64) bool {
	return math.Abs(x) <= 1<<53 && x == math.Trunc(x)
}

// Merge returns the Sample of the values of s and o together, by the formula of
// T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for computing the
// sample variance", The American Statistician 37(3), 1983:
//
//	M2 = M2s + M2o + (means - meano)² ns no / (ns + no).
func (s Sample) Merge(o Sample) Sample {
	switch {
	case s.N == 0:
		return o
	case o.N == 0:
		return s
	}
	n := s.N + o.N
	d := o.Mean - s.Mean
	w := float64(o.N) / float64(n)
	return Sample{
		N:    n,
		Mean: s.Mean + d*w,
		M2:   s.M2 + o.M2 + d*d*float64(s.N)*w,
	}
}

// Variance returns the unbiased estimate M2/(N-1), in the square of the unit of
// the values. It is NaN for fewer than two values.
func (s Sample) Variance() float64 {
	if s.N < 2 {
		return math.NaN()
	}
	return s.M2 / float64(s.N-1)
}

// checkArms returns ErrTooFew when an arm has fewer than two members and ErrNotFinite
// when the means, their difference or the variance of it are no numbers.
func checkArms(control, treatment Sample) error {
	if control.N < 2 || treatment.N < 2 {
		return ErrTooFew
	}
	vc, vt := control.meanVariance(), treatment.meanVariance()
	if !finite(control.Mean, treatment.Mean, treatment.Mean-control.Mean, vc+vt) || vc < 0 || vt < 0 {
		return ErrNotFinite
	}
	return nil
}

// meanVariance returns the estimated variance of the mean.
func (s Sample) meanVariance() float64 {
	return s.Variance() / float64(s.N)
}
