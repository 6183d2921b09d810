package reserve

import (
	"math"
	"slices"

	"loyaltymcp/stats/internal/special"
)

// TriangleTest is the outcome of a test of what the chain ladder assumes: the
// statistic, what it is expected to be, its variance, and the range it is in
// when the assumption holds.
type TriangleTest struct {
	Statistic, Mean, Variance, Low, High float64
}

// Rejects reports whether the statistic is outside the range, so that the chain
// ladder should not be used.
func (r TriangleTest) Rejects() bool {
	return r.Statistic < r.Low || r.Statistic > r.High
}

// CalendarTest tests whether some calendar periods have more large factors than
// chance gives, at 95% (Mack 1994, appendix H). Each factor is large or small
// compared with the median of its age; the statistic is the sum over diagonals
// of the smaller of the two counts. A campaign, a season or a change of rules
// makes it small.
//
// A season that repeats yearly shows only while the triangle is in periods
// shorter than a year.
func CalendarTest(t *Triangle) (TriangleTest, error) {
	f, err := t.ratios()
	if err != nil {
		return TriangleTest{}, err
	}
	diagonals := t.Origins() + t.Ages()
	small, large := make([]int, diagonals), make([]int, diagonals)
	for j, column := range f {
		s := slices.Sorted(slices.Values(column))
		n := len(s)
		median := (s[(n-1)/2] + s[n/2]) / 2
		for i, v := range column {
			switch {
			case v < median:
				small[i+j]++
			case v > median:
				large[i+j]++
			}
		}
	}
	var r TriangleTest
	for d := range small {
		n := small[d] + large[d]
		if n < 2 {
			continue
		}
		r.Statistic += float64(min(small[d], large[d]))
		// b is C(n-1, m)/2^n, of the central term of a fair coin.
		x, m := float64(n), float64((n-1)/2)
		lchoose, _ := math.Lgamma(x)
		l1, _ := math.Lgamma(m + 1)
		l2, _ := math.Lgamma(x - m)
		b := math.Exp(lchoose - l1 - l2 - x*math.Ln2)
		e := x/2 - x*b
		r.Mean += e
		r.Variance += x*(x-1)/4 - x*(x-1)*b + e - e*e
	}
	if r.Variance <= 0 {
		return TriangleTest{}, triangleError("too few different factors to test for calendar effects")
	}
	w := special.NormalQuantile(0.975) * math.Sqrt(r.Variance)
	r.Low, r.High = r.Mean-w, r.Mean+w
	return r, nil
}

// ratios returns the factors of the origins by age.
func (t *Triangle) ratios() ([][]float64, error) {
	out := make([][]float64, t.Ages()-1)
	for j := range out {
		for i, row := range t.cum[:t.reaching(j+1)] {
			if row[j] == 0 {
				return nil, triangleError("origin %d has nothing redeemed at age %d, so that it has no factor; start the triangle at a later age or use wider periods", i, j)
			}
			out[j] = append(out[j], row[j+1]/row[j])
		}
	}
	return out, nil
}
