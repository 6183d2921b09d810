// Package checkfeeds looks at the data before any figure is made of it: which
// feeds are mapped, how far they go, where they break the contract, and which
// KPIs that takes away.
//
// What it costs is bounded. A feed is read at most once for each of these:
//
//   - its rows: every check of a row by itself, the rows by hour, and amounts
//     to be compared with another feed's, in one query. The checks become the
//     bits of a mask by which the engine groups, so that one scan counts them
//     all and keeps two sample keys of each combination;
//   - its keys, where the contract names some (a second time when some stand
//     in several rows, to tell copies from collisions);
//   - the members its rows belong to, where it has member_id and a date;
//   - each member's own rows in order or in sum: tier_history and the ledger;
//   - its currencies, when the first query found some that aren't the
//     program's.
//
// Two queries more list the tiers and the experiments. Go sees counts by hour
// and mask, never rows, so memory doesn't grow with the data. Gaps, lags,
// drops and shifted clocks are then judged in Go from the counts by hour
// (series.go, drops.go, clock.go).
//
// All per-member work groups or joins by member_id. Keys are compared over the
// whole feed up to mostKeys rows, and within each member beyond.
//
// Severity follows one rule: an error makes sums or counts over the feed wrong
// as they stand; a warning makes some members, days or breakdowns wrong, or
// says that data are likely to be missing; an info endangers no figure.
//
// Keys leave only as salted hashes. Store.Salt makes the salt once for each
// installation; loyalty-mcp check tells the operator, and only them, where it
// lies and how to find the row.
package checkfeeds

import (
	"context"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
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

// Check inspects every mapped feed, all in one state of the data. The result
// tells what was done again on the way.
func Check(ctx context.Context, d *run.Desk) (result *Result, err error) {
	ctx, patience := warehouse.Patient(ctx)
	part := patience.Part()
	err = d.Hold(warehouse.WithPatience(ctx, part), "check_feeds", func(ctx context.Context) error {
		result, err = checked(ctx, d)
		return err
	})
	if err != nil {
		return nil, err
	}
	result.Retries = part.Retries()
	return result, nil
}

func checked(ctx context.Context, d *run.Desk) (*Result, error) {
	s, release, err := d.Shared(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	i := newInspector(d, s)
	if err := i.references(ctx, d); err != nil {
		return nil, err
	}
	result := &Result{Program: d.Config.Program.Name, Engine: s.Engine()}
	for _, f := range warehouse.Feeds() {
		if s.Has(f.Name) {
			if err := i.feed(ctx, f); err != nil {
				return nil, err
			}
		} else if s.Mapped(f.Name) {
			i.note(f.Name, "empty", "rows", &tally{count: 1}, "The source has no rows.")
		}
		result.Feeds = append(result.Feeds, i.describe(f))
	}
	i.calendar()
	i.clocks()
	i.lateLedger()
	i.redemptions()
	i.noCurrency()
	bySeverity(i.findings)
	result.Findings = i.findings
	for _, definition := range d.Metrics {
		if reason := pullmetrics.Unavailable(s.Catalog, d.Config.Definitions.ActiveEvents, definition); reason != "" {
			result.Unavailable = append(result.Unavailable, UnavailableKPI{definition.ID, reason})
		}
	}
	result.Verdict = verdict(result, d.Metrics)
	if end := i.lastDay(); end > 0 {
		result.Verdict += " The last complete day is " + dateOf(end) + "."
	}
	result.Next = "Next: pull_metrics. Figures that a finding endangers should be read with it."
	if result.Count(Error) > 0 {
		result.Next = "Next: have the errors mended before figures they endanger are used; then pull_metrics."
	}
	return result, nil
}

func newInspector(d *run.Desk, s *warehouse.Snapshot) *inspector {
	salt := sync.OnceValue(func() string {
		if d.Store == nil {
			return "" // nothing is kept, so no key can be told again
		}
		text, err := d.Store.Salt()
		if err != nil && d.Log != nil {
			d.Log.Error("check_feeds shows no sample keys", "error", err)
		}
		return text
	})
	return &inspector{snapshot: s, now: d.Now(), zone: d.Config.Zone(), currency: strings.ToUpper(d.Config.Program.Currency),
		salt: salt, most: mostKeys, scans: map[string]*scanned{}}
}

// references reads the short lists that rows are held against.
func (i *inspector) references(ctx context.Context, d *run.Desk) (err error) {
	if i.snapshot.Has("tiers") && (i.snapshot.Has("members", "tier") || i.snapshot.Has("tier_history")) {
		i.tiers, err = warehouse.Collect(ctx, i.snapshot, queries, "tiers", nil, func(row warehouse.Row) (name string, err error) {
			return name, row.Scan(&name)
		})
		if err != nil {
			return err
		}
	}
	if !i.snapshot.Has("assignments") {
		return nil
	}
	for _, x := range d.Config.Experiments {
		// The form of the day was checked when the config was read.
		start, _ := time.ParseInLocation(time.DateOnly, x.StartedAt, i.zone)
		i.experiments = append(i.experiments, experiment{x.ID, start})
	}
	if !i.snapshot.Has("experiments") {
		return nil
	}
	return i.snapshot.Query(ctx, queries, "experiments", nil, func(row warehouse.Row) error {
		var x experiment
		var start *time.Time
		if err := row.Scan(&x.ID, &start); err != nil {
			return err
		}
		if start != nil {
			x.Start = *start
		}
		if !slices.ContainsFunc(i.experiments, func(known experiment) bool { return known.ID == x.ID }) {
			i.experiments = append(i.experiments, x)
		}
		return nil
	})
}

// describe says how the feed is mapped and what its scan saw.
func (i *inspector) describe(f warehouse.Feed) Feed {
	out := Feed{Feed: f.Name, Status: "unmapped", Columns: i.snapshot.Columns(f.Name)}
	if !i.snapshot.Mapped(f.Name) {
		return out
	}
	out.Status = "ok"
	if !i.snapshot.Has(f.Name) {
		out.Status = "empty"
	}
	for _, c := range f.Columns {
		if !slices.Contains(out.Columns, c.Name) {
			out.Missing = append(out.Missing, c.Name)
		}
	}
	var rows int64
	if s := i.scans[f.Name]; s != nil {
		rows = s.rows
		if len(s.days) > 0 {
			days := slices.Collect(maps.Keys(s.days))
			out.First, out.Last = dateOf(slices.Min(days)), dateOf(slices.Max(days))
		}
	}
	out.Rows = &rows
	return out
}

func verdict(r *Result, all metric.Catalog) string {
	mapped := 0
	for _, f := range r.Feeds {
		if f.Status != "unmapped" {
			mapped++
		}
	}
	parts := []string{fmt.Sprintf("%d of %d feeds mapped", mapped, len(r.Feeds)),
		fmt.Sprintf("%d of %d KPIs available", len(all)-len(r.Unavailable), len(all))}
	for _, severity := range []string{Error, Warning} {
		if n := r.Count(severity); n == 1 {
			parts = append(parts, "1 "+severity)
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf("%d %ss", n, severity))
		}
	}
	return strings.Join(parts, ", ") + "."
}
