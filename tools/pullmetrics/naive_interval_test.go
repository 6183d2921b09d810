package pullmetrics_test

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"loyaltymcp/tools/metric"
)

// interval returns the 95 % interval of a figure, false where there is none.
func (f figure) interval(kind, across string) (low, high float64, ok bool) {
	if f.bottom == nil || f.bottom.total() == 0 {
		return 0, 0, false
	}
	switch kind {
	case metric.Wilson:
		return wilson(f.top.total()/one, f.bottom.total()/one)
	case metric.Delta:
		return f.delta(across)
	}
	return 0, 0, false
}

// wilson solves |p - x/n| = z sqrt(p(1-p)/n) for p.
func wilson(x, n int64) (low, high float64, ok bool) {
	if x < 0 || x > n || n == 0 {
		return 0, 0, false
	}
	z := distuv.UnitNormal.Quantile(0.975)
	p, m := float64(x)/float64(n), float64(n)
	middle := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return middle - half, middle + half, true
}

// npsInterval returns the normal interval of the difference of two shares of
// one sample.
func npsInterval(promoters, detractors, n int64) (low, high float64, ok bool) {
	p, d, m := float64(promoters)/float64(n), float64(detractors)/float64(n), float64(n)
	if promoters == n || detractors == n || promoters+detractors == 0 {
		return 0, 0, false // a rule of its own, which the tests of proportion hold
	}
	half := distuv.UnitNormal.Quantile(0.975) * math.Sqrt((p+d-(p-d)*(p-d))/m)
	return 100 * math.Max(-1, p-d-half), 100 * math.Min(1, p-d+half), true
}

// delta returns the interval of A/B, members being drawn independently: with
// a and b a member's part of each,
//
//	var A/B = n/(n-1) * sum (a - A/B b)^2 / B^2
//
// over the n members who add to B. Where B counts members by another kind of
// row than A, who adds to A is taken to be one of them.
func (f figure) delta(across string) (low, high float64, ok bool) {
	members := f.behind
	if members == nil {
		members = f.bottom
	}
	n := 0.0
	for who, b := range members {
		if who != 0 && b != 0 {
			n++
		}
	}
	a, b := float64(f.top.total())/one, float64(f.bottom.total())/one
	if b <= 0 || n < 2 {
		return 0, 0, false
	}
	r, squares := a/b, 0.0
	if across == apart { // who adds to both is not known: as if nobody did
		for _, x := range f.top {
			squares += math.Pow(float64(x)/one, 2)
		}
		for _, x := range f.bottom {
			squares += math.Pow(r*float64(x)/one, 2)
		}
	} else if across == everyone {
		for _, x := range f.top {
			squares += math.Pow(float64(x)/one, 2)
		}
		squares += r*r*b - 2*r*a
	} else {
		for who := range plus(f.top, 1, f.bottom) {
			squares += math.Pow(float64(f.top[who])/one-r*float64(f.bottom[who])/one, 2)
		}
	}
	half := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(0.975) * math.Sqrt(n/(n-1)*math.Max(0, squares)) / b
	return r - half, r + half, true
}
