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
