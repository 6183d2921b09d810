// Package checkfeeds looks at the data before any figure is made of it: which
// feeds are mapped, how far they go, where they break the contract, and which
// KPIs that takes away.
package checkfeeds

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

//go:embed description.md
var description string

var queries = warehouse.MustParseQueries("check_feeds", sqlFiles)

// Tool returns the check_feeds tool.
func Tool(set *schemas.Set, open run.Opener) (tools.Tool, error) {
	spec := tools.Spec{Name: "check_feeds", Title: "Check data feeds", Description: description,
		Hints: tools.Hints{ReadOnly: true, Idempotent: true}}
	return tools.Define(set, spec, func(ctx context.Context, _ struct{}) (*Result, error) {
		d, err := open(ctx)
		if err != nil {
			return nil, err
		}
		result, err := Check(ctx, d)
		if err != nil {
			return nil, err
		}
		return result, tools.Fit(result, true)
	})
}

// Check inspects every mapped feed.
func Check(ctx context.Context, d *run.Desk) (*Result, error) {
	s, release, err := d.Shared(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	states, err := d.Coverage(ctx, s)
	if err != nil {
		return nil, err
	}
	i := &inspector{snapshot: s, now: d.Now()}
	result := &Result{Program: d.Config.Program.Name, Engine: s.Engine()}
	for _, f := range warehouse.Feeds() {
		result.Feeds = append(result.Feeds, describe(s, f, states, d.Config.Zone()))
		if !s.Has(f.Name) {
			if s.Mapped(f.Name) {
				i.add("empty", f.Name, "warning", 1, "every figure that needs the feed", "The source has no rows.")
			}
			continue
		}
		if err := i.feed(ctx, f); err != nil {
			return nil, err
		}
	}
	for _, check := range []func(context.Context) error{i.members, i.points, i.rest} {
		if err := check(ctx); err != nil {
			return nil, err
		}
	}
	i.span(states)
	bySeverity(i.findings)
	result.Findings = i.findings
	for _, definition := range d.Metrics {
		if reason := pullmetrics.Unavailable(s.Catalog, d.Config.Definitions.ActiveEvents, definition); reason != "" {
			result.Unavailable = append(result.Unavailable, UnavailableKPI{definition.ID, reason})
		}
	}
	result.Verdict = verdict(result, d.Metrics)
	result.Next = "Next: pull_metrics. Figures that a finding endangers should be read with it."
	return result, nil
}

func describe(s *warehouse.Snapshot, f warehouse.Feed, states []run.FeedState, zone *time.Location) Feed {
	out := Feed{Feed: f.Name, Status: "unmapped", Columns: s.Columns(f.Name)}
	if !s.Mapped(f.Name) {
		return out
	}
	out.Status = "ok"
	if !s.Has(f.Name) {
		out.Status = "empty"
	}
	for _, c := range f.Columns {
		if !slices.Contains(out.Columns, c.Name) {
			out.Missing = append(out.Missing, c.Name)
		}
	}
	if n := slices.IndexFunc(states, func(st run.FeedState) bool { return st.Name == f.Name }); n >= 0 {
		rows := states[n].Rows
		out.Rows = &rows
		if states[n].First != nil && states[n].Last != nil {
			out.First, out.Last = run.Day(states[n].First.In(zone)), run.Day(states[n].Last.In(zone))
		}
	}
	return out
}

// staleDays is how far a feed may lag behind the newest one.
const staleDays = 3

// span compares how far the feeds go.
func (i *inspector) span(states []run.FeedState) {
	var newest time.Time
	var members, ledger *run.FeedState
	var events []run.FeedState
	for n := range states {
		st := &states[n]
		switch st.Name {
		case "members":
			members = st
		case "points":
			ledger = st
		}
		if slices.Contains([]string{"orders", "points", "redemptions", "engagement"}, st.Name) && st.Last != nil {
			events = append(events, *st)
			if st.Last.After(newest) {
				newest = *st.Last
			}
		}
	}
	for _, st := range events {
		if lag := int64(newest.Sub(*st.Last).Hours() / 24); lag > staleDays {
			i.add("stale", st.Name, "warning", lag, "every figure of the feed in the last days", "The feed ends %d days before the newest one.", lag)
		}
	}
	if members != nil && ledger != nil && members.First != nil && ledger.First != nil {
		if gap := int64(ledger.First.Sub(*members.First).Hours() / 24); gap > 31 {
			i.add("late_ledger", "points", "warning", gap, "outstanding points and liability, if balances were carried in from before",
				"The ledger starts %d days after the first member enrolled. If there were points before, they are missing.", gap)
		}
	}
}

func verdict(r *Result, all metric.Catalog) string {
	count := map[string]int{}
	for _, f := range r.Findings {
		count[f.Severity]++
	}
	mapped := 0
	for _, f := range r.Feeds {
		if f.Status != "unmapped" {
			mapped++
		}
	}
	parts := []string{fmt.Sprintf("%d of %d feeds mapped", mapped, len(r.Feeds)),
		fmt.Sprintf("%d of %d KPIs available", len(all)-len(r.Unavailable), len(all))}
	for _, severity := range []string{"error", "warning"} {
		if n := count[severity]; n == 1 {
			parts = append(parts, "1 "+severity)
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf("%d %ss", n, severity))
		}
	}
	return strings.Join(parts, ", ") + "."
}
