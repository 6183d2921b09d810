// Package duckdb is the embedded engine: a .duckdb file, or a folder of CSV,
// Parquet and JSON files read into memory. It is the only importer of the
// driver.
//
// The driver is pinned: newer releases need a native library module that the
// module proxy does not carry, so a blind update breaks the build.
//
// Facts that shape the code: opening one file twice in one process with a
// connection still leaked hangs for ever, so a file is opened once and every
// row set closed; SET in a connection's init function runs for every pooled
// connection, so settings stand in the DSN or are SET GLOBAL once; a
// cancelled query ends up to half a second late.
package duckdb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/duckdb/duckdb-go/v2"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// Options say what to open.
type Options struct {
	// Path is a .duckdb file, a folder whose files become tables named by
	// their stem, or "" when only Files are read.
	Path string
	// Files are globs by feed, for feeds mapped with file:.
	Files map[string]string
	// Threads and MemoryMB bound the engine; 0 means all cores, and 2048 MB.
	Threads, MemoryMB int
}

// Engine implements warehouse.Engine.
type Engine struct {
	options Options
	isFile  bool

	mu      sync.Mutex
	current *database
}

// database is one open state of the data, closed when it is no longer current
// or, for a file, when nobody reads: an open file keeps writers out.
type database struct {
	db         *sql.DB
	generation string
	readers    int
}

// Open checks that the path is there. The data is opened by the first reader.
func Open(o Options) (*Engine, error) {
	e := &Engine{options: o}
	if o.Path == "" {
		return e, nil
	}
	info, err := os.Stat(o.Path)
	if err != nil {
		return nil, fault.New(fault.Config, "warehouse", "duckdb:%s is not there", o.Path).
			Then("Name a .duckdb file or a folder of CSV, Parquet or JSON files; a relative path counts from the folder of loyalty.yaml")
	}
	e.isFile = !info.IsDir()
	return e, nil
}

// Name implements warehouse.Engine.
func (e *Engine) Name() string { return "duckdb" }

// Begin implements warehouse.Engine.
func (e *Engine) Begin(ctx context.Context) (warehouse.Reader, error) {
	sources, err := e.sources()
	if err != nil {
		return nil, err
	}
	generation, err := fingerprint(e.options.Path, e.isFile, sources)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.current != nil && e.current.generation != generation {
		if e.isFile && e.current.readers > 0 {
			return nil, fault.New(fault.Conflict, "warehouse", "the data file was replaced while another run is reading it").
				Then("Try again when that run has ended")
		}
		if e.current.readers == 0 {
			e.current.db.Close()
		}
		e.current = nil
	}
	if e.current == nil {
		db, err := e.open(ctx, sources)
		if err != nil {
			return nil, err
		}
		e.current = &database{db: db, generation: generation}
	}
	e.current.readers++
	return &reader{engine: e, database: e.current}, nil
}

// release gives back a reader's hold on its database.
func (e *Engine) release(d *database) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	d.readers--
	if d.readers > 0 || (d == e.current && !e.isFile) {
		return nil
	}
	if d == e.current {
		e.current = nil
	}
	return d.db.Close()
}

// Close implements warehouse.Engine.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.current == nil {
		return nil
	}
	d := e.current
	e.current = nil
	return d.db.Close()
}

// open attaches the file read-only, or loads the sources into memory, and then
// locks the engine: no file, no network, no change of settings. Mapped SQL is
// the operator's, but it has no business beyond the tables.
//
// A file is attached and not opened by a DSN, because a DSN reads characters
// of its name as settings.
func (e *Engine) open(ctx context.Context, sources []source) (*sql.DB, error) {
	settings := url.Values{}
	settings.Set("threads", fmt.Sprint(orDefault(e.options.Threads, runtime.NumCPU())))
	settings.Set("memory_limit", fmt.Sprintf("%dMB", orDefault(e.options.MemoryMB, 2048)))
	settings.Set("temp_directory", filepath.Join(os.TempDir(), fmt.Sprintf("loyalty-mcp-%d", os.Getpid())))
	settings.Set("autoinstall_known_extensions", "false")
	settings.Set("autoload_known_extensions", "false")
	settings.Set("allow_community_extensions", "false")
	settings.Set("integer_division", "true")
	settings.Set("default_null_order", "nulls_last_on_asc_first_on_desc")
	connector, err := duckdb.NewConnector("?"+settings.Encode(), nil)
	if err != nil {
		return nil, fmt.Errorf("starting DuckDB: %w", tidy(err))
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(4)
	if err := e.fill(ctx, db, sources); err != nil {
		db.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	return db, nil
}

// fill puts the data in place and locks the door behind them.
func (e *Engine) fill(ctx context.Context, db *sql.DB, sources []source) error {
	if e.isFile {
		if err := attach(ctx, db, e.options.Path); err != nil {
			return err
		}
	}
	for _, s := range sources {
		if _, err := db.ExecContext(ctx, s.create()); err != nil {
			return fault.New(fault.Config, s.field, "the file can't be read").Because(tidy(err)).
				Then("Mend the file, or leave it out of the folder")
		}
	}
	for _, setting := range []string{"TimeZone='UTC'", "enable_external_access=false", "lock_configuration=true"} {
		if _, err := db.ExecContext(ctx, "SET GLOBAL "+setting); err != nil {
			return fmt.Errorf("locking DuckDB: %w", tidy(err))
		}
	}
	return nil
}

// attach attaches the file and makes its tables and views readable by their
// own names.
func attach(ctx context.Context, db *sql.DB, path string) error {
	if _, err := db.ExecContext(ctx, "ATTACH "+warehouse.Literal(path)+" AS "+attached+" (READ_ONLY)"); err != nil {
		return fault.New(fault.Config, "warehouse", "the DuckDB file can't be opened").Because(tidy(err)).
			Then("Close the program that writes to it, or name another file")
	}
	rows, err := db.QueryContext(ctx, "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = '"+attached+"' ORDER BY 1, 2")
	if err != nil {
		return fmt.Errorf("listing the tables: %w", tidy(err))
	}
	defer rows.Close()
	var statements []string
	for rows.Next() {
		var schema, table string
		if err := rows.Scan(&schema, &table); err != nil {
			return fmt.Errorf("listing the tables: %w", tidy(err))
		}
		name := warehouse.Quote(schema) + "." + warehouse.Quote(table)
		if schema != "main" {
			statements = append(statements, "CREATE SCHEMA IF NOT EXISTS "+warehouse.Quote(schema))
		}
		statements = append(statements, "CREATE VIEW "+name+" AS SELECT * FROM "+attached+"."+name)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("listing the tables: %w", tidy(err))
	}
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("reading the tables: %w", tidy(err))
		}
	}
	return nil
}

func orDefault(value, otherwise int) int {
	if value > 0 {
		return value
	}
	return otherwise
}

// fingerprint identifies the state of the files by name, size and time of
// change.
func fingerprint(path string, isFile bool, sources []source) (string, error) {
	var files []string
	if isFile {
		files = append(files, path)
	}
	for _, s := range sources {
		files = append(files, s.files...)
	}
	slices.Sort(files)
	h := sha256.New()
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return "", fault.New(fault.Config, "warehouse", "%s is gone", filepath.Base(file)).Then("Put it back, or correct loyalty.yaml")
		}
		fmt.Fprintf(h, "%s %d %d\n", filepath.Base(file), info.Size(), info.ModTime().UnixNano())
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}
