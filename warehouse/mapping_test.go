package warehouse_test

import (
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
)

const (
	head        = "program: {name: Small, currency: EUR}\n"
	someMembers = `  members: {sql: "SELECT 1 AS member_id, DATE '2026-01-01' AS enrolled_at"}` + "\n"
)

// tree writes files into a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".gz") {
			z := gzip.NewWriter(f)
			if _, err := z.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
		} else if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Mistakes in the mapping are the operator's to mend: each names its feed and
// what is wrong, and shows no SQL.
func TestMappingMistakes(t *testing.T) {
	for _, c := range []struct {
		name, text string
		files      map[string]string
		want       []string
	}{
		{"missing column", head + `feeds:
  members: {sql: "SELECT 1 AS member, DATE '2026-01-01' AS enrolled_at"}`, nil, []string{"feeds.members.member_id", "no such column", "valid: member"}},
		{"missing column of another feed", head + "feeds:\n" + someMembers + `  orders: {sql: "SELECT 1 AS order_id, DATE '2026-01-01' AS ordered_at, 1 AS nett"}`, nil, []string{"feeds.orders.net", "valid: nett"}},
		{"text for a time", head + `feeds:
  members: {sql: "SELECT 1 AS member_id, '2026-01-01' AS enrolled_at"}`, nil, []string{"feeds.members.enrolled_at", "varchar", "date or timestamp", "timestamp) AS enrolled_at"}},
		{"text for a number", head + "feeds:\n" + someMembers + `  orders: {sql: "SELECT 1 AS order_id, DATE '2026-01-01' AS ordered_at, 'x' AS net"}`, nil, []string{"feeds.orders.net", "varchar", "a number", "decimal(18,4)"}},
		{"number for a flag", head + `feeds:
  members: {sql: "SELECT 1 AS member_id, DATE '2026-01-01' AS enrolled_at, 0 AS is_test"}`, nil, []string{"feeds.members.is_test", "boolean"}},
		{"list for a text", head + `feeds:
  members: {sql: "SELECT 1 AS member_id, DATE '2026-01-01' AS enrolled_at, ['a'] AS tier"}`, nil, []string{"feeds.members.tier", "text"}},
		{"ids that never match", head + "feeds:\n" + someMembers + `  orders: {sql: "SELECT 1 AS order_id, DATE '2026-01-01' AS ordered_at, 1 AS net, 'M1' AS member_id"}`, nil,
			[]string{"feeds.orders.member_id", "varchar", "integer", "never match"}},
		{"no members", head + `feeds:
  members: {sql: "SELECT 1 AS member_id, DATE '2026-01-01' AS enrolled_at WHERE 1 = 0"}`, nil, []string{"feeds.members", "no rows"}},
		{"no members in the file", head + "warehouse: 'duckdb:.'\nfeeds:\n  members: {table: members}", map[string]string{"members.csv": "member_id,enrolled_at\n"}, []string{"feeds.members", "no rows"}},
		{"two statements", head + `feeds:
  members: {sql: "SELECT 1 AS member_id, DATE '2026-01-01' AS enrolled_at; SELECT 2 AS secret"}`, nil, []string{"feeds.members.sql", "more than one statement", "one SELECT"}},
		{"SQL that is none", head + `feeds:
  members: {sql: "SELECT secret_column FORM members WHERE secret_filter"}`, nil, []string{"feeds.members", "can't be read", "loyalty.yaml"}},
		{"no SELECT", head + `feeds:
  members: {sql: "DROP TABLE secret_table"}`, nil, []string{"feeds.members", "can't be read"}},
		{"table that is not there", head + "warehouse: 'duckdb:.'\nfeeds:\n  members: {table: people}", map[string]string{"members.csv": "member_id,enrolled_at\n1,2026-01-01\n"}, []string{"feeds.members", "people"}},
		{"column that is not there", head + "warehouse: 'duckdb:.'\nfeeds:\n  members: {sql: SELECT id AS member_id FROM members}", map[string]string{"members.csv": "member_id,enrolled_at\n1,2026-01-01\n"}, []string{"feeds.members", "id"}},
		{"file that is not there", head + "feeds:\n  members: {file: people*.csv}", nil, []string{"feeds.members.file", "no file matches", "people*.csv"}},
		{"file of another kind", head + "feeds:\n  members: {file: people.xlsx}", map[string]string{"people.xlsx": "x"}, []string{"feeds.members.file", "people.xlsx", "neither CSV"}},
		{"files of two kinds", head + "feeds:\n  members: {file: people.*}", map[string]string{"people.csv": "member_id\n1\n", "people.json": "[]"}, []string{"feeds.members.file", "different formats"}},
		{"two files of one name", head + "warehouse: 'duckdb:.'\nfeeds:\n  members: {table: members}",
			map[string]string{"members.csv": "member_id,enrolled_at\n1,2026-01-01\n", "members.json": "[]"}, []string{"warehouse", "members.csv", "members.json", "Rename"}},
		{"folder without files", head + "warehouse: 'duckdb:.'\nfeeds:\n  members: {table: members}", map[string]string{"readme.txt": "x", ".sub/members.csv": "member_id\n1\n"}, []string{"warehouse", "holds no CSV"}},
		{"folder that is not there", head + "warehouse: duckdb:nowhere\nfeeds:\n  members: {table: members}", nil, []string{"warehouse", "nowhere", "is not there"}},
		{"file that is no database", head + "warehouse: duckdb:data.duckdb\nfeeds:\n  members: {table: members}", map[string]string{"data.duckdb": strings.Repeat("no database ", 1000)}, []string{"warehouse", "can't be opened"}},
		{"file that is no Parquet", head + "warehouse: 'duckdb:.'\nfeeds:\n  members: {table: members}", map[string]string{"members.parquet": "nothing of the kind"}, []string{"members.parquet", "can't be read"}},
		{"unknown engine", head + "warehouse: oracle://host/db\nfeeds:\n  members: {table: members}", nil, []string{"warehouse", "oracle", "duckdb:PATH"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := testdesk.TryConfig(t, c.text, tree(t, c.files), "")
			if err == nil {
				_, err = d.Source.Snapshot(context.Background())
			}
			if !fault.Is(err, fault.Config) {
				t.Fatalf("error %v, want one of kind config", err)
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q lacks %q", err, part)
				}
			}
			for _, part := range []string{"SELECT *", "LIMIT", "secret", "LINE 1", "\n"} {
				if strings.Contains(err.Error(), part) {
					t.Errorf("error %q shows %q", err, part)
				}
			}
		})
	}
}

