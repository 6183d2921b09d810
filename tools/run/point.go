package run

import (
	"math"
	"strconv"
	"strings"

	"loyaltymcp/tools/metric"
)

// Point is a data point: one figure of a run under an id that plans cite,
// such as metrics/redemption_rate{tier=Gold} or
// health/liability/gross.
type Point struct {
	ID    string      `json:"id"`
	Value float64     `json:"value"`
	Unit  metric.Unit `json:"unit"`
}

// significant is how many significant digits a cited value must carry to
// count as quoting a figure and not as rounding it away.
const significant = 3

// Cites reports whether a number as written quotes the point's value: it
// equals the value rounded to as many decimals as were written, and carries
// at least three significant digits unless it is exact.
func (p Point) Cites(written string) bool {
	cited, err := strconv.ParseFloat(written, 64)
	if err != nil || math.IsInf(cited, 0) || math.IsNaN(cited) {
		return false
	}
	if math.Abs(cited-p.Value) <= 1e-9*math.Max(1e-12, math.Abs(p.Value)) {
		return true
	}
	decimals, digits, ok := precision(written)
	if !ok || digits < significant {
		return false
	}
	half := 0.5 * math.Pow10(-decimals)
	return math.Abs(cited-p.Value) <= half*(1+1e-9)
}

// precision returns how many decimals and how many significant digits a
// number was written with; trailing zeros of a whole number count as
// rounding, not as digits. It fails for an exponent that no figure has.
func precision(written string) (decimals, digits int, ok bool) {
	written = strings.TrimLeft(strings.ToLower(written), "+-")
	mantissa, exponent, scientific := strings.Cut(written, "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	decimals = len(fraction)
	all := strings.TrimLeft(whole+fraction, "0")
	digits = len(all)
	if scientific {
		e, err := strconv.Atoi(exponent)
		if err != nil || e < -300 || e > 300 {
			return 0, 0, false
		}
		decimals -= e
	} else if fraction == "" {
		digits = len(strings.TrimRight(all, "0"))
	}
	return decimals, digits, true
}
