package series

import "math"

// smoother is a loess smoother of values at 1, 2, ..., n: locally constant or
// linear, with tricube weights over the nearest window values, evaluated at
// every jump-th place and interpolated between.
type smoother struct {
	window, jump int
	linear       bool
}

// smooth writes the smoothed y to dst; weights may be nil, and kernel is a
// buffer as long as y.
func (s smoother) smooth(dst, y, weights, kernel []float64) {
	n := len(y)
	if n < 2 {
		copy(dst, y)
		return
	}
	jump := min(s.jump, n-1)
	fit := func(i int) {
		left, right := s.around(i, n)
		v, ok := s.at(float64(i), y, left, right, weights, kernel)
		if !ok {
			v = y[i-1]
		}
		dst[i-1] = v
	}
	last := 1
	for i := 1; i <= n; i += jump {
		fit(i)
		interpolate(dst, last, i)
		last = i
	}
	if last != n {
		fit(n)
		interpolate(dst, last, n)
	}
}

// around returns the first and last place, from 1, of the window of place i.
func (s smoother) around(i, n int) (left, right int) {
	if s.window >= n {
		return 1, n
	}
	half := (s.window + 1) / 2
	left = min(max(1, i-half+1), n-s.window+1)
	return left, left + s.window - 1
}

// interpolate fills dst between two places by a straight line.
func interpolate(dst []float64, from, to int) {
	slope := (dst[to-1] - dst[from-1]) / float64(max(1, to-from))
	for i := from + 1; i < to; i++ {
		dst[i-1] = dst[from-1] + slope*float64(i-from)
	}
}

// at fits the value at x over the places from left to right. It reports false
// when all their weights are zero.
func (s smoother) at(x float64, y []float64, left, right int, weights, kernel []float64) (float64, bool) {
	n := len(y)
	h := math.Max(x-float64(left), float64(right)-x)
	if s.window > n {
		h += float64((s.window - n) / 2)
	}
	sum := 0.0
	for j := left; j <= right; j++ {
		w, r := 0.0, math.Abs(float64(j)-x)
		if r <= 0.999*h {
			w = 1
			if r > 0.001*h {
				u := r / h
				c := 1 - u*u*u
				w = c * c * c
			}
			if weights != nil {
				w *= weights[j-1]
			}
		}
		kernel[j-1] = w
		sum += w
	}
	if sum <= 0 {
		return 0, false
	}
	centre := 0.0
	for j := left; j <= right; j++ {
		kernel[j-1] /= sum
		centre += kernel[j-1] * float64(j)
	}
	slope := 0.0
	if s.linear && h > 0 {
		spread := 0.0
		for j := left; j <= right; j++ {
			spread += kernel[j-1] * (float64(j) - centre) * (float64(j) - centre)
		}
		// Nearly all weight on one place: a line would be arbitrary.
		if math.Sqrt(spread) > 0.001*float64(n-1) {
			slope = (x - centre) / spread
		}
	}
	v := 0.0
	for j := left; j <= right; j++ {
		v += kernel[j-1] * (1 + slope*(float64(j)-centre)) * y[j-1]
	}
	return v, true
}
