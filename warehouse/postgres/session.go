package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"loyaltymcp/warehouse"
)

// session is one connection with one transaction in it.
type session struct {
	conn *pgx.Conn
}

// view is a snapshot as the server names it.
type view struct {
	id string // by which other sessions join it; "" where the server exports none
	// sees tells what the snapshot sees on which server, to make sure that a
	// session that joined by the name sees the same: poolers and balancers may
	// lead elsewhere.
	sees string
}

// connect opens a connection. The caller holds a token for it.
func (e *Engine) connect(ctx context.Context) (*session, error) {
	conn, err := pgx.ConnectConfig(ctx, e.config)
	if err != nil {
		return nil, unreachable(ctx, e.config, err)
	}
	return &session{conn: conn}, nil
}

// close ends the transaction, so that a pooler can keep its connection, and
// then the connection. It takes a moment at most.
func (s *session) close() {
	ctx, cancel := context.WithTimeout(context.Background(), ending)
	defer cancel()
	if s.conn.PgConn().TxStatus() != 'I' {
		_ = s.run(ctx, "ROLLBACK") // it read only
	}
	_ = s.conn.Close(ctx)
}

// run runs statements that return nothing, in one exchange.
func (s *session) run(ctx context.Context, statements ...string) error {
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	_, err := s.conn.PgConn().Exec(ctx, strings.Join(statements, "; ")).ReadAll()
	return err
}

// begin starts the transaction, in the exported snapshot if one is named. It
// rolls back what was there.
func (s *session) begin(ctx context.Context, timeout time.Duration, snapshot string) error {
	if s.conn.PgConn().TxStatus() != 'I' {
		if err := s.run(ctx, "ROLLBACK"); err != nil {
			return err
		}
	}
	statements := []string{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
	if snapshot != "" {
		// It must be the first statement of the transaction.
		statements = append(statements, "SET TRANSACTION SNAPSHOT "+warehouse.Literal(snapshot))
	}
	// The leader idles while others work: a role's own limit must not end it.
	return s.run(ctx, append(statements, "SET LOCAL statement_timeout = "+milliseconds(timeout), "SET LOCAL lock_timeout = '2s'",
		"SET LOCAL idle_in_transaction_session_timeout = '10min'", "SET LOCAL TIME ZONE 'UTC'", "SET LOCAL jit = off",
		"SET LOCAL work_mem = '128MB'")...)
}

const seen = "SELECT CAST(txid_current_snapshot() AS text) || ' ' || CAST(pg_postmaster_start_time() AS text)"

// export names the transaction's snapshot for others.
func (s *session) export(ctx context.Context) (v view, err error) {
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	if err := s.conn.QueryRow(ctx, "SELECT pg_export_snapshot()").Scan(&v.id); err != nil {
		return v, err
	}
	return v, s.conn.QueryRow(ctx, seen).Scan(&v.sees)
}

var errElsewhere = errors.New("the session joined a snapshot of another server")

// join starts the transaction in the snapshot, and makes sure that it is that.
func (s *session) join(ctx context.Context, timeout time.Duration, v view) error {
	if err := s.begin(ctx, timeout, v.id); err != nil {
		if s.refused(err) {
			// The leader's session took all the other statements.
			return lostSnapshot()
		}
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	var sees string
	if err := s.conn.QueryRow(ctx, seen).Scan(&sees); err != nil {
		return err
	}
	if sees != v.sees {
		return errElsewhere
	}
	return nil
}

// refused reports whether the server answered that it won't do a statement,
// and the session goes on.
func (s *session) refused(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && !s.conn.IsClosed() && !passing(e.Code)
}

func milliseconds(d time.Duration) string { return fmt.Sprint(max(1, d.Milliseconds())) }
