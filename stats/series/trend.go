package series

import (
	"fmt"
	"math"
	"slices"

	"loyaltymcp/stats/internal/special"
)

// MannKendall returns Kendall's tau-b of a series against time, between -1
// and 1, and the two-sided P of the test that there is no monotone trend, by
// the normal approximation with a correction for ties and continuity, good from
// about 10 values. Values that depend on the ones before them make P too small.
// The work grows with the square of the length. A constant series has a tau of 0
// and a P of 1.
//
// Source: H. B. Mann (1945), Nonparametric tests against trend, Econometrica
// 13, 245-259; M. G. Kendall (1975), Rank Correlation Methods.
func MannKendall(y []float64) (tau, p float64, err error) {
	if err := finite(y, 3); err != nil {
		return 0, 0, err
	}
	n := float64(len(y))
	s := 0.0
	for i := range y {
		for j := i + 1; j < len(y); j++ {
			switch {
			case y[j] > y[i]:
				s++
			case y[j] < y[i]:
				s--
			}
		}
	}
	// Ties take pairs from tau and variance from S.
	tied, variance := 0.0, n*(n-1)*(2*n+5)
	sorted := slices.Sorted(slices.Values(y))
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && sorted[j] == sorted[i] {
			j++
		}
		t := float64(j - i)
		tied += t * (t - 1) / 2
		variance -= t * (t - 1) * (2*t + 5)
		i = j
	}
	pairs := n * (n - 1) / 2
	if tied == pairs {
		return 0, 1, nil // constant: no trend at all
	}
	tau = s / math.Sqrt(pairs*(pairs-tied))
	z := math.Max(0, math.Abs(s)-1) / math.Sqrt(variance/18)
	return tau, special.NormalTwoSided(z), nil
}

// longestPairs is the longest series of which TheilSen takes all pairs, 12.5
// million of them.
const longestPairs = 5000

// TheilSen returns the median slope over all pairs of values, in units a
// step: a trend that a quarter of odd values can't turn (the breakdown point is
// 1 - √½, 29 %). Memory grows with the square of the length: a series of more than
// 5000 values is an error.
//
// Source: P. K. Sen (1968), Estimates of the regression coefficient based on
// Kendall's tau, JASA 63, 1379-1389.
func TheilSen(y []float64) (float64, error) {
	if err := finite(y, 2); err != nil {
		return 0, err
	}
	if len(y) > longestPairs {
		return 0, fmt.Errorf("series: %d values have too many pairs; at most %d are taken: take longer steps, such as weeks for days", len(y), longestPairs)
	}
	slopes := make([]float64, 0, len(y)*(len(y)-1)/2)
	for i := range y {
		for j := i + 1; j < len(y); j++ {
			slopes = append(slopes, (y[j]-y[i])/float64(j-i))
		}
	}
	return median(slopes), nil
}
