package renderdashboard

import "loyaltymcp/tools/metric"

// step is one row of a waterfall.
type step struct {
	Name  string
	Move  float64
	Says  string
	Shown string
}

// waterfall draws how moves lead from one level to another. The levels are lines,
// not bars: the axis need not start at zero.
func waterfall(from, to float64, first, last step, steps []step, unit metric.Unit) func(*canvas) error {
	return func(c *canvas) error {
		level, values := from, []float64{from, to}
		for _, s := range steps {
			level += s.Move
			values = append(values, level)
		}
		list, shown := []string{first.Name, last.Name}, []string{first.Shown, last.Shown}
		for _, s := range steps {
			list, shown = append(list, s.Name), append(shown, s.Shown)
		}
		m := marginOf(list)
		x := newScale(values, m.area, edge-roomFor(shown)-5, 3)
		bottom := rowHigh * float64(len(steps)+2)
		c.grid(x, 0, bottom, unit)
		end := func(y, v float64, s step) {
			c.mark(s.Says, func() {
				c.label(m.names, y+16, s.Name, longName)
				c.diamond("dot", x.at(v), y+12, 5)
				c.text("val", x.at(v)+9, y+16, s.Shown)
			})
		}
		end(0, from, first)
		level = from
		c.line("link", x.at(level), 17, x.at(level), rowHigh+4)
		for i, s := range steps {
			y := rowHigh * float64(i+1)
			next := level + s.Move
			c.mark(s.Says, func() {
				c.label(m.names, y+16, s.Name, longName)
				class := "up"
				if s.Move < 0 {
					class = "down"
				}
				a, b := x.at(min(level, next)), x.at(max(level, next))
				c.rect(class, a, y+4, max(b-a, 1), rowHigh-8)
				c.text("val", b+5, y+16, s.Shown)
			})
			c.line("link", x.at(next), y+4, x.at(next), y+rowHigh+4)
			level = next
		}
		end(rowHigh*float64(len(steps)+1), to, last)
		return nil
	}
}
