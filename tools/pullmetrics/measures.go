package pullmetrics

import (
	"context"
	"embed"
	"slices"
	"strings"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

var queries = warehouse.MustParseQueries(run.PullMetrics, breakdown.SQL, sqlFiles)

// group is a query and the measures it returns, in column order.
type group struct {
	name     string   // "points": its measures are points.issued, ...
	query    string   // the .sql file
	measures []string // columns after period, dimension and cell
	feeds    []string // what it reads
}

// groups returns the queries that the mapped feeds allow.
func groups(c *warehouse.Catalog, activeFeeds []string) []group {
	points := pointFeed(c)
	movements := []string{"issued", "redeemed", "expired", "earners", "redeemers", "expirers"}
	// Participants and redeemers are counted by the same query as the active.
	if !slices.Contains(activeFeeds, points) && c.Has(points) {
		activeFeeds = append(slices.Clone(activeFeeds), points)
	}
	all := []group{
		{"members", "members", []string{"open_start", "open_end", "enrolled", "cancelled", "cancelled_of_start", "kept_of_start"}, []string{"members"}},
		{"active", "active", []string{"active", "participants", "redeemers"}, activeFeeds},
		{"orders", "orders", []string{"orders", "net", "member_orders", "member_net", "buyers", "repeat_buyers"}, []string{"orders"}},
		{"balance", "balance", []string{"outstanding", "holders"}, []string{"points"}},
		{"engagement", "engagement", []string{"delivered", "clicked", "unsubscribes", "challenges_started", "challenges_completed", "reached"}, []string{"engagement"}},
		{"surveys", "surveys", []string{"csat", "satisfied", "nps", "nps_promoters", "nps_detractors", "nps_net"}, []string{"surveys"}},
	}
	if points == "points_monthly" {
		movements = append(movements, "value", "members")
	}
	return append(all,
		group{"points", points, movements, []string{points}},
		group{"rewards", "redemptions", []string{"value", "members"}, []string{"redemptions"}})
}

// pointFeed returns the feed that the program's points are in.
func pointFeed(c *warehouse.Catalog) string {
	if c.Mapped("points_monthly") {
		return "points_monthly"
	}
	return "points"
}

// key is where a measure was taken.
type key struct {
	period    int64
	dimension string
	cell      string
}

// measures are the sums by place and name.
type measures map[key]map[string]warehouse.Exact

// measure runs the queries of all groups that can tell something.
func measure(ctx context.Context, s *warehouse.Snapshot, data breakdown.Query, all []group) (measures, error) {
	out := measures{}
	for _, g := range all {
		if len(g.feeds) == 0 || slices.ContainsFunc(g.feeds, func(f string) bool { return !s.Has(f) }) {
			continue
		}
		err := s.Query(ctx, queries, g.query, data, func(row warehouse.Row) error {
			var k key
			values := make([]warehouse.Exact, len(g.measures))
			dst := []any{&k.period, &k.dimension, &k.cell}
			for i := range values {
				dst = append(dst, &values[i])
			}
			if err := row.Scan(dst...); err != nil {
				return err
			}
			if out[k] == nil {
				out[k] = map[string]warehouse.Exact{}
			}
			for i, name := range g.measures {
				out[k][g.name+"."+name] = values[i]
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	// A monthly feed carries the reward value where there are no redemptions.
	for _, m := range out {
		if value, ok := m["points.value"]; ok {
			if _, taken := m["rewards.value"]; !taken {
				m["rewards.value"], m["rewards.members"] = value, m["points.members"]
			}
		}
	}
	return out, nil
}

// reasons tells, for each measure and window, why it is unknown.
type reasons struct {
	run     *run.Run
	catalog *warehouse.Catalog
	active  []string
}

// sources returns the feeds that a measure reads.
func (r reasons) sources(measure string) []string {
	name, column, _ := strings.Cut(measure, ".")
	switch {
	case name == "active" && column == "active":
		return r.active
	case name == "active" || name == "points" || name == "balance":
		return []string{pointFeed(r.catalog)}
	case name == "rewards" && !r.catalog.Mapped("redemptions") && r.catalog.Mapped("points_monthly"):
		return []string{"points_monthly"}
	case name == "rewards":
		return []string{"redemptions"}
	}
	return []string{name}
}

// missing says which feed or column the measure lacks, "" when none.
func (r reasons) missing(measure string) string {
	sources := r.sources(measure)
	if len(sources) == 0 {
		return "no mapped feed holds a qualifying event"
	}
	monthly := sources[0] == "points_monthly"
	switch {
	case measure == "balance.outstanding" && monthly:
		return "points_monthly holds movements, not balances: what was outstanding before its first month is not in the data"
	case measure == "points.expired" && monthly:
		return r.catalog.Missing("points_monthly", "expired")
	case measure == "rewards.value" && monthly:
		return r.catalog.Missing("points_monthly", "reward_value")
	case measure == "rewards.value":
		return r.catalog.Missing("redemptions", "value")
	}
	for _, feed := range sources {
		if reason := r.catalog.Missing(feed); reason != "" {
			return reason
		}
	}
	return ""
}

// uncovered says why the measure, though there, can't tell about the window.
func (r reasons) uncovered(measure string, w run.Window) string {
	// A state needs the data at its own moment only.
	switch {
	case measure == "members.open_end" && w.End.Day() == 1:
		w.Start = w.End.AddDate(0, -1, 0)
	case measure == "members.open_start" && w.Start.Day() == 1:
		w.End = w.Start.AddDate(0, 1, 0)
	case strings.HasPrefix(measure, "balance."):
		w.Start = w.End.AddDate(0, 0, -1)
	}
	return r.first(w, r.sources(measure)...)
}

func (r reasons) first(w run.Window, feeds ...string) string {
	for _, feed := range feeds {
		if reason := r.run.Unknown(r.catalog, feed, w); reason != "" {
			return reason
		}
	}
	return ""
}

// Unavailable says why no window can have the metric's value, whatever its
// dates; "" when some can.
func Unavailable(c *warehouse.Catalog, events []string, d metric.Definition) string {
	e := evaluator{reasons: reasons{catalog: c, active: breakdown.ActivityFeeds(c, events)}}
	return e.unmapped(d)
}
