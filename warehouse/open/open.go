// Package open picks the engine by the warehouse's URL, so that nothing else
// needs to know which engines there are.
package open

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/duckdb"
	"loyaltymcp/warehouse/postgres"
)

// Options say what to open.
type Options struct {
	// URL is "duckdb:PATH" (a .duckdb file or a folder of CSV, Parquet or
	// JSON), "postgres://...", or "" when every feed has a file of its own.
	URL     string
	Folder  string // relative paths count from it
	Mapping warehouse.Mapping
	Limits  warehouse.Limits
	// Synced is the mapping hash that the file at URL must bear, where it is a
	// synced copy; "" where it is not.
	Synced string
}

// Engine opens the engine for a URL.
func Engine(ctx context.Context, o Options) (warehouse.Engine, error) {
	url := o.URL
	scheme, rest, found := strings.Cut(url, ":")
	if IsPostgres(url) {
		return postgres.Open(ctx, postgres.Options{URL: url, MaxConns: o.Limits.Connections, StatementTimeout: o.Limits.Timeout})
	}
	if url != "" && (!found || scheme != "duckdb") {
		what := "it has no scheme" // and what stands there may hold a password
		if found {
			what = fmt.Sprintf("%q is no scheme of one", scheme+":")
		}
		return nil, fault.New(fault.Config, "warehouse", "no warehouse can be opened by this URL: %s", what).
			OneOf(scheme, []string{"duckdb:PATH", "postgres://user@host/database"}).
			Then("PATH is a .duckdb file or a folder of CSV, Parquet or JSON files")
	}
	return duckdb.Open(embedded(o, rest))
}

// embedded returns the options of the embedded engine.
func embedded(o Options, path string) duckdb.Options {
	options := duckdb.Options{Path: below(o.Folder, path), Root: o.Folder, Files: map[string]string{}, Mapping: o.Mapping, Synced: o.Synced,
		Threads: o.Limits.Threads, MemoryMB: o.Limits.MemoryMB}
	for feed, from := range o.Mapping {
		if from.File != "" {
			options.Files[feed] = below(o.Folder, from.File)
		}
	}
	return options
}

// IsPostgres reports whether the URL names a PostgreSQL database.
func IsPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// CreateDemo generates the demo program into new tables of the PostgreSQL
// database that the URL names.
func CreateDemo(ctx context.Context, url string, o demo.Options) (demo.Truth, error) {
	return postgres.CreateDemo(ctx, url, o)
}

func below(folder, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}
