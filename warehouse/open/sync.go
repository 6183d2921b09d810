package open

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/duckdb"
	"loyaltymcp/warehouse/postgres"
)

// Sync says what to copy and where to.
type Sync struct {
	Options    // of the source
	File       string
	Zone       *time.Location // the program's
	Dimensions []string
	// Progress is told of a feed's rows so far, where the engine knows; Done of
	// each feed when it is copied.
	Progress func(feed string, rows int64)
	Done     func(feed string, rows int64, took time.Duration)
	// Again, where it is set, is told when the copy starts over from a new
	// snapshot, all feeds of it, and why.
	Again func(warehouse.Retry)
}

// Hash identifies what the copy is made of.
func (s Sync) Hash() string {
	return warehouse.MappingHash(place(s.URL), s.Mapping, s.Zone, s.Dimensions)
}

// place says where the data is, without user and password.
func place(url string) string {
	if IsPostgres(url) {
		return postgres.Place(url)
	}
	return url
}

// same reports whether the paths name one file.
func same(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// Read returns the options by which runs read the copy.
func (s Sync) Read() Options {
	return Options{URL: "duckdb:" + s.File, Folder: s.Folder, Mapping: warehouse.SyncedMapping(s.Mapping), Limits: s.Limits, Synced: s.Hash()}
}

// Run makes the copy, all feeds of one state of the source. Until it is whole,
// an older copy stays in its place. When the snapshot is lost, it starts over
// as often as the context's patience allows.
func (s Sync) Run(ctx context.Context) error {
	folder := filepath.Dir(s.File)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return fault.New(fault.Config, "sync.file", "there is no folder %s", folder).Then("Make it, or name another file")
	}
	if same(s.File, below(s.Folder, strings.TrimPrefix(s.URL, "duckdb:"))) {
		return fault.New(fault.Config, "sync.file", "is the warehouse itself").Then("Name another file")
	}
	// Before anything is read: it may take long.
	if err := duckdb.Free(ctx, s.File); err != nil {
		return err
	}
	ctx, patience := warehouse.Patient(ctx)
	engine, err := Engine(ctx, s.Options)
	if err != nil {
		return err
	}
	source := warehouse.NewSource(engine, s.Mapping, s.Zone, s.Dimensions)
	defer source.Close()
	for {
		err := s.copy(ctx, engine, source)
		if !warehouse.Lost(err) {
			return err
		}
		if err = patience.Again(ctx, "the copy, from a new snapshot", err); err != nil {
			return err
		}
		if retries := patience.Retries(); s.Again != nil {
			s.Again(retries[len(retries)-1])
		}
	}
}

// copy makes the copy of one snapshot.
func (s Sync) copy(ctx context.Context, engine warehouse.Engine, source *warehouse.Source) error {
	// The embedded engine copies inside itself; from any other it takes rows.
	writer, ok := engine.(*duckdb.Engine)
	if !ok {
		var err error
		if writer, err = duckdb.Open(duckdb.Options{Threads: s.Limits.Threads, MemoryMB: s.Limits.MemoryMB}); err != nil {
			return err
		}
		defer writer.Close()
	}
	c, err := writer.Copy(ctx, s.File, s.Progress)
	if err != nil {
		return err
	}
	defer c.Close()
	at := time.Now()
	snapshot, err := source.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer snapshot.Close()
	if err := snapshot.CopyTo(ctx, c, s.Done); err != nil {
		return fmt.Errorf("syncing: %w", err)
	}
	return c.Commit(ctx, duckdb.Stamp{Mapping: s.Hash(), Engine: engine.Name(), At: at})
}
