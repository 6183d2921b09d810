package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// classes are the error classes that another try may not meet, and their names
// for people. The other classes are final.
var classes = map[string]string{
	"08000": "connection exception", "08001": "connection refused", "08003": "no connection", "08004": "connection rejected",
	"08006": "connection failure", "08P01": "protocol violation", // a pooler's word for whatever goes wrong behind it
	"25P03": "idle in transaction timeout", "57P01": "admin shutdown", "57P02": "crash shutdown", "57P03": "cannot connect now",
	"57P05": "idle session timeout", "40001": "serialization failure", "40003": "statement completion unknown", "40P01": "deadlock",
	"53200": "out of memory", "53300": "too many connections",
}

// passing reports whether another try may not meet the class.
func passing(code string) bool { return classes[code] != "" }

// class names an SQLSTATE for records.
func class(code string) string { return code + " " + classes[code] }

// poisoned are the classes after which the snapshot is no good although its
// session lives: the transaction conflicts with others as it stands.
var poisoned = map[string]bool{"40001": true, "40003": true, "40P01": true}

const nextConnection = "See whether the server runs and has connections left, then call again"

// transient returns the error for a class that may pass.
func transient(class, format string, args ...any) *warehouse.Transient {
	return &warehouse.Transient{Class: class,
		Fault: fault.New(fault.Unavailable, "warehouse", format, args...).Then(nextConnection)}
}

// asLost says that a transient error took the snapshot with it; others stay as
// they are.
func asLost(err error) error {
	var t *warehouse.Transient
	if !errors.As(err, &t) {
		return err
	}
	return &warehouse.Transient{Class: t.Class, Lost: true, Fault: t.Fault}
}

func lostSnapshot() error {
	return asLost(transient("snapshot lost", "the connection that held the snapshot of the data was lost"))
}

// full reports whether the server had no connection left.
func full(err error) bool {
	var e *pgconn.PgError
	var t *warehouse.Transient
	return errors.As(err, &e) && e.Code == "53300" || errors.As(err, &t) && strings.HasPrefix(t.Class, "53300")
}

// failure sorts an error of a statement. It returns the context's error when
// that is why the statement ended. Of a server's error its message is kept,
// which quotes values only in errors about values; those lose it. Nothing is
// decided by a message, as servers speak many languages.
func failure(ctx context.Context, err error) error {
	var e *pgconn.PgError
	var scan *scanError
	var known *warehouse.Transient
	var source *warehouse.SourceError
	var value *warehouse.ValueError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &scan):
		return scan.error
	case errors.As(err, &known), errors.As(err, &source), errors.As(err, &value):
		return err // sorted already
	case errors.As(err, &e):
		return answered(e)
	case errors.Is(err, context.DeadlineExceeded), pgconn.Timeout(err):
		return transient("no answer", "the server stopped answering")
	}
	return transient("connection lost", "the connection to the server was lost")
}

// timedOut returns err as the end of a query that took as long as it may, where
// it is one. The code alone does not tell: it is the same for a cancellation.
func timedOut(err error, took, limit time.Duration) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != "57014" || took < limit {
		return err
	}
	return &warehouse.SourceError{Kind: fault.Unavailable, Problem: "took longer than one query may on the server (SQLSTATE 57014)",
		Next: "Narrow the window, drop dimensions, speed up the source (an index on member_id and on its time column, or a table in place of a view), or raise engine.statement_timeout_seconds in loyalty.yaml"}
}

// answered sorts an error that the server sent.
func answered(e *pgconn.PgError) error {
	switch {
	case passing(e.Code):
		t := transient(class(e.Code), "the server ended the work: %s (SQLSTATE %s)", e.Message, e.Code)
		t.Lost = poisoned[e.Code]
		return t
	case e.Code == "22012":
		return &warehouse.SourceError{Kind: fault.Config, Problem: "a division by zero (SQLSTATE 22012)",
			Next: "Divide by NULLIF(x, 0) in the feed's sql or in the view that it reads: such rows are then null"}
	case strings.HasPrefix(e.Code, "22"):
		return &warehouse.ValueError{Problem: "a value does not fit its type"}
	}
	source := &warehouse.SourceError{Kind: fault.Config, Problem: fmt.Sprintf("%s (SQLSTATE %s)", e.Message, e.Code),
		Next: "Correct the feed's table or sql in loyalty.yaml"}
	switch e.Code {
	case "57014":
		source.Kind, source.Problem = fault.Unavailable, "the query was cancelled on the server, by someone or by a limit of the server's own (SQLSTATE 57014)"
		source.Next = "Ask the database's administrator why, then call again"
	case "55P03":
		source.Kind, source.Problem = fault.Unavailable, "locked by another session, which alters or replaces it (SQLSTATE 55P03)"
		source.Next = "Call again when the change is done"
	case "42501":
		source.Next = "Grant SELECT on it to the role that the monitor uses"
	case "42P01", "3F000":
		source.Next = "Correct the feed's table or sql in loyalty.yaml, or restore what it reads"
	case "42601":
		source.Next = "Correct the feed's sql in loyalty.yaml: one SELECT in PostgreSQL's dialect"
	case "25006":
		source.Next = "Feeds only read: write one SELECT without INSERT, UPDATE, DELETE or a function that writes"
	case "53100", "53400":
		source.Kind, source.Next = fault.Unavailable, "Give the server more space for temporary files, or narrow the window"
	}
	return source
}
