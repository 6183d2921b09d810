package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// canceller cancels on the server and keeps the connection, instead of dropping
// it. Unlike the driver's own it lets the cancel request run to its end: a
// request that is broken off can reach the next statement, and it brings
// PgBouncer 1.18.0 down ("bad client state").
type canceller struct {
	conn *pgconn.PgConn
	done chan struct{}
}

// HandleCancel implements ctxwatch.Handler.
func (c *canceller) HandleCancel(context.Context) {
	c.done = make(chan struct{})
	_ = c.conn.Conn().SetDeadline(time.Now().Add(cancelling)) // a closed connection needs none
	go func() {
		defer close(c.done)
		ctx, cancel := context.WithTimeout(context.Background(), cancelling)
		defer cancel()
		_ = c.conn.CancelRequest(ctx) // the deadline ends what it could not
	}()
}

// HandleUnwatchAfterCancel implements ctxwatch.Handler.
func (c *canceller) HandleUnwatchAfterCancel() {
	<-c.done
	_ = c.conn.Conn().SetDeadline(time.Time{})
}
