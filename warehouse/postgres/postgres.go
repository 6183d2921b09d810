// Package postgres is the PostgreSQL engine. It is the only importer of the
// driver.
//
// A reader is one transaction, repeatable read and read only, whose snapshot
// is exported so that further connections see exactly the same rows and
// queries can run side by side. Everything is set inside the transaction and
// no statement is prepared by name, so that a pooler in transaction mode can
// stand in between. Connections live as long as their reader: none idles on the
// server between two calls, and none is stale after it was restarted.
//
// What may go wrong is sorted by class (errors.go). An error that another try
// may not meet comes back as a warehouse.Transient, which says whether the
// snapshot is lost with it; package warehouse decides whether to try again.
package postgres

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// Options say what to open and how hard to lean on it.
type Options struct {
	// URL is a libpq connection string or URL. What it leaves out is taken
	// from the usual PG* variables, service and password files.
	URL string
	// MaxConns bounds the connections; 0 means the number of cores, at most 4.
	MaxConns int
	// StatementTimeout bounds one query; 0 means two minutes.
	StatementTimeout time.Duration
}

// How long the server may take for what is no query, so that a server that is
// gone without a word holds nobody up.
const (
	connecting = 10 * time.Second       // where the URL and PGCONNECT_TIMEOUT set none
	answering  = 15 * time.Second       // a statement of the transaction's own
	cancelling = 2 * time.Second        // a cancel request: so long after its deadline a call may end
	ending     = time.Second            // a clean end of the connection
	settling   = 100 * time.Millisecond // until a broken network shows at all its connections
	grace      = 5 * time.Second        // beyond the statement timeout, for its error to arrive
)

// Engine implements warehouse.Engine.
type Engine struct {
	config  *pgx.ConnConfig
	tokens  chan struct{} // one a connection that may be opened
	timeout time.Duration
}

// Open checks that the server can be reached and lets us in. The error never
// holds the password.
func Open(ctx context.Context, o Options) (*Engine, error) {
	config, err := pgx.ParseConfig(o.URL)
	if err != nil {
		return nil, misconfigured(err)
	}
	if config.ConnectTimeout <= 0 {
		config.ConnectTimeout = connecting
	}
	config.RuntimeParams["application_name"] = "loyalty-mcp"
	config.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec
	config.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &canceller{conn: c}
	}
	connections := o.MaxConns
	if connections <= 0 {
		connections = min(4, runtime.NumCPU()+1)
	}
	e := &Engine{config: config, tokens: make(chan struct{}, connections), timeout: o.StatementTimeout}
	if e.timeout <= 0 {
		e.timeout = 2 * time.Minute
	}
	for range connections {
		e.tokens <- struct{}{}
	}
	return e, warehouse.TryAgain(ctx, "connecting", func(ctx context.Context) error {
		s, err := e.connect(ctx)
		if err == nil {
			s.close()
		}
		return err
	})
}

// Name implements warehouse.Engine.
func (e *Engine) Name() string { return "postgres" }

// Close implements warehouse.Engine. The readers have closed their connections.
func (e *Engine) Close() error { return nil }

// Begin implements warehouse.Engine. It waits for a free connection.
func (e *Engine) Begin(ctx context.Context) (warehouse.Reader, error) {
	select {
	case <-e.tokens:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	leader, snapshot, err := e.lead(ctx)
	if err != nil {
		e.tokens <- struct{}{}
		return nil, err
	}
	return newReader(e, leader, snapshot), nil
}

// lead opens the session whose snapshot is everyone's, and exports it. A server
// that exports none gives a reader of one session.
func (e *Engine) lead(ctx context.Context) (*session, view, error) {
	s, err := e.connect(ctx)
	if err != nil {
		return nil, view{}, err
	}
	if err := s.begin(ctx, e.timeout, ""); err != nil {
		s.close()
		return nil, view{}, fmt.Errorf("opening a transaction: %w", failure(ctx, err))
	}
	snapshot, err := s.export(ctx)
	if err != nil && s.refused(err) {
		snapshot, err = view{}, s.begin(ctx, e.timeout, "")
	}
	if err != nil {
		s.close()
		return nil, view{}, fmt.Errorf("exporting the snapshot: %w", failure(ctx, err))
	}
	return s, snapshot, nil
}

// Relation implements warehouse.Reader.
func (r *reader) Relation(feed string, from warehouse.Mapped) (string, error) {
	if from.File != "" {
		return "", fault.New(fault.Config, "feeds."+feed+".file", "can't be read by PostgreSQL").
			Then("Map a table or sql, or use the embedded engine: warehouse: duckdb:")
	}
	return warehouse.RelationText(feed, from)
}
