package duckdb_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/duckdb"
)

// What stands in the operator's files is no business of who reads an error.
func TestErrorsShowNoRows(t *testing.T) {
	for name, text := range map[string]string{
		"orders.jsonl": strings.Repeat("{\"order_id\":1,\"net\":1}\n", 30_000) + "{\"order_id\":2,\"net\":\"anna@example.org\",\"mail\":\"anna@example.org\"}\n",
		"orders.csv":   "order_id,net\n" + strings.Repeat("1,2\n", 30_000) + "2,3,anna@example.org,4\n",
		"orders.json":  "{\"mail\": \"anna@example.org\"",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := engine(t, duckdb.Options{Path: dir}).Begin(context.Background())
		if err == nil {
			r.Close() // read as far as it goes
			continue
		}
		if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v, want one of kind config that names the file", name, err)
		}
		if strings.Contains(err.Error(), "anna@") {
			t.Errorf("%s: the error shows a row: %v", name, err)
		}
	}
}

// A file that can't be read is one clear error that names it and the next
// step, shows no value of it, and comes in time.
func TestBadFiles(t *testing.T) {
	var wide strings.Builder
	for i := range 1_000_000 {
		fmt.Fprintf(&wide, "c%d,", i)
	}
	parquet := putParquet(t, t.TempDir(), "x.parquet", "SELECT range AS member_id, 'anna' || range AS mail FROM range(100000)")
	whole, err := os.ReadFile(parquet)
	if err != nil {
		t.Fatal(err)
	}
	zipped, err := os.ReadFile(put(t, t.TempDir(), "x.csv.gz", "member_id,mail\n"+strings.Repeat("1,anna@example.org\n", 100_000)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, file, text, want string }{
		{"an open quote", "members.csv", "member_id,mail\n1,\"anna\n2,anna\n3,anna\n", "can't be read"},
		{"a row that begins like a comment", "members.csv", "member_id,mail\n1,anna\n#2,\"anna\n", "can't be read"},
		{"a late open quote", "members.csv", "member_id,mail\n" + strings.Repeat("1,\"anna\"\n", 50_000) + "2,\"anna\n3,anna\n", "line 50002: a quote is not closed"},
		{"text behind a quote", "members.csv", "member_id,mail\n" + strings.Repeat("1,\"anna\"\n", 50_000) + "2,\"anna\" anna,\n", "can't be read"},
		{"a row with more columns", "members.csv", "member_id,mail\n" + strings.Repeat("1,anna\n", 50_000) + "2,anna,3\n", "line 50002: it has 3 values for 2 columns"},
		{"a row with fewer", "members.csv", "member_id,mail\n" + strings.Repeat("1,anna\n", 50_000) + "2\n", "line 50002: it has 1 value for 2 columns"},
		{"Latin-1 among UTF-8", "members.csv", "member_id,mail\n1,M\u00fcller\n2,anna\xfc\n", "UTF-8"},
		{"late Latin-1", "members.csv", "member_id,mail\n" + strings.Repeat("1,anna\n", 50_000) + "2,anna\xfc\n", "UTF-8"},
		{"UTF-16", "members.csv", "\xff\xfem\x00,\x00a\x00\n\x001\x00,\x00a\x00\n\x00", "can't be read"},
		{"a million columns", "members.csv", wide.String() + "\n" + strings.Repeat("anna,", 1_000_000) + "\n", "columns"},
		{"a line without an end", "members.csv", strings.Repeat("anna", 1_000_000), "columns"},
		{"nothing", "members.csv", "", "is empty"}, {"no Parquet at all", "members.parquet", "", "is empty"}, {"no JSON at all", "members.json", "", "is empty"},
		{"no header", "members.csv", "1,2026-01-01,anna\n2,2026-01-01,anna\n", "no header"},
		{"a Parquet file cut off", "members.parquet", string(whole[:len(whole)/2]), "cut off"}, {"a Parquet file without its head", "members.parquet", string(whole[len(whole)/2:]), "can't be read"},
		{"Parquet broken in the middle", "members.parquet", string(whole[:len(whole)/2]) + strings.Repeat("anna", 100) + string(whole[len(whole)/2+400:]), "read"},
		{"no gzip", "members.csv.gz", "", "gzip"},
		{"a gzip cut off", "members.csv.gz", string(zipped[:len(zipped)/2]), "cut off"},
		{"an object of objects", "members.json", `{"anna":{"member_id":1,"enrolled_at":"2026-01-01"},"bert":{"member_id":2,"enrolled_at":"2026-01-02"}}`, "object of objects"},
		{"JSON cut off", "members.json", `[{"member_id":1,"mail":"anna"},{"member_id":2,"mail":"an`, "can't be read"},
		{"no JSON", "members.jsonl", "anna anna\n", "can't be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, "sound.csv", "a,b\n1,2\n")
			file := filepath.Join(dir, c.file)
			if c.name == "no gzip" {
				c.text = "member_id,mail\n1,anna\n"
			}
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			for field, o := range map[string]duckdb.Options{c.file: {Path: dir}, "feeds.members.file": {Root: dir, Files: map[string]string{"members": file}}} {
				started := time.Now()
				r, err := engine(t, o).Begin(ctx)
				if err == nil {
					relation := "members"
					if o.Files != nil {
						relation = "file_members"
					}
					// In place, only a query meets what is broken inside.
					err = r.Query(ctx, "SELECT * FROM "+relation, nil, func(warehouse.Row) error { return nil })
					r.Close()
					var value *warehouse.ValueError
					if errors.As(err, &value) {
						continue // the feed is named by who asks
					}
				}
				if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), field) || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v, want one of kind config on %s with %q", err, field, c.want)
				}
				if text := fmt.Sprint(err); strings.Contains(text, "anna") || strings.Contains(text, dir) || len(text) > 400 {
					t.Errorf("the error shows a row or a path, or is long: %.500s", text)
				}
				if took := time.Since(started); took > 30*time.Second {
					t.Errorf("it took %v", took)
				}
			}
		})
	}
}

