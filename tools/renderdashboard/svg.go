package renderdashboard

import (
	"errors"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"

	"loyaltymcp/tools/numerals"
)

// canvas writes one SVG. All text that enters it is escaped here, and a
// coordinate that is no number spoils the drawing instead of the page.
type canvas struct {
	b       strings.Builder
	err     error
	numbers *numerals.Style
}

// words writes text as it stands between tags.
func (c *canvas) words(text string) string { return template.HTMLEscapeString(c.numbers.Text(text)) }

// errCoordinate is what a drawing with a coordinate that is no number fails with.
var errCoordinate = errors.New("a coordinate is no finite number")

// n writes a coordinate with one decimal at most.
func (c *canvas) n(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		c.err = errCoordinate
		return "0"
	}
	return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64)
}

func (c *canvas) rect(class string, x, y, w, h float64) {
	fmt.Fprintf(&c.b, `<rect class="%s" x="%s" y="%s" width="%s" height="%s"/>`, class, c.n(x), c.n(y), c.n(max(w, 0)), c.n(max(h, 0)))
}

func (c *canvas) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(&c.b, `<line class="%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`, class, c.n(x1), c.n(y1), c.n(x2), c.n(y2))
}

func (c *canvas) circle(class string, x, y, r float64) {
	fmt.Fprintf(&c.b, `<circle class="%s" cx="%s" cy="%s" r="%s"/>`, class, c.n(x), c.n(y), c.n(r))
}

// square draws a diamond, which is told from a circle without colour.
func (c *canvas) diamond(class string, x, y, r float64) {
	c.path(class, fmt.Sprintf("M%s %sL%s %sL%s %sL%s %sZ", c.n(x), c.n(y-r), c.n(x+r), c.n(y), c.n(x), c.n(y+r), c.n(x-r), c.n(y)))
}

func (c *canvas) path(class, d string) { fmt.Fprintf(&c.b, `<path class="%s" d="%s"/>`, class, d) }

// text writes text; its class holds the anchor: "e" for the end, "m" for the
// middle.
func (c *canvas) text(class string, x, y float64, text string) {
	fmt.Fprintf(&c.b, `<text class="%s" x="%s" y="%s">%s</text>`, class, c.n(x), c.n(y), c.words(text))
}

// mark groups what stands for one figure and says it in words, for the pointer
// and for the arrow keys.
func (c *canvas) mark(says string, paint func()) {
	fmt.Fprintf(&c.b, `<g class="mark"><title>%s</title>`, c.words(says))
	paint()
	c.b.WriteString(`</g>`)
}

// label writes a name at the right edge of its column, cut to fit; the whole
// name is its title.
func (c *canvas) label(x, y float64, name string, most int) {
	whole := c.numbers.Text(name) // before it is cut, or it would not be known as a name
	title, short := "", cut(whole, most)
	if short != whole {
		title = "<title>" + template.HTMLEscapeString(whole) + "</title>"
	}
	fmt.Fprintf(&c.b, `<text class="lab e" x="%s" y="%s">%s%s</text>`, c.n(x), c.n(y), template.HTMLEscapeString(short), title)
}

// cut shortens text to so many runes.
func cut(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return strings.TrimSpace(string(runes[:most-1])) + "…"
}

// polyline draws a line through known points and breaks where one is unknown. A
// point that stands alone is a dot.
func (c *canvas) polyline(class string, n int, at func(i int) (x, y float64, known bool)) {
	var d strings.Builder
	pen := "M"
	for i := range n {
		x, y, known := at(i)
		if !known {
			pen = "M"
			continue
		}
		d.WriteString(pen + c.n(x) + " " + c.n(y))
		if pen == "M" {
			d.WriteString("h0") // round ends make it a dot
		}
		pen = "L"
	}
	if d.Len() > 0 {
		c.path(class, d.String())
	}
}
