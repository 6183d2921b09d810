package pullmetrics

import (
	"context"
	"math"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/trend"
	"loyaltymcp/warehouse"
)

// Trend is a KPI in the window against what its own days before let expect.
type Trend struct {
	// Daily says, where the KPI itself can't be followed from day to day, what
	// is followed instead.
	Daily    string      `json:"daily,omitempty"`
	Value    *float64    `json:"value,omitempty"` // of Daily in the window
	Expected *float64    `json:"expected"`        // null without enough history
	Range    *[2]float64 `json:"range,omitempty"` // values beyond it raise an alarm
	// Score is how far the value is from what is expected, in robust standard
	// deviations of past windows; package trend has the method.
	Score   *float64 `json:"score"`
	Anomaly bool     `json:"anomaly"`
	Since   string   `json:"since,omitempty"`    // of an anomaly: the day from which the level is another
	OddDays []string `json:"odd_days,omitempty"` // days of the window that are odd by themselves
	// Recent is set where the last week is an anomaly of a longer window, in
	// which it is yet too short to show.
	Recent *Recent `json:"last_7_days,omitempty"`
	// Slope is the trend within the window, a day, with its interval.
	Slope  *[3]float64 `json:"slope_per_day,omitempty"`
	Reason string      `json:"reason,omitempty"` // why there is no score
}

// Recent is a KPI in the last week against what was to be expected.
type Recent struct {
	Value    *float64 `json:"value"`
	Expected *float64 `json:"expected"`
	Score    *float64 `json:"score"`
	Since    string   `json:"since,omitempty"`
}

// recentDays is the length of the last part of a window that is judged by
// itself, where the window is longer than twice that.
const recentDays = 7

// Series is a KPI by day, or by week where the window is long.
type Series struct {
	KPI    string     `json:"kpi"`
	Start  string     `json:"start"`
	Step   int        `json:"step_days"`
	Values []*float64 `json:"values"` // null where nothing was to divide by
}

// mostOddDays is how many odd days a trend names.
const mostOddDays = 5

// weekly is the length of a window from which its series is by week.
const weekly = 60

// trends judges every KPI that can be followed by its own past, fills in what
// it finds and returns the series of the window.
func (e evaluator) trends(ctx context.Context, g *gatherer, definitions []metric.Definition, kpis []KPI) ([]Series, error) {
	all := courses(definitions)
	byDay, err := g.follow(ctx, all)
	if err != nil {
		return nil, err
	}
	var out []Series
	for _, c := range all {
		k := find(kpis, c.definition.ID)
		if k == nil || k.Value == nil || e.monthly(c) {
			continue
		}
		buckets, start := e.buckets(c, byDay)
		k.Trend = e.judge(c, buckets, start)
		// On one day few of those whom filters let through may have done anything.
		if k.Headline && len(e.filters) == 0 {
			out = append(out, e.series(c, buckets[start:]))
		}
		k.history = &history{c, buckets, start, c.additive(e.sources)}
	}
	return out, nil
}

// monthly reports whether a feed that the course reads knows only months.
func (e evaluator) monthly(c course) bool {
	for _, x := range c.expressions() {
		for _, m := range x.Measures() {
			for _, feed := range e.feeds(m) {
				if e.catalog.Grain(feed) == warehouse.GrainMonth {
					return true
				}
			}
		}
	}
	return false
}

// additive reports whether days add up to the window: not where each counts a
// member once.
func (c course) additive(sources metric.Sources) bool {
	for _, x := range []metric.Expression{c.numerator, c.denominator} {
		for _, m := range x.Measures() {
			source, _ := sources.Find(m.Source)
			if m.Aggregate == metric.CountMembers && !source.Person {
				return false
			}
			for _, name := range m.Columns() {
				if column, _ := source.Column(name); column.Join == "first" {
					return false
				}
			}
		}
	}
	return true
}

// kind returns the rule by which a course's buckets make a window's value.
func (c course) kind() trend.Kind {
	switch {
	case c.definition.Kind == metric.Stock:
		return trend.Stock
	case c.denominator != nil || c.stock != nil:
		return trend.Ratio
	}
	return trend.Flow
}

