package duckdb_test

import (
	"compress/gzip"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	driver "github.com/duckdb/duckdb-go/v2"

	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/duckdb"
)

// write runs statements on a file as another program would, and closes it.
func write(t *testing.T, file string, statements ...string) {
	t.Helper()
	connector, err := driver.NewConnector(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func engine(t *testing.T, o duckdb.Options) *duckdb.Engine {
	t.Helper()
	e, err := duckdb.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func begin(t *testing.T, e *duckdb.Engine) warehouse.Reader {
	t.Helper()
	r, err := e.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func ask(t *testing.T, r warehouse.Reader, query string) []string {
	t.Helper()
	out := []string{}
	err := r.Query(context.Background(), query, nil, func(row warehouse.Row) error {
		var text string
		if err := row.Scan(&text); err != nil {
			return err
		}
		out = append(out, text)
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

func makeFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "data.duckdb")
	write(t, file, "CREATE TABLE members (member_id BIGINT, enrolled_at DATE)", "INSERT INTO members VALUES (1, DATE '2026-01-01')")
	return file
}

func makeFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "members.csv"), []byte("member_id,enrolled_at\n1,2026-01-01\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func stat(t *testing.T, path string) string {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(info.Size(), info.ModTime())
}

func list(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// put writes a file of the folder.
func put(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(name, ".gz") {
		var b strings.Builder
		z := gzip.NewWriter(&b)
		if _, err := z.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		text = b.String()
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// putParquet writes the rows of a query as a Parquet file.
func putParquet(t *testing.T, dir, name, query string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, "", "COPY ("+query+") TO '"+file+"' (FORMAT parquet)")
	return file
}
