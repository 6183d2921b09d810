package bench

import (
	"context"
	"sync"
	"time"

	"loyaltymcp/warehouse"
)

// query is a query as an engine gets it.
type query struct {
	name  string // "pull_metrics/orders"; "" for those that bind the mapping
	sql   string
	args  []any
	hints []warehouse.Hint
}

// recording is an engine that keeps the queries that pass through it.
type recording struct {
	warehouse.Engine

	mu      sync.Mutex
	label   string
	queries []query
	spent   time.Duration
}

// observe returns a context under which the recording knows the names of the
// queries. It is for stages that run one query at a time.
func (r *recording) observe(ctx context.Context) context.Context {
	return warehouse.Observe(ctx, func(e warehouse.Event) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.label = e.Query
		if e.Done {
			r.label, r.spent = "", r.spent+e.Elapsed
		}
	})
}

// take returns the queries so far and the time they took, and starts anew.
func (r *recording) take() ([]query, time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	queries, spent := r.queries, r.spent
	r.queries, r.spent = nil, 0
	return queries, spent
}

func (r *recording) Begin(ctx context.Context) (warehouse.Reader, error) {
	reader, err := r.Engine.Begin(ctx)
	if err != nil {
		return nil, err
	}
	listed := &recorder{Reader: reader, to: r}
	if live, ok := reader.(server); ok {
		return recordedServer{listed, live}, nil
	}
	return listed, nil
}

type recorder struct {
	warehouse.Reader
	to *recording
}

func (r *recorder) keep(q query) {
	r.to.mu.Lock()
	defer r.to.mu.Unlock()
	q.name = r.to.label
	r.to.queries = append(r.to.queries, q)
}

func (r *recorder) Query(ctx context.Context, sql string, args []any, scan func(warehouse.Row) error) error {
	r.keep(query{sql: sql, args: args})
	return r.Reader.Query(ctx, sql, args, scan)
}

// server is what a reader of a server can do beyond the rest.
type server interface {
	warehouse.HintedReader
	warehouse.Scattered
	warehouse.Rowwise
}

// recordedServer passes all of it on.
type recordedServer struct {
	*recorder
	server
}

func (r recordedServer) QueryHinted(ctx context.Context, hints []warehouse.Hint, sql string, args []any, scan func(warehouse.Row) error) error {
	r.keep(query{sql: sql, args: args, hints: hints})
	return r.server.QueryHinted(ctx, hints, sql, args, scan)
}

// run has the reader run the query as the stage did.
func (q query) run(ctx context.Context, reader warehouse.Reader, scan func(warehouse.Row) error) error {
	if hinted, ok := reader.(warehouse.HintedReader); ok && len(q.hints) > 0 {
		return hinted.QueryHinted(ctx, q.hints, q.sql, q.args, scan)
	}
	return reader.Query(ctx, q.sql, q.args, scan)
}
