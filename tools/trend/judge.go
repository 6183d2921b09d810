package trend

import (
	"fmt"
	"math"
	"time"
)

// DefaultThreshold is the score from which on a window is an alarm: with it one
// of fifty KPIs in order raises an alarm in one run of twenty, by Bonferroni's
// bound. It is the normal quantile of 1 - 0.05 / (2 · 50).
const DefaultThreshold = 3.29

const mostThreshold = 8

// Options say when to raise an alarm.
type Options struct {
	Threshold float64 // in standard deviations; 0 means DefaultThreshold
}

// Judgement is what the value of a window is against what its past lets expect.
type Judgement struct {
	Scored bool   // whether the past suffices; nothing but Reason, Method and Slope is given otherwise
	Reason string // why it doesn't
	Method string // how it was judged, in words

	Value    float64 // of the window's known buckets
	Expected float64 // of the same buckets
	// Values below Low or above High are beyond the threshold. High of a share may
	// be above 1: no share is too high then.
	Low, High float64
	// Score is how far the value is from what is expected, in standard
	// deviations of past windows; negative below. It is 0 where the value lies
	// between what the recent course and the year before let expect, and 100 at
	// most.
	Score float64
	// Alarm says that the score is beyond the threshold, and still is when any
	// one day is left out.
	Alarm bool
	// OneDay says that the score is beyond the threshold for one day alone.
	OneDay bool
	// ChangePoint is the start of the bucket from which on the level is another,
	// of those that raise an alarm; zero where none can be told.
	ChangePoint time.Time
	// Points are the buckets of the window that are odd by themselves.
	Points []Point
	// Slope is the trend within the window; nil of fewer than five buckets.
	Slope *Slope
}

// Judge judges the window that begins at a bucket, oldest first, and takes all
// the rest, by the buckets before it. They are a day apart or a week, without a
// gap. A value that is not a number, an irregular step, a window without a
// bucket and an unknown kind are errors; too short a history is none, but a
// Reason.
func Judge(kind Kind, buckets []Bucket, start int, o Options) (Judgement, error) {
	cycle, err := check(kind, buckets, start)
	if err != nil {
		return Judgement{}, err
	}
	if o.Threshold == 0 {
		o.Threshold = DefaultThreshold
	}
	if !(o.Threshold > 0) || o.Threshold > mostThreshold {
		return Judgement{}, fmt.Errorf("trend: threshold %v; valid are numbers above 0 up to %v, usual is %v", o.Threshold, float64(mostThreshold), DefaultThreshold)
	}
	c := newCourse(kind, buckets, start, cycle)
	j := Judgement{Method: method, Slope: c.slope()}
	looks, reason := c.outlooks()
	if reason != "" {
		j.Reason = reason
		return j, nil
	}
	end := len(c.y)
	w := c.span(start, end, -1)
	if !w.ok || kind == Stock && !buckets[end-1].Known {
		j.Reason = "Too little is known of the window: half of its buckets and a twentieth of the usual volume are needed, and of a stock its last bucket."
		return j, nil
	}
	if len(looks) > 1 {
		j.Method = methodYear
	}
	score, at := c.score(looks, w)
	j.Scored, j.Score = true, score
	j.Value, j.Expected = valueOf(kind, buckets[start:]), c.value(c.yield(looks[at].rate, w.x))
	j.Low, j.High = c.bounds(looks, w, o.Threshold)
	for _, v := range []float64{j.Value, j.Expected} {
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return Judgement{}, fmt.Errorf("trend: the window from %s sums to more than numbers hold; give the values in larger units", buckets[start].Start.Format(time.DateOnly))
		}
	}
	beyond := math.Abs(score) >= o.Threshold
	j.OneDay = beyond && c.oneDay(looks, score, o.Threshold)
	j.Alarm = beyond && !j.OneDay
	j.Points = c.points(buckets)
	if j.Alarm {
		if i := c.change(score); i >= 0 {
			j.ChangePoint = buckets[i].Start
		}
	}
	return j, nil
}

const (
	method     = "Weekday-adjusted rate against the median level and damped Theil-Sen slope of the eight weeks before the window, in robust standard deviations of such forecasts of past windows, widened for a yearly season not seen yet"
	methodYear = "Weekday-adjusted rate against the median level and damped Theil-Sen slope of the eight weeks before the window, and against the same with last year's departure from it at this time; the nearer one counts, in robust standard deviations of such forecasts of past windows"
)

// score returns how far a span is from the nearest outlook, and which that is.
// Between two outlooks it is 0.
func (c *course) score(looks []outlook, s span) (z float64, at int) {
	for i, l := range looks {
		off := c.capped(toNormal((s.rate-l.rate)/l.spread, l.df), s.y, c.yield(l.rate, s.x))
		switch {
		case i == 0:
			z = off
		case off*z <= 0:
			if math.Abs(s.rate-l.rate) < math.Abs(s.rate-looks[at].rate) {
				at = i
			}
			z = 0
		case math.Abs(off) < math.Abs(z):
			z, at = off, i
		}
	}
	return z, at
}

// capped bounds a score by what so few units can tell: twice the difference of
// the roots of what came and what was expected is about normal for counts at
// random.
//
// Source: F. J. Anscombe (1948), The transformation of Poisson, binomial and
// negative-binomial data, Biometrika 35, 246-254.
func (c *course) capped(z, y, expected float64) float64 {
	if !c.units {
		return z
	}
	most := 2 * (root(y/c.unit) - root(expected/c.unit))
	if most*z <= 0 {
		return 0
	}
	return math.Copysign(min(math.Abs(z), math.Abs(most)), z)
}

func root(units float64) float64 { return math.Sqrt(max(0, units) + 0.375) }

// bounds returns the values that lie a threshold from the outlooks.
func (c *course) bounds(looks []outlook, s span, threshold float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range looks {
		reach := toStudent(threshold, l.df) * l.spread
		from, to := c.yield(l.rate-reach, s.x), c.yield(l.rate+reach, s.x)
		if c.units {
			middle := root(c.yield(l.rate, s.x) / c.unit)
			down, up := max(0, middle-threshold/2), middle+threshold/2
			from = min(from, c.unit*max(0, down*down-0.375))
			to = max(to, c.unit*(up*up-0.375))
		}
		low, high = min(low, from), max(high, to)
	}
	clamp := func(v float64) float64 { return min(max(v, -math.MaxFloat64), math.MaxFloat64) }
	return clamp(c.value(low)), clamp(c.value(high))
}

// oneDay reports whether the score falls below the threshold when one day is
// left out, so that the day is odd and not the window. A day that holds most of
// what the window exposes, such as that of a monthly mailing, can't be left out.
func (c *course) oneDay(looks []outlook, score, threshold float64) bool {
	if c.cycle == 1 || len(c.y)-c.start < fewestWithout {
		return false
	}
	all := c.span(c.start, len(c.y), -1)
	for i := c.start; i < len(c.y); i++ {
		if 2*c.x[i] > all.x {
			continue
		}
		if z, _ := c.score(looks, c.span(c.start, len(c.y), i)); z*score <= 0 || math.Abs(z) < threshold {
			return true
		}
	}
	return false
}

// fewestWithout is the fewest days of which one is left out.
const fewestWithout = 3
