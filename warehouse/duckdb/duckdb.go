// Package duckdb is the embedded engine: a .duckdb file, or a folder of CSV,
// Parquet and JSON files. It is the only importer of the driver.
//
// A .duckdb file is attached read-only. Parquet files are read where they are;
// CSV and JSON are loaded once, into a temporary file that goes when the
// engine closes. Then the engine is locked: no other file, no network, no
// change of settings. What a mapping may run is one SELECT, as the engine's
// own parser sees it.
//
// The driver is pinned: newer releases need a native library module that the
// module proxy does not carry, so a blind update breaks the build.
//
// Facts that shape the code: opening one file twice in one process with a
// statement still leaked hangs for ever, so every row set is closed, and each
// state of the data has an instance of its own, never one from the driver's
// cache; SET in a connection's init function runs for every pooled connection,
// and fails on the second once settings are locked, so settings stand in the
// DSN or are SET GLOBAL once; data not yet checkpointed lie in a write-ahead
// file, so a file is detached before it is renamed; a cancelled query ends up
// to half a second late; a column named by a keyword, such as at, must be
// quoted.
package duckdb

import (
	"context"
	"os"
	"sync"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// Options say what to open.
type Options struct {
	// Path is a .duckdb file, a folder whose files become tables named by
	// their stem, or "" when only Files are read.
	Path string
	// Files are globs or folders by feed, for feeds mapped with file:. They
	// must lie below Root or below the folder at Path, links resolved.
	Files map[string]string
	Root  string
	// Mapping says by its tables and SQL what is read. A file of the folder
	// that none of them mentions is not loaded; an empty mapping loads all.
	Mapping warehouse.Mapping
	// Threads and MemoryMB bound the engine; 0 means all cores, and 2048 MB.
	Threads, MemoryMB int
	// Synced is the mapping hash that a synced copy must bear, "" for any
	// other file.
	Synced string
}

// Engine implements warehouse.Engine.
type Engine struct {
	options Options
	isFile  bool
	target  string // a file to write copies to; "" but for a sync

	turn chan struct{} // held while data is opened, which may take minutes

	mu      sync.Mutex
	current *database
}

// Open checks that the path is there. The data is opened by the first reader.
func Open(o Options) (*Engine, error) {
	e := &Engine{options: o, turn: make(chan struct{}, 1)}
	if o.Path == "" {
		return e, nil
	}
	info, err := os.Stat(o.Path)
	if err != nil && o.Synced != "" {
		return nil, warehouse.NotSynced(o.Path)
	}
	if err != nil {
		return nil, fault.New(fault.Config, "warehouse", "duckdb:%s is not there", o.Path).
			Then("Name a .duckdb file or a folder of CSV, Parquet or JSON files; a relative path counts from the folder of loyalty.yaml")
	}
	e.isFile = !info.IsDir()
	return e, nil
}

// Name implements warehouse.Engine.
func (e *Engine) Name() string { return "duckdb" }

// Begin implements warehouse.Engine. Readers of an older state go on beside
// those of a newer one.
func (e *Engine) Begin(ctx context.Context) (warehouse.Reader, error) {
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	sources, err := e.sources()
	if err != nil {
		return nil, err
	}
	state, err := e.look(sources)
	if err != nil {
		return nil, err
	}
	if d := e.reuse(state.generation()); d != nil {
		return &reader{engine: e, database: d}, nil
	}
	needed := e.needed(sources)
	d, err := e.open(ctx, needed)
	if err != nil {
		return nil, err
	}
	// What changed while it was read may have been read half.
	after, err := e.look(sources)
	if err == nil {
		err = state.unchanged(after)
	}
	if err != nil {
		d.close()
		return nil, err
	}
	d.generation, d.readers = state.generation(), 1
	d.inPlace = state.only(inPlace(needed))
	e.mu.Lock()
	defer e.mu.Unlock()
	e.current = d
	return &reader{engine: e, database: d}, nil
}

// reuse takes a hold on the current database when it is of the generation,
// and gives up one that nobody reads when it is not.
func (e *Engine) reuse(generation string) *database {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.current == nil {
		return nil
	}
	if e.current.generation == generation {
		e.current.readers++
		return e.current
	}
	if e.current.readers == 0 {
		e.current.close()
	}
	e.current = nil
	return nil
}

// release gives back a reader's hold on its database. A file that nobody reads
// is closed at once, because an open one keeps writers out.
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
	return d.close()
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
	return d.close()
}
