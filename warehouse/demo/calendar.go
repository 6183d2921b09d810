package demo

import (
	"math"
	"sort"
	"time"
)

// The period of the data: [launch, launch+end).
const (
	periodDays = 730
	months     = 24
	end        = periodDays * day
)

var launch = time.Date(2024, time.July, 1, 0, 0, 0, 0, time.UTC)

// on returns the midnight that starts a date.
func on(year int, month time.Month, d int) instant {
	return instant(time.Date(year, month, d, 0, 0, 0, 0, time.UTC).Sub(launch) / time.Second)
}

// monthStart returns the start of a month counted from the launch.
func monthStart(index int) instant { return on(2024, time.July+time.Month(index), 1) }

// Purchases vary with the month (a peak in December, a dip in summer) and the
// weekday. Both are steps rather than curves, which an analysis can recover
// exactly. The months are scaled in newCalendar so that the mean over the
// period is 1 and a member's rate is purchases per average day.
var (
	monthShape   = [12]float64{0.86, 0.88, 0.95, 1.00, 1.01, 0.96, 0.84, 0.82, 0.97, 1.02, 1.20, 1.58}
	weekdayShape = [7]float64{0.80, 0.85, 0.90, 0.95, 1.05, 1.20, 1.25} // Sunday first
)

// hourShape is how much happens in each hour. Nothing does before six.
var hourShape = [24]float64{
	0, 0, 0, 0, 0, 0, 0.3, 0.7, 1.0, 1.3, 1.6, 1.8,
	1.9, 1.6, 1.4, 1.5, 1.7, 2.1, 2.2, 1.9, 1.7, 1.2, 0.6, 0.2}

// calendar holds what depends on the date alone.
//
// Processes run in a clock of days as a float64, in which a day passes evenly;
// stamp turns that clock into wall time by the hours of the day. As the turn
// never swaps two moments and leaves midnights in place, an even process in
// the clock is a process with realistic hours in the data.
type calendar struct {
	season   [periodDays]float64 // factor on purchases, mean 1
	peak     float64             // the largest of season
	month    [periodDays]int     // month counted from the launch
	starts   [2*months + 1]instant
	byMonth  [12]float64 // the month factors after scaling, January first
	enroll   [periodDays]float64
	quantile [257]float64 // seconds into the day by 256ths of a day's events
}

func newCalendar() *calendar {
	c := &calendar{}
	for i := range c.starts {
		c.starts[i] = monthStart(i)
	}
	var total float64
	m := 0
	for d := range c.season {
		if instant(d)*day >= c.starts[m+1] {
			m++
		}
		c.month[d] = m
		date := launch.AddDate(0, 0, d)
		c.season[d] = monthShape[date.Month()-1] * weekdayShape[date.Weekday()]
		total += c.season[d]
	}
	scale := periodDays / total
	for d := range c.season {
		c.season[d] *= scale
		c.peak = max(c.peak, c.season[d])
	}
	for i, f := range monthShape {
		c.byMonth[i] = f * scale
	}
	c.fillEnrollment()
	c.fillHours()
	return c
}

// fillEnrollment builds the cumulative curve of enrollments: a rush at the
// launch, slow growth, and a push in the second November.
func (c *calendar) fillEnrollment() {
	from, to := int(on(2025, time.November, 1)/day), int(on(2025, time.December, 1)/day)
	var sum float64
	for d := range c.enroll {
		w := 1 + 20*math.Exp(-float64(d)/25) + 0.5*float64(d)/periodDays
		if d >= from && d < to {
			w += 1.8
		}
		sum += w
		c.enroll[d] = sum
	}
	for d := range c.enroll {
		c.enroll[d] /= sum
	}
}

// enrolled turns an even draw into an enrollment's clock.
func (c *calendar) enrolled(u float64) float64 {
	d := sort.SearchFloat64s(c.enroll[:periodDays-1], u)
	before := 0.0
	if d > 0 {
		before = c.enroll[d-1]
	}
	return float64(d) + min((u-before)/(c.enroll[d]-before), 0.999999)
}

func (c *calendar) fillHours() {
	var total, sum float64
	for _, w := range hourShape {
		total += w
	}
	i := 0
	for h, w := range hourShape {
		for i < len(c.quantile) && w > 0 && float64(i)/256*total <= sum+w+1e-9 {
			c.quantile[i] = 3600 * (float64(h) + (float64(i)/256*total-sum)/w)
			i++
		}
		sum += w
	}
}

// stamp turns the clock into wall time.
func (c *calendar) stamp(clock float64) instant {
	whole, part := math.Modf(clock)
	i, f := math.Modf(part * 256)
	q := &c.quantile
	return instant(whole)*day + instant(q[int(i)]+f*(q[int(i)+1]-q[int(i)]))
}

// monthOf returns the month, counted from the launch, that a moment lies in.
func (c *calendar) monthOf(t instant) int { return c.month[t/day] }
