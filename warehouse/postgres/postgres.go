// Package postgres is the PostgreSQL engine. It is the only importer of the
// driver.
//
// A reader is one transaction, repeatable read and read only, whose snapshot
// is exported so that further connections see exactly the same rows and
// queries can run side by side. Everything is set inside the transaction and
// no statement is prepared by name, so that a pooler in transaction mode can
// stand in between.
package postgres

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"

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

// Engine implements warehouse.Engine.
type Engine struct {
	pool    *pgxpool.Pool
	tokens  chan struct{} // one a connection that may be used
	timeout time.Duration
}

// Open connects. The error never holds the password.
func Open(ctx context.Context, o Options) (*Engine, error) {
	config, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		return nil, fault.New(fault.Config, "warehouse", "is no PostgreSQL URL").
			Then("Write postgres://user@host:port/database?sslmode=verify-full, and keep the password in PGPASSWORD or a password file")
	}
	connections := o.MaxConns
	if connections <= 0 {
		connections = min(4, runtime.NumCPU()+1)
	}
	config.MaxConns = int32(connections)
	config.MaxConnLifetime, config.MaxConnIdleTime = 30*time.Minute, 5*time.Minute
	config.ConnConfig.RuntimeParams["application_name"] = "loyalty-mcp"
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec
	config.ConnConfig.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		// Cancel on the server and keep the connection, instead of dropping it.
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: 5 * time.Second}
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, unreachable(err)
	}
	e := &Engine{pool: pool, tokens: make(chan struct{}, connections), timeout: o.StatementTimeout}
	if e.timeout <= 0 {
		e.timeout = 2 * time.Minute
	}
	for range connections {
		e.tokens <- struct{}{}
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, unreachable(err)
	}
	return e, nil
}

// Name implements warehouse.Engine.
func (e *Engine) Name() string { return "postgres" }

// Close implements warehouse.Engine.
func (e *Engine) Close() error {
	e.pool.Close()
	return nil
}

// Begin implements warehouse.Engine. It waits for a free connection.
func (e *Engine) Begin(ctx context.Context) (warehouse.Reader, error) {
	select {
	case <-e.tokens:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	r := &reader{engine: e, idle: make(chan *session, cap(e.tokens))}
	leader, err := r.start(ctx, "")
	if err != nil {
		e.tokens <- struct{}{}
		return nil, err
	}
	if err := leader.tx.QueryRow(ctx, "SELECT pg_export_snapshot()").Scan(&r.snapshot); err != nil {
		leader.close()
		e.tokens <- struct{}{}
		return nil, fmt.Errorf("exporting the snapshot: %w", failure(ctx, err))
	}
	r.sessions = []*session{leader}
	r.idle <- leader
	return r, nil
}

// session is one connection inside the reader's snapshot.
type session struct {
	conn *pgxpool.Conn
	tx   pgx.Tx
}

func (s *session) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = s.tx.Rollback(ctx) // it read only; a broken connection is dropped by the pool
	s.conn.Release()
}

// start opens a session, in the snapshot where there is one. The caller holds
// a token.
func (r *reader) start(ctx context.Context, snapshot string) (*session, error) {
	conn, err := r.engine.pool.Acquire(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, unreachable(err)
	}
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		conn.Release()
		return nil, failure(ctx, err)
	}
	s := &session{conn: conn, tx: tx}
	settings := []string{}
	if snapshot != "" {
		// It must be the first statement of the transaction.
		settings = append(settings, "SET TRANSACTION SNAPSHOT "+warehouse.Literal(snapshot))
	}
	settings = append(settings,
		fmt.Sprintf("SET LOCAL statement_timeout = %d", r.engine.timeout.Milliseconds()),
		"SET LOCAL lock_timeout = '2s'", "SET LOCAL TIME ZONE 'UTC'", "SET LOCAL jit = off", "SET LOCAL work_mem = '128MB'",
		// The planner takes subselects over spells and balances for single rows
		// and loops over them, for minutes where a hash join takes a moment.
		"SET LOCAL enable_nestloop = off")
	for _, setting := range settings {
		if _, err := tx.Exec(ctx, setting); err != nil {
			s.close()
			return nil, fmt.Errorf("preparing the transaction: %w", failure(ctx, err))
		}
	}
	return s, nil
}

// Relation implements warehouse.Reader.
func (r *reader) Relation(feed string, from warehouse.Mapped) (string, error) {
	if from.File != "" {
		return "", fault.New(fault.Config, "feeds."+feed+".file", "can't be read by PostgreSQL").
			Then("Map a table or sql, or use the embedded engine: warehouse: duckdb:")
	}
	return warehouse.RelationText(feed, from)
}
