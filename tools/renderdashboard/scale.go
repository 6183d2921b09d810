package renderdashboard

import (
	"fmt"
	"math"
	"strings"

	"loyaltymcp/tools/metric"
)

// scale maps values to coordinates.
type scale struct {
	low, high float64 // values
	from, to  float64 // coordinates
	ticks     []float64
}

// newScale returns a scale over the values with about so many round ticks; it
// widens the range to the ticks around it.
func newScale(values []float64, from, to float64, about int) scale {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	if math.IsInf(low, 0) || math.IsInf(high, 0) {
		low, high = 0, 1
	}
	if high-low <= 1e-12*max(math.Abs(high), 1e-9) {
		pad := max(math.Abs(high)*0.1, 1e-6)
		low, high = low-pad, high+pad
		if low < 0 && values[0] >= 0 {
			low = 0
		}
	}
	step := round125((high - low) / float64(max(about, 1)))
	s := scale{low: math.Floor(low/step+1e-9) * step, high: math.Ceil(high/step-1e-9) * step, from: from, to: to}
	for i := 0; ; i++ {
		t := s.low + float64(i)*step
		if t > s.high+step/2 || i > 20 {
			break
		}
		if math.Abs(t) < step*1e-6 {
			t = 0
		}
		s.ticks = append(s.ticks, t)
	}
	return s
}

// round125 returns the round step of 1, 2 or 5 that is at least x.
func round125(x float64) float64 {
	base := math.Pow(10, math.Floor(math.Log10(x)))
	for _, f := range []float64{1, 2, 5, 10} {
		if x <= f*base*(1+1e-9) {
			return f * base
		}
	}
	return 10 * base
}

// at returns the coordinate of a value.
func (s scale) at(v float64) float64 {
	return s.from + (v-s.low)/(s.high-s.low)*(s.to-s.from)
}

// tick writes a value of an axis in short: 12 %, 3.5M. The currency stands in
// the chart's title.
func (s scale) tick(v float64, unit metric.Unit) string {
	step := s.high - s.low
	if len(s.ticks) > 1 {
		step = s.ticks[1] - s.ticks[0]
	}
	suffix := ""
	switch {
	case unit == metric.Share:
		v, step, suffix = v*100, step*100, " %"
	case max(math.Abs(s.low), math.Abs(s.high)) >= 1e9:
		v, step, suffix = v/1e9, step/1e9, "B"
	case max(math.Abs(s.low), math.Abs(s.high)) >= 1e6:
		v, step, suffix = v/1e6, step/1e6, "M"
	case max(math.Abs(s.low), math.Abs(s.high)) >= 1e4:
		v, step, suffix = v/1e3, step/1e3, "k"
	}
	decimals := 0
	if step > 0 && step < 1 {
		decimals = min(int(math.Ceil(-math.Log10(step)-1e-9)), 6)
	}
	text := fmt.Sprintf("%.*f", decimals, v)
	if v == 0 || strings.Trim(text, "-0.") == "" {
		return "0" + strings.TrimRight(suffix, "kMB")
	}
	if math.Abs(v) >= 1000 {
		whole := text
		sign := ""
		if v < 0 {
			sign, whole = "-", whole[1:]
		}
		whole, fraction, has := strings.Cut(whole, ".")
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "," + whole[i:]
		}
		if text = sign + whole; has {
			text += "." + fraction
		}
	}
	return text + suffix
}
