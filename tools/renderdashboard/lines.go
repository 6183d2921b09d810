package renderdashboard

import (
	"loyaltymcp/tools/metric"
)

// The frame of charts with two axes.
const (
	left   = 52.0
	right  = 390.0
	top    = 10.0
	bottom = 188.0
)

// height is a horizontal line with a name in the legend.
type height struct {
	Class string
	Value float64
}

// event is a vertical line or a mark on the series.
type event struct {
	At   int // index
	Says string
	Line bool
}

// course is a series over time.
type course struct {
	Values []*float64
	Says   []string // each value in words
	Days   []string // each value's day
	Levels []height
	Events []event
	Unit   metric.Unit
}

// frame draws the vertical axis and its lines.
func (c *canvas) frame(y scale, unit metric.Unit) {
	for _, t := range y.ticks {
		class := "gl"
		if t == 0 {
			class = "zero"
		}
		c.line(class, left, y.at(t), right, y.at(t))
		c.text("tick e", left-5, y.at(t)+4, y.tick(t, unit))
	}
}

// trend draws a series over time with levels to hold it against.
func trend(s course) func(*canvas) error {
	return func(c *canvas) error {
		var values []float64
		for _, v := range s.Values {
			if v != nil {
				values = append(values, *v)
			}
		}
		if len(values) == 0 {
			return errNothing
		}
		for _, l := range s.Levels {
			values = append(values, l.Value)
		}
		y := newScale(values, bottom, top, 4)
		c.frame(y, s.Unit)
		x := func(i int) float64 {
			if len(s.Values) == 1 {
				return (left + right) / 2
			}
			return left + 6 + (right-left-12)*float64(i)/float64(len(s.Values)-1)
		}
		for _, l := range s.Levels {
			c.line(l.Class, left, y.at(l.Value), right, y.at(l.Value))
		}
		for _, e := range s.Events {
			if e.Line {
				c.mark(e.Says, func() { c.line("since", x(e.At), top, x(e.At), bottom) })
			}
		}
		c.polyline("l0", len(s.Values), func(i int) (float64, float64, bool) {
			if s.Values[i] == nil {
				return 0, 0, false
			}
			return x(i), y.at(*s.Values[i]), true
		})
		for i, v := range s.Values {
			if v != nil {
				c.mark(s.Says[i], func() { c.circle("pt", x(i), y.at(*v), 2.5) })
			}
		}
		for _, e := range s.Events {
			if !e.Line && s.Values[e.At] != nil {
				c.mark(e.Says, func() { c.diamond("odd", x(e.At), y.at(*s.Values[e.At]), 6) })
			}
		}
		last := len(s.Days) - 1
		for _, i := range []int{0, last / 2, last} {
			switch {
			case i == 0:
				c.text("tick", left, bottom+18, s.Days[0])
			case i == last:
				c.text("tick e", right, bottom+18, s.Days[i])
			case last > 4:
				c.text("tick m", x(i), bottom+18, s.Days[i])
			}
		}
		return nil
	}
}

// group is one place of a column chart.
type group struct {
	Name   string
	Values []*float64
	Says   string
}

// columns draws groups of vertical columns from zero, one a series.
func columns(groups []group, unit metric.Unit) func(*canvas) error {
	return func(c *canvas) error {
		values := []float64{0}
		for _, g := range groups {
			for _, v := range g.Values {
				if v != nil {
					values = append(values, *v)
				}
			}
		}
		if len(values) == 1 {
			return errNothing
		}
		y := newScale(values, bottom, top, 4)
		c.frame(y, unit)
		each := (right - left) / float64(len(groups))
		for i, g := range groups {
			x := left + each*float64(i)
			c.mark(g.Says, func() {
				w := (each - 5) / float64(len(g.Values))
				for j, v := range g.Values {
					if v != nil {
						a, b := y.at(max(0, *v)), y.at(min(0, *v))
						c.rect([]string{"f0", "f1", "f2"}[j%3], x+2.5+float64(j)*w, a, w-0.5, max(b-a, 0.5))
					}
				}
			})
			if len(groups) <= 6 || i%3 == 0 {
				c.text("tick m", x+each/2, bottom+18, g.Name)
			}
		}
		return nil
	}
}
