package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"loyaltymcp/warehouse/demo"
)

// CreateDemo generates the demo program into a new .duckdb file. The same
// options give equal contents; the bytes of the file may differ. The file
// appears whole or not at all: it is written beside its place and renamed.
func CreateDemo(ctx context.Context, file string, o demo.Options) (demo.Truth, error) {
	// A folder of its own, as process numbers repeat between containers.
	dir, err := os.MkdirTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return demo.Truth{}, fmt.Errorf("generating the demo program: %w", err)
	}
	defer os.RemoveAll(dir)
	temp := filepath.Join(dir, "demo.duckdb")
	truth, err := createDemo(ctx, temp, o)
	if ctx.Err() != nil {
		return truth, ctx.Err()
	}
	if err != nil {
		return truth, fmt.Errorf("generating the demo program: %w", err)
	}
	return truth, os.Rename(temp, file)
}

func createDemo(ctx context.Context, file string, o demo.Options) (truth demo.Truth, err error) {
	connector, err := duckdb.NewConnector(file, nil)
	if err != nil {
		return truth, tidy(err)
	}
	db := sql.OpenDB(connector)
	// Closing checkpoints: a file copied or renamed with its write-ahead log
	// left behind has no tables.
	defer func() { err = errors.Join(err, db.Close()) }()
	// By itself the engine would take most of the machine's memory.
	if _, err := db.ExecContext(ctx, "SET memory_limit = '1GB'"); err != nil {
		return truth, tidy(err)
	}
	sink := &appenders{byTable: map[string]*appender{}}
	for _, table := range o.Tables() {
		if _, err := db.ExecContext(ctx, createTable(table)); err != nil {
			return truth, tidy(err)
		}
		a, err := newAppender(ctx, connector, table)
		if err != nil {
			return truth, err
		}
		sink.byTable[table.Name] = a
	}
	truth, err = demo.GenerateSpread(ctx, o, sink)
	return truth, errors.Join(err, sink.close())
}

// CreateDemoParquet generates the demo program as Parquet files, one per table,
// in a folder that is there.
func CreateDemoParquet(ctx context.Context, dir string, o demo.Options) (truth demo.Truth, err error) {
	file := filepath.Join(dir, "demo.duckdb")
	defer os.Remove(file)
	if truth, err = CreateDemo(ctx, file, o); err != nil {
		return truth, err
	}
	connector, err := duckdb.NewConnector(file, nil)
	if err != nil {
		return truth, tidy(err)
	}
	db := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, table := range o.Tables() {
		target := strings.ReplaceAll(filepath.Join(dir, table.Name+".parquet"), "'", "''")
		if _, err := db.ExecContext(ctx, "COPY "+table.Name+" TO '"+target+"' (FORMAT parquet, COMPRESSION zstd)"); err != nil {
			return truth, fmt.Errorf("writing the Parquet files: %w", tidy(err))
		}
	}
	return truth, nil
}

func createTable(t demo.Table) string {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = c.Name + " " + columnType(c.Type)
	}
	return "CREATE TABLE " + t.Name + " (" + strings.Join(columns, ", ") + ")"
}

func columnType(t demo.ColumnType) string {
	switch t {
	case demo.BigInt:
		return "BIGINT"
	case demo.Integer:
		return "INTEGER"
	case demo.Money:
		return "DECIMAL(12,2)"
	case demo.Timestamp:
		return "TIMESTAMP"
	case demo.Date:
		return "DATE"
	case demo.Boolean:
		return "BOOLEAN"
	case demo.Double:
		return "DOUBLE"
	}
	return "VARCHAR"
}

// appenders is a demo.Sink that may be called for different tables at the same
// time: each table's appender has a connection of its own.
type appenders struct{ byTable map[string]*appender }

type appender struct {
	connection driver.Conn
	appender   *duckdb.Appender
	row        []driver.Value
}

func newAppender(ctx context.Context, connector *duckdb.Connector, table demo.Table) (*appender, error) {
	connection, err := connector.Connect(ctx)
	if err != nil {
		return nil, tidy(err)
	}
	a, err := duckdb.NewAppenderFromConn(connection, "", table.Name)
	if err != nil {
		connection.Close()
		return nil, tidy(err)
	}
	return &appender{connection: connection, appender: a, row: make([]driver.Value, len(table.Columns))}, nil
}

// Append implements demo.Sink.
func (s *appenders) Append(table string, row ...any) error {
	a := s.byTable[table]
	for i, value := range row {
		if cents, ok := value.(demo.Cents); ok {
			value = duckdb.Decimal{Width: 12, Scale: 2, Value: big.NewInt(int64(cents))}
		}
		a.row[i] = value
	}
	return a.appender.AppendRow(a.row...)
}

func (s *appenders) close() error {
	var all []error
	for _, a := range s.byTable {
		all = append(all, a.appender.Close(), a.connection.Close())
	}
	return errors.Join(all...)
}
