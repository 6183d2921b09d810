package run

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"
)

// The rules of the last day on which a feed's rows are usual. A few rows with
// a wrong date, or a part of a day, must not move the window that a report is
// about.
const (
	// strayShare of a busy day's rows is the least that a day holds unless its
	// rows are strays.
	strayShare = 0.1
	// lowShare of the rows of the same weekday is the least that a day holds
	// when it is complete.
	lowShare = 0.5
	// lowRoots is by how many roots of the usual number a day must lie below
	// it, so that chance in a small feed is none.
	lowRoots = 2
	// mostLow is how many low days may end a feed. More are its new level.
	mostLow = 7
	// recentDays is how many days with rows tell what is usual.
	recentDays = 400
	sameDays   = 8 // of one weekday
	fewestDays = 3
)

// LastUsual returns the last day with as many rows as the feed usually has,
// and how many it usually has then. Rows are by day, numbered as DayNumber
// does; today's are not complete, so that any number beyond strays will do. It
// returns false when there is no row up to today.
func LastUsual(rows map[int]int64, today int) (day int, usual float64, ok bool) {
	busy := slices.DeleteFunc(slices.Sorted(maps.Keys(rows)), func(day int) bool { return day > today || rows[day] <= 0 })
	if len(busy) == 0 {
		return 0, 0, false
	}
	busy = busy[max(0, len(busy)-recentDays):]
	floor := strayShare * busyDay(rows, busy)
	busy = slices.DeleteFunc(busy, func(day int) bool { return float64(rows[day]) < floor })
	newest := len(busy) - 1
	for i := newest; i > newest-mostLow-1 && i >= 0; i-- {
		usual = before(rows, busy[:i], busy[i])
		if n := float64(rows[busy[i]]); busy[i] == today || n >= lowShare*usual || usual-n <= lowRoots*math.Sqrt(usual) {
			return busy[i], usual, true
		}
	}
	return busy[newest], before(rows, busy[:newest], busy[newest]), true
}

// busyDay returns the number of rows that days have on which nine tenths of
// all rows lie. Many days with a row or two don't lower it.
func busyDay(rows map[int]int64, days []int) float64 {
	days = slices.Clone(days)
	slices.SortFunc(days, func(a, b int) int { return cmp.Or(cmp.Compare(rows[a], rows[b]), cmp.Compare(a, b)) })
	all, sum := int64(0), int64(0)
	for _, day := range days {
		all += rows[day]
	}
	for _, day := range days {
		if sum += rows[day]; float64(sum) > strayShare*float64(all) {
			return float64(rows[day])
		}
	}
	return 0
}

// before returns how many rows the days before usually have: those of the same
// weekday, or all where these are few; the fewer of that and of the newest
// week, as a season may have ended. It is 0 where hardly any day is known.
func before(rows map[int]int64, days []int, day int) float64 {
	var same, all []int64
	for i := len(days) - 1; i >= 0 && len(all) < 7*sameDays; i-- {
		all = append(all, rows[days[i]])
		if (day-days[i])%7 == 0 && len(same) < sameDays {
			same = append(same, rows[days[i]])
		}
	}
	if len(all) < fewestDays {
		return 0
	}
	week := middle(all[:min(7, len(all))])
	if len(same) < fewestDays {
		return min(middle(all), week)
	}
	return min(middle(same), week)
}

func middle(n []int64) float64 {
	n = slices.Clone(n)
	slices.Sort(n)
	return float64(n[(len(n)-1)/2]+n[len(n)/2]) / 2
}

// DayNumber numbers the days of the calendar.
func DayNumber(t time.Time) int {
	return int(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Ahead is the rows of a feed after the last day on which any feed's are
// usual.
type Ahead struct {
	Rows int64     `json:"rows"`
	From time.Time `json:"from"` // first and last day with such rows
	To   time.Time `json:"to"`
}

// Beyond returns the rows after the day and up to today, nil when there are
// none. Of a day that today follows, nothing is told: today has just begun.
func Beyond(rows map[int]int64, day, today int, zone *time.Location) *Ahead {
	if day >= today-1 {
		return nil
	}
	var a Ahead
	for _, d := range slices.Sorted(maps.Keys(rows)) {
		if d <= day || d > today || rows[d] <= 0 {
			continue
		}
		date := time.Unix(int64(d)*86400, 0).UTC()
		at := time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, zone)
		if a.Rows == 0 {
			a.From = at
		}
		a.To = at
		a.Rows += rows[d]
	}
	if a.Rows == 0 {
		return nil
	}
	return &a
}
