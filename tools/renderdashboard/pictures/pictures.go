// Package pictures draws the few charts of a run that are worth a picture, as PNG, for
// places that show pictures and no pages. Numbers in, bytes out; it knows nothing of
// runs.
package pictures

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"strings"
	"unicode"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// The colours of Okabe and Ito, which colour-blind readers can tell apart.
var (
	ink    = color.RGBA{0x22, 0x2b, 0x36, 0xff}
	faint  = color.RGBA{0xc9, 0xd1, 0xd9, 0xff}
	blue   = color.RGBA{0x00, 0x72, 0xb2, 0xff}
	orange = color.RGBA{0xd5, 0x5e, 0x00, 0xff}
	green  = color.RGBA{0x00, 0x9e, 0x73, 0xff}
)

// The size of a picture: 960 by 540 pixels.
const (
	width, height = 10 * vg.Inch, 5.625 * vg.Inch
	dpi           = 96
)

// fresh returns an empty plot with our marks of style.
func fresh(title string) *plot.Plot {
	p := plot.New()
	p.Title.Text = shorten(title, 90)
	p.Title.TextStyle.Font = sans(14)
	p.Title.TextStyle.Color = ink
	p.Title.Padding = vg.Points(8)
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Color, axis.Label.TextStyle.Color, axis.Tick.Color, axis.Tick.Label.Color = faint, ink, faint, ink
		axis.Tick.Label.Font, axis.Label.TextStyle.Font = sans(10), sans(10)
	}
	p.BackgroundColor = color.White
	return p
}

// encode draws plots side by side, so many in a row, and returns the PNG.
func encode(perRow int, plots ...*plot.Plot) ([]byte, error) {
	canvas := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(color.White))
	whole := draw.New(canvas)
	rows := (len(plots) + perRow - 1) / perRow
	tiles := draw.Tiles{Rows: rows, Cols: min(perRow, len(plots)), PadTop: vg.Points(8), PadBottom: vg.Points(6), PadLeft: vg.Points(6), PadRight: vg.Points(14), PadX: vg.Points(10), PadY: vg.Points(8)}
	for i, p := range plots {
		p.Draw(tiles.At(whole, i%perRow, i/perRow))
	}
	var out bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: canvas}).WriteTo(&out); err != nil {
		return nil, fmt.Errorf("drawing a picture: %w", err)
	}
	return out.Bytes(), nil
}

// shorten cuts a label to so many runes. What the font has no glyph for, which it
// would leave blank, is a question mark.
func shorten(text string, most int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	for i, r := range runes {
		if !drawable(r) {
			runes[i] = '?'
		}
	}
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most-1]) + "…"
}

// named is the label of a mark, cut to so many runes. Where the font can't write most
// of it the page, which has all fonts of the reader, has to: the mark's value finds
// it there. Its place would not, as a picture leaves out what has no value.
func named(text string, most int) string {
	letters, blank := 0, 0
	for _, r := range text {
		if unicode.IsSpace(r) {
			continue
		}
		if letters++; !drawable(r) {
			blank++
		}
	}
	if 2*blank > letters {
		return "(name on the page)"
	}
	return shorten(text, most)
}

// drawable reports whether the font has a glyph for the rune.
func drawable(r rune) bool {
	face := font.DefaultCache.Lookup(sans(10), vg.Points(10)).Face
	glyph, err := face.GlyphIndex(nil, r)
	return err == nil && glyph != 0
}

// ticks label an axis with separated thousands, or in percent.
type ticks struct {
	plot.Ticker
	pen   Pen
	share bool
}

func (t ticks) Ticks(low, high float64) []plot.Tick {
	all := t.Ticker.Ticks(low, high)
	for i := range all {
		if all[i].Label != "" {
			all[i].Label = t.pen.number(all[i].Value, t.share, high-low)
		}
	}
	return all
}

// Pen draws, and writes numbers as its reader does. The zero value writes them in
// English.
type Pen struct {
	// Write makes a number of an English one: of 1,234.5 % perhaps 1.234,5 %.
	Write func(string) string
}

// number writes a number in so many digits as its range needs.
func (w Pen) number(x float64, share bool, spread float64) string {
	unit := ""
	if share {
		x, spread, unit = 100*x, 100*spread, " %"
	}
	decimals := 0
	if spread > 0 && spread < 10 {
		decimals = min(4, max(0, 1+int(math.Ceil(-math.Log10(spread)))))
	}
	text := fmt.Sprintf("%.*f", decimals, math.Abs(x))
	whole, fraction, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if x < 0 && strings.Trim(whole, "0.,") != "" {
		whole = "-" + whole
	}
	if w.Write != nil {
		return w.Write(whole + unit)
	}
	return whole + unit
}

// sans is a font without serifs, of so many points.
func sans(points float64) font.Font {
	return font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, vg.Points(points))
}

func label(points float64, c color.Color) draw.TextStyle {
	return draw.TextStyle{Color: c, Font: sans(points), Handler: plot.DefaultTextHandler}
}
