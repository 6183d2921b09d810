package duckdb_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/duckdb"
)

// A writer of the operator's must get in between two runs.
func TestClosingTheLastReaderReleasesTheFile(t *testing.T) {
	file := makeFile(t)
	e := engine(t, duckdb.Options{Path: file})
	first, second := begin(t, e), begin(t, e)
	if first.Generation() != second.Generation() || first.Generation() == "" || strings.Contains(first.Generation(), "data") {
		t.Errorf("generations = %q, %q, want one that names no file", first.Generation(), second.Generation())
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	if got := ask(t, second, "SELECT CAST(count(*) AS text) FROM members"); got[0] != "1" {
		t.Errorf("members, with the other reader closed = %v, want 1", got)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, file, "INSERT INTO members VALUES (2, DATE '2026-01-02')")
	third := begin(t, e)
	if got := ask(t, third, "SELECT CAST(count(*) AS text) FROM members"); got[0] != "2" {
		t.Errorf("members after the writer = %v, want 2", got)
	}
	if third.Generation() == first.Generation() {
		t.Errorf("generation = %s as before the writer", third.Generation())
	}
}

// A file that was replaced is another generation. Who reads the old one goes
// on, beside those that read the new one.
func TestAReplacedFileIsAnotherGeneration(t *testing.T) {
	file := makeFile(t)
	e := engine(t, duckdb.Options{Path: file})
	first := begin(t, e)
	other := filepath.Join(t.TempDir(), "other.duckdb")
	write(t, other, "CREATE TABLE members (member_id BIGINT)", "INSERT INTO members SELECT * FROM range(5)")
	if err := os.Rename(other, file); err != nil {
		t.Fatal(err)
	}
	second := begin(t, e)
	for range 2 {
		for r, want := range map[warehouse.Reader]string{first: "1", second: "5"} {
			if got := ask(t, r, "SELECT CAST(count(*) AS text) FROM members"); got[0] != want {
				t.Errorf("members = %v, want %s", got, want)
			}
		}
	}
	if second.Generation() == first.Generation() {
		t.Error("the new file has the old one's generation")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, second, "SELECT CAST(count(*) AS text) FROM members"); got[0] != "5" {
		t.Errorf("members of the new one, the old one closed = %v, want 5", got)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, file, "INSERT INTO members VALUES (9)") // nothing holds the file
}

// A statement of a caller's that is left open, because its scan failed, must
// not keep the file from being opened again: the driver would hang for ever.
func TestReopeningAfterAScanThatFailed(t *testing.T) {
	e, stop := engine(t, duckdb.Options{Path: makeFile(t)}), errors.New("enough")
	for range 3 {
		r := begin(t, e)
		if err := r.Query(context.Background(), "SELECT * FROM range(100000)", nil, func(warehouse.Row) error { return stop }); !errors.Is(err, stop) {
			t.Fatalf("error %v, want the scan's", err)
		}
		closed := make(chan error, 1)
		go func() { closed <- r.Close() }()
		select {
		case err := <-closed:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("closing hangs")
		}
	}
}

// A folder of CSV is loaded, so an old reader and a new one go side by side.
func TestAChangedFolderIsAnotherGeneration(t *testing.T) {
	dir := makeFolder(t)
	e := engine(t, duckdb.Options{Path: dir})
	first := begin(t, e)
	if err := os.WriteFile(filepath.Join(dir, "members.csv"), []byte("member_id,enrolled_at\n1,2026-01-01\n2,2026-01-01\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	second := begin(t, e)
	if first.Generation() == second.Generation() {
		t.Error("the changed folder has the old one's generation")
	}
	for r, want := range map[warehouse.Reader]string{first: "1", second: "2"} {
		if got := ask(t, r, "SELECT CAST(count(*) AS text) FROM members"); got[0] != want {
			t.Errorf("members = %v, want %s", got, want)
		}
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	if got := ask(t, second, "SELECT CAST(count(*) AS text) FROM members"); got[0] != "2" {
		t.Errorf("members after the old one closed = %v, want 2", got)
	}
}

func TestBeginWithACancelledContext(t *testing.T) {
	e := engine(t, duckdb.Options{Path: makeFolder(t)})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Begin(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
	if got := ask(t, begin(t, e), "SELECT CAST(count(*) AS text) FROM members"); got[0] != "1" {
		t.Errorf("members afterwards = %v, want 1", got)
	}
}

// A scan that fails ends the query and leaves the reader usable; so do many
// at once.
func TestReadersSideBySide(t *testing.T) {
	e := engine(t, duckdb.Options{Path: makeFile(t)})
	r, stop := begin(t, e), errors.New("enough")
	for range 10 { // more than the pool has connections
		if err := r.Query(context.Background(), "SELECT * FROM range(100000)", nil, func(warehouse.Row) error { return stop }); !errors.Is(err, stop) {
			t.Fatalf("error %v, want the scan's", err)
		}
	}
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			r, err := e.Begin(context.Background())
			if err != nil {
				t.Error(err)
				return
			}
			defer r.Close()
			n := 0
			if err := r.Query(context.Background(), "SELECT * FROM range(1000)", nil, func(warehouse.Row) error { n++; return nil }); err != nil || n != 1000 {
				t.Errorf("%d rows, %v, want 1000", n, err)
			}
		})
	}
	group.Wait()
}

func TestDescribe(t *testing.T) {
	r := begin(t, engine(t, duckdb.Options{Path: makeFolder(t)}))
	columns, err := r.Describe(context.Background(), `(SELECT 1 AS i, CAST(1 AS hugeint) AS h, 1.5 AS d, CAST(1 AS double) AS f, 'x' AS s, DATE '2026-01-01' AS day,
		TIMESTAMP '2026-01-01 00:00:00' AS ts, TIMESTAMPTZ '2026-01-01 00:00:00+00' AS tz, true AS b, uuid() AS u, [1] AS l, CAST('a' AS ENUM('a')) AS e, INTERVAL '1 day' AS v, NULL AS n)`)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]warehouse.Type{
		"i": warehouse.IntegerType, "h": warehouse.IntegerType, "d": warehouse.DecimalType, "f": warehouse.FloatType, "s": warehouse.TextType, "day": warehouse.DateType,
		"ts": warehouse.TimestampType, "tz": warehouse.TimestampTZType, "b": warehouse.BooleanType, "u": warehouse.UUIDType, "l": warehouse.OtherType, "e": warehouse.TextType, "v": warehouse.OtherType,
	}
	for _, c := range columns {
		if w, ok := want[c.Name]; ok && c.Type != w {
			t.Errorf("%s (%s) is of class %d, want %d", c.Name, c.Native, c.Type, w)
		}
	}
	if len(columns) != 14 {
		t.Errorf("%d columns, want 14", len(columns))
	}
}

// The name of the file may hold what a URL would take for its own.
func TestFileNamedLikeAURL(t *testing.T) {
	for _, name := range []string{"it's 100%.duckdb", "data?threads=1.duckdb", "data#1.duckdb"} {
		dir := t.TempDir()
		made := filepath.Join(dir, "made.duckdb")
		write(t, made, "CREATE TABLE members (member_id BIGINT)", "INSERT INTO members VALUES (1)")
		if err := os.Rename(made, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		r, err := engine(t, duckdb.Options{Path: filepath.Join(dir, name)}).Begin(context.Background())
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		err = r.Query(context.Background(), "SELECT count(*) FROM members", nil, func(warehouse.Row) error { return nil })
		r.Close()
		if err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Columns may be named by keywords of the engine.
func TestKeywordColumns(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "members.csv", "member_id,enrolled_at,at,order,group,end\n1,2026-01-01,x,y,z,w\n")
	names := []string{"at", "order", "group", "end"}
	s := warehouse.NewSource(engine(t, duckdb.Options{Path: dir}), warehouse.Mapping{"members": {Table: "members"}}, time.UTC, names)
	snapshot, err := s.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	if got := snapshot.Dimensions(); len(got) < len(names) {
		t.Errorf("dimensions = %v, want %v among them", got, names)
	}
	text, args, err := warehouse.MustParseQueries("test", fstest.MapFS{"a.sql": {Data: []byte(`-- x
SELECT m.at, m.order, m.group, m.end FROM {{feed "members"}} AS m`)}}).Render(snapshot.Catalog, "a", nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	if err := begin(t, engine(t, duckdb.Options{Path: dir})).Query(context.Background(), text, args, func(warehouse.Row) error { rows++; return nil }); err != nil || rows != 1 {
		t.Errorf("%d rows, %v, want 1", rows, err)
	}
}

// Settings are for every connection of the pool, not only the first.
func TestEveryConnectionIsLocked(t *testing.T) {
	r := begin(t, engine(t, duckdb.Options{Path: makeFolder(t)}))
	var group sync.WaitGroup
	together := make(chan struct{})
	for range 4 {
		group.Go(func() {
			<-together
			err := r.Query(context.Background(), "SELECT current_setting('TimeZone'), current_setting('lock_configuration') FROM range(200000)", nil, func(row warehouse.Row) error {
				var zone string
				var locked bool
				if err := row.Scan(&zone, &locked); err != nil {
					return err
				}
				if zone != "UTC" || !locked {
					return fmt.Errorf("zone %s, locked %v", zone, locked)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	close(together)
	group.Wait()
}
