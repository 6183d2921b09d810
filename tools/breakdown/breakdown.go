package breakdown

import (
	"context"
	"embed"
	"io/fs"
	"slices"
	"time"

	"loyaltymcp/warehouse"
)

//go:embed sql/*.sql
var files embed.FS

// SQL holds the blocks that queries share: "join", "cell" and "events".
var SQL fs.FS = files

// Period is a window that a query computes, by index.
type Period struct {
	Index      int
	Start, End time.Time
}

// Grouping is one way to split the rows of a query; the zero value is no
// split.
type Grouping struct {
	Dimension string
	// History says that the tier comes from tier_history as of the event, not
	// from members as it is now.
	History bool
}

// Groupings returns no split first, then one per dimension.
func Groupings(c *warehouse.Catalog, dimensions []string) []Grouping {
	out := []Grouping{{}}
	for _, d := range dimensions {
		out = append(out, Grouping{Dimension: d, History: d == "tier" && c.Has("tier_history")})
	}
	return out
}

// Query is the data that shared blocks read; queries embed it.
type Query struct {
	Periods   []Period
	Groupings []Grouping
	Activity  []string // events that make a member active, for the block "events"
}

// Counts reports whether the event makes a member active.
func (q Query) Counts(event string) bool { return slices.Contains(q.Activity, event) }

// ActivityFeeds returns the mapped feeds that hold the events.
func ActivityFeeds(c *warehouse.Catalog, events []string) []string {
	var feeds []string
	add := func(feed string, columns ...string) {
		if c.Has(feed, columns...) && !slices.Contains(feeds, feed) {
			feeds = append(feeds, feed)
		}
	}
	for _, event := range events {
		switch event {
		case "order":
			add("orders", "member_id")
		case "earn", "redeem":
			add("points")
			add("points_monthly")
		case "login", "challenge":
			add("engagement")
		}
	}
	return feeds
}

// TierBasis says which tier a breakdown by tier uses.
func TierBasis(c *warehouse.Catalog) string {
	if c.Has("tier_history") {
		return "tier at the time of the event for flows, at the end of the window for stocks"
	}
	return "current tier (there is no tier_history feed)"
}

// TierOrder returns the rank of each tier, empty where no tiers feed is
// mapped. The queries must hold SQL.
func TierOrder(ctx context.Context, s *warehouse.Snapshot, queries *warehouse.Queries) (map[string]float64, error) {
	order := map[string]float64{}
	if !s.Has("tiers") {
		return order, nil
	}
	err := s.Query(ctx, queries, "tier_order", nil, func(row warehouse.Row) error {
		var tier string
		var rank float64
		err := row.Scan(&tier, &rank)
		order[tier] = rank
		return err
	})
	return order, err
}
