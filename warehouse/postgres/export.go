package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5"

	"loyaltymcp/warehouse"
)

// Export implements warehouse.Exporter by COPY, inside the reader's snapshot.
// A copy may take longer than a query may: only ctx ends it.
func (r *reader) Export(ctx context.Context, sql string, to io.Writer) (int64, error) {
	if !warehouse.IsSelect(sql) {
		return 0, errors.New("only one SELECT is exported at a time")
	}
	var rows int64
	err := r.inside(ctx, func(s *session, tx pgx.Tx) error {
		// The savepoint around it takes the settings back.
		for _, setting := range []string{"SET LOCAL statement_timeout = 0", "SET LOCAL DateStyle = 'ISO'", "SET LOCAL client_encoding = 'UTF8'"} {
			if _, err := tx.Exec(ctx, setting); err != nil {
				return fmt.Errorf("preparing the export: %w", failure(ctx, err))
			}
		}
		out := &watched{to: to}
		tag, err := s.conn.Conn().PgConn().CopyTo(ctx, out, "COPY ("+sql+"\n) TO STDOUT (FORMAT csv)")
		if out.err != nil {
			return out.err
		}
		if err != nil {
			return failure(ctx, err)
		}
		rows = tag.RowsAffected()
		return nil
	})
	return rows, err
}

// watched keeps the writer's own error apart from the server's.
type watched struct {
	to  io.Writer
	err error
}

func (w *watched) Write(p []byte) (n int, err error) {
	n, err = w.to.Write(p)
	w.err = err
	return n, err
}
