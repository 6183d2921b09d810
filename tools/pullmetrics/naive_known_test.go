package pullmetrics_test

import (
	"slices"
	"time"
)

// need is a feed that a figure is made of, with the optional columns that it
// takes, and the span over which the feed must tell.
type need struct {
	feed    string
	columns []string
	over    span
	listed  bool // a list without dates: it need only be there
}

type needs func(v view) []need

func flows(feed string, columns ...string) needs {
	return func(v view) []need { return []need{{feed: feed, columns: columns, over: v.span}} }
}

func list(feed string, columns ...string) needs {
	return func(view) []need { return []need{{feed: feed, columns: columns, listed: true}} }
}

// atEnd and atStart want to know who is open at a moment: months know that of
// their first days.
func atEnd(v view) []need {
	return []need{{feed: "members", over: span{v.end.AddDate(0, -1, 0), v.end}}}
}

func atStart(v view) []need {
	return []need{{feed: "members", over: span{v.start, v.start.AddDate(0, 1, 0)}}}
}

// balance wants the ledger to have begun before the end.
func balance(columns ...string) needs {
	return func(v view) []need {
		return []need{{feed: "points", columns: columns, over: span{v.end.AddDate(0, 0, -1), v.end}}}
	}
}

// moved wants a column of points, which a ledger has by its kinds.
func moved(column string) needs {
	return func(v view) []need {
		n := need{feed: "points", over: v.span}
		if v.feeds["points_monthly"] {
			switch n.feed = "points_monthly"; column {
			case "expired", "adjusted", "reward_value":
				n.columns = []string{column}
			case "lines": // which months have not
				n.columns = []string{"of the ledger"}
			}
		}
		return []need{n}
	}
}

// doing wants the feeds that hold qualifying events, from so many days before
// the window on; there must be one.
func doing(days int) needs {
	return func(v view) []need {
		var out []need
		add := func(feed string, columns ...string) {
			if v.has(feed, columns...) && !slices.ContainsFunc(out, func(n need) bool { return n.feed == feed }) {
				out = append(out, need{feed: feed, columns: columns, over: span{v.start.AddDate(0, 0, -days), v.end}})
			}
		}
		for _, e := range v.activeEvents {
			switch e {
			case "order":
				add("orders", "member_id")
			case "earn", "redeem":
				add("points")
				add("points_monthly")
			default:
				add("engagement")
			}
		}
		if len(out) == 0 {
			return []need{{feed: "qualifying event", listed: true}}
		}
		return out
	}
}

func lapsing(v view) []need { return doing(v.lapse)(v) }

// lacking returns the feeds that keep the figure from being known in the
// view's window.
func (v view) lacking(all []needs) []string {
	var out []string
	for _, wants := range all {
		for _, n := range wants(v) {
			if !v.tells(n) {
				out = append(out, n.feed)
			}
		}
	}
	return out
}

func (v view) tells(n need) bool {
	if !v.has(n.feed, n.columns...) || slices.Contains(n.columns, "of the ledger") {
		return false
	}
	if n.listed {
		return true
	}
	if (n.feed == "points_monthly" || v.months[n.feed]) && (n.over.start.Day() != 1 || n.over.end.Day() != 1) {
		return false
	}
	first := v.first(n.feed)
	return n.feed == "members" || !first.IsZero() && !n.over.start.Before(v.day(first.In(v.zone).Format(time.DateOnly)))
}

// first returns the moment of the feed's first row.
func (p *program) first(feed string) (first time.Time) {
	see := func(t time.Time) {
		if first.IsZero() || t.Before(first) {
			first = t
		}
	}
	switch feed {
	case "orders":
		for _, o := range p.orders {
			see(o.at)
		}
	case "points":
		for _, l := range p.lines {
			see(l.at)
		}
	case "points_monthly":
		for _, m := range p.monthly {
			see(m.at)
		}
	case "redemptions":
		for _, r := range p.redemptions {
			see(r.at)
		}
	case "engagement":
		for _, e := range p.events {
			see(e.at)
		}
	case "surveys":
		for _, a := range p.answers {
			see(a.at)
		}
	}
	return first
}
