package duckdb_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/duckdb"
)

// The same rows in every format give the same table.
func TestFormatsAgree(t *testing.T) {
	dir := t.TempDir()
	const csv = "order_id,ordered_at,net,note,paid\n1,2026-05-01 10:00:00,5.25,plain,true\n2,2026-05-02 00:00:00,-3.1,\"with, comma\",false\n3,2026-05-03 23:59:59,0,,true\n"
	const json = `{"order_id":1,"ordered_at":"2026-05-01 10:00:00","net":5.25,"note":"plain","paid":true}
{"order_id":2,"ordered_at":"2026-05-02 00:00:00","net":-3.1,"note":"with, comma","paid":false}
{"order_id":3,"ordered_at":"2026-05-03 23:59:59","net":0,"note":null,"paid":true}
`
	put(t, dir, "a.csv", csv)
	put(t, dir, "b.csv.gz", csv)
	put(t, dir, "c.jsonl", json)
	put(t, dir, "d.ndjson", json)
	put(t, dir, "e.json", "["+strings.ReplaceAll(strings.TrimSpace(json), "\n", ",")+"]")
	put(t, dir, "f.tsv", strings.ReplaceAll(strings.ReplaceAll(csv, ",", "\t"), "\"with\t comma\"", "with, comma"))
	put(t, dir, "notes.txt", "not a table")
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

// A feed may have a file of its own beside a .duckdb file.
func TestFilesBesideAFile(t *testing.T) {
	dir := makeFolder(t)
	file := makeFile(t)
	e := engine(t, duckdb.Options{Path: file, Root: dir, Files: map[string]string{"tiers": filepath.Join(dir, "members.csv")}})
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

// A table may be a folder of files: their columns in any order, some missing,
// partitions in the names of folders. What is hidden is no data.
func TestAFolderIsATable(t *testing.T) {
	for _, format := range []string{"csv", "csv.gz", "jsonl", "parquet"} {
		t.Run(format, func(t *testing.T) {
			dir := t.TempDir()
			switch format {
			case "parquet":
				putParquet(t, dir, "orders/year=2025/a.parquet", "SELECT 1 AS order_id, 'a1' AS member_id, 5.0 AS net")
				putParquet(t, dir, "orders/year=2026/b.parquet", "SELECT 2 AS order_id, 5.5 AS net, 'b2' AS member_id, 1.5 AS margin")
			case "jsonl":
				put(t, dir, "orders/year=2025/a.jsonl", `{"order_id":1,"net":5,"member_id":"a1"}`)
				put(t, dir, "orders/year=2026/b.jsonl", `{"member_id":"b2","order_id":2,"net":5.5,"margin":1.5}`)
			default:
				put(t, dir, "orders/year=2025/a."+format, "order_id,net,member_id\n1,5,a1\n")
				put(t, dir, "orders/year=2026/b."+format, "member_id,order_id,net,margin\nb2,2,5.5,1.5\n")
			}
			put(t, dir, "orders/_SUCCESS.csv", "")
			put(t, dir, "orders/.tmp/c.csv", "broken\n\"")
			want := []string{"1 a1 5.0 none 2025", "2 b2 5.5 1.5 2026"}
			query := func(table string) string {
				return "SELECT concat_ws(' ', order_id, member_id, CAST(net AS decimal(9,1)), coalesce(CAST(CAST(margin AS decimal(9,1)) AS text), 'none'), year) FROM " + table + " ORDER BY order_id"
			}
			if got := ask(t, begin(t, engine(t, duckdb.Options{Path: dir})), query("orders")); !slices.Equal(got, want) {
				t.Errorf("the folder's table = %q, want %q", got, want)
			}
			for _, pattern := range []string{"orders", "orders/*/*." + format, "orders/year=202[56]"} {
				e := engine(t, duckdb.Options{Root: dir, Files: map[string]string{"orders": filepath.Join(dir, pattern)}})
				if got := ask(t, begin(t, e), query("file_orders")); !slices.Equal(got, want) {
					t.Errorf("file: %s = %q, want %q", pattern, got, want)
				}
			}
		})
	}
}

// Files lie below the folder of loyalty.yaml, or below the folder that the
// operator names as the warehouse.
func TestFilesLieBelow(t *testing.T) {
	outside, root := t.TempDir(), t.TempDir()
	secret := put(t, outside, "tiers.csv", "tier,rank\nGold,1\n")
	put(t, root, "inside/tiers.csv", "tier,rank\nGold,1\n")
	for name, target := range map[string]string{"link.csv": secret, "folder": outside, "inner.csv": filepath.Join(root, "inside", "tiers.csv")} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		file, path string
		ok         bool
	}{
		{"inside/tiers.csv", "", true}, {"inside", "", true}, {"inside/../inside/*.csv", "", true}, {"inner.csv", "", true},
		{"../" + filepath.Base(outside) + "/tiers.csv", "", false}, {"link.csv", "", false}, {"folder/tiers.csv", "", false}, {"folder", "", false}, {"*.csv", "", false},
		{secret, "", false}, {secret, outside, true},
	} {
		file := c.file
		if !filepath.IsAbs(file) {
			file = root + "/" + file
		}
		r, err := engine(t, duckdb.Options{Path: c.path, Root: root, Files: map[string]string{"tiers": file}}).Begin(context.Background())
		if err == nil {
			r.Close()
		}
		if c.ok != (err == nil) || err != nil && (!fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "feeds.tiers.file")) {
			t.Errorf("file: %s, warehouse %q: error %v, want ok %v", c.file, c.path, err, c.ok)
		}
	}
	// A link in the warehouse's folder leads no further either.
	if r, err := engine(t, duckdb.Options{Path: root}).Begin(context.Background()); !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "outside") {
		t.Errorf("a folder with links out of it = %v, %v, want an error of kind config", r, err)
	}
}

