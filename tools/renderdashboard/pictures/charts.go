package pictures

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ErrNothing is returned where there is nothing to draw.
var ErrNothing = errors.New("pictures: nothing to draw")

// Line is a KPI over the days or weeks of the window.
type Line struct {
	Title  string
	Now    string     // its value, as text
	Values []*float64 // nil where unknown: a gap
	Step   string     // that a value is of, such as "by day"
	Share  bool
	Alert  bool
}

// Trends draws lines as small multiples, six at most, each with its own scale.
func (w Pen) Trends(lines []Line) ([]byte, error) {
	var plots []*plot.Plot
	for _, l := range lines {
		if len(plots) == 6 {
			break
		}
		p := fresh(shorten(l.Title, 26) + "   " + l.Now)
		p.Title.TextStyle.Font = sans(11)
		stroke := blue
		if l.Alert {
			stroke = orange
		}
		drawn := false
		for _, part := range unbroken(l.Values) {
			line, err := plotter.NewLine(part)
			if err != nil {
				return nil, fmt.Errorf("drawing %s: %w", l.Title, err)
			}
			line.Color, line.Width = stroke, vg.Points(2)
			p.Add(line)
			drawn = true
		}
		if !drawn {
			continue
		}
		p.X.Tick.Marker = plot.ConstantTicks(nil)
		p.X.Label.Text = l.Step
		p.Y.Tick.Marker = ticks{plot.DefaultTicks{}, w, l.Share}
		plots = append(plots, p)
	}
	if len(plots) == 0 {
		return nil, ErrNothing
	}
	return encode(min(3, len(plots)), plots...)
}

// unbroken returns the stretches without a gap.
func unbroken(values []*float64) (parts []plotter.XYs) {
	var part plotter.XYs
	for i, v := range values {
		if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
			if len(part) > 0 {
				parts = append(parts, part)
			}
			part = nil
			continue
		}
		part = append(part, plotter.XY{X: float64(i), Y: *v})
	}
	if len(part) > 0 {
		parts = append(parts, part)
	}
	return parts
}

// Step is a line of a bridge; the first and the last are levels, the others changes.
type Step struct {
	Label string
	Value float64
}

// Bridge draws how a level became another, step by step.
func (w Pen) Bridge(title string, steps []Step) ([]byte, error) {
	if len(steps) < 2 {
		return nil, ErrNothing
	}
	p := fresh(title)
	level, low, high := 0.0, 0.0, 0.0
	var names []string
	for i, s := range steps {
		from, to := level, level+s.Value
		fill := green
		if s.Value < 0 {
			fill = orange
		}
		if i == 0 || i == len(steps)-1 {
			from, to, fill = 0, s.Value, blue
		}
		level, low, high = to, min(low, from, to), max(high, from, to)
		x := float64(i)
		box, err := plotter.NewPolygon(plotter.XYs{{X: x - 0.35, Y: from}, {X: x + 0.35, Y: from}, {X: x + 0.35, Y: to}, {X: x - 0.35, Y: to}})
		if err != nil {
			return nil, fmt.Errorf("drawing a bridge: %w", err)
		}
		box.Color, box.LineStyle.Width = fill, 0
		p.Add(box)
		names = append(names, named(s.Label, 16))
		if err := say(p, x, max(from, to), w.number(s.Value, false, 100)); err != nil {
			return nil, err
		}
	}
	p.NominalX(names...)
	p.Y.Tick.Marker = ticks{plot.DefaultTicks{}, w, false}
	p.Y.Min, p.Y.Max = low, high+0.08*(high-low)
	return encode(1, p)
}

