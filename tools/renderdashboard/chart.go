package renderdashboard

import (
	"errors"
	"fmt"
	"html/template"

	"loyaltymcp/tools/numerals"
)

// chart is a drawing with its words and the table that says the same.
type chart struct {
	ID     string
	Title  string
	Desc   string
	SVG    template.HTML
	Failed string // why there is only the table
	Legend []legend
	Table  *table
	Quiet  bool // the heading before it is its title
}

// legend names a class of marks.
type legend struct{ Class, Text string }

// The size of a chart in its own units. It is near the size on the screen at
// every width, so that its text can be read on a phone too.
const (
	wide     = 400.0
	tall     = 220.0
	attempts = 3 // the first and two retries
)

// draw makes a chart. A drawing that fails, by an error or a panic, is tried
// again twice; then its table stands alone and says so.
func (p *painter) draw(title, desc string, height float64, legends []legend, t *table, paint func(c *canvas) error) *chart {
	p.charts++
	out := &chart{ID: fmt.Sprintf("c%d", p.charts), Title: title, Desc: desc, Legend: legends, Table: t}
	var err error
	for range attempts {
		var svg template.HTML
		if svg, err = attempt(out, height, p.numbers, paint); err == nil {
			out.SVG = svg
			return out
		}
		if errors.Is(err, errNothing) {
			break // it won't be otherwise the next time
		}
	}
	if errors.Is(err, errNothing) {
		out.Failed = "There is nothing to draw: not enough is known. The table says why."
		return out
	}
	if p.desk.Log != nil {
		p.desk.Log.Error("a chart failed", "chart", title, "error", err)
	}
	out.Failed = "The chart could not be drawn; its table stands in for it."
	p.failed = append(p.failed, title)
	return out
}

// attempt paints once.
func attempt(out *chart, height float64, numbers *numerals.Style, paint func(c *canvas) error) (svg template.HTML, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	c := &canvas{numbers: numbers}
	fmt.Fprintf(&c.b, `<svg class="chart" viewBox="0 0 %s %s" role="img" aria-labelledby="%s-t %s-d"><title id="%s-t">%s</title><desc id="%s-d">%s</desc>`,
		c.n(wide), c.n(height), out.ID, out.ID, out.ID, c.words(out.Title), out.ID, c.words(out.Desc))
	if err := paint(c); err != nil {
		return "", err
	}
	if c.err != nil {
		return "", c.err
	}
	c.b.WriteString("</svg>")
	return safe(&c.b), nil
}

// spark draws a series in the size of a line of text. It is beside the figures
// that it shows, so readers of the screen pass it over.
func spark(values []*float64) template.HTML {
	var known []float64
	for _, v := range values {
		if v != nil {
			known = append(known, *v)
		}
	}
	if len(known) < 2 {
		return ""
	}
	y := newScale(known, 34, 4, 1)
	y.low, y.high = known[0], known[0]
	for _, v := range known {
		y.low, y.high = min(y.low, v), max(y.high, v)
	}
	if y.low == y.high {
		y.low, y.high = y.low-1, y.high+1
	}
	c := &canvas{}
	c.b.WriteString(`<svg class="spark" viewBox="0 0 160 38" preserveAspectRatio="none" aria-hidden="true">`)
	step := 156 / float64(len(values)-1)
	c.polyline("l0", len(values), func(i int) (float64, float64, bool) {
		if values[i] == nil {
			return 0, 0, false
		}
		return 2 + float64(i)*step, y.at(*values[i]), true
	})
	c.b.WriteString(`</svg>`)
	if c.err != nil {
		return ""
	}
	return safe(&c.b)
}
