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

// Layout says for each table that is spread over the nodes how. Tables it
// does not name are reference tables: small, and whole on every node.
type Layout map[string]Spread

// Spread is how a table's rows find their node.
type Spread struct {
	Key string // the column whose hash decides
	// Nobody, for tables whose key may be null, is the key under which such
	// rows live instead: no cluster spreads nulls. The table gets a column
	// guest that marks them.
	Nobody string
}

// Members is the layout by member of the feeds' tables as the demo names them,
// and of a program in months.
func Members() Layout {
	return Layout{
		"members": {Key: "member_id"}, "tier_history": {Key: "member_id"}, "points": {Key: "member_id"},
		"redemptions": {Key: "member_id"}, "engagement": {Key: "member_id"}, "assignments": {Key: "unit_id"},
		"orders": {Key: "member_id", Nobody: "-order_id"}, "surveys": {Key: "member_id", Nobody: "-1"},
	}
}

// Nodes is a cluster over which tables can be spread.
type Nodes interface {
	// Distribute returns the coordinator's statements, and perhaps runs those
	// of the nodes, that create a table and spread it, or, with spread nil,
	// make it a reference table.
	Distribute(ctx context.Context, table string, columns []Column, spread *Spread) ([]string, error)
	// Fill loads a table so created from CSV, through a connection to the
	// coordinator.
	Fill(ctx context.Context, conn *pgx.Conn, table string, spread *Spread, csv io.Reader) error
	// URL is the coordinator's.
	URL() string
}

// Copy lays the tables of one database out on a cluster, rows and all.
func Copy(ctx context.Context, from string, to Nodes, layout Layout) error {
	return connected(ctx, from, func(source *pgx.Conn) error {
		return connected(ctx, to.URL(), func(target *pgx.Conn) error {
			tables, err := describe(ctx, source)
			if err != nil {
				return err
			}
			for _, t := range tables {
				if err := copyTable(ctx, source, target, to, layout, t); err != nil {
					return fmt.Errorf("laying out %s: %w", t.name, err)
				}
			}
			return nil
		})
	})
}

func copyTable(ctx context.Context, source, target *pgx.Conn, to Nodes, layout Layout, t table) error {
	rows, columns := quote(t.name), t.columns
	var spread *Spread
	if s, ok := layout[t.name]; ok {
		spread = &s
		if s.Nobody != "" {
			rows, columns = withGuests(t, s), append(columns, Column{"guest", "boolean"})
		}
	}
	statements, err := to.Distribute(ctx, t.name, columns, spread)
	if err != nil {
		return err
	}
	if err := execute(ctx, target, statements...); err != nil {
		return err
	}
	err = pipe(ctx, source, rows, func(csv io.Reader) error { return to.Fill(ctx, target, t.name, spread, csv) })
	if err != nil {
		return err
	}
	return execute(ctx, target, "ANALYZE "+quote(t.name))
}

// pipe hands the rows of a relation to fn as CSV.
func pipe(ctx context.Context, from *pgx.Conn, rows string, fn func(io.Reader) error) error {
	read, write := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		_, err := from.PgConn().CopyTo(ctx, write, "COPY (SELECT * FROM "+rows+" AS r) TO STDOUT (FORMAT csv)")
		sent <- err
		write.CloseWithError(err)
	}()
	err := fn(read)
	read.CloseWithError(err)
	return errors.Join(err, <-sent)
}

func fill(ctx context.Context, conn *pgx.Conn, table string, csv io.Reader) error {
	_, err := conn.PgConn().CopyFrom(ctx, csv, "COPY "+quote(table)+" FROM STDIN (FORMAT csv)")
	return err
}

func withGuests(t table, s Spread) string {
	list := make([]string, len(t.columns))
	for i, c := range t.columns {
		list[i] = quote(c.Name)
		if c.Name == s.Key {
			list[i] = "coalesce(" + quote(c.Name) + ", " + s.Nobody + ") AS " + quote(c.Name)
		}
	}
	return "(SELECT " + strings.Join(list, ", ") + ", " + quote(s.Key) + " IS NULL AS guest FROM " + quote(t.name) + ")"
}

type table struct {
	name    string
	columns []Column
}

// describe returns the tables of the connection's schema. Members come first,
// as the others are laid out beside them.
func describe(ctx context.Context, conn *pgx.Conn) ([]table, error) {
	rows, err := conn.Query(ctx, `SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
		FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
		ORDER BY c.relname <> 'members', c.relname, a.attnum`)
	if err != nil {
		return nil, err
	}
	var out []table
	var name string
	var column Column
	_, err = pgx.ForEachRow(rows, []any{&name, &column.Name, &column.Type}, func() error {
		if len(out) == 0 || out[len(out)-1].name != name {
			out = append(out, table{name: name})
		}
		out[len(out)-1].columns = append(out[len(out)-1].columns, column)
		return nil
	})
	return out, err
}

// Foreign is a cluster of one server: a coordinator's database whose spread
// tables are partitioned by hash over foreign tables in other databases. It
// proves answers, not speed.
type Foreign struct {
	coordinator string
	shards      []string
}

