package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/demo"
)

// CreateDemo generates the demo program into new tables of a database, all of
// them or none. Where one of them is there already it does nothing.
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
		if err := vacant(ctx, tx, o.Tables()); err != nil {
			return err
		}
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
		return truth, uncreated(ctx, err)
	}
	_, err = conn.Exec(ctx, "ANALYZE")
	return truth, err
}

// vacant refuses a schema that holds one of the tables, or anything else of
// its name.
func vacant(ctx context.Context, tx pgx.Tx, tables []demo.Table) error {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.Name
	}
	var schema string
	var found []string
	err := tx.QueryRow(ctx, `SELECT coalesce(current_schema(), ''), coalesce(array_agg(CAST(c.relname AS text) ORDER BY c.relname), '{}')
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relname = ANY($1)`, names).Scan(&schema, &found)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return taken(fmt.Sprintf("the schema %q has tables of the demo program's names already: %s", schema, strings.Join(found, ", ")))
	}
	return nil
}

const destination = "the database"

func taken(problem string) error {
	return fault.New(fault.Config, destination, "%s", problem).Then("Use an empty database; nothing was written")
}

// uncreated says why there are no tables.
func uncreated(ctx context.Context, err error) error {
	var told *fault.Error
	if errors.As(err, &told) {
		return told
	}
	var e *pgconn.PgError
	if errors.As(err, &e) && ctx.Err() == nil {
		refusal := fault.New(fault.Config, destination, "the server refuses to write the demo program: %s (SQLSTATE %s)", e.Message, e.Code)
		switch e.Code {
		case "42P07", "42710", "23505": // made by another session meanwhile
			return taken("the tables of the demo program appeared meanwhile")
		case "42501":
			return refusal.Then("Grant CREATE on the schema to the role, or use a database that it owns")
		case "3F000":
			return refusal.Then("Name a schema that is there in the role's search_path")
		case "25006":
			return refusal.Then("Name a server that takes writes: this one is a standby, or the role only reads")
		case "53100", "57014":
			return refusal.Then("Use a server with more space and no limit of time on statements, or ask for fewer --members")
		}
	}
	err = failure(ctx, err)
	var source *warehouse.SourceError
	if errors.As(err, &source) {
		return fault.New(source.Kind, destination, "%s", source.Problem).Then("Nothing was written; correct that and call again")
	}
	return fmt.Errorf("generating the demo program: %w", err)
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
