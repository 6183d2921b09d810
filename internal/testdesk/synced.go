package testdesk

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"loyaltymcp/tools/config"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/open"
	"loyaltymcp/warehouse/postgres"
	"loyaltymcp/warehouse/postgres/pgtest"
)

// Synced returns a desk that reads a synced copy of what a loyalty.yaml, given
// as text, maps in the warehouse.
func Synced(t testing.TB, text, folder, warehouseURL string) *run.Desk {
	t.Helper()
	c, err := config.Parse("loyalty.yaml", []byte(text), folder, Schemas(t))
	if err != nil {
		t.Fatal(err)
	}
	if warehouseURL == "" {
		warehouseURL = c.Warehouse
	}
	s := open.Sync{Options: open.Options{URL: warehouseURL, Folder: folder, Mapping: c.Mapping(), Limits: c.Limits()},
		File: filepath.Join(t.TempDir(), "copy.duckdb"), Zone: c.Zone(), Dimensions: c.Dimensions,
		Progress: func(string, int64) {}, Done: func(string, int64, time.Duration) {}}
	if err := s.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	d := Config(t, text, folder, warehouseURL)
	engine, err := open.Engine(context.Background(), s.Read())
	if err != nil {
		t.Fatal(err)
	}
	d.Source = warehouse.NewSource(engine, s.Read().Mapping, c.Zone(), c.Dimensions)
	t.Cleanup(func() { d.Source.Close() })
	return d
}

// SyncedOnPostgres returns desks of a small demo program in PostgreSQL and of a
// synced copy of it. The database is the caller's own, by the name.
func SyncedOnPostgres(t testing.TB, name string) (source, copied *run.Desk) {
	t.Helper()
	target, err := pgtest.CreateDatabase(context.Background(), PostgresURL(t), name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.CreateDemo(context.Background(), target, demo.Options{Members: 3000, Seed: 2}); err != nil {
		t.Fatal(err)
	}
	text := string(demo.Config())
	return Config(t, text, t.TempDir(), target), Synced(t, text, t.TempDir(), target)
}
