package checkfeeds

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"loyaltymcp/warehouse"
)

// mostKeys is the number of rows up to which keys are compared across members.
// Beyond it they are compared within each member only: on a cluster sharded by
// member the keys of all rows would otherwise meet on one machine.
const mostKeys = 50_000_000

// keys looks for keys that stand in several rows. Only when there are does it
// look again, at whether they are copies or contradict each other.
func (i *inspector) keys(ctx context.Context, f warehouse.Feed, s *scanned) error {
	if len(f.Key) == 0 {
		return nil
	}
	data := struct {
		Feed, Sample, Within string
		Key, Tells           []string
	}{Feed: f.Name, Sample: traits[f.Name].sample, Key: f.Key}
	if data.Sample == "" {
		data.Sample = f.Key[0]
	}
	if s.rows > i.most && !slices.Contains(f.Key, "member_id") && i.snapshot.Has(f.Name, "member_id") {
		data.Within = "member_id"
		i.note(f.Name, "keys_within_members", "rows", &tally{count: s.rows, everything: s.rows}, "")
	}
	var alike, differ tally
	var excess [2]int64
	var ids int64
	look := func() error {
		alike, differ, ids, excess = tally{}, tally{}, 0, [2]int64{}
		return i.snapshot.Query(ctx, queries, "keys", data, func(row warehouse.Row) error {
			var differs, keys, n, firsts int64
			var least, greatest *string
			if err := row.Scan(&differs, &keys, &n, &firsts, &least, &greatest); err != nil {
				return err
			}
			to := &alike
			if differs == 1 {
				to = &differ
			}
			to.add(keys, nil, nil, least, greatest)
			excess[differs] += n
			ids = max(ids, firsts)
			return nil
		})
	}
	if err := look(); err != nil {
		return err
	}
	if f.Name == "members" {
		i.unique = alike.count == 0
	}
	if alike.count == 0 {
		return nil
	}
	all, beyond := alike, excess[0]
	if f.Name == "points_monthly" {
		// Whether copies or not, the trap is the same: members under one id.
		members := all.count
		all.count = ids
		i.note(f.Name, "colliding_ids", "ids", &all,
			fmt.Sprintf("Member ids that carry several rows for one month: %d (%d member-months, %d rows in excess). Different members under one id, or rows loaded twice; every row is summed.", ids, members, beyond))
		return nil
	}
	data.Tells = slices.DeleteFunc(slices.Clone(traits[f.Name].tells), func(c string) bool { return !i.snapshot.Has(f.Name, c) })
	if len(data.Tells) > 0 {
		if err := look(); err != nil {
			return err
		}
	}
	if t := s.found["nulls"]; len(f.Key) == 1 || t == nil {
		// All values, known where nulls don't blur them.
		all := s.rows - excess[0] - excess[1]
		if t != nil {
			all -= t.byColumn[f.Key[0]]
		}
		alike.everything, differ.everything = all, all
	}
	key := strings.Join(f.Key, " and ")
	i.note(f.Name, "duplicate_keys", "keys", &alike,
		fmt.Sprintf("Values of %s that stand in several rows which are alike: %d (%d rows in excess). They were loaded twice.", key, alike.count, excess[0]))
	says := fmt.Sprintf("Values of %s that stand in several rows which differ in %s: %d (%d rows in excess). Different things share an id.",
		key, strings.Join(data.Tells, " or "), differ.count, excess[1])
	if f.Name == "assignments" {
		i.note(f.Name, "two_arms", "units", &differ, "")
		return nil
	}
	if f.Name == "tier_history" {
		says = fmt.Sprintf("Moments from which a member is in two tiers at once: %d (%d rows in excess).", differ.count, excess[1])
	}
	i.note(f.Name, "colliding_ids", "keys", &differ, says)
	return nil
}
