package run_test

import (
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/run"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func day(t *testing.T, text string, z *time.Location) time.Time {
	t.Helper()
	d, err := run.ParseDay("day", text, z)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func window(t *testing.T, text, asOf string, fiscalStart int, z *time.Location) run.Window {
	t.Helper()
	w, err := run.ParseWindow(text, day(t, asOf, z), fiscalStart, z)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestParseWindow(t *testing.T) {
	for _, c := range []struct {
		text, asOf string
		fiscal     int
		want       string
		days       int
	}{
		{"7d", "2026-07-01", 1, "2026-06-24..2026-07-01", 7},
		{"30d", "2026-07-01", 1, "2026-06-01..2026-07-01", 30},
		{"90d", "2026-07-01", 1, "2026-04-02..2026-07-01", 90},
		{"1d", "2026-03-01", 1, "2026-02-28..2026-03-01", 1},
		{"999d", "2026-07-01", 1, "2023-10-06..2026-07-01", 999},
		{" 7d ", "2026-07-01", 1, "2026-06-24..2026-07-01", 7},
		{"7", "2026-07-01", 1, "2026-06-24..2026-07-01", 7},    // an agent's number means days
		{"30d", "2024-03-01", 1, "2024-01-31..2024-03-01", 30}, // over Feb 29

		{"quarter", "2026-07-01", 1, "2026-04-01..2026-07-01", 91},
		{"quarter", "2026-06-30", 1, "2026-01-01..2026-04-01", 90}, // June lacks its last day
		{"quarter", "2026-08-15", 1, "2026-04-01..2026-07-01", 91},
		{"quarter", "2026-01-01", 1, "2025-10-01..2026-01-01", 92},
		{"quarter", "2024-04-10", 1, "2024-01-01..2024-04-01", 91}, // with Feb 29
		{"quarter", "2026-07-01", 2, "2026-02-01..2026-05-01", 89}, // fiscal quarters start in Feb, May, Aug, Nov
		{"quarter", "2026-01-31", 2, "2025-08-01..2025-11-01", 92},
		{"quarter", "2026-02-01", 2, "2025-11-01..2026-02-01", 92},
		{"quarter", "2026-07-01", 3, "2026-03-01..2026-06-01", 92},
		{"quarter", "2026-07-01", 4, "2026-04-01..2026-07-01", 91}, // April's quarters are January's
		{"quarter", "2026-07-01", 12, "2026-03-01..2026-06-01", 92},
		{"quarter", "2026-01-15", 12, "2025-09-01..2025-12-01", 91},

		{"2026-05-01..2026-06-01", "2026-07-01", 1, "2026-05-01..2026-06-01", 31},
		{"2026-05-01..2026-05-02", "2026-07-01", 1, "2026-05-01..2026-05-02", 1},
		{"2024-02-29..2024-03-01", "2026-07-01", 1, "2024-02-29..2024-03-01", 1},
	} {
		w := window(t, c.text, c.asOf, c.fiscal, time.UTC)
		if w.Dates() != c.want || w.Days() != c.days {
			t.Errorf("%q as of %s, fiscal start %d = %s of %d days, want %s of %d", c.text, c.asOf, c.fiscal, w.Dates(), w.Days(), c.want, c.days)
		}
	}
}

func TestParseWindowRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "valid: "}, {"0d", "7d"}, {"-7d", "valid: 7d"}, {"1000d", "valid: "}, {"7 d", "valid: 7d"},
		{"month", "valid: "}, {"quarters", "valid: quarter"}, {"30D", "valid: 30d"},
		{"2026-05-01", "YYYY-MM-DD..YYYY-MM-DD"}, {"2026-05-01...2026-06-01", "valid: "}, {"2026-05-01..2026-06-01..", "valid: "},
		{"2026-02-30..2026-03-05", "no calendar"}, {"2026-13-01..2026-14-05", "no calendar"}, {"2023-02-29..2023-03-05", "no calendar"},
		{"2026-06-01..2026-05-01", "ends before it starts"}, {"2026-06-01..2026-06-01", "ends before it starts"},
	} {
		w, err := run.ParseWindow(c.text, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), 1, time.UTC)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%q = %v, %v, want an error of kind invalid", c.text, w, err)
			continue
		}
		if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "window: ") {
			t.Errorf("%q: error %q, want one on window with %q", c.text, err, c.want)
		}
	}
}