// An error names the feeds that read the file, the file once, and of several
// the one.
func TestBadFilesNameTheFeed(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "orders.csv", "order_id,net\n")
	put(t, dir, "many/a.csv", "order_id,net\n1,2\n")
	for _, c := range []struct{ file, text, want string }{
		{"orders.csv", "", "feeds.orders, feeds.points: orders.csv is empty"},
		{"orders.csv", "order_id,net\n" + strings.Repeat("1,2\n", 30_000) + "anna\n", "feeds.orders, feeds.points: orders.csv can't be read: line 30002: it has 1 value for 2 columns"},
		{"many/b.csv", "order_id,net\n" + strings.Repeat("1,2\n", 30_000) + "anna\n", "feeds.members: one of the 2 files of many can't be read: b.csv, line 30002: it has 1 value for 2 columns"},
	} {
		put(t, dir, c.file, c.text)
		mapping := warehouse.Mapping{"members": {Table: "many"}, "orders": {Table: "Orders"}, "points": {SQL: "SELECT order_id FROM orders"}, "surveys": {SQL: "SELECT 1 AS disorders"}}
		_, err := engine(t, duckdb.Options{Path: dir, Mapping: mapping}).Begin(context.Background())
		if !fault.Is(err, fault.Config) || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "anna") {
			t.Errorf("error %v, want %q ...", err, c.want)
		}
		put(t, dir, c.file, "order_id,net\n")
	}
	// Where nobody has mapped anything yet, the file is named once.
	put(t, dir, "orders.csv", "")
	if _, err := engine(t, duckdb.Options{Path: dir}).Begin(context.Background()); err == nil || strings.Count(err.Error(), "orders.csv") != 1 {
		t.Errorf("error %v, want one that names orders.csv once", err)
	}
}

// Loading may take minutes. SQL that can't be read is told before.
func TestMappedSQLIsParsedFirst(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "members.csv", "") // would be the error of loading
	for text, want := range map[string]string{"SELEC * FROM members": "can't be read", "SELECT 1; SELECT 2 FROM members": "more than one", "DROP TABLE members": "no SELECT"} {
		mapping := warehouse.Mapping{"members": {Table: "members"}, "orders": {SQL: text}}
		if _, err := engine(t, duckdb.Options{Path: dir, Mapping: mapping}).Begin(context.Background()); !fault.Is(err, fault.Config) || !strings.HasPrefix(err.Error(), "feeds.orders.sql: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one on feeds.orders.sql with %q", text, err, want)
		}
	}
}

