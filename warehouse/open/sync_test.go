package open_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/duckdb"
	"loyaltymcp/warehouse/open"
	"loyaltymcp/warehouse/postgres/pgtest"
)

// texts are what CSV between two engines most easily loses.
var texts = []string{"", " ", "plain", " blanks ", "comma, comma", `quote " quote`, `"`, `""`, "'", `back\slash`, `\N`, `\.`, "NULL", "null", "line\nbreak", "\r\n", "tab\ttab", "Zoë, 日本語 🙂", "#no comment", "007", "1e5", "{}", ";", strings.Repeat("long ", 100_000)}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// program is a mapping by SQL that runs on every engine.
func program() warehouse.Mapping {
	var rows []string
	for i, text := range texts {
		rows = append(rows, fmt.Sprintf("(CAST(%d AS bigint), TIMESTAMP '2026-01-01 10:00:00.123456', %s, CAST(%d.5 AS decimal(9,2)))", len(texts)-i, literal(text), i))
	}
	rows = append(rows, "(CAST(NULL AS bigint), TIMESTAMP '2199-12-31 23:59:59', CAST(NULL AS text), CAST(NULL AS decimal(9,2)))")
	return warehouse.Mapping{
		"members": {SQL: "SELECT member_id, enrolled_at, tier, tier AS area, 'Cancelled' AS status, member_id > 3 AS is_test FROM (VALUES " + strings.Join(rows, ", ") + ") AS t(member_id, enrolled_at, tier, net)"},
		"orders": {SQL: "SELECT tier AS order_id, member_id, DATE '2026-03-01' AS ordered_at, net FROM (VALUES " + strings.Join(rows, ", ") + ") AS t(member_id, enrolled_at, tier, net)",
			Grain: warehouse.GrainMonth},
		"surveys": {SQL: "SELECT member_id, TIMESTAMP '2026-03-29 02:30:00' AS responded_at, 'NPS' AS kind, 0.1 + member_id AS score FROM (VALUES (1), (2)) AS t(member_id)", Zone: berlin()},
		"points":  {SQL: "SELECT 1 AS entry_id, CAST(1 AS bigint) AS member_id, DATE '2026-03-01' AS occurred_at, 'earn' AS kind, 5 AS points WHERE 1 = 0"},
	}
}

func berlin() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}

func syncer(t testing.TB, url, folder string, mapping warehouse.Mapping) open.Sync {
	t.Helper()
	return open.Sync{Options: open.Options{URL: url, Folder: folder, Mapping: mapping}, File: filepath.Join(t.TempDir(), "copy.duckdb"),
		Zone: berlin(), Dimensions: []string{"area"}, Progress: func(string, int64) {}, Done: func(string, int64, time.Duration) {}}
}

// rows reads all feeds in contract form, sorted.
func rows(t *testing.T, o open.Options) map[string][]string {
	t.Helper()
	engine, err := open.Engine(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	source := warehouse.NewSource(engine, o.Mapping, berlin(), []string{"area"})
	defer source.Close()
	s, err := source.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out := map[string][]string{"columns": nil}
	queries := map[string]string{
		"members": "CAST(m.member_id AS text), CAST(m.enrolled_at AS text), m.tier, m.area, m.status, CAST(m.is_test AS text)",
		"orders":  "m.order_id, CAST(m.member_id AS text), CAST(m.ordered_at AS text), CAST(CAST(m.net AS decimal(18,4)) AS text)",
		"surveys": "CAST(m.member_id AS text), CAST(m.responded_at AS text), m.kind, CAST(m.score AS text)",
	}
	for _, feed := range []string{"members", "orders", "surveys", "points"} {
		out["columns"] = append(out["columns"], fmt.Sprint(feed, s.Columns(feed), s.Missing(feed, "member_id"), s.Grain(feed)))
		if queries[feed] == "" {
			continue
		}
		list := strings.Split(queries[feed], ", ")
		for i, column := range list {
			list[i] = "coalesce(" + column + ", '<null>')"
		}
		q := warehouse.MustParseQueries("test", files("-- rows\nSELECT "+strings.Join(list, " || '|' || ")+" FROM {{every \""+feed+"\"}} AS m"))
		got, err := warehouse.Collect(context.Background(), s, q, "a", nil, func(row warehouse.Row) (text string, err error) { return text, row.Scan(&text) })
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(got)
		out[feed] = got
	}
	return out
}

// Every value comes through as it was: texts of all kinds, nulls, instants,
// amounts, ids, and what is missing or empty.
func TestSyncCopiesEveryValue(t *testing.T) {
	check := func(t *testing.T, url string) {
		s := syncer(t, url, t.TempDir(), program())
		if err := s.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		want, got := rows(t, s.Options), rows(t, s.Read())
		for feed, w := range want {
			if !slices.Equal(w, got[feed]) {
				t.Errorf("%s: copied %.2000q\nwant %.2000q", feed, got[feed], w)
			}
		}
		if len(want["members"]) != len(texts)+1 {
			t.Errorf("%d members, want %d", len(want["members"]), len(texts)+1)
		}
		if entries := names(t, filepath.Dir(s.File)); !slices.Equal(entries, []string{"copy.duckdb"}) {
			t.Errorf("the folder holds %v, want the copy alone", entries)
		}
	}
	t.Run("embedded", func(t *testing.T) { check(t, "") })
	t.Run("PostgreSQL", func(t *testing.T) { check(t, testdesk.PostgresURL(t)) })
}

func files(text string) fstest.MapFS { return fstest.MapFS{"a.sql": {Data: []byte(text)}} }

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, entry := range entries {
		out = append(out, entry.Name())
	}
	return out
}

