package survival

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// Estimate is a share with its standard error.
type Estimate struct {
	Value, SE float64
}

// Scale is where an interval of a share is symmetric.
type Scale int

// The scales of intervals.
const (
	LogLog Scale = iota // of ln(-ln S): within 0 and 1, good in small samples
	Log                 // of ln S: the upper limit is cut at 1
	Plain               // of S: both limits are cut
)

// Interval returns the limits of the interval of a share at a level such as
// 0.95; other levels than within (0, 1) panic. Where the standard error is NaN
// so are the limits, and before the first event both are the share: these
// methods can't judge either.
//
// Source: J. D. Kalbfleisch and R. L. Prentice (1980), The Statistical
// Analysis of Failure Time Data, section 1.3.
func (e Estimate) Interval(level float64, scale Scale) (low, high float64) {
	z := normal(level)
	if math.IsNaN(e.SE) {
		return e.SE, e.SE
	}
	if e.SE == 0 || e.Value <= 0 || e.Value >= 1 {
		return e.Value, e.Value
	}
	switch scale {
	case LogLog:
		l := math.Log(e.Value)
		w := math.Abs(z * e.SE / (e.Value * l))
		return math.Exp(l * math.Exp(w)), math.Exp(l * math.Exp(-w))
	case Log:
		w := z * e.SE / e.Value
		return e.Value * math.Exp(-w), math.Min(1, e.Value*math.Exp(w))
	case Plain:
		return math.Max(0, e.Value-z*e.SE), math.Min(1, e.Value+z*e.SE)
	}
	panic("survival: unknown scale")
}

// normal returns the normal deviate of a two-sided level.
func normal(level float64) float64 {
	if !(level > 0 && level < 1) {
		panic("survival: level must be between 0 and 1")
	}
	return special.NormalQuantile((1 + level) / 2)
}

// Contrast is a difference with its test.
type Contrast struct {
	Difference, SE float64
	Z, P           float64 // P is two-sided
}

func contrast(difference, variance float64) Contrast {
	c := Contrast{Difference: difference, SE: math.Sqrt(variance), P: 1}
	if difference != 0 {
		c.Z = difference / c.SE
		c.P = special.NormalTwoSided(c.Z)
	}
	return c
}

// Interval returns the limits of the difference at a level such as 0.95.
func (c Contrast) Interval(level float64) (low, high float64) {
	z := normal(level)
	return c.Difference - z*c.SE, c.Difference + z*c.SE
}
