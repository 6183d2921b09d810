package run

import (
	"slices"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// eventFeeds are the feeds whose last row tells how far the data go. Members
// and surveys may rest for weeks in a program that is well.
var eventFeeds = []string{"orders", "points", "points_monthly", "redemptions", "engagement"}

// Events reports whether a feed is of events by day, whose last row tells how far
// it goes.
func Events(feed string) bool { return feed != "points_monthly" && slices.Contains(eventFeeds, feed) }

// place sets as_of and the window.
//
// As_of is the exclusive end of the last complete day: the newest on which any
// feed of events has its usual number of rows, or the day before today when
// that is today. A feed of months is complete to the end of its last month. An
// as_of that the request names may lie as late as the newest row does.
func (r *Run) place(c *warehouse.Catalog, fiscalStart int, zone *time.Location, now time.Time) error {
	first, end := r.span(c, zone, now)
	if end.IsZero() {
		return fault.New(fault.Unavailable, "feeds", "no feed has a dated row up to now, so there is no window to report on").
			Then("Call check_feeds to see what is mapped")
	}
	if !end.After(first) {
		return fault.New(fault.Unavailable, "feeds", "the data start on %s, and no day of them is complete yet", first.Format(time.DateOnly)).
			Then("Try again tomorrow")
	}
	usual := r.usual(c, end, zone, now)
	asOf, explicit := usual, IsRange(r.Request.Window)
	if r.Request.AsOf != "" {
		day, err := ParseDay("as_of", r.Request.AsOf, zone)
		if err != nil {
			return err
		}
		asOf = day
	}
	window, err := ParseWindow(r.Request.Window, asOf, fiscalStart, zone)
	if err != nil {
		return err
	}
	if explicit {
		if r.Request.AsOf != "" && !asOf.Equal(window.End) {
			return fault.New(fault.Invalid, "as_of", "%s is not the end of the window %s, which fixes it", r.Request.AsOf, window.Dates()).
				Then("Leave as_of out, or make it %s", window.End.Format(time.DateOnly))
		}
		asOf = window.End
	}
	field, text := "as_of", asOf.Format(time.DateOnly)
	if explicit {
		field, text = "window", window.Dates()
	}
	span := "the data run from " + first.Format(time.DateOnly) + " to " + end.AddDate(0, 0, -1).Format(time.DateOnly)
	if asOf.After(end) {
		return fault.New(fault.Invalid, field, "%s lies after the data: %s", text, span).
			Then("The latest as_of is %s; it is exclusive", end.Format(time.DateOnly))
	}
	if !asOf.After(first) {
		return fault.New(fault.Invalid, field, "%s lies before the data: %s", text, span).
			Then("Name a later day; as_of is exclusive")
	}
	r.AsOf, r.Window = asOf, window
	if !asOf.Before(usual) {
		for i := range r.Feeds {
			r.Feeds[i].Ahead = Beyond(r.Feeds[i].days, DayNumber(usual.AddDate(0, 0, -1)), DayNumber(now.In(zone)), zone)
		}
	}
	return nil
}

// usual returns the exclusive end of the last day on which any feed of events
// has its usual number of rows, at most end.
func (r *Run) usual(c *warehouse.Catalog, end time.Time, zone *time.Location, now time.Time) time.Time {
	var last time.Time
	for _, name := range eventFeeds {
		f := r.Feed(name)
		if f == nil || f.Last == nil {
			continue
		}
		to := complete(c, f, zone, now)
		if day, _, ok := LastUsual(f.days, DayNumber(now.In(zone))); ok {
			date := time.Unix(int64(day+1)*86400, 0).UTC()
			to = time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, zone)
		}
		if to.After(last) {
			last = to
		}
	}
	if last.IsZero() || last.After(end) {
		return end
	}
	return last
}

// complete returns the exclusive end of the last complete day of a feed with
// dated rows.
func complete(c *warehouse.Catalog, f *FeedState, zone *time.Location, now time.Time) time.Time {
	to, today := midnight(*f.Last, zone).AddDate(0, 0, 1), midnight(now, zone)
	if c.Grain(f.Name) != warehouse.GrainMonth {
		if to.After(today) {
			return today
		}
		return to
	}
	to = time.Date(to.AddDate(0, 0, -1).Year(), to.AddDate(0, 0, -1).Month()+1, 1, 0, 0, 0, 0, zone)
	if to.After(today) {
		to = time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, zone)
	}
	return to
}

// span returns the first day of the data and the exclusive end of the last
// complete one, both zero when there is none.
func (r *Run) span(c *warehouse.Catalog, zone *time.Location, now time.Time) (first, end time.Time) {
	look := func(names []string) {
		for _, name := range names {
			f := r.Feed(name)
			if f == nil || f.First == nil || f.Last == nil {
				continue
			}
			from, to := midnight(*f.First, zone), complete(c, f, zone, now)
			if first.IsZero() || from.Before(first) {
				first = from
			}
			if to.After(end) {
				end = to
			}
		}
	}
	look(eventFeeds)
	if end.IsZero() {
		look([]string{"members", "surveys", "assignments"})
	}
	return first, end
}

// CutsMonth says why a moment can't be judged from the feed, as a clause for
// people: the feed knows only months, and the moment lies inside one. "" when
// it can.
func CutsMonth(c *warehouse.Catalog, feed string, at time.Time) string {
	if c.Has(feed) && c.Grain(feed) == warehouse.GrainMonth && at.Day() != 1 {
		return "the " + feed + " feed knows only months, and " + at.Format(time.DateOnly) + " lies inside one"
	}
	return ""
}

// Unknown says why the feed can't tell about the window, as a clause for
// people; "" when it can.
func (r *Run) Unknown(c *warehouse.Catalog, feed string, w Window) string {
	if reason := c.Missing(feed); reason != "" {
		return reason
	}
	if c.Grain(feed) == warehouse.GrainMonth && !w.WholeMonths() {
		return "the " + feed + " feed knows only months, and the window " + w.Dates() + " cuts one"
	}
	f := r.Feed(feed)
	if f == nil || f.First == nil {
		return "the " + feed + " feed has no dated row"
	}
	if feed != "members" && w.Start.Before(midnight(*f.First, w.Start.Location())) {
		return "the " + feed + " feed starts on " + f.First.In(w.Start.Location()).Format(time.DateOnly) + ", after the window does"
	}
	return ""
}
