package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"loyaltymcp/warehouse/demo"
)

// CreateDemo generates the demo program into new tables of a database, all of
// them or none.
func CreateDemo(ctx context.Context, url string, o demo.Options) (truth demo.Truth, err error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return truth, misconfigured(err)
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return truth, unreachable(ctx, config, err)
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		sink := &copier{ctx: ctx, tx: tx, tables: map[string]*buffer{}}
		for _, t := range o.Tables() {
			if err := sink.create(t); err != nil {
				return err
			}
		}
		var err error
		if truth, err = demo.GenerateSpread(ctx, o, sink); err != nil {
			return err
		}
		for _, b := range sink.tables {
			if err := sink.flush(b); err != nil {
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

// batch is how many bytes of a table are copied at once.
const batch = 4 << 20

// copier is a demo.Sink: rows come interleaved between tables, and COPY takes
// one table at a time, so they are gathered first. They are gathered as CSV,
// which the server reads faster than the driver makes binary rows of single
// values. Tables are gathered at the same time and copied one after another.
type copier struct {
	ctx    context.Context
	mu     sync.Mutex // guards tx
	tx     pgx.Tx
	tables map[string]*buffer
}

// buffer is what is gathered of a table.
type buffer struct {
	table demo.Table
	text  []byte
}

func (c *copier) create(t demo.Table) error {
	c.tables[t.Name] = &buffer{table: t}
	definitions := make([]string, len(t.Columns))
	for i, column := range t.Columns {
		definitions[i] = column.Name + " " + columnType(column.Type)
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
	b := c.tables[table]
	text, err := demo.AppendCSV(b.text, b.table.Columns, row)
	if err != nil {
		return err
	}
	b.text = text
	if len(b.text) < batch {
		return nil
	}
	return c.flush(b)
}

func (c *copier) flush(b *buffer) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.tx.Conn().PgConn().CopyFrom(c.ctx, bytes.NewReader(b.text), "COPY "+b.table.Name+" FROM STDIN (FORMAT csv)")
	b.text = b.text[:0]
	return err
}
