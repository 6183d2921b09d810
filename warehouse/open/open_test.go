package open_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/open"
)

func TestEngine(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "data", "members.csv")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("member_id,enrolled_at\n1,2026-01-01\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, url string
		mapping   warehouse.Mapping
		relation  string
	}{
		{"relative folder", "duckdb:data", warehouse.Mapping{"members": {Table: "members"}}, "members"},
		{"absolute folder", "duckdb:" + filepath.Join(dir, "data"), warehouse.Mapping{"members": {Table: "members"}}, "members"},
		{"relative file of a feed", "", warehouse.Mapping{"members": {File: "data/members.csv"}}, "file_members"},
		{"absolute file of a feed", "", warehouse.Mapping{"members": {File: file}}, "file_members"},
	} {
		e, err := open.Engine(t.Context(), open.Options{URL: c.url, Folder: dir, Mapping: c.mapping})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if e.Name() != "duckdb" {
			t.Errorf("%s: engine %s, want duckdb", c.name, e.Name())
		}
		r, err := e.Begin(context.Background())
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		columns, err := r.Describe(context.Background(), c.relation)
		if err != nil || len(columns) != 2 || columns[0].Name != "member_id" {
			t.Errorf("%s: columns = %v, %v, want member_id and enrolled_at", c.name, columns, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestEngineRefuses(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"oracle://host/db", "oracle"}, {"DuckDB:data", "DuckDB"}, {"data", "data"}, {"/data/demo.duckdb", "duckdb:PATH"}, {":data", "duckdb:PATH"},
		{"duckdb:nowhere", "is not there"},
	} {
		_, err := open.Engine(t.Context(), open.Options{URL: c.url, Folder: t.TempDir()})
		if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want one of kind config with %q", c.url, err, c.want)
		}
	}
}

// A URL may hold a password. It must not come back in a message.
func TestEngineKeepsSecrets(t *testing.T) {
	_, err := open.Engine(t.Context(), open.Options{URL: "mysql://user:hunter2@host/db", Folder: t.TempDir()})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v, want one without the password", err)
	}
}