// many is a program that takes a while to copy.
func many(n int) warehouse.Mapping {
	return warehouse.Mapping{"members": {SQL: fmt.Sprintf("SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at, 'Gold' AS tier, 'x' AS area FROM generate_series(1, %d) AS t(i)", n)}}
}

// Who gives up, or fails, leaves the older copy as it was, and nothing else.
func TestSyncInterrupted(t *testing.T) {
	check := func(t *testing.T, url string) {
		s := syncer(t, url, t.TempDir(), many(1000))
		if err := s.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadFile(s.File)
		if err != nil {
			t.Fatal(err)
		}
		temp := t.TempDir()
		t.Setenv("TMPDIR", temp)
		s.Mapping = many(20_000_000)
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if err := s.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the deadline's", err)
		}
		s.Mapping = warehouse.Mapping{"members": {SQL: "SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at, 'x' AS area, CAST(CASE WHEN i = 900 THEN 'anna' ELSE '1' END AS integer) = 1 AS is_test FROM generate_series(1, 1000) AS t(i)"}}
		if err := s.Run(context.Background()); !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "feeds.members") || strings.Contains(err.Error(), "anna") {
			t.Errorf("a value that can't be read: error %v, want one of kind config that names the feed and shows no value", err)
		}
		after, err := os.ReadFile(s.File)
		if err != nil || string(after) != string(before) {
			t.Errorf("the older copy changed: %v", err)
		}
		if entries := names(t, filepath.Dir(s.File)); !slices.Equal(entries, []string{"copy.duckdb"}) {
			t.Errorf("the folder holds %v, want the copy alone", entries)
		}
		if entries := names(t, temp); len(entries) != 0 {
			t.Errorf("temporary files are left: %v", entries)
		}
	}
	t.Run("embedded", func(t *testing.T) { check(t, "") })
	t.Run("PostgreSQL", func(t *testing.T) { check(t, testdesk.PostgresURL(t)) })
}

// A reader of the older copy goes on while a newer one takes its place; what a
// crash left is cleaned up.
func TestSyncUnderAReader(t *testing.T) {
	s := syncer(t, "", t.TempDir(), many(10))
	if err := s.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	engine, err := open.Engine(context.Background(), s.Read())
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	old, err := engine.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	leftover := s.File + ".999999999.sync"
	if err := os.WriteFile(leftover, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	// The same SQL, as far as the mapping goes: the source has changed.
	other := s
	other.Mapping = many(20)
	if err := other.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(leftover); !os.IsNotExist(err) {
		t.Errorf("what a crash left is still there: %v", err)
	}
	count := func(r warehouse.Reader) (n int64) {
		if err := r.Query(context.Background(), "SELECT CAST(count(*) AS bigint) FROM members", nil, func(row warehouse.Row) error { return row.Scan(&n) }); err != nil {
			t.Error(err)
		}
		return n
	}
	if n := count(old); n != 10 {
		t.Errorf("the older copy has %d members, want 10", n)
	}
	if r, err := engine.Begin(context.Background()); !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "loyalty-mcp sync") {
		t.Errorf("a copy of another mapping: %v, %v, want an error that says to run loyalty-mcp sync", r, err)
	}
}

