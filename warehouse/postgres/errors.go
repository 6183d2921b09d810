package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// unreachable is the error for a server that can't be used. The driver's text
// names host, port, user and database, but never the password.
func unreachable(err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch e.Code {
		case "28P01", "28000":
			return fault.New(fault.Config, "warehouse", "the server refuses the login: %s", e.Message).
				Then("Check the user, and the password in PGPASSWORD or the password file")
		case "3D000":
			return fault.New(fault.Config, "warehouse", "%s", e.Message).Then("Correct the database's name in the URL")
		}
		return fault.New(fault.Config, "warehouse", "the server refuses the connection: %s", e.Message)
	}
	return fault.New(fault.Config, "warehouse", "the PostgreSQL server can't be reached").
		Then("Check host, port, TLS and whether the server runs")
}

// failure returns the context's error when that is why the query ended; of a
// server's error, its message, which quotes values only for errors about
// values.
func failure(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return fmt.Errorf("the connection to the server failed")
	}
	switch {
	case len(e.Code) == 5 && e.Code[:2] == "22":
		return &warehouse.ValueError{Problem: "a value does not fit its type"}
	case e.Code == "57014":
		return fault.New(fault.Unavailable, "warehouse", "a query took longer than the server allows").
			Then("Narrow the window or drop dimensions")
	case e.Code == "42501":
		return fault.New(fault.Config, "warehouse", "%s", e.Message).Then("Grant SELECT to the role that the monitor uses")
	}
	return fmt.Errorf("%s (SQLSTATE %s)", e.Message, e.Code)
}