// NewForeign creates the databases name, name_0, name_1 and so on, replacing
// those of the same names.
func NewForeign(ctx context.Context, server, name string, shards int) (*Foreign, error) {
	coordinator, err := CreateDatabase(ctx, server, name)
	if err != nil {
		return nil, err
	}
	f := &Foreign{coordinator: coordinator}
	statements := []string{"CREATE EXTENSION postgres_fdw",
		"ALTER DATABASE " + quote(name) + " SET enable_partitionwise_join = on", "ALTER DATABASE " + quote(name) + " SET enable_partitionwise_aggregate = on"}
	for i := range shards {
		shard, err := CreateDatabase(ctx, server, fmt.Sprintf("%s_%d", name, i))
		if err != nil {
			return nil, err
		}
		f.shards = append(f.shards, shard)
		at, err := url.Parse(shard)
		if err != nil {
			return nil, err
		}
		statements = append(statements,
			fmt.Sprintf("CREATE SERVER shard%d FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '%s', port '%s', dbname '%s', async_capable 'true', use_remote_estimate 'true', fetch_size '10000')",
				i, at.Hostname(), at.Port(), strings.TrimPrefix(at.Path, "/")),
			fmt.Sprintf("CREATE USER MAPPING FOR CURRENT_USER SERVER shard%d OPTIONS (user '%s')", i, at.User.Username()))
	}
	return f, Execute(ctx, coordinator, statements...)
}

// URL implements Nodes.
func (f *Foreign) URL() string { return f.coordinator }

// Distribute implements Nodes.
func (f *Foreign) Distribute(ctx context.Context, table string, columns []Column, spread *Spread) ([]string, error) {
	create := "CREATE TABLE " + quote(table) + " (" + definitions(columns) + ")"
	if spread == nil {
		return []string{create}, nil
	}
	statements := []string{create + " PARTITION BY HASH (" + quote(spread.Key) + ")"}
	for i, shard := range f.shards {
		if err := Execute(ctx, shard, create); err != nil {
			return nil, err
		}
		statements = append(statements, fmt.Sprintf("CREATE FOREIGN TABLE %s PARTITION OF %s FOR VALUES WITH (MODULUS %d, REMAINDER %d) SERVER shard%d OPTIONS (table_name '%s')",
			quote(fmt.Sprintf("%s_%d", table, i)), quote(table), len(f.shards), i, i, table))
	}
	return statements, nil
}

// Fill implements Nodes. A copy into foreign tables goes by single rows, so
// the rows are split here, by the same hash, and copied to each shard.
func (f *Foreign) Fill(ctx context.Context, conn *pgx.Conn, table string, spread *Spread, csv io.Reader) error {
	if spread == nil {
		return fill(ctx, conn, table, csv)
	}
	statements := []string{"CREATE TEMP TABLE split (LIKE " + quote(table) + ") PARTITION BY HASH (" + quote(spread.Key) + ")"}
	for i := range f.shards {
		statements = append(statements, fmt.Sprintf("CREATE TEMP TABLE split_%d PARTITION OF split FOR VALUES WITH (MODULUS %d, REMAINDER %d)", i, len(f.shards), i))
	}
	if err := execute(ctx, conn, statements...); err != nil {
		return err
	}
	if err := fill(ctx, conn, "split", csv); err != nil {
		return err
	}
	for i, shard := range f.shards {
		err := connected(ctx, shard, func(to *pgx.Conn) error {
			err := pipe(ctx, conn, fmt.Sprintf("split_%d", i), func(part io.Reader) error { return fill(ctx, to, table, part) })
			if err != nil {
				return err
			}
			return execute(ctx, to, "ANALYZE "+quote(table))
		})
		if err != nil {
			return err
		}
	}
	return execute(ctx, conn, "DROP TABLE split")
}

// Citus is a schema on a real Citus cluster.
type Citus struct{ coordinator string }

// NewCitus creates the schema in the coordinator's database, replacing one of
// the same name.
func NewCitus(ctx context.Context, coordinator, schema string) (*Citus, error) {
	at, err := url.Parse(coordinator)
	if err != nil {
		return nil, errors.New("the coordinator's URL is none")
	}
	if err := Execute(ctx, coordinator, "DROP SCHEMA IF EXISTS "+quote(schema)+" CASCADE", "CREATE SCHEMA "+quote(schema)); err != nil {
		return nil, err
	}
	query := at.Query()
	query.Set("search_path", schema)
	at.RawQuery = query.Encode()
	return &Citus{at.String()}, nil
}

// URL implements Nodes.
func (c *Citus) URL() string { return c.coordinator }

// Distribute implements Nodes. Every spread table is laid out beside
// members, so that a member's rows share a node.
func (c *Citus) Distribute(_ context.Context, table string, columns []Column, spread *Spread) ([]string, error) {
	create := "CREATE TABLE " + quote(table) + " (" + definitions(columns) + ")"
	if spread == nil {
		return []string{create, fmt.Sprintf("SELECT create_reference_table('%s')", table)}, nil
	}
	beside := ""
	if table != "members" {
		beside = ", colocate_with => 'members'"
	}
	return []string{create, fmt.Sprintf("SELECT create_distributed_table('%s', '%s'%s)", table, spread.Key, beside)}, nil
}

// Fill implements Nodes.
func (c *Citus) Fill(ctx context.Context, conn *pgx.Conn, table string, _ *Spread, csv io.Reader) error {
	return fill(ctx, conn, table, csv)
}