// A semicolon in a text literal ends no statement.
func TestSemicolonInALiteral(t *testing.T) {
	s := snapshot(t, head+"feeds:\n  members: {sql: \"SELECT 1 AS member_id, DATE '2026-01-01' AS enrolled_at, 'a;b' AS tier\"}\n", t.TempDir())
	expect(t, s, `SELECT m.tier FROM {{feed "members"}} AS m`, nil, "a;b")
}

func TestSQLWithCommentAndSemicolon(t *testing.T) {
	s := snapshot(t, head+"feeds:\n  members:\n    sql: |\n      -- who is in\n      SELECT 1 AS member_id, DATE '2026-01-01' AS enrolled_at -- all of them\n", t.TempDir())
	expect(t, s, `SELECT CAST({{count "*"}} AS text) FROM {{feed "members"}} AS m`, nil, "1")
	s = snapshot(t, head+"feeds:\n  members: {sql: \"SELECT 1 AS member_id, DATE '2026-01-01' AS enrolled_at ; \"}\n", t.TempDir())
	expect(t, s, `SELECT CAST({{count "*"}} AS text) FROM {{feed "members"}} AS m`, nil, "1")
}

// A mistake can be mended while the program runs: nothing of it is kept.
func TestAMendedFolderIsReadAgain(t *testing.T) {
	dir := tree(t, map[string]string{"members.csv": "member,enrolled_at\n1,2026-01-01\n"})
	d := testdesk.Config(t, head+"warehouse: 'duckdb:.'\nfeeds:\n  members: {table: members}\n", dir, "")
	if _, err := d.Source.Snapshot(context.Background()); !fault.Is(err, fault.Config) {
		t.Fatalf("error %v, want one of kind config", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "members.csv"), []byte("member_id,enrolled_at\n1,2026-01-01\n2,2026-01-02\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := d.Source.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	expect(t, s, `SELECT CAST({{count "*"}} AS text) FROM {{feed "members"}} AS m`, nil, "2")
}

// A file: feed reads its own files, several by a glob and with columns in any
// order, beside a folder.
func TestFilesOfAFeed(t *testing.T) {
	dir := tree(t, map[string]string{
		"members.csv":       "member_id,enrolled_at\n1,2026-01-01\n",
		"sales/2026-05.csv": "order_id,ordered_at,net\n1,2026-05-01 10:00:00,5.5\n", "sales/2026-06.csv": "net,order_id,ordered_at,margin\n7,2,2026-06-01 10:00:00,2\n",
		"rewards.jsonl": "{\"reward_id\":1,\"name\":\"Mug\",\"cost_points\":5}\n",
		"tiers.csv.gz":  "tier,rank\nBlue,1\nGold,2\n",
	})
	s := snapshot(t, head+`warehouse: "duckdb:."
feeds:
  members: {table: members}
  orders: {file: "sales/*.csv"}
  rewards: {table: rewards}
  tiers: {table: tiers}
`, dir)
	expect(t, s, `SELECT CAST({{exact "sum(o.net)"}} AS text) FROM {{feed "orders"}} AS o`, nil, "125000")
	expect(t, s, `SELECT CAST({{exact "sum(o.margin)"}} AS text) FROM {{feed "orders"}} AS o`, nil, "20000")
	expect(t, s, `SELECT r.name FROM {{feed "rewards"}} AS r`, nil, "Mug")
	expect(t, s, `SELECT t.tier FROM {{feed "tiers"}} AS t ORDER BY t.rank NULLS LAST`, nil, "Blue", "Gold")
}

// The folder may be called anything.
func TestFolderNamedLikeAPattern(t *testing.T) {
	for _, name := range []string{"data [1]", "it's here", "a*b", "100%", "a?b=c&d"} {
		dir := tree(t, map[string]string{name + "/members.csv": "member_id,enrolled_at\n1,2026-01-01\n"})
		s, err := testdesk.Config(t, head+"feeds:\n  members: {table: members}\n", dir, "duckdb:"+name).Source.Snapshot(context.Background())
		if err != nil {
			t.Errorf("folder %q: %v", name, err)
			continue
		}
		s.Close()
	}
}
