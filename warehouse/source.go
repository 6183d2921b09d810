package warehouse

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"loyaltymcp/internal/fault"
)

// Source is an engine with the operator's mapping.
type Source struct {
	engine     Engine
	mapping    Mapping
	zone       *time.Location
	dimensions []string

	mu         sync.Mutex
	generation string   // of catalog
	catalog    *Catalog // nil until the first snapshot
}

// NewSource returns a source over the engine, which it closes. Zone is the
// program's time zone; dimensions are further columns of members by which
// figures may be broken down.
func NewSource(engine Engine, mapping Mapping, zone *time.Location, dimensions []string) *Source {
	return &Source{engine: engine, mapping: mapping, zone: zone, dimensions: dimensions}
}

// Close closes the engine.
func (s *Source) Close() error { return s.engine.Close() }

// Snapshot opens a consistent read-only view of the data and checks the
// mapping against it. The caller closes it.
func (s *Source) Snapshot(ctx context.Context) (*Snapshot, error) {
	reader, err := s.engine.Begin(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.catalog == nil || s.generation != reader.Generation() || reader.Generation() == "" {
		catalog, err := bind(ctx, reader, s.mapping, s.zone, s.dimensions)
		if err != nil {
			reader.Close()
			return nil, err
		}
		s.catalog, s.generation = catalog, reader.Generation()
	}
	return &Snapshot{Catalog: s.catalog, reader: reader, engine: s.engine.Name()}, nil
}

// Snapshot is a consistent read-only view of the feeds, safe for use by
// several goroutines.
type Snapshot struct {
	*Catalog
	reader Reader
	engine string
}

// Engine returns the engine's name.
func (s *Snapshot) Engine() string { return s.engine }

// Live is the generation of data that may change between two snapshots.
const Live = "live"

// Generation identifies the state of the data; Live where it may change
// between two snapshots.
func (s *Snapshot) Generation() string {
	if g := s.reader.Generation(); g != "" {
		return g
	}
	return Live
}

// Close ends the view.
func (s *Snapshot) Close() error { return s.reader.Close() }

// Query renders the named query with data and hands every row to scan.
func (s *Snapshot) Query(ctx context.Context, q *Queries, name string, data any, scan func(Row) error) error {
	sql, args, feeds, err := q.render(s.Catalog, name, data)
	if err != nil {
		return err
	}
	label, started, rows := q.prefix+"/"+name, time.Now(), 0
	notify(ctx, Event{Query: label})
	err = s.reader.Query(ctx, sql, args, func(row Row) error {
		rows++
		return scan(row)
	})
	notify(ctx, Event{Query: label, Done: true, Rows: rows, Elapsed: time.Since(started)})
	var value *ValueError
	if errors.As(err, &value) {
		return brokenValue(feeds, value)
	}
	if err != nil {
		return fmt.Errorf("query %s: %w", label, err)
	}
	return nil
}

// brokenValue is the error for a value that the operator's mapping can't read.
func brokenValue(feeds []string, e *ValueError) error {
	return fault.New(fault.Config, "feeds."+strings.Join(feeds, ", "), "can't be computed").Because(e).
		Then("Look for a cast in the feed's sql that fails on some rows; TRY_CAST, where the engine has it, makes those null")
}

// Collect runs the named query and returns what scan makes of its rows; never
// nil.
func Collect[T any](ctx context.Context, s *Snapshot, q *Queries, name string, data any, scan func(Row) (T, error)) ([]T, error) {
	out := []T{}
	err := s.Query(ctx, q, name, data, func(row Row) error {
		value, err := scan(row)
		if err == nil {
			out = append(out, value)
		}
		return err
	})
	return out, err
}

// One runs a query that returns exactly one row into dst.
func (s *Snapshot) One(ctx context.Context, q *Queries, name string, data any, dst ...any) error {
	rows := 0
	err := s.Query(ctx, q, name, data, func(row Row) error {
		rows++
		return row.Scan(dst...)
	})
	if err == nil && rows != 1 {
		err = fmt.Errorf("query %s/%s returned %d rows, not 1", q.prefix, name, rows)
	}
	return err
}
