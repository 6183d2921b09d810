package series

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Scores returns robust z-scores, (x - median) / (1.4826 MAD), where MAD is
// the median absolute deviation from the median: for a normal series they read
// like standard deviations, but odd values can't hide themselves by widening
// the scale. Of the remainder of a robust [STL], |z| above 5 is an anomaly,
// and from 3 to 5 worth watching.
//
// A series more than half of which is one value, but for the rounding of values
// as large as the median, has no such scale, and gives an error. Of what x was
// computed from, Scores knows nothing: where x is a difference of large values,
// set what is rounding to 0 first, as [STL] does with its remainder.
//
// Source: F. R. Hampel (1974), The influence curve and its role in robust
// estimation, JASA 69, 383-393.
func Scores(x []float64) ([]float64, error) {
	if err := finite(x, 3); err != nil {
		return nil, err
	}
	centre := median(slices.Clone(x))
	deviations := make([]float64, len(x))
	for i, v := range x {
		deviations[i] = math.Abs(v - centre)
	}
	scale := 1.4826 * median(deviations)
	if scale <= rounding(len(x), centre) {
		return nil, errors.New("series: more than half of the values are equal but for rounding, so there is no scale to score by")
	}
	z := make([]float64, len(x))
	for i, v := range x {
		z[i] = (v - centre) / scale
	}
	if err := computed(z...); err != nil {
		return nil, err
	}
	return z, nil
}

// Outliers returns the places, from 0, of values more than so many
// interquartile ranges below the first or above the third quartile: 1.5 is
// Tukey's inner fence, 3 the outer.
//
// Source: J. W. Tukey (1977), Exploratory Data Analysis. Quartiles are of type
// 7 of Hyndman and Fan (1996).
func Outliers(x []float64, ranges float64) ([]int, error) {
	if err := finite(x, 4); err != nil {
		return nil, err
	}
	if !(ranges > 0 && ranges < hugest) {
		return nil, fmt.Errorf("series: fences at %v interquartile ranges; they must be above 0 and finite", ranges)
	}
	sorted := slices.Sorted(slices.Values(x))
	low, high := quantile(sorted, 0.25), quantile(sorted, 0.75)
	reach := ranges * (high - low)
	var out []int
	for i, v := range x {
		if v < low-reach || v > high+reach {
			out = append(out, i)
		}
	}
	return out, nil
}
