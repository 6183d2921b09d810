package run

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"loyaltymcp/internal/fault"
)

// Window is a half-open span [Start, End) of whole days in the program's
// time zone.
type Window struct {
	Label string    `json:"label"` // 30d, quarter, or the dates
	Start time.Time `json:"start"`
	End   time.Time `json:"end"` // exclusive
}

// Days returns the number of calendar days in the window.
func (w Window) Days() int {
	return int(civil(w.End).Sub(civil(w.Start)).Hours()/24 + 0.5)
}

// Dates returns the window as YYYY-MM-DD..YYYY-MM-DD, the end exclusive.
func (w Window) Dates() string {
	return w.Start.Format(time.DateOnly) + ".." + w.End.Format(time.DateOnly)
}

// WholeMonths reports whether the window cuts no calendar month.
func (w Window) WholeMonths() bool { return w.Start.Day() == 1 && w.End.Day() == 1 }

// Previous returns the window of equal length right before this one: as many
// days, or for a quarter and for a range of whole months as many calendar
// months. A 30d window that happens to be a month still is 30 days.
func (w Window) Previous() Window {
	if w.WholeMonths() && !days.MatchString(w.Label) {
		months := (w.End.Year()-w.Start.Year())*12 + int(w.End.Month()) - int(w.Start.Month())
		return Window{Label: "previous", Start: w.Start.AddDate(0, -months, 0), End: w.Start}
	}
	return Window{Label: "previous", Start: w.Start.AddDate(0, 0, -w.Days()), End: w.Start}
}

// YearAgo returns the same calendar days one year before; 29 February becomes
// the 28th.
func (w Window) YearAgo() Window {
	return Window{Label: "year ago", Start: yearBefore(w.Start), End: yearBefore(w.End)}
}

func yearBefore(t time.Time) time.Time {
	before := t.AddDate(-1, 0, 0)
	if before.Month() != t.Month() {
		return before.AddDate(0, 0, -1)
	}
	return before
}

// civil drops the zone, so that days of 23 or 25 hours count as days.
func civil(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// midnight returns the start of t's day in the zone.
func midnight(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}

var (
	days      = regexp.MustCompile(`^([1-9][0-9]{0,2})d?$`)
	dateRange = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$`)
)

// windowForms are the valid forms, for messages.
var windowForms = []string{"7d", "30d", "90d", "quarter", "YYYY-MM-DD..YYYY-MM-DD"}

// IsRange reports whether the text is an explicit range of dates.
func IsRange(text string) bool { return dateRange.MatchString(text) }

// ParseWindow resolves a window's text. asOf is the exclusive end of the
// data's last complete day that counts; a range of dates ends where it says.
// A quarter is the last complete one, counted from the fiscal year's first
// month.
func ParseWindow(text string, asOf time.Time, fiscalStart int, zone *time.Location) (Window, error) {
	text = strings.TrimSpace(text)
	if m := days.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		return Window{Label: m[1] + "d", Start: asOf.AddDate(0, 0, -n), End: asOf}, nil
	}
	if text == "quarter" {
		end := time.Date(asOf.Year(), asOf.Month(), 1, 0, 0, 0, 0, zone)
		for (int(end.Month())-fiscalStart+12)%3 != 0 {
			end = end.AddDate(0, -1, 0)
		}
		return Window{Label: text, Start: end.AddDate(0, -3, 0), End: end}, nil
	}
	if m := dateRange.FindStringSubmatch(text); m != nil {
		start, errStart := time.ParseInLocation(time.DateOnly, m[1], zone)
		end, errEnd := time.ParseInLocation(time.DateOnly, m[2], zone)
		if errStart != nil || errEnd != nil {
			return Window{}, fault.New(fault.Invalid, "window", "%q holds a day that no calendar has", text)
		}
		if !start.Before(end) {
			return Window{}, fault.New(fault.Invalid, "window", "%q ends before it starts", text).
				Then("The end is exclusive: one day is 2026-05-01..2026-05-02")
		}
		return Window{Label: text, Start: start, End: end}, nil
	}
	return Window{}, fault.New(fault.Invalid, "window", "%q is no window", text).OneOf(text, windowForms)
}

// ParseDay reads a day in the zone.
func ParseDay(field, text string, zone *time.Location) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return time.Time{}, fault.New(fault.Invalid, field, "%q is no date", text).Then("Write it as YYYY-MM-DD")
	}
	return t, nil
}

func (w Window) String() string { return fmt.Sprintf("%s (%s)", w.Label, w.Dates()) }
