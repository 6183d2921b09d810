package run

import (
	"math"
	"strconv"

	"loyaltymcp/stats/proportion"
	"loyaltymcp/tools/metric"
)

// Figure is a figure of a stage under the id that plans cite.
type Figure struct {
	Point    string      `json:"point"`
	Label    string      `json:"label"`
	Value    *float64    `json:"value"` // null when unknown
	Unit     metric.Unit `json:"unit"`
	N        *int64      `json:"n,omitempty"`
	Interval *[2]float64 `json:"interval,omitempty"` // 95 %
	Reason   string      `json:"reason,omitempty"`   // why it is unknown
}

// Known returns the figures' data points.
func Known(figures []Figure) []Point {
	var out []Point
	for _, f := range figures {
		if f.Value != nil {
			out = append(out, Point{ID: f.Point, Value: *f.Value, Unit: f.Unit})
		}
	}
	return out
}

// Proportion returns a share of n with its Wilson interval; unknown when n is
// zero.
func Proportion(point, label string, successes, n int64) Figure {
	f := Figure{Point: point, Label: label, Unit: metric.Share, N: &n}
	i, err := proportion.Wilson(proportion.Count{Successes: successes, N: n}, Confidence)
	if err != nil {
		f.Reason = "nothing to divide by"
		return f
	}
	f.Value, f.Interval = Round(i.Estimate), &[2]float64{*Round(i.Low), *Round(i.High)}
	return f
}

// Confidence is the level of all intervals.
const Confidence = 0.95

// Number returns a figure that is a plain number.
func Number(point, label string, unit metric.Unit, value float64) Figure {
	f := Figure{Point: point, Label: label, Unit: unit, Value: Round(value)}
	if f.Value == nil {
		f.Reason = "not a finite number"
	}
	return f
}

// Unknown returns a figure that isn't known, with the reason.
func Unknown(point, label string, unit metric.Unit, reason string) Figure {
	return Figure{Point: point, Label: label, Unit: unit, Reason: reason}
}

// Round returns the value with at most six decimals, the precision in which
// results state rates and estimates. It returns nil for what JSON can't hold.
func Round(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	y := math.Round(x*1e6) / 1e6
	if math.Abs(x) > 1e9 {
		y = x
	}
	if y == 0 {
		y = 0 // not -0
	}
	return &y
}

// Significant returns the value with four significant digits, the precision
// in which results state p-values.
func Significant(x float64) *float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 4, 64), 64)
	if err != nil || math.IsNaN(y) || math.IsInf(y, 0) {
		return nil
	}
	return &y
}
