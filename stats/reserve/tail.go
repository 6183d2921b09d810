package reserve

import "math"

// Decay is the curve a tail is extrapolated by.
type Decay int

const (
	// Exponential decay: ln(f_j - 1) is linear in j. It ends soon.
	Exponential Decay = iota
	// InversePower decay: ln(f_j - 1) is linear in ln j. It has no limit where
	// the power is 1 or less, so that the tail depends on where it is cut.
	InversePower
)

// tailPeriods is how many factors beyond the triangle make up the tail.
const tailPeriods = 100

// Tail returns the factor from the last age to ultimate: the product of 100
// factors extrapolated from those above 1, by least squares on ln(f - 1), age 1
// being the first factor's. Sherman (1984), Boor (2006).
//
// It returns an error for a factor that is NaN, for fewer than 2 above 1, and for
// factors that don't fall with age.
//
// The two curves mostly disagree by far more than any standard error says; where
// points expire no tail is needed, and where they don't, let Clark's curves be a
// third opinion.
func Tail(factors []float64, decay Decay) (float64, error) {
	var n, sx, sy, sxx, sxy float64
	at := func(j int) float64 {
		if decay == InversePower {
			return math.Log(float64(j))
		}
		return float64(j)
	}
	for j, f := range factors {
		if math.IsNaN(f) {
			return 0, triangleError("factor %d is NaN; leave the ages out that have none, from the end", j)
		}
		if f <= 1 || math.IsInf(f, 1) {
			continue
		}
		x, y := at(j+1), math.Log(f-1)
		n++
		sx += x
		sy += y
		sxx += x * x
		sxy += x * y
	}
	if n < 2 {
		return 0, triangleError("a tail needs at least 2 factors above 1, there are %g", n)
	}
	slope := (n*sxy - sx*sy) / (n*sxx - sx*sx)
	intercept := (sy - slope*sx) / n
	if slope >= 0 {
		return 0, triangleError("the factors do not fall with age, so that a tail can't be extrapolated")
	}
	tail := 1.0
	for j := len(factors) + 1; j <= len(factors)+tailPeriods; j++ {
		tail *= 1 + math.Exp(intercept+slope*at(j))
	}
	return tail, nil
}
