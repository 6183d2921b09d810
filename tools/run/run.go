// Package run is one run of the monitor: what was asked, which window and
// which state of the data that means, what each stage found, and the data
// points that a plan may cite.
//
// A run is opened once and referred to by its id; the tools keep no other
// state. Every stage of a run reads the same state of the data by the same
// config, or fails.
package run

import (
	"context"
	"embed"
	"log/slog"
	"slices"
	"strings"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/metric"
	"loyaltymcp/warehouse"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

var queries = warehouse.MustParseQueries("run", sqlFiles)

// The detail levels of a result.
const (
	Summary = "summary"
	Full    = "full"
)

// Request is what the caller asked: the parameters that the slash command and
// every tool share.
type Request struct {
	Window         string   `json:"window,omitempty"`
	AsOf           string   `json:"as_of,omitempty"`
	Detail         string   `json:"detail,omitempty"`
	Dimensions     []string `json:"dimensions,omitempty"`
	Filters        Filters  `json:"filters,omitempty"`
	Experiments    []string `json:"experiments,omitempty"`
	AlertThreshold string   `json:"alert_threshold,omitempty"`
}

// FeedState is one feed as the run found it.
type FeedState struct {
	Name   string     `json:"name"`
	Rows   int64      `json:"rows"`
	First  *time.Time `json:"first,omitempty"` // UTC; nil when the feed has no time or no row
	Last   *time.Time `json:"last,omitempty"`
	Future int64      `json:"future,omitempty"` // rows dated after now
	// Ahead is the rows after the run's last usual day, where there are some.
	Ahead *Ahead `json:"ahead,omitempty"`

	days map[int]int64 // of events: rows by day, as DayNumber numbers them
}

// Run is an opened run.
type Run struct {
	ID         string      `json:"run_id"`
	CreatedAt  time.Time   `json:"created_at"` // rows that came in later don't count
	Program    string      `json:"program"`
	Currency   string      `json:"currency"`
	Zone       string      `json:"time_zone"`
	Engine     string      `json:"engine"`
	Generation string      `json:"data_generation"`
	Config     string      `json:"config_hash"`
	Version    string      `json:"version"`
	Request    Request     `json:"request"`
	Window     Window      `json:"window"`
	AsOf       time.Time   `json:"as_of"` // exclusive end of what counts
	Dimensions []string    `json:"dimensions"`
	Filters    Filters     `json:"filters,omitempty"` // values as the data have them
	Bands      []Band      `json:"bands"`
	Feeds      []FeedState `json:"feeds"`
	// Retries are those that opening the run took, earlier tries of the whole
	// run included. Those of its stages are kept beside it (Store.Retries).
	Retries []warehouse.Retry `json:"retries,omitempty"`
}

// Feed returns the state of a feed, or nil.
func (r *Run) Feed(name string) *FeedState {
	for i := range r.Feeds {
		if r.Feeds[i].Name == name {
			return &r.Feeds[i]
		}
	}
	return nil
}

// Desk is what the stages work with.
type Desk struct {
	Config  *config.Config
	Source  *warehouse.Source
	Store   *Store
	Metrics metric.Catalog
	Plans   string // folder of the plans
	Now     func() time.Time
	Version string
	Log     *slog.Logger // for the operator; nil drops it
	Memo    *Memo        // what stages share; nil makes it for each
	// ToParquet writes a CSV file with a head as a Parquet file; nil where there
	// is no engine that can.
	ToParquet func(ctx context.Context, from, to string) error
}

// Opener opens the desk when first needed, so that a server starts at once and
// a broken config becomes a readable answer.
type Opener func(context.Context) (*Desk, error)

// Open resolves a request against the data and keeps the run.
func (d *Desk) Open(ctx context.Context, request Request) (*Run, error) {
	bands, err := Bands(d.Config, request.AlertThreshold, d.Metrics)
	if err != nil {
		return nil, err
	}
	if request.Window = strings.TrimSpace(request.Window); request.Window == "" {
		request.Window = "30d"
	}
	if request.Detail == "" {
		request.Detail = Summary
	}
	zone := d.Config.Zone()
	// The form is checked before any query runs.
	if _, err := ParseWindow(request.Window, midnight(d.Now(), zone), d.Config.Program.FiscalYearStart, zone); err != nil {
		return nil, err
	}
	ctx, patience := warehouse.Patient(ctx)
	snapshot, release, err := d.Shared(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	available := snapshot.Dimensions()
	dimensions := []string{}
	for _, name := range request.Dimensions {
		if !slices.Contains(available, name) {
			return nil, fault.New(fault.Invalid, "dimensions", "figures can't be broken down by %q", name).OneOf(name, available).
				Then("Further columns of the members feed can be named under dimensions in loyalty.yaml")
		}
		if !slices.Contains(dimensions, name) {
			dimensions = append(dimensions, name)
		}
	}
	created := d.Now().UTC()
	snapshot = snapshot.Until(created)
	filters, err := request.Filters.check(ctx, snapshot)
	if err != nil {
		return nil, err
	}
	feeds, err := d.Coverage(ctx, snapshot)
	if err != nil {
		return nil, err
	}
	r := &Run{
		ID: newID(), CreatedAt: created, Program: d.Config.Program.Name, Currency: d.Config.Program.Currency,
		Zone: zone.String(), Engine: snapshot.Engine(), Generation: snapshot.Generation(), Config: d.Config.Hash(), Version: d.Version,
		Request: request, Dimensions: dimensions, Filters: filters, Bands: bands, Feeds: feeds, Retries: patience.Retries(),
	}
	if err := r.place(snapshot.Catalog, d.Config.Program.FiscalYearStart, zone, d.Now()); err != nil {
		return nil, err
	}
	by, err := d.Basis(snapshot, request, bands)
	if err != nil {
		return nil, err
	}
	// A run that can be found has its basis.
	if err := d.Store.putBasis(r.ID, by); err != nil {
		return nil, err
	}
	return r, d.Store.Create(r)
}

// Resume returns an opened run, checked to be of the same config.
func (d *Desk) Resume(id string) (*Run, error) {
	r, err := d.Store.Load(id)
	if err != nil {
		return nil, err
	}
	if r.Config != d.Config.Hash() {
		return nil, fault.New(fault.Conflict, "run_id", "run %s was opened under another loyalty.yaml", id).
			Then("Call pull_metrics to open a new run")
	}
	zone := d.Config.Zone()
	r.AsOf, r.Window.Start, r.Window.End = r.AsOf.In(zone), r.Window.Start.In(zone), r.Window.End.In(zone)
	return r, nil
}

// Coverage looks at the span of every mapped feed, and at the days of events:
// one query a feed.
func (d *Desk) Coverage(ctx context.Context, s *warehouse.Snapshot) ([]FeedState, error) {
	var out []FeedState
	for _, feed := range warehouse.Feeds() {
		if !s.Mapped(feed.Name) {
			continue
		}
		state := FeedState{Name: feed.Name}
		data := struct {
			Feed, When string
			Now        time.Time
			Shift      int
		}{feed.Name, feed.When, d.Now(), MinutesPastHour(d.Config.Zone(), d.Now())}
		var err error
		switch {
		case !s.Has(feed.Name):
		case feed.When == "" || !s.Has(feed.Name, feed.When):
			err = s.One(ctx, queries, "size", data, &state.Rows)
		case slices.Contains(eventFeeds, feed.Name) && s.Grain(feed.Name) == warehouse.GrainDay:
			state, err = byDay(ctx, s, feed.Name, data, data.Now, d.Config.Zone(), data.Shift)
		default:
			err = s.Query(ctx, queries, "coverage", data, func(row warehouse.Row) error {
				var n int64
				var first, last *time.Time
				err := row.Scan(&n, &first, &last)
				state.add(n, first, last, data.Now)
				return err
			})
		}
		if err != nil {
			return nil, err
		}
		out = append(out, state)
	}
	return out, nil
}

// byDay looks at the span of a feed of events and counts its rows by day.
func byDay(ctx context.Context, s *warehouse.Snapshot, feed string, data any, now time.Time, zone *time.Location, shift int) (FeedState, error) {
	state := FeedState{Name: feed, days: map[int]int64{}}
	err := s.Query(ctx, queries, "days", data, func(row warehouse.Row) error {
		var bucket, first, last *time.Time
		var n int64
		if err := row.Scan(&bucket, &n, &first, &last); err != nil {
			return err
		}
		if state.add(n, first, last, now) && bucket != nil {
			state.days[DayNumber(bucket.Add(-time.Duration(shift)*time.Minute).In(zone))] += n
		}
		return nil
	})
	return state, err
}

// add takes n rows, all up to now or all after it, into the feed's span, and
// reports which. First and last are nil where no row has a date.
func (f *FeedState) add(n int64, first, last *time.Time, now time.Time) (upToNow bool) {
	f.Rows += n
	if first == nil || last == nil {
		return true
	}
	if first.After(now) {
		f.Future += n
		return false
	}
	if f.First == nil || first.Before(*f.First) {
		f.First = first
	}
	if f.Last == nil || last.After(*f.Last) {
		f.Last = last
	}
	return true
}

// MinutesPastHour is by how many minutes the hours of a zone start after those
// of UTC: 30 in India.
func MinutesPastHour(zone *time.Location, at time.Time) int {
	_, offset := at.In(zone).Zone()
	return ((offset/60)%60 + 60) % 60
}
