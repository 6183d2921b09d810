package abtest

import "math"

// Ratio returns the ratio of the sums of Y and X over the members of an arm, such
// as spend per order, as the Sample of its linear approximation by member,
//
//	r + (y - r x)/mean(x), r = mean(y)/mean(x),
//
// whose mean is r and whose variance is that of the delta method,
//
//	(s²y - 2 r sxy + r² s²x) / mean(x)².
//
// The member is the unit that was assigned, so orders of one member may depend on
// each other. Compare, Welch, Fieller and the rest take the Sample as any other.
// The approximation is good when the mean of X is many standard errors from 0.
//
// See A. Deng, U. Knoblich and J. Lu, "Applying the delta method in metric
// analytics", KDD 2018.
//
// Ratio returns ErrZeroDenominator when the mean of X is 0.
func Ratio(p Pair) (Sample, error) {
	if p.MeanX == 0 {
		return Sample{N: p.N, Mean: math.NaN(), M2: math.NaN()}, ErrZeroDenominator
	}
	r := p.MeanY / p.MeanX
	m2 := (p.M2Y - 2*r*p.CXY + r*r*p.M2X) / (p.MeanX * p.MeanX)
	return Sample{N: p.N, Mean: r, M2: math.Max(0, m2)}, nil
}

// Share returns the Sample of n zeros and ones with the given number of ones, as
// the maximum likelihood estimate of its variance has it: the unbiased one times
// (n-1)/n, so that Variance is p (1-p). For few events compare with package
// proportion instead.
//
// Share returns ErrSums for counts that are not a sample.
func Share(n, ones int64) (Sample, error) {
	if n < 0 || ones < 0 || ones > n {
		return Sample{}, ErrSums
	}
	if n == 0 {
		return Sample{}, nil
	}
	p := float64(ones) / float64(n)
	return Sample{N: n, Mean: p, M2: p * (float64(n-ones) / float64(n)) * float64(n-1)}, nil
}
