package pullmetrics

import (
	"math"
	"slices"
	"strings"

	"loyaltymcp/tools/run"
)

const (
	mostCells   = 20 // of a breakdown, when a result is cut
	mostEffects = 4  // of a driver, the same
	mostDrivers = 5  // in the text
	fewDigits   = 4  // significant, of effects, when a result is cut
)

// Trim implements tools.Trimmer, the least useful first: what is about KPIs
// that neither lead nor are in alert, then detail of those that do.
func (r *Result) Trim() bool {
	if r.Truncated == nil {
		r.Truncated = &run.Truncated{What: "drivers, breakdowns, series and KPIs",
			How: "fewer dimensions, or resource run://" + r.RunID + "/pull_metrics for all"}
	}
	steps := []func() int{
		r.cutCells, r.dropDrivers(false), r.dropBreakdowns(2, false), r.plain, r.dropBreakdowns(1, false), r.shorten, r.dropSeries,
		r.dropBreakdowns(2, true), r.cutEffects, r.dropSecond, r.dropTrends, r.dropRestated, r.dropOthers, r.dropBehind,
	}
	for r.cuts < len(steps) {
		r.cuts++
		if n := steps[r.cuts-1](); n > 0 {
			r.Truncated.Dropped += n
			return true
		}
	}
	n := r.dropLast()
	r.Truncated.Dropped += n
	return n > 0
}

// cutCells cuts breakdowns to their largest cells.
func (r *Result) cutCells() (n int) {
	for i := range r.Breakdowns {
		if b := &r.Breakdowns[i]; len(b.Cells) > mostCells {
			b.cut()
			n++
		}
	}
	return n
}

// cut keeps the cells with the most units.
func (b *Breakdown) cut() {
	sizes := make([]int64, 0, len(b.Cells))
	for _, c := range b.Cells {
		if c.N != nil {
			sizes = append(sizes, *c.N)
		}
	}
	slices.Sort(sizes)
	least := int64(math.MaxInt64)
	if len(sizes) > 0 {
		least = sizes[max(0, len(sizes)-mostCells)]
	}
	before := len(b.Cells)
	kept := slices.DeleteFunc(slices.Clone(b.Cells), func(c Cell) bool { return c.N == nil || *c.N < least })
	b.Cells = kept[:min(mostCells, len(kept))]
	b.Omitted += before - len(b.Cells)
}

// dropDrivers drops the drivers of KPIs that don't lead, or of those too all
// but what explains each best.
func (r *Result) dropDrivers(leading bool) func() int {
	return func() int {
		before := len(r.Drivers)
		r.Drivers = slices.DeleteFunc(slices.Clone(r.Drivers), func(d Driver) bool {
			return d.Simpson == "" && (!r.leading(d.KPI) || leading && !d.Best)
		})
		return before - len(r.Drivers)
	}
}

// dropBreakdowns drops the breakdowns by so many dimensions of KPIs that don't
// lead, or of all.
func (r *Result) dropBreakdowns(dimensions int, all bool) func() int {
	return func() int {
		before := len(r.Breakdowns)
		r.Breakdowns = slices.DeleteFunc(slices.Clone(r.Breakdowns), func(b Breakdown) bool {
			return strings.Count(b.Dimension, ",")+1 == dimensions && (all || !r.leading(b.KPI))
		})
		return before - len(r.Breakdowns)
	}
}

// plain leaves expectation and score of trends that tell nothing else, and
// fewer digits of effects.
func (r *Result) plain() (n int) {
	r.KPIs = slices.Clone(r.KPIs)
	for i := range r.KPIs {
		if t := r.KPIs[i].Trend; t != nil && !t.odd() {
			r.KPIs[i].Trend = &Trend{Expected: t.Expected, Score: t.Score, Reason: t.Reason}
			if t.Daily != "" {
				r.KPIs[i].Trend.Value = t.Value
			}
			n++
		}
	}
	few := func(x *float64) *float64 {
		if x == nil {
			return nil
		}
		y := digits(*x, fewDigits)
		return &y
	}
	r.Drivers = slices.Clone(r.Drivers)
	for i := range r.Drivers {
		d := &r.Drivers[i]
		d.Change, d.Mix, d.Rate, d.Cells = digits(d.Change, fewDigits), few(d.Mix), few(d.Rate), slices.Clone(d.Cells)
		for name := range d.Structure {
			d.Structure[name] = digits(d.Structure[name], fewDigits)
		}
		for j := range d.Cells {
			c := &d.Cells[j]
			c.Mix, c.Rate, c.Total, c.Share = few(c.Mix), few(c.Rate), digits(c.Total, fewDigits), few(c.Share)
		}
	}
	return n
}

// shorten moves the KPIs that don't lead to a list in short.
func (r *Result) shorten() (n int) {
	var kept []KPI
	for _, k := range r.KPIs {
		if r.leading(k.ID) {
			kept = append(kept, k)
			continue
		}
		r.Others = append(r.Others, Short{k.ID, k.Unit, k.Value, k.Previous, k.Reason})
		n++
	}
	r.KPIs = kept
	return n
}

// dropOthers drops the list in short.
func (r *Result) dropOthers() int {
	n := len(r.Others)
	r.Others = nil
	return n
}

// dropRestated leaves one figure that was restated.
func (r *Result) dropRestated() int {
	n := max(0, len(r.Restated)-1)
	r.Restated = r.Restated[:len(r.Restated)-n]
	return n
}

// dropBehind drops what the last rows can be read without.
func (r *Result) dropBehind() (n int) {
	for i := range r.KPIs {
		r.KPIs[i].Numerator, r.KPIs[i].Denominator = nil, nil
		n++
	}
	return n
}

func (r *Result) dropSeries() int {
	n := len(r.Series)
	r.Series = nil
	return n
}

// cutEffects cuts drivers to their largest effects.
func (r *Result) cutEffects() (n int) {
	r.Drivers = slices.Clone(r.Drivers)
	for i := range r.Drivers {
		if d := &r.Drivers[i]; len(d.Cells) > mostEffects {
			d.Omitted += len(d.Cells) - mostEffects
			d.Cells = d.Cells[:mostEffects]
			n++
		}
	}
	return n
}

// dropSecond drops the drivers that don't explain their KPI best.
func (r *Result) dropSecond() int { return r.dropDrivers(true)() }

func (r *Result) dropTrends() (n int) {
	for i := range r.KPIs {
		if t := r.KPIs[i].Trend; t != nil && !t.odd() {
			r.KPIs[i].Trend = nil
			n++
		}
	}
	return n
}

// dropLast drops the last breakdown, or else the last driver.
func (r *Result) dropLast() int {
	if n := len(r.Breakdowns); n > 0 {
		r.Breakdowns = r.Breakdowns[:n-1]
		return 1
	}
	if n := len(r.Drivers); n > 0 {
		r.Drivers = r.Drivers[:n-1]
		return 1
	}
	return 0
}

// leading reports whether the KPI is a headline, in alert, or an anomaly.
func (r *Result) leading(kpi string) bool {
	k := r.KPI(kpi)
	return k != nil && (k.Headline || k.Trend.odd()) || r.Alerted(kpi)
}

// Alerted reports whether the KPI is in alert.
func (r *Result) Alerted(kpi string) bool {
	for _, a := range r.Alerts {
		if a.KPI == kpi {
			return true
		}
	}
	return false
}
