package checkfeeds

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"loyaltymcp/warehouse"
)

// inspector runs the checks and gathers what they find.
type inspector struct {
	snapshot    *warehouse.Snapshot
	now         time.Time
	zone        *time.Location
	currency    string
	salt        func() string // "" where none could be made
	most        int64         // rows up to which keys are compared across members
	tiers       []string
	experiments []experiment
	unique      bool // a member has one row
	scans       map[string]*scanned
	findings    []Finding
}

// mostKeys is the number of rows up to which keys are compared across members.
// Beyond it they are compared within each member only: on a cluster sharded by
// member the keys of all rows would otherwise meet on one machine.
const mostKeys = 50_000_000

// note records a finding. Says replaces what the rule says after the count; of
// is how many were looked at.
func (i *inspector) note(feed, id, unit string, t *tally, says string) {
	if t == nil || t.count == 0 {
		return
	}
	r := ruleOf(feed, id)
	if says == "" {
		says = fmt.Sprintf("%s: %d.", r.says, t.count)
	}
	f := Finding{ID: id, Feed: feed, Severity: r.severity, Count: t.count, Of: t.everything, Unit: unit,
		Says: says, Endangers: r.endangers, Next: r.next + "."}
	if t.everything > 0 {
		f.Share = share(t.count, t.everything)
	}
	if !t.from.IsZero() && !t.to.IsZero() {
		f.From, f.To = t.from.In(i.zone).Format(time.DateOnly), t.to.In(i.zone).Format(time.DateOnly)
	}
	if key := cmp.Or(t.key, traits[feed].sample); key != "" && len(t.samples) > 0 {
		if salt := i.salt(); salt != "" {
			f.Key, f.Samples = key, hashed(salt, t.samples)
		}
	}
	i.findings = append(i.findings, f)
}

// feed makes the passes over one feed.
func (i *inspector) feed(ctx context.Context, f warehouse.Feed) error {
	s, err := i.scan(ctx, f)
	if err != nil {
		return err
	}
	i.scans[f.Name] = s
	if err := i.keys(ctx, f, s); err != nil {
		return err
	}
	i.rows(f, s)
	if t := s.found["currencies"]; t != nil {
		if err := i.currencies(ctx, f.Name, t); err != nil {
			return err
		}
	}
	if f.Name != "members" && f.When != "" && i.snapshot.Has(f.Name, f.When, "member_id") {
		if err := i.members(ctx, f, s); err != nil {
			return err
		}
	}
	switch f.Name {
	case "tier_history":
		return i.spells(ctx, s.rows)
	case "points":
		return i.balances(ctx, f.Name)
	case "points_monthly":
		if !i.snapshot.Has("points") {
			return i.balances(ctx, f.Name)
		}
	}
	return nil
}

// rows notes what the pass over the rows found, in the order of the checks.
func (i *inspector) rows(f warehouse.Feed, s *scanned) {
	ids := make([]string, 0, len(s.found))
	for id := range s.found {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		t, says, unit := s.found[id], "", "rows"
		switch id {
		case "currencies":
			continue
		case "nulls":
			var parts []string
			for _, c := range f.Columns {
				if n := t.byColumn[c.Name]; n > 0 {
					parts = append(parts, fmt.Sprintf("%s %d", c.Name, n))
				}
			}
			says = fmt.Sprintf("Rows without a value in a required column: %d (%s).", t.count, strings.Join(parts, ", "))
		}
		i.note(f.Name, id, unit, t, says)
	}
	if f.Name == "members" && s.monthly() && i.snapshot.Grain("members") == warehouse.GrainDay {
		i.note("members", "monthly_dates", "rows", &tally{count: s.rows, everything: s.rows}, "")
	}
}

// monthly reports whether all days are firsts of a month, so many that chance
// is out of question.
func (s *scanned) monthly() bool {
	var n int64
	for day, rows := range s.days {
		if time.Unix(int64(day)*86400, 0).UTC().Day() != 1 {
			return false
		}
		n += rows
	}
	return n >= 100 && len(s.days) >= 3
}

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
	i.note(f.Name, "colliding_ids", "keys", &differ, says)
	return nil
}

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

// currencies tells how many rows are in which currency.
func (i *inspector) currencies(ctx context.Context, feed string, t *tally) error {
	type amount struct {
		code string
		n    int64
	}
	all, err := warehouse.Collect(ctx, i.snapshot, queries, "currencies", struct{ Feed string }{feed}, func(row warehouse.Row) (a amount, err error) {
		return a, row.Scan(&a.code, &a.n)
	})
	if err != nil {
		return err
	}
	var parts []string
	var other int64
	for _, a := range all {
		switch {
		case a.code == "":
			parts = append(parts, fmt.Sprintf("%d have none and count as %s", a.n, i.currency))
		case isCode(a.code) && len(parts) < 8:
			parts = append(parts, fmt.Sprintf("%s %d", a.code, a.n))
		default:
			other += a.n
		}
	}
	if other > 0 {
		parts = append(parts, fmt.Sprintf("others %d", other))
	}
	i.note(feed, "currencies", "rows", t, fmt.Sprintf("Rows not in %s, the program's currency, whose amounts are added as if they were: %d. All rows by currency: %s.",
		i.currency, t.count, strings.Join(parts, ", ")))
	return nil
}

// isCode reports whether the text is written as a currency's code; other text
// from the data is not shown.
func isCode(text string) bool {
	return len(text) == 3 && strings.IndexFunc(text, func(c rune) bool { return c < 'A' || c > 'Z' }) < 0
}