func (e evaluator) judge(c course, buckets []trend.Bucket, start int) *Trend {
	t := &Trend{}
	j, err := trend.Judge(c.kind(), buckets, start, trend.Options{})
	if err != nil {
		t.Reason = "it can't be followed from day to day: " + strings.TrimPrefix(err.Error(), "trend: ")
		return t
	}
	if d := c.definition.Daily; d != nil {
		t.Daily = d.Numerator
		if d.Denominator != "" {
			t.Daily += " ÷ " + d.Denominator
		}
		t.Daily += ", by day"
		t.Value = run.Round(j.Value)
	} else if !c.additive(e.sources) {
		t.Daily, t.Value = "days added up, each of which counts a member once", run.Round(j.Value)
	}
	if j.Slope != nil {
		at, low, high := run.Round(j.Slope.PerDay), run.Round(j.Slope.Low), run.Round(j.Slope.High)
		if at != nil && low != nil && high != nil {
			t.Slope = &[3]float64{*at, *low, *high}
		}
	}
	if !j.Scored {
		t.Reason = j.Reason
		return t
	}
	// Where units of the denominator are counted no share is above 1, whatever a
	// course that is multiplied says.
	most := math.Inf(1)
	if c.definition.Interval == metric.Wilson && c.definition.Daily == nil {
		most = 1
	}
	j.Expected, j.Low, j.High = min(j.Expected, most), min(j.Low, most), min(j.High, most)
	t.Expected, t.Score, t.Anomaly = run.Round(j.Expected), run.Round(math.Round(j.Score*100)/100), j.Alarm
	if low, high := run.Round(j.Low), run.Round(j.High); low != nil && high != nil {
		t.Range = &[2]float64{*low, *high}
	}
	if j.Alarm && !j.ChangePoint.IsZero() {
		t.Since = run.Day(j.ChangePoint)
	}
	if len(buckets)-start > 2*recentDays {
		if last, err := trend.Judge(c.kind(), buckets, len(buckets)-recentDays, trend.Options{}); err == nil && last.Alarm {
			t.Recent = &Recent{Value: run.Round(last.Value), Expected: run.Round(min(last.Expected, most)), Score: run.Round(math.Round(last.Score*100) / 100)}
			if !last.ChangePoint.IsZero() {
				t.Recent.Since = run.Day(last.ChangePoint)
			}
		}
	}
	for _, p := range j.Points[:min(mostOddDays, len(j.Points))] {
		if len(e.filters) > 0 {
			break // so a day may be one member's
		}
		t.OddDays = append(t.OddDays, run.Day(p.Start))
	}
	return t
}

// series returns the window's buckets as a series; of a long window by week,
// the last week ending with the window.
func (e evaluator) series(c course, buckets []trend.Bucket) Series {
	step := 1
	if len(buckets) > weekly {
		step = 7
		buckets = buckets[len(buckets)%7:]
	}
	s := Series{KPI: c.definition.ID, Start: run.Day(buckets[0].Start), Step: step}
	for ; len(buckets) > 0; buckets = buckets[step:] {
		s.Values = append(s.Values, total(c.kind(), buckets[:step]))
	}
	return s
}

// total returns a KPI over buckets, nil where there is nothing to divide by.
func total(kind trend.Kind, buckets []trend.Bucket) *float64 {
	top, bottom := 0.0, 0.0
	for _, b := range buckets {
		top, bottom = top+b.Numerator, bottom+b.Denominator
	}
	switch {
	case kind == trend.Stock:
		return run.Round(buckets[len(buckets)-1].Numerator)
	case kind == trend.Flow:
		return run.Round(top)
	case bottom == 0:
		return nil
	}
	return run.Round(top / bottom)
}

// history is what a KPI was day by day, for alerts.
type history struct {
	course
	buckets []trend.Bucket
	start   int
	adds    bool // days add up to the window
}

// window returns the KPI's value in the i-th window of the same length before
// the run's; ok is false where the days don't make it, or don't reach so far.
func (h *history) window(i int) (value *float64, ok bool) {
	if h == nil || h.definition.Daily != nil || !h.adds || i < 0 {
		return nil, false
	}
	length := len(h.buckets) - h.start
	from, to := h.start-i*length, h.start-i*length+length
	if from < 0 {
		return nil, false
	}
	return total(h.kind(), h.buckets[from:to]), true
}

// odd reports whether the trend is an anomaly, of the window or of its last
// week.
func (t *Trend) odd() bool { return t != nil && (t.Anomaly || t.Recent != nil) }

// since returns the day from which an anomaly's level is another, "" if none
// can be told.
func (t *Trend) since() string {
	if t.Since == "" && t.Recent != nil {
		return t.Recent.Since
	}
	return t.Since
}

// find returns the KPI with the id, or nil.
func find(kpis []KPI, id string) *KPI {
	for i := range kpis {
		if kpis[i].ID == id {
			return &kpis[i]
		}
	}
	return nil
}
