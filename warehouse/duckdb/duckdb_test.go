package duckdb_test

import (
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	driver "github.com/duckdb/duckdb-go/v2"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/demo"
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

// Whatever SQL is mapped, nothing is written and nothing else is read.
func TestMappedSQLStaysInItsTables(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.csv")
	if err := os.WriteFile(secret, []byte("a\nhunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(dir, "out")
	attacks := []string{
		"SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('" + secret + "')", "SELECT * FROM '" + secret + "'", "SELECT * FROM read_blob('" + secret + "')",
		"SELECT * FROM read_json('" + secret + "')", "SELECT * FROM read_parquet('https://example.org/x.parquet')", "SELECT * FROM glob('" + dir + "/*')",
		"SELECT * FROM sniff_csv('" + secret + "')", "SELECT * FROM query('SELECT * FROM read_text(''" + secret + "'')')",
		"COPY members TO '" + target + "'", "COPY (SELECT 1) TO '" + target + "'", "EXPORT DATABASE '" + target + "'", "ATTACH '" + target + "' AS x", "INSTALL httpfs", "LOAD httpfs",
		"SET enable_external_access=true", "SET GLOBAL enable_external_access=true", "RESET enable_external_access", "SET lock_configuration=false", "PRAGMA enable_external_access",
		"1) AS x; COPY (SELECT 1) TO '" + target + "'; SELECT (1",
	}
	writes := []string{
		"INSERT INTO members VALUES (2, DATE '2026-01-01')", "DELETE FROM members", "UPDATE members SET member_id = 9", "DROP TABLE members", "CREATE TABLE x (a BIGINT)",
		"CREATE OR REPLACE TABLE members AS SELECT 2 AS member_id", "ALTER TABLE members ADD COLUMN x BIGINT", "CREATE VIEW v AS SELECT 1",
	}
	for name, path := range map[string]string{"file": makeFile(t), "folder": makeFolder(t)} {
		t.Run(name, func(t *testing.T) {
			before := stat(t, path)
			r := begin(t, engine(t, duckdb.Options{Path: path}))
			all := attacks
			if name == "file" {
				all = append(slices.Clone(attacks), writes...)
			}
			for _, attack := range all {
				// As the engine would run it, were it let through whole.
				err := r.Query(context.Background(), attack, nil, func(row warehouse.Row) error { return nil })
				if err == nil && attack != "PRAGMA enable_external_access" {
					t.Errorf("%s: no error", attack)
				}
				if err != nil && strings.Contains(err.Error(), "hunter2") {
					t.Errorf("%s: the error shows the file: %v", attack, err)
				}
			}
			for _, attack := range append(slices.Clone(attacks), writes...) {
				// As it comes from loyalty.yaml.
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
			}
			if got := ask(t, r, "SELECT CAST(count(*) AS text) FROM members"); !slices.Equal(got, []string{"1"}) {
				t.Errorf("members afterwards = %v, want 1", got)
			}
			if _, err := os.Stat(target); !os.IsNotExist(err) {
				t.Errorf("%s was written: %v", target, err)
			}
			if after := stat(t, path); after != before {
				t.Errorf("%s changed: %s, before %s", path, after, before)
			}
		})
	}
}

func stat(t *testing.T, path string) string {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(info.Size(), info.ModTime())
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

func TestAReplacedFileIsAnotherGeneration(t *testing.T) {
	file := makeFile(t)
	e := engine(t, duckdb.Options{Path: file})
	first := begin(t, e)
	other := filepath.Join(t.TempDir(), "other.duckdb")
	write(t, other, "CREATE TABLE members (member_id BIGINT)", "INSERT INTO members SELECT * FROM range(5)")
	if err := os.Rename(other, file); err != nil {
		t.Fatal(err)
	}
	if r, err := e.Begin(context.Background()); !fault.Is(err, fault.Conflict) {
		t.Errorf("while a run reads the old one: %v, %v, want an error of kind conflict", r, err)
	}
	if got := ask(t, first, "SELECT CAST(count(*) AS text) FROM members"); got[0] != "1" {
		t.Errorf("the run that reads the old one = %v, want 1", got)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := begin(t, e)
	if got := ask(t, second, "SELECT CAST(count(*) AS text) FROM members"); got[0] != "5" {
		t.Errorf("members of the new one = %v, want 5", got)
	}
	if second.Generation() == first.Generation() {
		t.Error("the new file has the old one's generation")
	}
}

// A folder is read into memory, so an old reader and a new one go side by
// side.
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

// The same rows in every format give the same table.
func TestFormatsAgree(t *testing.T) {
	dir := t.TempDir()
	const csv = "order_id,ordered_at,net,note,paid\n1,2026-05-01 10:00:00,5.25,plain,true\n2,2026-05-02 00:00:00,-3.1,\"with, comma\",false\n3,2026-05-03 23:59:59,0,,true\n"
	const json = `{"order_id":1,"ordered_at":"2026-05-01 10:00:00","net":5.25,"note":"plain","paid":true}
{"order_id":2,"ordered_at":"2026-05-02 00:00:00","net":-3.1,"note":"with, comma","paid":false}
{"order_id":3,"ordered_at":"2026-05-03 23:59:59","net":0,"note":null,"paid":true}
`
	put := func(name, text string) {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if strings.HasSuffix(name, ".gz") {
			z := gzip.NewWriter(f)
			defer z.Close()
			if _, err := z.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
			return
		}
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	put("a.csv", csv)
	put("b.csv.gz", csv)
	put("c.jsonl", json)
	put("d.ndjson", json)
	put("e.json", "["+strings.ReplaceAll(strings.TrimSpace(json), "\n", ",")+"]")
	put("f.tsv", strings.ReplaceAll(strings.ReplaceAll(csv, ",", "\t"), "\"with\t comma\"", "with, comma"))
	put("notes.txt", "not a table")
	write(t, filepath.Join(t.TempDir(), "scratch.duckdb"), "COPY (SELECT * FROM read_csv('"+filepath.Join(dir, "a.csv")+"')) TO '"+filepath.Join(dir, "g.parquet")+"'")
	r := begin(t, engine(t, duckdb.Options{Path: dir}))
	want := []string{"1|2026-05-01 10:00:00|52500|plain|true", "2|2026-05-02 00:00:00|-31000|with, comma|false", "3|2026-05-03 23:59:59|0||true"}
	for _, table := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		got := ask(t, r, `SELECT concat_ws('|', o.order_id, o.ordered_at, CAST(CAST(o.net AS decimal(18,4)) * 10000 AS bigint), coalesce(o.note, ''), o.paid) FROM "`+table+`" AS o ORDER BY o.order_id`)
		if !slices.Equal(got, want) {
			t.Errorf("table %s = %q, want %q", table, got, want)
		}
		columns, err := r.Describe(context.Background(), table)
		if err != nil {
			t.Fatal(err)
		}
		for i, class := range []warehouse.Type{warehouse.IntegerType, warehouse.TimestampType, warehouse.FloatType, warehouse.TextType, warehouse.BooleanType} {
			if columns[i].Type != class {
				t.Errorf("%s.%s is %s, class %d, want %d", table, columns[i].Name, columns[i].Native, columns[i].Type, class)
			}
		}
	}
}

// A type guessed from the head of a file must hold to its end.
func TestTypesAreGuessedFromTheWholeFile(t *testing.T) {
	dir := t.TempDir()
	var b strings.Builder
	b.WriteString("order_id,net\n")
	for i := range 30_000 {
		fmt.Fprintf(&b, "%d,%d\n", i, i)
	}
	b.WriteString("30000,0.5\n")
	if err := os.WriteFile(filepath.Join(dir, "orders.csv"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	r := begin(t, engine(t, duckdb.Options{Path: dir}))
	if got := ask(t, r, "SELECT CAST(CAST(max(o.net) AS decimal(18,4)) AS text) FROM orders AS o WHERE o.order_id = 30000"); got[0] != "0.5000" {
		t.Errorf("the last net = %v, want 0.5000", got)
	}
}

// JSON too: a late row may hold a fraction, or a key that those before it
// lack.
func TestJSONIsReadToItsEnd(t *testing.T) {
	for name, last := range map[string]string{"fraction": `{"order_id":30000,"net":0.5}`, "key": `{"order_id":30000,"net":0.5,"margin":0.25}`} {
		dir := t.TempDir()
		var b strings.Builder
		for i := range 30_000 {
			fmt.Fprintf(&b, "{\"order_id\":%d,\"net\":%d}\n", i, i)
		}
		b.WriteString(last + "\n")
		if err := os.WriteFile(filepath.Join(dir, "orders.jsonl"), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := engine(t, duckdb.Options{Path: dir}).Begin(context.Background())
		if err != nil {
			t.Errorf("late %s: %v", name, err)
			continue
		}
		if got := ask(t, r, "SELECT CAST(CAST(o.net AS decimal(18,4)) AS text) FROM orders AS o WHERE o.order_id = 30000"); got[0] != "0.5000" {
			t.Errorf("late %s: the last net = %v, want 0.5000", name, got)
		}
		r.Close()
	}
}

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

// A feed may have a file of its own beside a .duckdb file.
func TestFilesBesideAFile(t *testing.T) {
	dir := makeFolder(t)
	file := makeFile(t)
	e := engine(t, duckdb.Options{Path: file, Files: map[string]string{"tiers": filepath.Join(dir, "members.csv")}})
	r := begin(t, e)
	relation, err := r.Relation("tiers", warehouse.Mapped{File: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if got := ask(t, r, "SELECT CAST(count(*) AS text) FROM "+relation+" AS f JOIN members AS m ON m.member_id = f.member_id"); got[0] != "1" {
		t.Errorf("rows of both = %v, want 1", got)
	}
	first := r.Generation()
	r.Close()
	if err := os.WriteFile(filepath.Join(dir, "members.csv"), []byte("member_id\n1\n2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again := begin(t, e); again.Generation() == first {
		t.Error("the changed file left the generation as it was")
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

func TestCreateDemoIsWhole(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "demo.duckdb")
	_, err := duckdb.CreateDemo(context.Background(), file, demo.Options{Members: 200, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if entries := list(t, dir); !slices.Equal(entries, []string{"demo.duckdb"}) {
		t.Errorf("the folder holds %v, want demo.duckdb alone", entries)
	}
	e := engine(t, duckdb.Options{Path: file})
	r := begin(t, e)
	for _, table := range demo.Tables() {
		got := ask(t, r, `SELECT CASE WHEN count(*) > 0 THEN 'some' ELSE 'none' END FROM "`+table.Name+`"`)
		if got[0] != "some" {
			t.Errorf("%s has no rows", table.Name)
		}
		columns, err := r.Describe(context.Background(), table.Name)
		if err != nil || len(columns) != len(table.Columns) {
			t.Errorf("%s has %d columns, %v, want %d", table.Name, len(columns), err, len(table.Columns))
		}
	}
	if got := ask(t, r, "SELECT CAST(count(*) AS text) FROM members WHERE NOT is_test"); got[0] != "200" {
		t.Errorf("members = %v, want 200", got)
	}
	if entries := list(t, dir); !slices.Equal(entries, []string{"demo.duckdb"}) {
		t.Errorf("while it is read, the folder holds %v, want demo.duckdb alone", entries)
	}
}

func TestCreateDemoInterrupted(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := duckdb.CreateDemo(ctx, filepath.Join(dir, "demo.duckdb"), demo.Options{Members: 200, Seed: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
	if entries := list(t, dir); len(entries) != 0 {
		t.Errorf("the folder holds %v, want nothing", entries)
	}
	if _, err := duckdb.CreateDemo(context.Background(), filepath.Join(dir, "demo.duckdb"), demo.Options{}); err == nil {
		t.Error("a program without members was made")
	}
	if entries := list(t, dir); len(entries) != 0 {
		t.Errorf("the folder holds %v, want nothing", entries)
	}
}

// The same seed gives the same rows through the file as through CSV.
func TestDemoFileAndFolderAgree(t *testing.T) {
	dir, o := t.TempDir(), demo.Options{Members: 100, Seed: 3}
	file, folder := filepath.Join(dir, "demo.duckdb"), filepath.Join(dir, "csv")
	if _, err := duckdb.CreateDemo(context.Background(), file, o); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	sink, err := demo.NewCSV(folder)
	if err != nil {
		t.Fatal(err)
	}
	_, err = demo.Generate(context.Background(), o, sink)
	if err := errors.Join(err, sink.Close()); err != nil {
		t.Fatal(err)
	}
	a, b := begin(t, engine(t, duckdb.Options{Path: file})), begin(t, engine(t, duckdb.Options{Path: folder}))
	for _, query := range []string{
		"SELECT CAST(count(*) AS text) || ' ' || CAST(CAST(sum(CAST(net AS decimal(18,4))) * 100 AS bigint) AS text) || ' ' || CAST(max(ordered_at) AS text) FROM orders",
		"SELECT CAST(count(*) AS text) || ' ' || CAST(CAST(sum(points) AS bigint) AS text) || ' ' || CAST(min(occurred_at) AS text) FROM points",
		"SELECT CAST(count(*) AS text) || ' ' || CAST(max(enrolled_at) AS text) FROM members WHERE NOT is_test",
		"SELECT kind || ' ' || CAST(count(*) AS text) FROM engagement GROUP BY kind ORDER BY 1",
	} {
		if x, y := ask(t, a, query), ask(t, b, query); !slices.Equal(x, y) || len(x) == 0 {
			t.Errorf("%s\nfile %q, folder %q", query, x, y)
		}
	}
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
