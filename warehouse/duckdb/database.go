package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// The names under which files are attached.
const (
	attached = "warehouse" // the .duckdb file
	loaded   = "loaded"    // what was loaded from CSV and JSON
	target   = "target"    // the copy that a sync writes
)

// maxTemporary bounds the temporary files of sorts and joins that need more
// than the engine's memory.
const maxTemporary = "16GB"

// database is one open state of the data, closed when it is no longer current
// or, for a file, when nobody reads.
type database struct {
	db         *sql.DB
	dir        string // temporary files; removed when closed
	generation string
	inPlace    state // files that every query reads anew
	syncedAt   time.Time
	readers    int
}

func (d *database) close() error {
	return errors.Join(d.db.Close(), os.RemoveAll(d.dir))
}

// open attaches the file read-only, or loads the sources, and then locks the
// engine. Mapped SQL is the operator's, but it has no business beyond the
// tables.
//
// A file is attached and not opened by a DSN, because a DSN reads characters
// of its name as settings.
func (e *Engine) open(ctx context.Context, sources []source) (d *database, err error) {
	dir, err := os.MkdirTemp("", "loyalty-mcp-")
	if err != nil {
		return nil, fault.New(fault.Config, "warehouse", "no temporary folder can be made").Because(err).Then("Free some space, or set TMPDIR")
	}
	d = &database{dir: dir}
	settings := url.Values{}
	settings.Set("threads", fmt.Sprint(orDefault(e.options.Threads, runtime.NumCPU())))
	settings.Set("memory_limit", fmt.Sprintf("%dMB", orDefault(e.options.MemoryMB, 2048)))
	settings.Set("temp_directory", filepath.Join(dir, "spill"))
	settings.Set("max_temp_directory_size", maxTemporary)
	settings.Set("autoinstall_known_extensions", "false")
	settings.Set("autoload_known_extensions", "false")
	settings.Set("allow_community_extensions", "false")
	settings.Set("integer_division", "true")
	settings.Set("default_null_order", "nulls_last_on_asc_first_on_desc")
	connector, err := duckdb.NewConnector("?"+settings.Encode(), nil)
	if err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("starting DuckDB: %w", tidy(err))
	}
	d.db = sql.OpenDB(connector)
	d.db.SetMaxOpenConns(4)
	if err := e.fill(ctx, d, sources); err != nil {
		d.close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	return d, nil
}

// fill puts the data in place and locks the door behind them.
func (e *Engine) fill(ctx context.Context, d *database, sources []source) error {
	for _, setting := range []string{"TimeZone='UTC'",
		// This rewriting of row_number() = 1 makes DuckDB 1.5.5 fail with an internal
		// error (Failed to bind column reference) where the same rows are joined with
		// themselves and some of their columns are not read.
		"disabled_optimizers='top_n_window_elimination'"} {
		if err := d.exec(ctx, "SET GLOBAL "+setting); err != nil {
			return fmt.Errorf("setting up DuckDB: %w", err)
		}
	}
	if e.isFile {
		err := d.attachFile(ctx, e.options.Path)
		if errors.Is(err, errNoDatabase) && e.options.Synced != "" {
			return warehouse.NotACopy(filepath.Base(e.options.Path))
		}
		if err != nil {
			return err
		}
		if e.options.Synced != "" {
			if err := d.checkSynced(ctx, filepath.Base(e.options.Path), e.options.Synced); err != nil {
				return err
			}
		}
	}
	// Loading may take minutes: what can't be read is told before.
	for _, feed := range warehouse.FeedNames() {
		if from := e.options.Mapping[feed]; from.SQL != "" {
			if err := d.parse(ctx, feed, from.SQL); err != nil {
				return err
			}
		}
	}
	if err := d.load(ctx, sources); err != nil {
		return err
	}
	for _, s := range sources {
		if s.format != formatParquet {
			continue
		}
		if err := d.exec(ctx, "CREATE VIEW "+warehouse.Quote(s.table)+" AS SELECT * FROM read_parquet("+s.list()+", union_by_name=true)"); err != nil {
			return s.broken(ctx, err)
		}
	}
	var lock []string
	if e.target != "" {
		if err := d.exec(ctx, "ATTACH "+warehouse.Literal(e.target)+" AS "+target); err != nil {
			return fault.New(fault.Config, "sync.file", "can't be written").Because(err).Then("Check the folder and the space that is left in it")
		}
		lock = append(lock, "allowed_directories=["+warehouse.Literal(d.dir)+"]")
	}
	// A listed path may be written as well as read, so this is a second line of
	// defence; the first is that only a SELECT is run.
	if files := inPlace(sources); len(files) > 0 {
		lock = append(lock, "allowed_paths="+list(files))
	}
	for _, setting := range append(lock, "enable_external_access=false", "lock_configuration=true") {
		if err := d.exec(ctx, "SET GLOBAL "+setting); err != nil {
			return fmt.Errorf("locking DuckDB: %w", err)
		}
	}
	return nil
}

// exec runs a statement of ours.
func (d *database) exec(ctx context.Context, statement string) error {
	_, err := d.db.ExecContext(ctx, statement)
	return failure(ctx, err)
}

// errNoDatabase is the cause of an error on a file that is something else.
var errNoDatabase = errors.New("it is no DuckDB database, or not a whole one")

// attachFile attaches the operator's file.
func (d *database) attachFile(ctx context.Context, path string) error {
	if err := d.exec(ctx, "ATTACH "+warehouse.Literal(path)+" AS "+attached+" (READ_ONLY)"); err != nil {
		if strings.Contains(err.Error(), "not a valid DuckDB database") {
			return fault.New(fault.Config, "warehouse", "%s can't be opened", filepath.Base(path)).Because(errNoDatabase).
				Then("Copy it anew, or name another file")
		}
		return fault.New(fault.Config, "warehouse", "the DuckDB file can't be opened").Because(withoutFolder(err, path)).
			Then("Close the program that writes to it, or name another file")
	}
	return d.views(ctx, attached)
}

// views makes the tables and views of an attached file readable by their own
// names.
func (d *database) views(ctx context.Context, catalog string) error {
	var statements []string
	err := d.each(ctx, "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = '"+catalog+"' ORDER BY 1, 2", func(row warehouse.Row) error {
		var schema, table string
		if err := row.Scan(&schema, &table); err != nil {
			return err
		}
		name := warehouse.Quote(schema) + "." + warehouse.Quote(table)
		if schema != "main" {
			statements = append(statements, "CREATE SCHEMA IF NOT EXISTS "+warehouse.Quote(schema))
		}
		statements = append(statements, "CREATE VIEW "+name+" AS SELECT * FROM "+catalog+"."+name)
		return nil
	})
	if err != nil {
		return fmt.Errorf("listing the tables: %w", err)
	}
	for _, statement := range statements {
		if err := d.exec(ctx, statement); err != nil {
			return fmt.Errorf("reading the tables: %w", err)
		}
	}
	return nil
}

// each runs a query and hands its rows to scan.
func (d *database) each(ctx context.Context, query string, scan func(warehouse.Row) error, args ...any) error {
	rows, err := d.db.QueryContext(ctx, query, args...)
	if err != nil {
		return failure(ctx, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return failure(ctx, rows.Err())
}

func orDefault(value, otherwise int) int {
	if value > 0 {
		return value
	}
	return otherwise
}

// withoutFolder takes the path's folder out of an error's text.
func withoutFolder(err error, path string) error {
	return errors.New(strings.ReplaceAll(err.Error(), filepath.Dir(path)+string(filepath.Separator), ""))
}
