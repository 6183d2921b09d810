package renderdashboard

import (
	"errors"
	"fmt"
	"slices"

	"loyaltymcp/tools"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/renderdashboard/pictures"
	"loyaltymcp/tools/run"
)

// illustrate draws the charts of a run that are worth a picture: the headline KPIs,
// the roll-forward of points, the tier mix, and the experiments. What is not known
// gets none; says tells of what could not be drawn.
func illustrate(f *findings) (out []tools.Picture, says []string) {
	for _, p := range []struct {
		name string
		draw func() ([]byte, error)
	}{
		{"headline KPIs", f.kpiPicture}, {"roll-forward of points", f.bridgePicture}, {"tier mix", f.tierPicture}, {"experiments", f.experimentPicture},
	} {
		png, err := drawn(p.draw)
		switch {
		case errors.Is(err, pictures.ErrNothing):
		case err != nil:
			says = append(says, p.name+" could not be drawn")
		default:
			out = append(out, tools.Picture{Name: p.name, PNG: png})
		}
	}
	return out, says
}

// drawn draws a picture, again at most twice when it fails.
func drawn(draw func() ([]byte, error)) (png []byte, err error) {
	once := func() (png []byte, err error) {
		defer func() {
			if v := recover(); v != nil {
				err = fmt.Errorf("panic: %v", v)
			}
		}()
		return draw()
	}
	for range 1 + tries {
		if png, err = once(); err == nil || errors.Is(err, pictures.ErrNothing) {
			return png, err
		}
	}
	return nil, err
}

// tries is how often a picture that failed is drawn again.
const tries = 2

// pen writes the numbers of pictures in the program's locale.
func (f *findings) pen() pictures.Pen { return pictures.Pen{Write: f.numbers().Text} }

func (f *findings) kpiPicture() ([]byte, error) {
	if f.metrics == nil {
		return nil, pictures.ErrNothing
	}
	var lines []pictures.Line
	for _, s := range f.metrics.Series {
		k := f.metrics.KPI(s.KPI)
		if k == nil {
			continue
		}
		lines = append(lines, pictures.Line{Title: k.Label, Now: f.pen().Write(run.Show(k.Value, k.Unit, f.run.Currency)), Values: s.Values, Step: pace(s.Step), Share: k.Unit == metric.Share, Alert: f.metrics.Alerted(k.ID)})
	}
	// Those in alert first: six fit.
	slices.SortStableFunc(lines, func(a, b pictures.Line) int {
		switch {
		case a.Alert == b.Alert:
			return 0
		case a.Alert:
			return -1
		}
		return 1
	})
	return f.pen().Trends(lines)
}

// pace is what one value of a series is of.
func pace(days int) string {
	switch days {
	case 1:
		return "by day"
	case 7:
		return "by week"
	}
	return fmt.Sprintf("by %d days", days)
}

func (f *findings) bridgePicture() ([]byte, error) {
	if f.health == nil {
		return nil, pictures.ErrNothing
	}
	var steps []pictures.Step
	for _, l := range f.health.Liability.RollForward {
		ends := l.Line == "opening" || l.Line == "closing"
		switch {
		case l.Points == nil && ends:
			return nil, pictures.ErrNothing // movements without balances
		case l.Points == nil || *l.Points == 0 && !ends:
			continue
		}
		steps = append(steps, pictures.Step{Label: l.Line, Value: l.Points.Float()})
	}
	return f.pen().Bridge("Outstanding points, roll-forward of the window", steps)
}

func (f *findings) tierPicture() ([]byte, error) {
	if f.health == nil {
		return nil, pictures.ErrNothing
	}
	var bars []pictures.Bar
	for _, t := range f.health.TierMix.Tiers {
		if !t.Suppressed {
			bars = append(bars, pictures.Bar{Label: t.Tier, Now: t.Share, Before: t.ShareBefore})
		}
	}
	return f.pen().Bars("Open members by tier", bars[:min(len(bars), 12)])
}

func (f *findings) experimentPicture() ([]byte, error) {
	if f.experiments == nil {
		return nil, pictures.ErrNothing
	}
	var all []pictures.Interval
	for _, x := range f.experiments.Experiments {
		for _, c := range x.Results {
			if c.Role == "primary" && c.Lift != nil && c.LiftRange != nil {
				all = append(all, pictures.Interval{Label: x.Name + ", " + c.Metric, Value: *c.Lift, Low: c.LiftRange[0], Top: c.LiftRange[1]})
			}
		}
	}
	return f.pen().Intervals("Experiments: lift of the primary metric", all[:min(len(all), 12)])
}
