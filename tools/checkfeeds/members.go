package checkfeeds

import (
	"context"
	"time"

	"loyaltymcp/warehouse"
)

// members looks at the rows of a feed against the members they belong to.
func (i *inspector) members(ctx context.Context, f warehouse.Feed, s *scanned) error {
	data := struct {
		Feed, When, Sample, Acts         string
		Unique, MonthlyStart, MonthlyEnd bool
	}{Feed: f.Name, When: f.When, Sample: traits[f.Name].sample, Unique: i.unique}
	data.MonthlyStart = i.snapshot.Grain(f.Name) == warehouse.GrainMonth
	data.MonthlyEnd = data.MonthlyStart || i.snapshot.Grain("members") == warehouse.GrainMonth
	if f.Name == "points_monthly" {
		// A row of zeros before enrollment is padding, not an event.
		data.Acts = " AND (f.earned <> 0 OR f.redeemed <> 0)"
	}
	checks := []check{{id: "orphans"}, {id: "before_enrollment"}, {id: "after_cancellation"}}
	found, err := i.masks(ctx, "members", data, checks, s.rows)
	if err != nil {
		return err
	}
	i.note(f.Name, "orphans", "rows", found["orphans"], "")
	if f.Name != "tier_history" {
		i.note(f.Name, "before_enrollment", "rows", found["before_enrollment"], "")
		i.note(f.Name, "after_cancellation", "rows", found["after_cancellation"], "")
	}
	return nil
}

// masks runs a query whose rows are mask, n, first, last, least and greatest.
func (i *inspector) masks(ctx context.Context, name string, data any, checks []check, rows int64) (map[string]*tally, error) {
	found := map[string]*tally{}
	for _, c := range checks {
		found[c.id] = &tally{everything: rows}
	}
	err := i.snapshot.Query(ctx, queries, name, data, func(row warehouse.Row) error {
		var mask, n int64
		var from, to *time.Time
		var least, greatest *string
		if err := row.Scan(&mask, &n, &from, &to, &least, &greatest); err != nil {
			return err
		}
		for bit, c := range checks {
			if mask&(1<<bit) != 0 {
				found[c.id].add(n, from, to, least, greatest)
			}
		}
		return nil
	})
	return found, err
}

// spells looks at each member's spells in order.
func (i *inspector) spells(ctx context.Context, rows int64) error {
	if !i.snapshot.Has("tier_history", "effective_to") {
		return nil
	}
	checks := []check{{id: "overlapping_tiers"}, {id: "tier_gaps"}}
	found, err := i.masks(ctx, "spells", nil, checks, rows)
	if err != nil {
		return err
	}
	for _, c := range checks {
		i.note("tier_history", c.id, "rows", found[c.id], "")
	}
	return nil
}

// balances looks for members with less than nothing.
func (i *inspector) balances(ctx context.Context, feed string) error {
	t := tally{key: "member_id"}
	err := i.snapshot.Query(ctx, queries, "balances", struct {
		Feed    string
		Monthly bool
	}{feed, feed == "points_monthly"}, func(row warehouse.Row) error {
		var negative, n int64
		var least, greatest *string
		if err := row.Scan(&negative, &n, &least, &greatest); err != nil {
			return err
		}
		t.everything += n
		if negative == 1 {
			t.add(n, nil, nil, least, greatest)
		}
		return nil
	})
	if err != nil {
		return err
	}
	i.note(feed, "negative_balances", "members", &t, "")
	return nil
}
