package pullmetrics_test

import (
	"strconv"
	"strings"
	"time"
)

// span is a half-open window of whole days.
type span struct{ start, end time.Time }

func (s span) holds(t time.Time) bool { return !t.IsZero() && !t.Before(s.start) && t.Before(s.end) }

// earlier returns the span so many days before.
func (s span) earlier(days int) span {
	return span{s.start.AddDate(0, 0, -days), s.end.AddDate(0, 0, -days)}
}

// day returns the midnight with which the day begins in the program's zone.
func (p *program) day(text string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, text, p.zone)
	if err != nil {
		panic(err)
	}
	return t
}

// windows returns the window, the one before it and the one a year ago.
func (p *program) windows() [3]span {
	w, previous := p.asked()
	return [3]span{w, previous, {yearBefore(w.start), yearBefore(w.end)}}
}

// asked returns the window that was asked for, and the one of equal length
// right before it: as many days, or as many months for a quarter and a range of
// whole months.
func (p *program) asked() (w, previous span) {
	if days, err := strconv.Atoi(strings.TrimSuffix(p.window, "d")); err == nil {
		w.end = p.day(p.asOf)
		w.start = w.end.AddDate(0, 0, -days)
		return w, w.earlier(days)
	}
	if p.window == "quarter" {
		end := monthOf(p.day(p.asOf), p.zone)
		for (int(end.Month())-p.fiscalStart+12)%3 != 0 {
			end = end.AddDate(0, -1, 0)
		}
		w = span{end.AddDate(0, -3, 0), end}
	} else {
		from, to, _ := strings.Cut(p.window, "..")
		w = span{p.day(from), p.day(to)}
	}
	if w.start.Day() == 1 && w.end.Day() == 1 {
		months := 0
		for t := w.start; t.Before(w.end); t = t.AddDate(0, 1, 0) {
			months++
		}
		return w, span{w.start.AddDate(0, -months, 0), w.start}
	}
	days := 0
	for t := w.start; t.Before(w.end); t = t.AddDate(0, 0, 1) {
		days++
	}
	return w, span{w.start.AddDate(0, 0, -days), w.start}
}

// yearBefore returns the same day of the year before; 29 February becomes the
// 28th.
func yearBefore(t time.Time) time.Time {
	if t.Month() == time.February && t.Day() == 29 {
		t = t.AddDate(0, 0, -1)
	}
	return t.AddDate(-1, 0, 0)
}
