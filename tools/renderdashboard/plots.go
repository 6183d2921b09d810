package renderdashboard

import (
	"errors"
	"unicode/utf8"

	"loyaltymcp/tools/metric"
)

// errNothing is what a drawing without a known value fails with.
var errNothing = errors.New("no value is known")

// The columns of charts whose rows have names.
const (
	edge     = 392.0 // where the drawing ends
	rowHigh  = 24.0
	axisHigh = 24.0
	longName = 24  // runes of a name that fit
	runeWide = 7.2 // of a name, about, in the larger letters of a phone
)

// margin is the column of names: where they end, and where the drawing starts.
type margin struct{ names, area float64 }

// marginOf returns a column as wide as the longest name, within bounds.
func marginOf(names []string) margin {
	most := 8
	for _, n := range names {
		most = max(most, min(utf8.RuneCountInString(n), longName))
	}
	end := float64(most)*runeWide + 6
	return margin{end, end + 6}
}

// roomFor is the room that what is written at the end of bars needs.
func roomFor(shown []string) float64 {
	most := 6
	for _, s := range shown {
		most = max(most, min(utf8.RuneCountInString(s), 16))
	}
	return float64(most)*runeWide + 4
}

// bar is one row of a bar chart.
type bar struct {
	Name   string
	Values []*float64 // one a series
	Says   string     // the row in words
	Shown  string     // the first value as it is written
}

// bars draws named rows of horizontal bars from zero, one a series.
func bars(rows []bar, unit metric.Unit) func(*canvas) error {
	return func(c *canvas) error {
		values := []float64{0}
		for _, r := range rows {
			for _, v := range r.Values {
				if v != nil {
					values = append(values, *v)
				}
			}
		}
		if len(values) == 1 {
			return errNothing
		}
		var list, shown []string
		for _, r := range rows {
			list, shown = append(list, r.Name), append(shown, r.Shown)
		}
		m := marginOf(list)
		x := newScale(values, m.area, edge-roomFor(shown), 3)
		bottom := rowHigh * float64(len(rows))
		c.grid(x, 0, bottom, unit)
		for i, r := range rows {
			y := rowHigh * float64(i)
			c.mark(r.Says, func() {
				c.label(m.names, y+16, r.Name, longName)
				end := x.at(0)
				high := (rowHigh - 6) / float64(len(r.Values))
				for j, v := range r.Values {
					if v == nil {
						continue
					}
					a, b := x.at(min(0, *v)), x.at(max(0, *v))
					c.rect([]string{"f0", "f1", "f2"}[j%3], a, y+3+float64(j)*high, max(b-a, 1), high-0.5)
					end = max(end, b)
				}
				c.text("val", end+4, y+16, r.Shown)
			})
		}
		return nil
	}
}

// grid draws the lines and numbers of a horizontal axis at the bottom.
func (c *canvas) grid(x scale, top, bottom float64, unit metric.Unit) {
	for _, t := range x.ticks {
		class := "gl"
		if t == 0 {
			class = "zero"
		}
		c.line(class, x.at(t), top, x.at(t), bottom+2)
		c.text("tick m", x.at(t), bottom+16, x.tick(t, unit))
	}
}

// span is one row of an interval plot.
type span struct {
	Name      string
	Value     *float64
	Low, High *float64
	Says      string
	Class     string // of the mark: "good", "bad" or ""
}

// spans draws values with their intervals, one a row, and a line at the mark, if
// there is one.
func spans(rows []span, mark *float64, unit metric.Unit) func(*canvas) error {
	return func(c *canvas) error {
		var values []float64
		for _, r := range rows {
			for _, v := range []*float64{r.Value, r.Low, r.High} {
				if v != nil {
					values = append(values, *v)
				}
			}
		}
		if len(values) == 0 {
			return errNothing
		}
		if mark != nil {
			values = append(values, *mark)
		}
		var list []string
		for _, r := range rows {
			list = append(list, r.Name)
		}
		m := marginOf(list)
		x := newScale(values, m.area+4, edge-10, 4)
		high := rowHigh
		if len(rows) > 14 {
			high = 16
		}
		bottom := high * float64(len(rows))
		c.grid(x, 0, bottom, unit)
		if mark != nil {
			c.line("zero", x.at(*mark), 0, x.at(*mark), bottom)
		}
		for i, r := range rows {
			y := high * (float64(i) + 0.5)
			c.mark(r.Says, func() {
				c.label(m.names, y+4, r.Name, longName)
				if r.Low != nil && r.High != nil {
					c.line("whisker "+r.Class, x.at(*r.Low), y, x.at(*r.High), y)
					c.line("whisker "+r.Class, x.at(*r.Low), y-4, x.at(*r.Low), y+4)
					c.line("whisker "+r.Class, x.at(*r.High), y-4, x.at(*r.High), y+4)
				}
				if r.Value != nil {
					c.diamond("dot "+r.Class, x.at(*r.Value), y, 4.5)
				} else {
					c.text("val", m.area+4, y+4, "n/a")
				}
			})
		}
		return nil
	}
}

// rowsHigh is the height of a chart of so many rows.
func rowsHigh(n int) float64 {
	high := rowHigh
	if n > 14 {
		high = 16
	}
	return high*float64(n) + axisHigh
}

// barsHigh is the height of a chart of bars, whose rows never shrink.
func barsHigh(n int) float64 { return rowHigh*float64(n) + axisHigh }
