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

// note records a finding. Says replaces what the rule says after the count; of
// is how many were looked at.
func (i *inspector) note(feed, id, unit string, t *tally, says string) {
	i.noteAs(ruleOf(feed, id), feed, id, unit, t, says)
}

// noteAs records a finding that means what the rule says.
func (i *inspector) noteAs(r rule, feed, id, unit string, t *tally, says string) {
	if t == nil || t.count == 0 {
		return
	}
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
			f.Key, f.Samples = key, hashed(salt, key, t.samples)
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
	if f.Name != "members" && f.When != "" && i.snapshot.Has("members") && i.snapshot.Has(f.Name, f.When, "member_id") {
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
		case "currencies", "negative_sales":
			continue
		case "negative_orders":
			i.negatives(t, s)
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

// negatives judges orders with a negative net. Returns are told for
// information; a warning is given when gross is negative as well, or when they
// start so suddenly that chance can't explain that there were none before.
func (i *inspector) negatives(t *tally, s *scanned) {
	meaning, says := "negative_orders", ""
	if both := s.found["negative_sales"]; both != nil {
		meaning = "negative_sales"
		says = fmt.Sprintf("Orders with a negative net: %d, of which gross is negative too: %d. Returns may be so; sales with the wrong sign are.", t.count, both.count)
	}
	var before, since int64
	start := dayOf(t.from.In(i.zone))
	for day, n := range s.days {
		if day < start {
			before += n
		} else {
			since += n
		}
	}
	if expected := float64(t.count) * float64(before) / float64(max(1, since)); !t.from.IsZero() && expected >= fewest {
		meaning = "negative_sales"
		says = fmt.Sprintf("Orders with a negative net: %d. They start on %s; at their rate about %.0f were to be expected among the %d orders before, and there is none.",
			t.count, dateOf(start), expected, before)
	}
	i.noteAs(ruleOf("orders", meaning), "orders", "negative_orders", "rows", t, says)
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
