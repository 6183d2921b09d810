package postgres

import (
	"context"
	"errors"
	"io"

	"loyaltymcp/warehouse"
)

// Export implements warehouse.Exporter by COPY, inside the reader's snapshot.
// A copy may take longer than a query may: only ctx ends it.
func (r *reader) Export(ctx context.Context, sql string, to io.Writer) (int64, error) {
	if !warehouse.IsSelect(sql) {
		return 0, errors.New("only one SELECT is exported at a time")
	}
	var rows int64
	settings := []string{"SET LOCAL statement_timeout = 0", "SET LOCAL DateStyle = 'ISO'", "SET LOCAL client_encoding = 'UTF8'"}
	err := r.inside(ctx, settings, false, func(_ context.Context, s *session) error {
		out := &watched{to: to}
		tag, err := s.conn.PgConn().CopyTo(ctx, out, "COPY ("+sql+"\n) TO STDOUT (FORMAT csv)")
		if out.err != nil {
			return &scanError{out.err}
		}
		rows = tag.RowsAffected()
		return failure(ctx, err) // here, as the limit of a query does not hold for it
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