func TestPreviousAndYearAgo(t *testing.T) {
	for _, c := range []struct{ window, previous, yearAgo string }{
		// Days: as many days.
		{"2026-06-24..2026-07-01", "2026-06-17..2026-06-24", "2025-06-24..2025-07-01"},
		{"2026-06-02..2026-07-01", "2026-05-04..2026-06-02", "2025-06-02..2025-07-01"},
		{"2026-05-02..2026-06-02", "2026-04-01..2026-05-02", "2025-05-02..2025-06-02"},
		// Whole months: as many months, however long.
		{"2026-06-01..2026-07-01", "2026-05-01..2026-06-01", "2025-06-01..2025-07-01"},
		{"2026-03-01..2026-04-01", "2026-02-01..2026-03-01", "2025-03-01..2025-04-01"},
		{"2026-04-01..2026-07-01", "2026-01-01..2026-04-01", "2025-04-01..2025-07-01"},
		{"2026-01-01..2026-02-01", "2025-12-01..2026-01-01", "2025-01-01..2025-02-01"},
		{"2025-01-01..2026-01-01", "2024-01-01..2025-01-01", "2024-01-01..2025-01-01"},
		// The leap day: February is compared with February.
		{"2024-02-01..2024-03-01", "2024-01-01..2024-02-01", "2023-02-01..2023-03-01"},
		{"2025-02-01..2025-03-01", "2025-01-01..2025-02-01", "2024-02-01..2024-03-01"},
		{"2024-02-10..2024-03-10", "2024-01-12..2024-02-10", "2023-02-10..2023-03-10"},
		{"2025-02-25..2025-03-05", "2025-02-17..2025-02-25", "2024-02-25..2024-03-05"},
	} {
		w := window(t, c.window, "2026-07-01", 1, time.UTC)
		if got := w.Previous().Dates(); got != c.previous {
			t.Errorf("previous of %s = %s, want %s", c.window, got, c.previous)
		}
		if got := w.YearAgo().Dates(); got != c.yearAgo {
			t.Errorf("year ago of %s = %s, want %s", c.window, got, c.yearAgo)
		}
	}
}

// 2023 has no Feb 29. A window of days must not become empty by that, or its
// flows would read 0 where they are unknown or those of a neighbouring day.
func TestYearAgoOfTheLeapDayIsNotEmpty(t *testing.T) {
	w := window(t, "2024-02-29..2024-03-01", "2026-07-01", 1, time.UTC)
	if a := w.YearAgo(); a.Days() < 1 {
		t.Errorf("year ago of %s = %s of %d days, want a day at least", w.Dates(), a.Dates(), a.Days())
	}
}

// Days are days of the calendar, be they of 23 or of 25 hours.
func TestDaysAcrossDaylightSaving(t *testing.T) {
	for _, c := range []struct {
		zone, asOf string
		hours      float64 // of the 30 days
	}{
		{"Europe/Berlin", "2026-04-10", 30*24 - 1},   // forward on March 29
		{"Europe/Berlin", "2026-11-10", 30*24 + 1},   // back on October 25
		{"Europe/Berlin", "2026-03-29", 30 * 24},     // ends at the midnight before
		{"Europe/Berlin", "2026-03-30", 30*24 - 1},   // holds just the short day
		{"Europe/Berlin", "2026-07-01", 30 * 24},     // from June 1 to July 1, and still 30 days, not a month
		{"America/Toronto", "2026-03-20", 30*24 - 1}, // forward on March 8
		{"America/Toronto", "2026-11-20", 30*24 + 1}, // back on November 1
		{"America/Toronto", "2026-07-01", 30 * 24},
	} {
		z := zone(t, c.zone)
		w := window(t, "30d", c.asOf, 1, z)
		if w.Days() != 30 {
			t.Errorf("%s, 30d as of %s = %d days, want 30", c.zone, c.asOf, w.Days())
		}
		if got := w.End.Sub(w.Start).Hours(); got != c.hours {
			t.Errorf("%s, 30d as of %s = %v hours, want %v", c.zone, c.asOf, got, c.hours)
		}
		p := w.Previous()
		if p.Days() != 30 || !p.End.Equal(w.Start) {
			t.Errorf("%s, previous of 30d as of %s = %s of %d days, want 30 days up to %s", c.zone, c.asOf, p.Dates(), p.Days(), run.Day(w.Start))
		}
		for _, one := range []time.Time{w.Start, w.End, p.Start, w.YearAgo().Start} {
			if h, m, s := one.Clock(); h+m+s != 0 {
				t.Errorf("%s: %s is no midnight", c.zone, one)
			}
		}
	}
}

func TestWholeMonths(t *testing.T) {
	for text, want := range map[string]bool{
		"2026-05-01..2026-06-01": true, "2026-01-01..2026-07-01": true, "2026-05-02..2026-06-01": false, "2026-05-01..2026-05-31": false,
	} {
		if got := window(t, text, "2026-07-01", 1, time.UTC).WholeMonths(); got != want {
			t.Errorf("whole months of %s = %v, want %v", text, got, want)
		}
	}
}
