package trend

import (
	"math"
	"slices"
)

// quantile returns the type-7 quantile of a sorted slice that is not empty.
func quantile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// median returns the median, and sorts its argument.
func median(x []float64) float64 {
	slices.Sort(x)
	return quantile(x, 0.5)
}

// trimmed returns the mean without a fifth of the values at either end, and
// sorts its argument.
func trimmed(x []float64) float64 {
	slices.Sort(x)
	cut := len(x) / 5
	sum := 0.0
	for _, v := range x[cut : len(x)-cut] {
		sum += v
	}
	return sum / float64(len(x)-2*cut)
}

// spread returns how far from 0 values lie, as a standard deviation: the larger
// of what their median and their ninth decile make of a normal distribution. A
// tenth of odd values don't move it, and values of two sorts, of which the rarer
// one is more than a tenth, are wide.
func spread(x []float64) float64 {
	size := make([]float64, len(x))
	for i, v := range x {
		size[i] = math.Abs(v)
	}
	slices.Sort(size)
	return max(quantile(size, 0.5)/0.6745, quantile(size, 0.9)/1.6449)
}

// theilSen returns the median of the slopes between all points.
func theilSen(at, y []float64) float64 {
	slopes := make([]float64, 0, len(y)*(len(y)-1)/2)
	for i := range y {
		for j := i + 1; j < len(y); j++ {
			slopes = append(slopes, (y[j]-y[i])/(at[j]-at[i]))
		}
	}
	return median(slopes)
}

// toNormal turns a value of Student's t into the value of the normal
// distribution with the same tails, within 0.03 up to 5 from 4 degrees of
// freedom on.
//
// Source: D. L. Wallace (1959), Bounds on normal approximations to Student's
// and the chi-square distributions, Annals of Mathematical Statistics 30,
// 1121-1130.
func toNormal(t, df float64) float64 {
	z := (8*df + 1) / (8*df + 3) * math.Sqrt(df*math.Log1p(t/df*t))
	return math.Copysign(min(z, highest), t)
}

// toStudent undoes toNormal.
func toStudent(z, df float64) float64 {
	u := z * (8*df + 3) / (8*df + 1)
	return math.Copysign(math.Sqrt(df*math.Expm1(u*u/df)), z)
}

// highest bounds scores: beyond it they tell nothing more.
const highest = 100

// agreed returns by how many more pairs rise than fall, or the other way round.
func agreed(y []float64) int {
	n := 0
	for i := range y {
		for _, v := range y[i+1:] {
			switch {
			case v > y[i]:
				n++
			case v < y[i]:
				n--
			}
		}
	}
	return max(n, -n)
}