// What no mapping mentions is not read, be it broken.
func TestFilesNobodyMentions(t *testing.T) {
	dir := makeFolder(t)
	put(t, dir, "broken.csv", "")
	put(t, dir, "broken2.parquet", "no parquet")
	r := begin(t, engine(t, duckdb.Options{Path: dir, Mapping: warehouse.Mapping{"members": {SQL: "SELECT * FROM Members"}}}))
	if got := ask(t, r, "SELECT CAST(count(*) AS text) FROM members"); got[0] != "1" {
		t.Errorf("members = %v, want 1", got)
	}
}

// Parquet is read where it is. A file that changes under a reader ends it.
func TestParquetThatChangesUnderAReader(t *testing.T) {
	const one, two = "SELECT 1 AS member_id, DATE '2026-01-01' AS enrolled_at", "SELECT 2 AS member_id, DATE '2026-01-01' AS enrolled_at"
	for name, change := range map[string]func(t *testing.T, dir string){
		"renamed into place": func(t *testing.T, dir string) {
			if err := os.Rename(putParquet(t, t.TempDir(), "x.parquet", two), filepath.Join(dir, "members.parquet")); err != nil {
				t.Fatal(err)
			}
		},
		"written over": func(t *testing.T, dir string) { putParquet(t, dir, "members.parquet", two+" UNION ALL "+one) },
		"taken away": func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "members.parquet")); err != nil {
				t.Fatal(err)
			}
			putParquet(t, dir, "members2.parquet", two)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			putParquet(t, dir, "members.parquet", one)
			e := engine(t, duckdb.Options{Path: dir})
			first := begin(t, e)
			if got := ask(t, first, "SELECT CAST(sum(member_id) AS text) FROM members"); got[0] != "1" {
				t.Fatalf("before = %v, want 1", got)
			}
			change(t, dir)
			err := first.Query(context.Background(), "SELECT sum(member_id) FROM members", nil, func(warehouse.Row) error { return nil })
			if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "members.parquet") {
				t.Errorf("after: error %v, want one of kind conflict that names the file", err)
			}
			if _, err := first.Describe(context.Background(), "members"); !fault.Is(err, fault.Conflict) {
				t.Errorf("describing after: error %v, want one of kind conflict", err)
			}
			if second := begin(t, e); second.Generation() == first.Generation() {
				t.Error("the changed file left the generation as it was")
			}
		})
	}
	// While a query reads, too.
	dir := t.TempDir()
	putParquet(t, dir, "members.parquet", one)
	r := begin(t, engine(t, duckdb.Options{Path: dir}))
	err := r.Query(context.Background(), "SELECT member_id FROM members", nil, func(warehouse.Row) error {
		putParquet(t, dir, "members.parquet", two+" UNION ALL "+one)
		return nil
	})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("a change in mid-query: error %v, want one of kind conflict", err)
	}
}