func TestSyncRefuses(t *testing.T) {
	dir := t.TempDir()
	data, folder := filepath.Join(dir, "data.duckdb"), filepath.Join(dir, "folder.duckdb")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	s := syncer(t, "", dir, many(1))
	s.File = data
	if err := s.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		s    open.Sync
		want string
	}{
		{"no folder", open.Sync{File: filepath.Join(dir, "nowhere", "x.duckdb")}, "there is no folder"},
		{"a folder", open.Sync{File: folder}, "is a folder"},
		{"the warehouse itself", open.Sync{Options: open.Options{URL: "duckdb:" + data}, File: data}, "the warehouse itself"},
	} {
		if err := c.s.Run(context.Background()); !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one of kind config with %q", c.name, err, c.want)
		}
	}
	// A file that no sync made, or none, is not read as a copy.
	gone := s
	gone.File = filepath.Join(dir, "gone.duckdb")
	if _, err := open.Engine(context.Background(), gone.Read()); !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "Run loyalty-mcp sync") {
		t.Errorf("no copy: error %v, want one that says to run loyalty-mcp sync", err)
	}
}

// What stands at the place of a copy and is none is never overwritten, also
// when it comes there while the copy is made.
func TestSyncOverwritesNothing(t *testing.T) {
	refuses := func(t *testing.T, s open.Sync, text string) {
		t.Helper()
		if err := s.Run(context.Background()); !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), filepath.Base(s.File)) {
			t.Errorf("error %v, want one of kind config that names the file", err)
		}
		if got, err := os.ReadFile(s.File); err != nil || string(got) != text {
			t.Errorf("the file holds %.80q, %v, want it as it was", got, err)
		}
		if entries := names(t, filepath.Dir(s.File)); !slices.Equal(entries, []string{filepath.Base(s.File)}) {
			t.Errorf("the folder holds %v, want the file alone", entries)
		}
	}
	for name, text := range map[string]string{"loyalty.yaml": "name: decoy\n", "members.csv": "member_id\n1\n", "notes": "decoy", "junk.duckdb": strings.Repeat("decoy", 5000), "empty.duckdb": ""} {
		t.Run(name, func(t *testing.T) {
			s := syncer(t, "", t.TempDir(), many(3))
			s.File = filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(s.File, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			refuses(t, s, text)
		})
	}
	t.Run("a database of another kind", func(t *testing.T) {
		s := syncer(t, "", t.TempDir(), many(3))
		if _, err := duckdb.CreateDemo(context.Background(), s.File, demo.Options{Members: 20, Seed: 1}); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(s.File)
		if err != nil {
			t.Fatal(err)
		}
		refuses(t, s, string(text))
	})
	t.Run("one that comes meanwhile", func(t *testing.T) {
		s := syncer(t, "", t.TempDir(), many(3))
		s.Done = func(string, int64, time.Duration) {
			if err := os.WriteFile(s.File, []byte("decoy"), 0o600); err != nil {
				t.Error(err)
			}
		}
		refuses(t, s, "decoy")
	})
}

// A server that ends the reading loses the snapshot: the copy starts over from
// a new one, and holds the rows of that alone.
func TestSyncStartsOver(t *testing.T) {
	kill := func(t *testing.T, url string) {
		t.Helper()
		if err := pgtest.Execute(context.Background(), url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'loyalty-mcp' AND datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
			t.Error(err)
		}
	}
	// Often is how many times the server does so, each between two feeds.
	for often, want := range map[int]string{1: "", 2: "", 3: "after two retries"} {
		t.Run(fmt.Sprint(often), func(t *testing.T) {
			url := pgtest.Database(t, testdesk.PostgresURL(t), "sync_starts_over")
			s := syncer(t, url, t.TempDir(), program())
			kills, again := 0, []warehouse.Retry{}
			s.Done = func(feed string, _ int64, _ time.Duration) {
				if feed == "members" && kills < often {
					kills++
					kill(t, url)
				}
			}
			s.Again = func(r warehouse.Retry) { again = append(again, r) }
			ctx := warehouse.WithPatience(t.Context(), warehouse.NewPatience(warehouse.Backoff{Waits: []time.Duration{time.Millisecond, time.Millisecond}}))
			err := s.Run(ctx)
			if len(again) != min(often, warehouse.MaxRetries) || again[0].Class == "" {
				t.Errorf("told of the retries %v, want %d", again, min(often, warehouse.MaxRetries))
			}
			if want != "" {
				if !warehouse.Lost(err) || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want a lost snapshot with %q", err, want)
				}
				if entries := names(t, filepath.Dir(s.File)); len(entries) != 0 {
					t.Errorf("the folder holds %v, want nothing", entries)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			from, to := rows(t, s.Options), rows(t, s.Read())
			for feed := range from {
				if !slices.Equal(from[feed], to[feed]) {
					t.Errorf("%s: the copy differs from the source", feed)
				}
			}
		})
	}
}

// Two syncs to one file, maybe of two containers, don't meet.
func TestSyncWhileAnotherDoes(t *testing.T) {
	s := syncer(t, "", t.TempDir(), many(3))
	other := s
	s.Done = func(string, int64, time.Duration) {
		if err := other.Run(context.Background()); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "another sync") {
			t.Errorf("the other sync: error %v, want one of kind conflict", err)
		}
	}
	if err := s.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := other.Run(context.Background()); err != nil {
		t.Errorf("after it: %v", err)
	}
	if entries := names(t, filepath.Dir(s.File)); !slices.Equal(entries, []string{"copy.duckdb"}) {
		t.Errorf("the folder holds %v, want the copy alone", entries)
	}
}

