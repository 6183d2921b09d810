package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"loyaltymcp/warehouse/demo"
)

// CreateDemo generates the demo program into new tables of a database, all of
// them or none.
func CreateDemo(ctx context.Context, url string, o demo.Options) (truth demo.Truth, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return truth, unreachable(ctx, err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		sink := &copier{ctx: ctx, tx: tx, columns: map[string][]string{}, rows: map[string][][]any{}}
		for _, t := range demo.Tables() {
			if err := sink.create(t); err != nil {
				return err
			}
		}
		var err error
		if truth, err = demo.Generate(ctx, o, sink); err != nil {
			return err
		}
		for table := range sink.columns {
			if err := sink.flush(table); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return truth, fmt.Errorf("generating the demo program: %w", failure(ctx, err))
	}
	_, err = conn.Exec(ctx, "ANALYZE")
	return truth, err
}

// batch is how many rows are copied at once.
const batch = 20_000

// copier is a demo.Sink: rows come interleaved between tables, and COPY takes
// one table at a time, so they are gathered first.
type copier struct {
	ctx     context.Context
	tx      pgx.Tx
	columns map[string][]string
	rows    map[string][][]any
}

func (c *copier) create(t demo.Table) error {
	definitions := make([]string, len(t.Columns))
	for i, column := range t.Columns {
		definitions[i] = column.Name + " " + columnType(column.Type)
		c.columns[t.Name] = append(c.columns[t.Name], column.Name)
	}
	_, err := c.tx.Exec(c.ctx, "CREATE TABLE "+t.Name+" ("+strings.Join(definitions, ", ")+")")
	return err
}

func columnType(t demo.ColumnType) string {
	switch t {
	case demo.BigInt:
		return "bigint"
	case demo.Integer:
		return "integer"
	case demo.Money:
		return "numeric(12,2)"
	case demo.Timestamp:
		return "timestamp"
	case demo.Date:
		return "date"
	case demo.Boolean:
		return "boolean"
	case demo.Double:
		return "double precision"
	}
	return "text"
}

// Append implements demo.Sink.
func (c *copier) Append(table string, row ...any) error {
	kept := slices.Clone(row)
	for i, value := range kept {
		if cents, ok := value.(demo.Cents); ok {
			kept[i] = pgtype.Numeric{Int: big.NewInt(int64(cents)), Exp: -2, Valid: true}
		}
	}
	c.rows[table] = append(c.rows[table], kept)
	if len(c.rows[table]) < batch {
		return nil
	}
	return c.flush(table)
}

func (c *copier) flush(table string) error {
	_, err := c.tx.CopyFrom(c.ctx, pgx.Identifier{table}, c.columns[table], pgx.CopyFromRows(c.rows[table]))
	c.rows[table] = c.rows[table][:0]
	return err
}

// CreateDatabase creates a database on the server, replacing one of the same
// name; for tests.
func CreateDatabase(ctx context.Context, url, name string) (err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return unreachable(ctx, err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	for _, statement := range []string{
		"DROP DATABASE IF EXISTS " + pgx.Identifier{name}.Sanitize() + " WITH (FORCE)",
		"CREATE DATABASE " + pgx.Identifier{name}.Sanitize() + " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'",
	} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("creating the database: %w", failure(ctx, err))
		}
	}
	return nil
}
