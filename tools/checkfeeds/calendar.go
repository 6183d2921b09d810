package checkfeeds

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// having returns the scanned feeds of daily grain that have the trait, in
// contract order.
func (i *inspector) having(want func(trait) bool) []string {
	var out []string
	for _, name := range warehouse.FeedNames() {
		if s := i.scans[name]; s != nil && want(traits[name]) && i.snapshot.Grain(name) == warehouse.GrainDay {
			out = append(out, name)
		}
	}
	return out
}

// lastDay is the last complete day on which any feed of events has its usual
// number of rows, 0 when there is none: where a run's window ends, too.
func (i *inspector) lastDay() int {
	end, today := 0, dayOf(i.now.In(i.zone))
	for _, name := range i.having(func(t trait) bool { return t.event }) {
		if day, _, ok := run.LastUsual(i.scans[name].days, today); ok {
			end = max(end, min(day, today-1))
		}
	}
	return end
}

// calendar judges each feed's rows by day: gaps, lags and drops.
func (i *inspector) calendar() {
	end := i.lastDay()
	for _, name := range i.having(func(t trait) bool { return t.steady }) {
		d, ok := newDays(i.scans[name].days, end)
		if !ok {
			continue
		}
		i.stale(name, d)
		i.dayGaps(name, d)
		// A day that broke off is told as such, also where the feed is ahead.
		if last, ok := i.lastOwn(name); ok && last > end && last <= end+7 {
			d, _ = newDays(i.scans[name].days, last)
		}
		i.drops(name, d)
	}
	for _, name := range i.having(func(t trait) bool { return t.event }) {
		i.ahead(name, end)
	}
}

// lastOwn is the last complete day on which the feed has any row.
func (i *inspector) lastOwn(name string) (last int, ok bool) {
	today := dayOf(i.now.In(i.zone))
	for day, n := range i.scans[name].days {
		if n > 0 && day < today && (!ok || day > last) {
			last, ok = day, true
		}
	}
	return last, ok
}

// ahead tells of rows after the last usual day of any feed. When they are as
// many as a day's, they are no handful of typing errors.
func (i *inspector) ahead(name string, end int) {
	s, today := i.scans[name], dayOf(i.now.In(i.zone))
	beyond := run.Beyond(s.days, end, today, i.zone)
	if beyond == nil {
		return
	}
	says := fmt.Sprintf("Rows after %s, the last day on which any feed of events has its usual number: %d, from %s to %s.",
		dateOf(end), beyond.Rows, run.Day(beyond.From), run.Day(beyond.To))
	meaning := "ahead"
	if _, usual, ok := run.LastUsual(s.days, end); ok && float64(beyond.Rows) >= usual {
		meaning = "far_ahead"
	}
	i.noteAs(ruleOf(name, meaning), name, "ahead", "rows", &tally{count: beyond.Rows, everything: s.rows, from: beyond.From, to: beyond.To}, says)
}

// pauseDays is how far a feed of events too small for medians may lag behind
// the newest one, unless it has paused for longer before.
const pauseDays = 3

func (i *inspector) stale(name string, d days) {
	lag := d.lag()
	n := lag.to - lag.from + 1
	event := traits[name].event
	paused := event && n > max(pauseDays, d.longestPause())
	// Other feeds may come to an end in a program that is well.
	ended := !event && n > max(newest, d.last/4)
	if n < 1 || ended || !lag.missed() && !paused {
		return
	}
	says := fmt.Sprintf("The feed ends on %s; days that the newest one goes further: %d.", dateOf(d.first+d.last), n)
	if lag.missed() {
		says += fmt.Sprintf(" About %.0f rows are missing.", lag.expected)
	}
	i.note(name, "stale", "days", i.over(d, []span{lag}), says)
}

func (i *inspector) dayGaps(name string, d days) {
	gaps := d.gaps()
	if len(gaps) == 0 {
		return
	}
	slices.SortStableFunc(gaps, func(a, b span) int { return (b.to - b.from) - (a.to - a.from) })
	t := i.over(d, gaps)
	i.note(name, "day_gaps", "days", t, fmt.Sprintf("Days without rows where the weeks around have some nearly every day: %d. The longest: %s.", t.count, list(d, gaps)))
}

func (i *inspector) drops(name string, d days) {
	drops := d.drops()
	if len(drops) == 0 {
		week, ok := d.weakWeek()
		if !ok {
			return
		}
		i.note(name, "drops", "days", i.over(d, []span{week}), fmt.Sprintf("The last week has far fewer rows than the weeks before: %s.", list(d, []span{week})))
		return
	}
	slices.SortStableFunc(drops, func(a, b span) int { return b.from - a.from })
	t := i.over(d, drops)
	when := "The newest"
	if len(drops) == 1 {
		when = "When"
	}
	i.note(name, "drops", "days", t, fmt.Sprintf("Days with less than half the rows of the same weekday in the weeks around: %d. %s: %s.", t.count, when, list(d, drops)))
}

// over tallies spans of days.
func (i *inspector) over(d days, spans []span) *tally {
	t := &tally{everything: int64(len(d.counts))}
	for _, s := range spans {
		from, to := i.moment(d.first+s.from), i.moment(d.first+s.to)
		t.add(int64(s.to-s.from+1), &from, &to)
	}
	return t
}

// moment is noon of a numbered day in the program's zone.
func (i *inspector) moment(day int) time.Time {
	date := time.Unix(int64(day)*86400, 0).UTC()
	return time.Date(date.Year(), date.Month(), date.Day(), 12, 0, 0, 0, i.zone)
}

// list names up to three spans.
func list(d days, spans []span) string {
	var parts []string
	for _, s := range spans[:min(3, len(spans))] {
		text := dateOf(d.first + s.from)
		if s.to > s.from {
			text += " to " + dateOf(d.first+s.to)
		}
		parts = append(parts, fmt.Sprintf("%s (%.0f rows, about %.0f expected)", text, s.rows, s.expected))
	}
	return strings.Join(parts, ", ")
}
