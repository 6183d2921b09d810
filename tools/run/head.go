package run

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"loyaltymcp/stats/proportion"
	"loyaltymcp/tools/metric"
)

// Head is what every stage's result starts with, so that a result can be read
// by itself.
type Head struct {
	RunID    string   `json:"run_id"`
	Program  string   `json:"program"`
	Currency string   `json:"currency"`
	Window   HeadSpan `json:"window"`
	AsOf     string   `json:"as_of"`
	Zone     string   `json:"time_zone"`
}

// HeadSpan is a window as results show it.
type HeadSpan struct {
	Label string `json:"label"`
	Start string `json:"start"`
	End   string `json:"end"` // exclusive
	Days  int    `json:"days"`
}

// Head returns the run's head.
func (r *Run) Head() Head {
	return Head{RunID: r.ID, Program: r.Program, Currency: r.Currency, Zone: r.Zone,
		Window: HeadSpan{Label: r.Window.Label, Start: Day(r.Window.Start), End: Day(r.Window.End), Days: r.Window.Days()},
		AsOf:   Day(r.AsOf)}
}

// Day writes a day as YYYY-MM-DD.
func Day(t time.Time) string { return t.Format(time.DateOnly) }

// Truncated says what a result left out to stay within its budget, and how to
// see it.
type Truncated struct {
	Dropped int    `json:"dropped"` // rows left out
	What    string `json:"what"`
	How     string `json:"how"`
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

// longestLabel bounds labels from the data, in runes.
const longestLabel = 60

// Label makes a label from the data fit to be shown; "" becomes "(unknown)".
func Label(text string) string {
	if text == "" {
		return "(unknown)"
	}
	return Clean(text, longestLabel)
}

// Clean makes text from the data fit to be shown: valid, one line, no control
// or invisible characters, at most so many runes.
func Clean(text string, most int) string {
	var b strings.Builder
	n := 0
	for _, c := range strings.ToValidUTF8(text, "\uFFFD") {
		if n == most {
			b.WriteRune('…')
			break
		}
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) {
			c = ' '
		}
		b.WriteRune(c)
		n++
	}
	return b.String()
}

// Show writes a value in its unit for people: 25.7 %, 6,502,486, CAD 135,229.
func Show(value *float64, unit metric.Unit, currency string) string {
	if value == nil {
		return "n/a"
	}
	switch unit {
	case metric.Share:
		return fmt.Sprintf("%.2f %%", *value*100)
	case metric.Money:
		if math.Abs(*value) < 1000 {
			return currency + " " + thousands(*value, 2)
		}
		return currency + " " + thousands(*value, 0)
	case metric.Score:
		return thousands(*value, 3)
	}
	return thousands(*value, 0)
}

// ShowChange writes a relative change: +3.1 %.
func ShowChange(change *float64) string {
	if change == nil {
		return "n/a"
	}
	return fmt.Sprintf("%+.1f %%", *change*100)
}

// thousands writes a number with separators.
func thousands(x float64, decimals int) string {
	text := fmt.Sprintf("%.*f", decimals, math.Abs(x))
	whole, fraction := text, ""
	if decimals > 0 {
		whole, fraction = text[:len(text)-decimals-1], text[len(text)-decimals-1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if x < 0 && whole+fraction != "0" {
		return "-" + whole + fraction
	}
	return whole + fraction
}

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