// The hash knows where the data is, but no password.
func TestHash(t *testing.T) {
	hash := func(url string, change func(*open.Sync)) string {
		s := syncer(t, url, "", many(1))
		if change != nil {
			change(&s)
		}
		return s.Hash()
	}
	same := hash("postgres://anna:one@host:5432/db?sslmode=require", nil)
	if got := hash("postgres://bert:two@host:5432/db", nil); got != same {
		t.Error("another user or password is another hash")
	}
	for name, other := range map[string]string{
		"another database": hash("postgres://anna:one@host:5432/other", nil), "a file": hash("duckdb:x", nil),
		"another mapping": hash("postgres://host:5432/db", func(s *open.Sync) { s.Mapping = many(2) }),
		"another zone":    hash("postgres://host:5432/db", func(s *open.Sync) { s.Zone = time.UTC }),
		"no dimension":    hash("postgres://host:5432/db", func(s *open.Sync) { s.Dimensions = nil }),
	} {
		if other == same {
			t.Errorf("%s is the same hash", name)
		}
	}
}

// Whatever leads to other tables is another hash: in the URL, the environment
// or a service file.
func TestHashOfPlaces(t *testing.T) {
	services := filepath.Join(t.TempDir(), "services")
	if err := os.WriteFile(services, []byte("[one]\nhost=h1\ndbname=db\n[two]\nhost=h2\ndbname=db\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	hash := func(url, name, value string) string {
		t.Helper()
		for _, each := range []string{"PGHOST", "PGPORT", "PGDATABASE", "PGOPTIONS", "PGSERVICE"} {
			t.Setenv(each, "")
			os.Unsetenv(each)
		}
		t.Setenv("PGSERVICEFILE", services)
		if name != "" {
			t.Setenv(name, value)
		}
		return syncer(t, url, "", many(1)).Hash()
	}
	want := hash("postgres://anna@h1:5432/db", "", "")
	for _, c := range []struct{ url, name, value string }{
		{"postgres://anna:secret@h1/db?sslmode=require", "", ""}, {"postgres://bert@h1:5432/db?connect_timeout=3", "PGPASSWORD", "other"},
		{"postgres:///?service=one", "", ""}, {"postgres:///db", "PGHOST", "h1"}, {"postgres:///?host=h1", "PGDATABASE", "db"}, {"postgres://h1", "PGUSER", "db"},
	} {
		if hash(c.url, c.name, c.value) != want {
			t.Errorf("%s with %s=%s is another hash, but the same place", c.url, c.name, c.value)
		}
	}
	seen := map[string]string{want: "postgres://h1/db"}
	for _, c := range []struct{ url, name, value string }{
		{"postgres://h1/db?options=-csearch_path%3Dbrand_a,public", "", ""}, {"postgres://h1/db?options=-csearch_path%3Dbrand_b,public", "", ""},
		{"postgres://h1/db?search_path=brand_b", "", ""}, {"postgres://h1/db", "PGOPTIONS", "-csearch_path=brand_c"}, {"postgres://h1/db?role=brand_b", "", ""},
		{"postgres:///?service=two", "", ""}, {"postgres:///db", "PGHOST", "h3"}, {"postgres://h1/db?host=h4", "", ""}, {"postgres://h1,h2/db", "", ""},
		{"postgres://h1:5433/db", "", ""}, {"postgres://h1", "PGDATABASE", "db2"}, {"postgres://h1/db", "PGPORT", "5434"},
	} {
		got := hash(c.url, c.name, c.value)
		if other, taken := seen[got]; taken {
			t.Errorf("%s with %s=%s has the hash of %s", c.url, c.name, c.value, other)
		}
		seen[got] = c.url
	}
}
