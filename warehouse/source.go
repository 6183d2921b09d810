package warehouse

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Source is an engine with the operator's mapping.
type Source struct {
	engine     Engine
	mapping    Mapping
	zone       *time.Location
	dimensions []string

	binding    chan struct{} // held to read and write what follows
	generation string        // of catalog
	catalog    *Catalog      // nil until the first snapshot

	dear sync.Map // feeds whose columns can't be looked at in time
}

// NewSource returns a source over the engine, which it closes. Zone is the
// program's time zone; dimensions are further columns of members by which
// figures may be broken down.
func NewSource(engine Engine, mapping Mapping, zone *time.Location, dimensions []string) *Source {
	return &Source{engine: engine, mapping: mapping, zone: zone, dimensions: dimensions, binding: make(chan struct{}, 1)}
}

// Close closes the engine.
func (s *Source) Close() error { return s.engine.Close() }

// Snapshot opens a consistent read-only view of the data and checks the
// mapping against it. Transient errors are tried again. The caller closes it.
func (s *Source) Snapshot(ctx context.Context) (snapshot *Snapshot, err error) {
	err = TryAgain(ctx, "opening the data", func(ctx context.Context) error {
		snapshot, err = s.open(ctx)
		return err
	})
	return snapshot, err
}

func (s *Source) open(ctx context.Context) (*Snapshot, error) {
	reader, err := s.engine.Begin(ctx)
	if err != nil {
		return nil, err
	}
	catalog, err := s.bound(ctx, reader)
	if err != nil {
		return nil, errors.Join(err, reader.Close())
	}
	return &Snapshot{Catalog: catalog, reader: reader, engine: s.engine.Name(), dear: &s.dear}, nil
}

// bound returns the mapping checked against the reader's state of the data: a
// live one is checked each time, another once a generation.
func (s *Source) bound(ctx context.Context, reader Reader) (*Catalog, error) {
	generation := reader.Generation()
	if generation == "" {
		return bind(ctx, reader, s.mapping, s.zone, s.dimensions)
	}
	select {
	case s.binding <- struct{}{}:
		defer func() { <-s.binding }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s.catalog != nil && s.generation == generation {
		return s.catalog, nil
	}
	catalog, err := bind(ctx, reader, s.mapping, s.zone, s.dimensions)
	if err != nil {
		return nil, err
	}
	s.catalog, s.generation = catalog, generation
	return catalog, nil
}

// Snapshot is a consistent read-only view of the feeds, safe for use by
// several goroutines.
type Snapshot struct {
	*Catalog
	reader Reader
	engine string
	dear   *sync.Map // of the source
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

// Query renders the named query with data and hands every row to scan. A
// transient error is tried again in the same snapshot as long as no row has
// been handed on: scan can't take one back. Afterwards, and when the snapshot
// is gone, the error is one that Lost reports: the caller forgets what it has
// read and starts over from a new snapshot.
func (s *Snapshot) Query(ctx context.Context, q *Queries, name string, data any, scan func(Row) error) error {
	sql, args, read, err := q.render(s.Catalog, name, data)
	if err != nil {
		return err
	}
	looked, err := s.look(ctx, read.counted)
	if err == nil && looked { // what is now known makes for a simpler text
		sql, args, read, err = q.render(s.Catalog, name, data)
	}
	if err != nil {
		return err
	}
	label, started, rows := q.prefix+"/"+name, time.Now(), 0
	ctx, patience := Patient(ctx)
	notify(ctx, Event{Query: label})
	defer func() {
		notify(ctx, Event{Query: label, Done: true, Rows: rows, Elapsed: time.Since(started)})
	}()
	for {
		err := s.run(ctx, q.Hints(name, s.engine), sql, args, func(row Row) error {
			rows++
			return scan(row)
		})
		var t *Transient
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &t):
			return s.explain(ctx, label, read.feeds, err)
		case t.Lost || rows > 0:
			return &Transient{Class: t.Class, Lost: true, Fault: t.Fault}
		}
		if err := patience.Again(ctx, "query "+label, err); err != nil {
			return err
		}
	}
}

// run hands the query to the engine, with its hints where it takes any.
func (s *Snapshot) run(ctx context.Context, hints []Hint, sql string, args []any, scan func(Row) error) error {
	if r, ok := s.reader.(HintedReader); ok && len(hints) > 0 {
		return r.QueryHinted(ctx, hints, sql, args, scan)
	}
	return s.reader.Query(ctx, sql, args, scan)
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
