package writeplan

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// leastDigits is how many significant digits a figure needs to be held against all
// points of the run; with fewer, some point nearly always fits, so it must be one of
// those that the item cites.
const leastDigits = 3

// fits reports whether the figure quotes the point: the point's value rounds to it
// in the digits written. A fall of 11.8 % is a change of -0.118.
func (f figure) fits(p run.Point) bool {
	switch p.Unit {
	case metric.Money:
		if f.share {
			return false
		}
	case metric.Share:
		if f.money {
			return false
		}
	default:
		if f.share || f.money {
			return false
		}
	}
	value := math.Abs(p.Value)
	return math.Abs(f.value-value) <= f.half*(1+1e-9)+1e-12*value
}

// quote checks the figures that a text quotes: each must be one that the item
// cites, or, written with three digits or more, one of the run, of the program's
// targets or of its thresholds. What it can't recognise as a figure it lets pass.
func (b *facts) quote(field, text string, cited []Evidence) error {
	for _, f := range quoted(text) {
		if slices.ContainsFunc(cited, func(e Evidence) bool { return f.fits(run.Point{Value: e.Value, Unit: e.Unit}) }) || b.chosen(f) {
			continue
		}
		if err := b.known(field); err != nil {
			return err
		}
		var nearest *run.Point
		matched := false
		for _, p := range b.points {
			if f.fits(p) && (f.digits >= leastDigits || f.half <= 0.5 && f.digits == exactDigits(f)) {
				matched = true
				break
			}
			if f.comparable(p) && (nearest == nil || f.distance(p) < f.distance(*nearest) || f.distance(p) == f.distance(*nearest) && p.ID < nearest.ID) {
				nearest = &p
			}
		}
		if matched {
			continue
		}
		e := fault.New(fault.Invalid, field, "quotes %s, which is no figure of this run", f.text)
		if nearest != nil {
			say := fmt.Sprintf("%s is %s", nearest.ID, run.Show(&nearest.Value, nearest.Unit, b.currency))
			if f.fits(*nearest) {
				e = fault.New(fault.Invalid, field, "quotes %s with too few digits to tell which figure it is, and cites none like it", f.text)
			}
			return e.Then("The nearest figure: %s. Quote it so and cite it as evidence, or leave the number out", say)
		}
		return e.Then("Quote figures that the item cites, or leave the number out")
	}
	return nil
}

// exactDigits is how many digits a whole number written to the unit has; such a
// number is as exact as it can be, however few they are.
func exactDigits(f figure) int {
	if f.share || f.half != 0.5 {
		return -1
	}
	return len(fmt.Sprintf("%.0f", f.value))
}

// comparable reports whether a figure and a point are of the same sort.
func (f figure) comparable(p run.Point) bool {
	switch {
	case f.share:
		return p.Unit == metric.Share
	case f.money:
		return p.Unit == metric.Money
	}
	return p.Unit != metric.Share
}

// distance is how far a point is from the figure, relative to both.
func (f figure) distance(p run.Point) float64 {
	value := math.Abs(p.Value)
	return math.Abs(f.value-value) / math.Max(1e-12, math.Max(f.value, value))
}

// chosen reports whether a figure is one of the operator's: a target, a limit of a
// band.
func (b *facts) chosen(f figure) bool {
	for kpi, target := range b.desk.Config.Targets {
		if d, ok := b.desk.Metrics.Find(kpi); ok && f.fits(run.Point{Value: target, Unit: d.Unit}) {
			return true
		}
	}
	for _, band := range b.bands {
		text := strings.NewReplacer("%", " %", "<", " ", ">", " ", ":", " ").Replace(band.String())
		for _, limit := range quoted(text) {
			if math.Abs(limit.value-f.value) <= f.half*(1+1e-9) {
				return true
			}
		}
	}
	return false
}
