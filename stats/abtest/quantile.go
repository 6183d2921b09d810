package abtest

import (
	"errors"
	"math"
)

// ErrTooFewForQuantile is returned when an arm has too few values around a
// quantile to estimate its error.
var ErrTooFewForQuantile = errors.New("abtest: too few members for the error of this quantile; use one nearer the middle or wait")

// ErrTied is returned for a quantile that stands on tied values, as those of counts or
// of rounded amounts do.
var ErrTied = errors.New("abtest: the quantile stands on tied values, its error can't be told; quantiles are for continuous metrics, test the share of values above a threshold instead")

// Quantile is one arm's sample quantile at the level Nu, such as 0.9 for the
// value that 90% do not exceed, with the sample quantiles at the levels that
// QuantileLevels gave.
type Quantile struct {
	N                int64
	Nu               float64
	Value, Low, High float64
}

// quantileZ is the normal quantile of 95% that spaces the levels.
const quantileZ = 1.959963984540054

// QuantileLevels returns the two levels around nu at which a database should
// compute the sample quantiles Low and High, for an arm of n values:
//
//	nu ± z √(nu (1-nu)/m), z = 1.96,
//
// m being the largest of 100, 200, 400, ... up to n, so that the levels stay the
// same while an arm grows a little.
//
// See A. Deng, U. Knoblich and J. Lu, KDD 2018, section 5, and W. Yao, S. Li and
// J. Lu, 2024.
//
// QuantileLevels returns ErrTooFewForQuantile when n is below 100 or so small that
// a level leaves (0, 1). It panics if nu is not between 0 and 1.
func QuantileLevels(n int64, nu float64) (low, high float64, err error) {
	checkProbability(nu, "quantile level")
	m, err := stableSize(n)
	if err != nil {
		return 0, 0, err
	}
	half := quantileZ * math.Sqrt(nu*(1-nu)/float64(m))
	if nu-half <= 0 || nu+half >= 1 {
		return 0, 0, ErrTooFewForQuantile
	}
	return nu - half, nu + half, nil
}

// stableSize returns the largest of 100, 200, 400, ... up to n.
func stableSize(n int64) (int64, error) {
	if n < 100 {
		return 0, ErrTooFewForQuantile
	}
	m := int64(100)
	for m <= n/2 {
		m *= 2
	}
	return m, nil
}

// Sample returns the quantile as the Sample of values whose mean has the
// variance of the quantile, for Compare and Welch:
//
//	((High - Low)/(2z))² m/n
//
// is the variance of Value, z and m as in QuantileLevels. Each member has one
// value; for several use Clustered.
//
// Quantiles are for continuous metrics. Those of counts jump from one value to the
// next and their spacing says nothing of their error: about half of the tests without
// an effect would be significant. Test the share of values above a threshold instead.
//
// Sample returns ErrTooFewForQuantile as QuantileLevels does, ErrTied when Value equals
// Low or High, ErrNotFinite when one of them is no number, and ErrSums unless they
// ascend.
func (q Quantile) Sample() (Sample, error) {
	v, err := q.variance()
	if err != nil {
		return Sample{}, err
	}
	return Sample{N: q.N, Mean: q.Value, M2: v * float64(q.N-1)}, nil
}

// variance returns the variance per value, so that over N it is that of Value.
func (q Quantile) variance() (float64, error) {
	if _, _, err := QuantileLevels(q.N, q.Nu); err != nil {
		return 0, err
	}
	m, err := stableSize(q.N)
	if err != nil {
		return 0, err
	}
	switch {
	case !finite(q.Low, q.Value, q.High):
		return 0, ErrNotFinite
	case q.Low == q.Value || q.Value == q.High || q.Low == q.High:
		return 0, ErrTied
	case !(q.Low < q.Value && q.Value < q.High):
		return 0, ErrSums
	}
	d := (q.High - q.Low) / (2 * quantileZ)
	n := float64(q.N)
	return float64(m) / n * (n - 1) * d * d, nil
}

// Clustered returns the quantile of values of which a member may have several, as
// Sample does, with the variance of values that depend on each other within a
// member: the independent one times that of the share of values at or below the
// quantile, by the delta method over the members, relative to nu (1-nu)/N. In
// members Y is the member's number of values at or below Value and X of all.
//
// Clustered returns the errors of Sample and Ratio and ErrTooFew for fewer than
// two members.
func (q Quantile) Clustered(members Pair) (Sample, error) {
	v, err := q.variance()
	if err != nil {
		return Sample{}, err
	}
	if members.N < 2 {
		return Sample{}, ErrTooFew
	}
	share, err := Ratio(members)
	if err != nil {
		return Sample{}, err
	}
	v *= share.meanVariance() / (q.Nu * (1 - q.Nu) / float64(q.N))
	return Sample{N: q.N, Mean: q.Value, M2: v * float64(q.N-1)}, nil
}

// QuantileOf returns the Quantile at the level nu of the values in sorted, which
// must ascend, with linear interpolation between order statistics (definition 7 of
// R. J. Hyndman and Y. Fan, The American Statistician 50, 1996).
func QuantileOf(sorted []float64, nu float64) (Quantile, error) {
	low, high, err := QuantileLevels(int64(len(sorted)), nu)
	if err != nil {
		return Quantile{}, err
	}
	at := func(p float64) float64 {
		h := p * float64(len(sorted)-1)
		i := int(h)
		if i+1 >= len(sorted) {
			return sorted[len(sorted)-1]
		}
		return sorted[i] + (h-float64(i))*(sorted[i+1]-sorted[i])
	}
	return Quantile{N: int64(len(sorted)), Nu: nu, Value: at(nu), Low: at(low), High: at(high)}, nil
}