// say writes a text above a point.
func say(p *plot.Plot, x, y float64, text string) error {
	l, err := plotter.NewLabels(plotter.XYLabels{XYs: plotter.XYs{{X: x, Y: y}}, Labels: []string{text}})
	if err != nil {
		return fmt.Errorf("writing %s: %w", text, err)
	}
	l.TextStyle[0] = label(10, ink)
	l.TextStyle[0].XAlign, l.TextStyle[0].YAlign = draw.XCenter, draw.YBottom
	l.Offset.Y = vg.Points(3)
	p.Add(l)
	return nil
}

// Bar is a share of a whole, now and before.
type Bar struct {
	Label       string
	Now, Before *float64 // nil where unknown or too small to show
}

// Bars draws shares now beside those before.
func (w Pen) Bars(title string, bars []Bar) ([]byte, error) {
	p := fresh(title)
	var names []string
	drawn := false
	for i, b := range bars {
		names = append(names, named(b.Label, 18))
		for _, side := range []struct {
			value *float64
			shift float64
			now   bool
		}{{b.Before, -0.2, false}, {b.Now, 0.2, true}} {
			if side.value == nil {
				continue
			}
			x := float64(i) + side.shift
			box, err := plotter.NewPolygon(plotter.XYs{{X: x - 0.18, Y: 0}, {X: x + 0.18, Y: 0}, {X: x + 0.18, Y: *side.value}, {X: x - 0.18, Y: *side.value}})
			if err != nil {
				return nil, fmt.Errorf("drawing bars: %w", err)
			}
			box.Color, box.LineStyle.Width = faint, 0
			if side.now {
				box.Color = blue
			}
			p.Add(box)
			if err := say(p, x, *side.value, w.number(*side.value, true, 0.1)); err != nil {
				return nil, err
			}
			drawn = true
		}
	}
	if !drawn {
		return nil, ErrNothing
	}
	p.NominalX(names...)
	p.Y.Min = 0
	p.Y.Max *= 1.08
	p.Y.Tick.Marker = ticks{plot.DefaultTicks{}, w, true}
	p.X.Label.Text = "grey: at the start of the window, blue: now"
	return encode(1, p)
}

// Interval is an estimate with its interval.
type Interval struct {
	Label           string
	Value, Low, Top float64
}

// Intervals draws estimates with their intervals around the line of no effect, the
// first on top.
func (w Pen) Intervals(title string, all []Interval) ([]byte, error) {
	if len(all) == 0 {
		return nil, ErrNothing
	}
	p := fresh(title)
	var names []string
	for i := range all {
		v := all[len(all)-1-i]
		y := float64(i)
		stroke := ink
		switch {
		case v.Low > 0:
			stroke = green
		case v.Top < 0:
			stroke = orange
		}
		line, err := plotter.NewLine(plotter.XYs{{X: v.Low, Y: y}, {X: v.Top, Y: y}})
		if err != nil {
			return nil, fmt.Errorf("drawing %s: %w", v.Label, err)
		}
		line.Color, line.Width = stroke, vg.Points(3)
		dot, err := plotter.NewScatter(plotter.XYs{{X: v.Value, Y: y}})
		if err != nil {
			return nil, fmt.Errorf("drawing %s: %w", v.Label, err)
		}
		dot.GlyphStyle = draw.GlyphStyle{Color: stroke, Radius: vg.Points(5), Shape: draw.CircleGlyph{}}
		p.Add(line, dot)
		names = append(names, named(v.Label, 40))
	}
	none, err := plotter.NewLine(plotter.XYs{{X: 0, Y: -0.6}, {X: 0, Y: float64(len(all)) - 0.4}})
	if err != nil {
		return nil, fmt.Errorf("drawing the line of no effect: %w", err)
	}
	none.Color, none.Dashes = faint, []vg.Length{vg.Points(4), vg.Points(4)}
	p.Add(none)
	p.NominalY(names...)
	p.Y.Min, p.Y.Max = -0.6, float64(len(all))-0.4
	p.X.Tick.Marker = ticks{plot.DefaultTicks{}, w, true}
	p.X.Label.Text = "lift against control, 95 %"
	return encode(1, p)
}
