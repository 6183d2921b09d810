package bench

import (
	"context"
	"sync"
	"time"

	"loyaltymcp/warehouse"
)

// query is a query as an engine gets it.
type query struct {
	name string // "pull_metrics/orders"; "" for those that bind the mapping
	sql  string
	args []any
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
	if _, ok := reader.(warehouse.Rowwise); ok {
		return rowwise{&recorder{Reader: reader, to: r}}, nil
	}
	return &recorder{Reader: reader, to: r}, nil
}

// rowwise passes on what the engine says of itself.
type rowwise struct{ *recorder }

func (rowwise) Rowwise() {}

type recorder struct {
	warehouse.Reader
	to *recording
}

func (r *recorder) Query(ctx context.Context, sql string, args []any, scan func(warehouse.Row) error) error {
	r.to.mu.Lock()
	r.to.queries = append(r.to.queries, query{r.to.label, sql, args})
	r.to.mu.Unlock()
	return r.Reader.Query(ctx, sql, args, scan)
}
