package duckdb_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/duckdb"
)

// attacks are what mapped SQL might try: to read another file, to write one, to
// reach the network, to unlock the engine, to run a second statement.
func attacks(secret, target, dir string) []string {
	return []string{
		"SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('" + secret + "')", "SELECT * FROM '" + secret + "'", "SELECT * FROM read_blob('" + secret + "')",
		"SELECT * FROM read_json('" + secret + "')", "SELECT * FROM read_parquet('https://example.org/x.parquet')", "SELECT * FROM glob('" + dir + "/*')",
		"SELECT * FROM sniff_csv('" + secret + "')", "SELECT * FROM query('SELECT * FROM read_text(''" + secret + "'')')", "SELECT * FROM query_table('" + secret + "')",
		"SELECT * FROM parquet_metadata('" + secret + "')", "SELECT * FROM parquet_scan('" + secret + "')", "FROM '" + secret + "'",
		"COPY members TO '" + target + "'", "COPY (SELECT 1) TO '" + target + "'", "EXPORT DATABASE '" + target + "'", "ATTACH '" + target + "' AS x", "INSTALL httpfs", "LOAD httpfs",
		"SET enable_external_access=true", "SET GLOBAL enable_external_access=true", "RESET enable_external_access", "SET lock_configuration=false", "RESET lock_configuration",
		"SET threads=64", "SET memory_limit='99GB'", "SET TimeZone='Asia/Tokyo'", "PRAGMA enable_external_access", "PRAGMA database_list", "CHECKPOINT", "CALL pragma_database_size()",
		"SELECT getenv('HOME')", "SELECT 1; SELECT 2", "SELECT 1; COPY (SELECT 1) TO '" + target + "'",
		"1) AS x; COPY (SELECT 1) TO '" + target + "'; SELECT (1",
		// A quote that only the engine's parser takes for one.
		`SELECT E'\'' AS x) AS f; COPY (SELECT 1) TO ` + target + `; SELECT (E'\''`,
		"SELECT $a$'$a$ AS x) AS f; COPY (SELECT 1) TO " + target + "; SELECT ($a$'$a$",
		"SELECT /* /* */ ' */ 1 AS x) AS f; COPY (SELECT 1) TO " + target + "; SELECT (1 /* ' */",
		"INSERT INTO members VALUES (2, DATE '2026-01-01')", "DELETE FROM members", "UPDATE members SET member_id = 9", "DROP TABLE members", "CREATE TABLE x (a BIGINT)",
		"CREATE OR REPLACE TABLE members AS SELECT 2 AS member_id", "ALTER TABLE members ADD COLUMN x BIGINT", "CREATE VIEW v AS SELECT 1", "CREATE TEMP TABLE x AS SELECT 1",
		"CREATE MACRO m() AS 1", "DETACH warehouse", "DETACH loaded", "VACUUM", "EXPLAIN SELECT 1", "SELECT * FROM duckdb_secrets()",
	}
}

// Whatever SQL is mapped, nothing is written and nothing else is read.
func TestMappedSQLStaysInItsTables(t *testing.T) {
	dir := t.TempDir()
	secret := put(t, dir, "secret.csv", "a\nhunter2\n")
	target := filepath.Join(dir, "out")
	lake := t.TempDir()
	putParquet(t, lake, "members.parquet", "SELECT 1 AS member_id, DATE '2026-01-01' AS enrolled_at")
	for name, path := range map[string]string{"file": makeFile(t), "folder": makeFolder(t), "parquet": lake} {
		t.Run(name, func(t *testing.T) {
			before := stat(t, path)
			r := begin(t, engine(t, duckdb.Options{Path: path}))
			for _, attack := range attacks(secret, target, dir) {
				// As the engine would run it, were it let through whole; and as it
				// comes from loyalty.yaml.
				whole := r.Query(context.Background(), attack, nil, func(row warehouse.Row) error { return nil })
				if whole == nil {
					t.Errorf("%s: no error", attack)
				}
				relation, err := r.Relation("members", warehouse.Mapped{SQL: attack})
				if err == nil {
					_, err = r.Describe(context.Background(), relation)
				}
				if err == nil {
					err = r.Query(context.Background(), "SELECT 1 FROM "+relation+" AS f", nil, func(row warehouse.Row) error { return nil })
				}
				if err == nil {
					t.Errorf("mapped %s: no error", attack)
				}
				if text := fmt.Sprint(whole, err); strings.Contains(text, "hunter2") {
					t.Errorf("%s: the error shows the file: %s", attack, text)
				}
			}
			if got := ask(t, r, "SELECT CAST(count(*) AS text) FROM members"); !slices.Equal(got, []string{"1"}) {
				t.Errorf("members afterwards = %v, want 1", got)
			}
			if entries := list(t, dir); !slices.Equal(entries, []string{"secret.csv"}) {
				t.Errorf("the folder holds %v, want secret.csv alone", entries)
			}
			if after := stat(t, path); after != before {
				t.Errorf("%s changed: %s, before %s", path, after, before)
			}
		})
	}
}

