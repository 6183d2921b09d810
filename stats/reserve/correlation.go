package reserve

import (
	"math"
	"slices"

	"loyaltymcp/stats/internal/special"
)

// CorrelationTest tests whether a large factor is followed by a small one, at
// 50% (Mack 1994, appendix G): the mean of Spearman's rank correlations of
// successive factors, weighted by one less than the origins that have both.
func CorrelationTest(t *Triangle) (TriangleTest, error) {
	f, err := t.ratios()
	if err != nil {
		return TriangleTest{}, err
	}
	var r TriangleTest
	var sum, weights, variance float64
	for j := 1; j < len(f); j++ {
		n := len(f[j])
		if n < 2 {
			break
		}
		a, b := ranks(f[j-1][:n]), ranks(f[j])
		var ss float64
		for i := range a {
			d := a[i] - b[i]
			ss += d * d
		}
		x := float64(n)
		sum += (x - 1) * (1 - 6*ss/(x*(x*x-1)))
		weights += x - 1
		variance += x - 1 // (x-1)² times the variance of a coefficient, 1/(x-1)
	}
	if weights == 0 {
		return TriangleTest{}, triangleError("%d ages and %d origins are too few for a correlation of factors", t.Ages(), t.Origins())
	}
	r.Statistic = sum / weights
	r.Variance = variance / (weights * weights)
	w := special.NormalQuantile(0.75) * math.Sqrt(r.Variance)
	r.Low, r.High = -w, w
	return r, nil
}

// ranks returns the ranks of x from 1, ties sharing their mean.
func ranks(x []float64) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case x[a] < x[b]:
			return -1
		case x[a] > x[b]:
			return 1
		}
		return 0
	})
	out := make([]float64, len(x))
	for i := 0; i < len(order); {
		k := i
		for k < len(order) && x[order[k]] == x[order[i]] {
			k++
		}
		for _, o := range order[i:k] {
			out[o] = float64(i+k+1) / 2
		}
		i = k
	}
	return out
}
