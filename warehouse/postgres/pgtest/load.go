package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Column is a column of a table to load.
type Column struct {
	Name string
	Type string // as PostgreSQL writes it
}

// LoadCSV creates the table in the database and fills it from CSV with a
// header line, whose names don't matter: the columns come in order.
func LoadCSV(ctx context.Context, target, table string, columns []Column, csv io.Reader) error {
	return connected(ctx, target, func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, "CREATE TABLE "+quote(table)+" ("+definitions(columns)+")"); err != nil {
			return fmt.Errorf("creating %s: %w", table, err)
		}
		if _, err := conn.PgConn().CopyFrom(ctx, csv, "COPY "+quote(table)+" FROM STDIN (FORMAT csv, HEADER)"); err != nil {
			return fmt.Errorf("loading %s: %w", table, err)
		}
		_, err := conn.Exec(ctx, "ANALYZE "+quote(table))
		return err
	})
}

// CreateDatabase creates a database on the server, replacing one of the same
// name, and returns its URL.
func CreateDatabase(ctx context.Context, server, name string) (target string, err error) {
	at, err := url.Parse(server)
	if err != nil {
		return "", errors.New("the server's URL is none")
	}
	err = connected(ctx, server, func(conn *pgx.Conn) error {
		return execute(ctx, conn, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)",
			"CREATE DATABASE "+quote(name)+" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'")
	})
	at.Path = "/" + name
	return at.String(), err
}

// Execute runs statements in the database.
func Execute(ctx context.Context, target string, statements ...string) error {
	return connected(ctx, target, func(conn *pgx.Conn) error { return execute(ctx, conn, statements...) })
}

func execute(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	for _, s := range statements {
		if _, err := conn.Exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

func connected(ctx context.Context, target string, fn func(*pgx.Conn) error) (err error) {
	conn, err := pgx.Connect(ctx, target)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	return fn(conn)
}

func definitions(columns []Column) string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = quote(c.Name) + " " + c.Type
	}
	return strings.Join(out, ", ")
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