// A listed path may be written by the engine as well as read: only that
// nothing but a SELECT is run keeps a Parquet file as it is.
func TestParquetIsNotWritten(t *testing.T) {
	dir := t.TempDir()
	file := putParquet(t, dir, "members.parquet", "SELECT 1 AS member_id")
	before := stat(t, file)
	r := begin(t, engine(t, duckdb.Options{Path: dir}))
	for _, attack := range []string{
		"COPY (SELECT 1) TO '" + file + "' (FORMAT parquet, USE_TMP_FILE false)", "SELECT 1; COPY (SELECT 1) TO '" + file + "' (FORMAT parquet, USE_TMP_FILE false)",
		"SELECT E'\\'' AS x) AS f; COPY (SELECT 1) TO \"" + file + "\" (USE_TMP_FILE false); SELECT (E'\\''", "ATTACH '" + file + "' AS x",
	} {
		if _, err := r.Relation("members", warehouse.Mapped{SQL: attack}); !fault.Is(err, fault.Config) {
			t.Errorf("%s: error %v, want one of kind config", attack, err)
		}
		if err := r.Query(context.Background(), attack, nil, func(warehouse.Row) error { return nil }); err == nil {
			t.Errorf("%s: no error", attack)
		}
	}
	if after := stat(t, file); after != before {
		t.Errorf("the file changed: %s, before %s", after, before)
	}
}

// The engine takes what it is allowed, and says so when that is too little.
func TestLimits(t *testing.T) {
	r := begin(t, engine(t, duckdb.Options{Path: makeFile(t), Threads: 3, MemoryMB: 300}))
	if got := ask(t, r, "SELECT concat_ws(' ', current_setting('threads'), current_setting('memory_limit'), current_setting('max_temp_directory_size'))"); got[0] != "3 286.1 MiB 14.9 GiB" {
		t.Errorf("threads, memory and temporary files = %v, want 3, 300 MB and 16 GB", got)
	}
	small := begin(t, engine(t, duckdb.Options{Path: makeFile(t), MemoryMB: 64}))
	err := small.Query(context.Background(), "SELECT max(len(l)) FROM (SELECT list(range) AS l FROM range(50000000)) AS x", nil, func(warehouse.Row) error { return nil })
	if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "memory_mb") {
		t.Errorf("a query beyond the memory: error %v, want one of kind config that names memory_mb", err)
	}
	// What can be sorted in pieces is, in a folder that goes with the engine.
	if err := small.Query(context.Background(), "SELECT max(x) FROM (SELECT range AS x, row_number() OVER (ORDER BY hash(range)) AS n FROM range(4000000)) AS s WHERE s.n > 1", nil, func(warehouse.Row) error { return nil }); err != nil {
		t.Errorf("a sort larger than the memory: %v", err)
	}
}

func TestTemporaryFilesGo(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	e := engine(t, duckdb.Options{Path: makeFolder(t)})
	r := begin(t, e)
	if len(list(t, temp)) != 1 {
		t.Errorf("while data is open, %s holds %v, want one folder", temp, list(t, temp))
	}
	if err := errors.Join(r.Close(), e.Close()); err != nil {
		t.Fatal(err)
	}
	if entries := list(t, temp); len(entries) != 0 {
		t.Errorf("afterwards it holds %v, want nothing", entries)
	}
}

func TestRelation(t *testing.T) {
	r := begin(t, engine(t, duckdb.Options{Path: makeFolder(t)}))
	for _, c := range []struct {
		from warehouse.Mapped
		want string
	}{
		{warehouse.Mapped{Table: "members"}, `"members"`}, {warehouse.Mapped{Table: "shop.members"}, `"shop"."members"`},
		{warehouse.Mapped{Table: `x" AS y; DROP`}, `"x"" AS y; DROP"`}, {warehouse.Mapped{File: "x.csv"}, `"file_members"`},
		{warehouse.Mapped{SQL: " SELECT 1 ;\n"}, "(SELECT 1\n)"},
	} {
		if got, err := r.Relation("members", c.from); err != nil || got != c.want {
			t.Errorf("%+v = %s, %v, want %s", c.from, got, err, c.want)
		}
	}
	if got, err := r.Relation("members", warehouse.Mapped{SQL: "SELECT 1; SELECT 2"}); !fault.Is(err, fault.Config) {
		t.Errorf("two statements = %s, %v, want an error of kind config", got, err)
	}
}

func TestACancelledQueryStops(t *testing.T) {
	for name, path := range map[string]string{"file": makeFile(t), "folder": makeFolder(t)} {
		t.Run(name, func(t *testing.T) {
			r := begin(t, engine(t, duckdb.Options{Path: path}))
			const forever = "SELECT CAST(sum(a.range * b.range) AS text) FROM range(100000000) AS a, range(100000) AS b"
			for _, c := range []struct {
				context func() (context.Context, context.CancelFunc)
				want    error
			}{
				{func() (context.Context, context.CancelFunc) {
					return context.WithTimeout(context.Background(), 200*time.Millisecond)
				}, context.DeadlineExceeded},
				{func() (context.Context, context.CancelFunc) {
					ctx, cancel := context.WithCancel(context.Background())
					time.AfterFunc(200*time.Millisecond, cancel)
					return ctx, cancel
				}, context.Canceled},
				{func() (context.Context, context.CancelFunc) {
					ctx, cancel := context.WithCancel(context.Background())
					cancel()
					return ctx, cancel
				}, context.Canceled},
			} {
				ctx, cancel := c.context()
				started := time.Now()
				err := r.Query(ctx, forever, nil, func(warehouse.Row) error { return nil })
				cancel()
				if !errors.Is(err, c.want) {
					t.Errorf("error %v, want %v", err, c.want)
				}
				if took := time.Since(started); took > 5*time.Second {
					t.Errorf("stopping took %v", took)
				}
			}
			if got := ask(t, r, "SELECT CAST(count(*) AS text) FROM members"); got[0] != "1" {
				t.Errorf("members afterwards = %v, want 1", got)
			}
		})
	}
}
