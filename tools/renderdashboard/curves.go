package renderdashboard

import "loyaltymcp/tools/metric"

// curve is one line of a chart of curves.
type curve struct {
	Class     string
	X         []float64
	Y         []*float64
	Low, High []*float64 // of a band; nil without one
	Says      []string
}

// curves draws lines over a numeric axis, the first with a band.
func curves(all []curve, ticks []float64, unit metric.Unit, name func(float64) string) func(*canvas) error {
	return func(c *canvas) error {
		var values []float64
		for _, l := range all {
			for i := range l.Y {
				for _, v := range []*float64{l.Y[i], at(l.Low, i), at(l.High, i)} {
					if v != nil {
						values = append(values, *v)
					}
				}
			}
		}
		if len(values) == 0 || len(ticks) < 2 {
			return errNothing
		}
		y := newScale(values, bottom, top, 4)
		c.frame(y, unit)
		x := scale{low: ticks[0], high: ticks[len(ticks)-1], from: left + 6, to: right - 12}
		for _, t := range ticks {
			c.line("gl", x.at(t), bottom, x.at(t), bottom+4)
			c.text("tick m", x.at(t), bottom+18, name(t))
		}
		for n := len(all) - 1; n >= 0; n-- {
			l := all[n]
			point := func(values []*float64) func(int) (float64, float64, bool) {
				return func(i int) (float64, float64, bool) {
					if v := at(values, i); v != nil {
						return x.at(l.X[i]), y.at(*v), true
					}
					return 0, 0, false
				}
			}
			c.polyline("band", len(l.X), point(l.Low))
			c.polyline("band", len(l.X), point(l.High))
			c.polyline(l.Class, len(l.X), point(l.Y))
			for i, v := range l.Y {
				if v != nil {
					c.mark(l.Says[i], func() { c.circle("pt "+l.Class, x.at(l.X[i]), y.at(*v), 3) })
				}
			}
		}
		return nil
	}
}

// at returns a value of a list, nil beyond its end.
func at(values []*float64, i int) *float64 {
	if i >= len(values) {
		return nil
	}
	return values[i]
}