// Who names a table that is not there reads which are, loaded or not.
func TestATableThatIsNotThere(t *testing.T) {
	dir := makeFolder(t)
	put(t, dir, "sales.csv", "order_id\n1\n")
	for name, o := range map[string]duckdb.Options{"members, sales.": {Path: dir, Mapping: warehouse.Mapping{"members": {Table: "member"}}}, "are members.": {Path: makeFile(t)}} {
		_, err := begin(t, engine(t, o)).Describe(context.Background(), "member")
		var source *warehouse.SourceError
		if !errors.As(err, &source) || source.Problem != "there is no table member" || !strings.Contains(source.Next+".", name) {
			t.Errorf("error %#v, want one that lists the tables %q", err, name)
		}
	}
	_, err := begin(t, engine(t, duckdb.Options{Path: dir})).Describe(context.Background(), "(SELECT nothing FROM members)")
	if err == nil || strings.HasSuffix(err.Error(), "!") || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("error %v, want the engine's without its exclamation", err)
	}
}

// A junk file at the place of a copy is told apart from one in use.
func TestSyncedJunk(t *testing.T) {
	file := put(t, t.TempDir(), "copy.duckdb", strings.Repeat("junk", 5000))
	if _, err := engine(t, duckdb.Options{Path: file, Synced: "hash"}).Begin(context.Background()); !fault.Is(err, fault.Config) || !strings.HasPrefix(err.Error(), "sync.file: copy.duckdb") || !strings.Contains(err.Error(), "loyalty-mcp sync") {
		t.Errorf("error %v, want one on sync.file that says to sync again", err)
	}
	if _, err := engine(t, duckdb.Options{Path: file}).Begin(context.Background()); !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "no DuckDB database") || strings.Contains(err.Error(), "!") {
		t.Errorf("error %v, want one that says that it is no database", err)
	}
}

func TestFilesThatCannotBeOpened(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root reads everything")
	}
	dir := makeFolder(t)
	for path, names := range map[string]string{filepath.Join(dir, "members.csv"): "members.csv", dir: "warehouse"} {
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		_, err := engine(t, duckdb.Options{Path: dir}).Begin(context.Background())
		if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), names) || !strings.Contains(err.Error(), "Let the user") {
			t.Errorf("%s without permission: error %v, want one of kind config", names, err)
		}
		if err := os.Chmod(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

// A file that is gone at the next run is an error that names the feed.
func TestAFileThatVanishes(t *testing.T) {
	dir := makeFolder(t)
	file := filepath.Join(dir, "members.csv")
	e := engine(t, duckdb.Options{Root: dir, Files: map[string]string{"members": file}})
	begin(t, e).Close()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if r, err := e.Begin(context.Background()); !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "feeds.members.file") {
		t.Errorf("%v, %v, want an error of kind config that names the feed", r, err)
	}
}

// A file that grows while it is loaded may be read half: the run is refused.
func TestAFileThatGrows(t *testing.T) {
	dir := t.TempDir()
	file := put(t, dir, "members.csv", "member_id,mail\n"+strings.Repeat("1,anna\n", 200_000))
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		for {
			select {
			case <-done:
				return
			default:
				if _, err := f.WriteString("2,bert\n"); err != nil {
					t.Error(err)
					return
				}
			}
		}
	}()
	r, err := engine(t, duckdb.Options{Path: dir}).Begin(context.Background())
	close(done)
	<-stopped
	if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "members.csv") {
		t.Errorf("%v, %v, want an error of kind conflict that names the file", r, err)
	}
}

// Loading stops when the caller gives up.
func TestLoadingStops(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "members.csv", "member_id,mail\n"+strings.Repeat("1,anna@example.org\n", 3_000_000))
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithTimeout(context.Background(), 150*time.Millisecond)
	defer cancel()
	started := time.Now()
	if r, err := engine(t, duckdb.Options{Path: dir}).Begin(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, %v, want the deadline's error", r, err)
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("stopping took %v", took)
	}
	if entries := list(t, temp); len(entries) != 0 {
		t.Errorf("it left %v", entries)
	}
}
