package warehouse_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/warehouse"
)

// snapshot opens the data of a program.
func snapshot(t *testing.T, text, folder string) *warehouse.Snapshot {
	t.Helper()
	s, err := testdesk.Config(t, text, folder, "").Source.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// ask runs one template and returns its rows as texts.
func ask(t *testing.T, s *warehouse.Snapshot, template string, data any) []string {
	t.Helper()
	q, err := warehouse.ParseQueries("test", fstest.MapFS{"ask.sql": {Data: []byte("-- A test.\n" + template)}})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := warehouse.Collect(context.Background(), s, q, "ask", data, func(row warehouse.Row) (string, error) {
		var text string
		return text, row.Scan(&text)
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func expect(t *testing.T, s *warehouse.Snapshot, template string, data any, want ...string) {
	t.Helper()
	if got := ask(t, s, template, data); !slices.Equal(got, want) {
		t.Errorf("%s\n= %q, want %q", template, got, want)
	}
}

const harbor = `program: {name: Harbor, currency: EUR, time_zone: Europe/Berlin}
dimensions: [age_band]
feeds:
  members:
    sql: |
      SELECT * FROM (VALUES
        (1, TIMESTAMP '2026-01-31 23:30:00', 'Gold', 'active', false, '18-29'),
        (2, TIMESTAMP '2026-02-10 12:00:00', 'Blue', 'Merged', false, NULL),
        (3, TIMESTAMP '2026-02-11 12:00:00', NULL, NULL, true, '30-44'),
        (4, TIMESTAMP '2026-02-12 12:00:00', 'Blue', NULL, NULL, '30-44'),
        (5, TIMESTAMP '2026-02-13 12:00:00', 'Blue', 'cancelled', false, '30-44')
      ) AS t(member_id, enrolled_at, tier, status, is_test, age_band)
  orders:
    sql: |
      SELECT * FROM (VALUES
        (1, TIMESTAMP '2026-03-01 10:00:00', 10.05, 1, 'paid'),
        (2, TIMESTAMP '2026-03-01 11:00:00', 0.1, 1, NULL),
        (3, TIMESTAMP '2026-03-01 12:00:00', 100.0, 1, 'CANCELLED'),
        (4, TIMESTAMP '2026-03-01 13:00:00', 100.0, 4, 'pending'),
        (5, TIMESTAMP '2026-03-02 13:00:00', 100.0, 3, 'paid'),
        (6, TIMESTAMP '2026-03-02 14:00:00', 0.2, NULL, 'paid'),
        (7, TIMESTAMP '2026-03-03 14:00:00', 100.0, 4, 'void')
      ) AS t(order_id, ordered_at, net, member_id, status)
  surveys:
    sql: |
      SELECT TIMESTAMP '2026-03-01 10:00:00' AS responded_at, 'csat' AS kind, 4 AS score
`

// Void rows and test members count nowhere, but the checks of the data see
// them.
func TestFeedLeavesOutWhatNeverCounts(t *testing.T) {
	s := snapshot(t, harbor, t.TempDir())
	expect(t, s, `SELECT CAST(f.member_id AS text) FROM {{feed "members"}} AS f ORDER BY 1 NULLS LAST`, nil, "1", "4", "5")
	expect(t, s, `SELECT CAST(f.member_id AS text) FROM {{every "members"}} AS f ORDER BY 1 NULLS LAST`, nil, "1", "2", "3", "4", "5")
	// 3, 4 and 7 are void, 5 is a test member's; 6 is nobody's and counts.
	expect(t, s, `SELECT CAST(f.order_id AS text) FROM {{feed "orders"}} AS f ORDER BY 1 NULLS LAST`, nil, "1", "2", "6")
	expect(t, s, `SELECT CAST(f.order_id AS text) FROM {{every "orders"}} AS f ORDER BY 1 NULLS LAST`, nil, "1", "2", "3", "4", "5", "6", "7")
	// A feed without members has none to leave out.
	expect(t, s, `SELECT CAST({{count "*"}} AS text) FROM {{feed "surveys"}} AS f`, nil, "1")
}

func TestWords(t *testing.T) {
	s := snapshot(t, harbor, t.TempDir())
	data := struct {
		Text  string
		Time  time.Time
		Int   int
		Int64 int64
		Real  float64
		Flag  bool
	}{"x", time.Date(2026, 3, 1, 0, 0, 0, 0, time.FixedZone("", 3600)), 7, 8, 0.5, true}
	for _, c := range []struct{ template, want string }{
		{`SELECT CAST({{exact "sum(o.net)"}} AS text) FROM {{feed "orders"}} AS o`, "103500"},
		{`SELECT CAST({{exact "sum(o.net)"}} AS text) FROM {{feed "orders"}} AS o WHERE o.net > 1000`, "0"}, // never null
		{`SELECT CAST({{count "*"}} AS text) FROM {{feed "orders"}} AS o`, "3"},
		{`SELECT CAST({{count "DISTINCT o.member_id"}} AS text) FROM {{feed "orders"}} AS o`, "1"},
		{`SELECT CAST({{sum "CASE WHEN o.net > 1 THEN 1 END"}} AS text) FROM {{feed "orders"}} AS o`, "1"},
		{`SELECT CAST({{sum "1"}} AS text) FROM {{feed "orders"}} AS o WHERE 1 = 0`, "0"},
		{`SELECT CAST({{real "avg(s.score)"}} AS text) FROM {{feed "surveys"}} AS s`, "4.0"},
		// 23:30 in UTC on January 31 is February 1 in Berlin.
		{`SELECT CAST({{date "m.enrolled_at"}} AS text) FROM {{feed "members"}} AS m WHERE m.member_id = 1`, "2026-02-01"},
		{`SELECT CAST({{month "m.enrolled_at"}} AS text) FROM {{feed "members"}} AS m WHERE m.member_id = 1`, "2026-02-01"},
		{`SELECT CAST({{month "m.enrolled_at"}} AS text) FROM {{feed "members"}} AS m WHERE m.member_id = 4`, "2026-02-01"},
		{`SELECT {{cell "m.tier"}} FROM {{every "members"}} AS m WHERE m.member_id = 3`, ""},
		{`SELECT {{cell "m.tier"}} FROM {{every "members"}} AS m WHERE m.member_id = 1`, "Gold"},
		{`SELECT {{cell "m.age_band"}} FROM {{feed "members"}} AS m WHERE m.member_id = 4`, "30-44"},
		{`SELECT {{text "it's"}}`, "it's"},
		{`SELECT {{if has "orders" "net"}}'yes'{{else}}'no'{{end}}`, "yes"},
		{`SELECT {{if has "orders" "net" "margin"}}'yes'{{else}}'no'{{end}}`, "no"},
		{`SELECT {{if has "points"}}'yes'{{else}}'no'{{end}}`, "no"},
		// A column that the source lacks is null in its type.
		{`SELECT coalesce(CAST({{exact "sum(o.margin)"}} AS text), 'null') FROM {{feed "orders"}} AS o`, "0"},
		{`SELECT CASE WHEN max(o.gross) IS NULL THEN 'null' END FROM {{feed "orders"}} AS o`, "null"},
		// Arguments have one type each; times are in UTC.
		{`SELECT {{arg .Text}}`, "x"}, {`SELECT CAST({{arg .Time}} AS text)`, "2026-02-28 23:00:00"}, {`SELECT CAST({{arg .Int}} + {{arg .Int64}} AS text)`, "15"},
		{`SELECT CAST({{arg .Real}} AS text)`, "0.5"}, {`SELECT CAST({{arg .Flag}} AS text)`, "true"},
		// Division keeps the decimals, and integers divide as in other engines.
		{`SELECT CAST(7 / 2 AS text)`, "3"},
	} {
		expect(t, s, c.template, data, c.want)
	}
}

// What callers pass is data, whatever it looks like.
func TestArgumentsAreBound(t *testing.T) {
	s := snapshot(t, harbor, t.TempDir())
	q, err := warehouse.ParseQueries("test", fstest.MapFS{"by.sql": {Data: []byte("-- A test.\nSELECT m.tier FROM {{feed \"members\"}} AS m WHERE m.tier = {{arg .Tier}} OR m.tier = {{arg .Other}}")}})
	if err != nil {
		t.Fatal(err)
	}
	for _, evil := range []string{"' OR '1'='1", "Gold'; DROP TABLE members; --", "Gold') UNION SELECT 'x", "$1", "{{feed \"members\"}}", "\\'", "Gold\x00"} {
		data := struct{ Tier, Other string }{evil, "nobody"}
		sql, args, err := q.Render(s.Catalog, "by", data)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(sql, evil) && evil != "$1" {
			t.Errorf("%q stands in the text:\n%s", evil, sql)
		}
		if !slices.Equal(args, []any{evil, "nobody"}) {
			t.Errorf("arguments = %q, want %q and nobody", args, evil)
		}
		for _, place := range []string{"CAST($1 AS text)", "CAST($2 AS text)"} {
			if strings.Count(sql, place) != 1 {
				t.Errorf("%d times %s in\n%s", strings.Count(sql, place), place, sql)
			}
		}
		rows, err := warehouse.Collect(context.Background(), s, q, "by", data, func(row warehouse.Row) (string, error) {
			var tier string
			return tier, row.Scan(&tier)
		})
		if err != nil || len(rows) != 0 {
			t.Errorf("rows of %q = %q, %v, want none", evil, rows, err)
		}
	}
}

func TestArgumentsOfOtherTypesAreRefused(t *testing.T) {
	s := snapshot(t, harbor, t.TempDir())
	q := warehouse.MustParseQueries("test", fstest.MapFS{"x.sql": {Data: []byte("SELECT {{arg .}}")}})
	for _, value := range []any{[]string{"a"}, map[string]any{}, nil, int32(1), struct{}{}} {
		if sql, _, err := q.Render(s.Catalog, "x", value); err == nil {
			t.Errorf("%T was bound: %s", value, sql)
		}
	}
}

func TestParseQueriesRefuses(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"syntax":                  {"a.sql": {Data: []byte("SELECT {{feed")}},
		"unknown word":            {"a.sql": {Data: []byte(`SELECT {{table "members"}}`)}},
		"one name twice":          {"a.sql": {Data: []byte("SELECT 1")}, "b/a.sql": {Data: []byte("SELECT 2")}},
		"one block twice":         {"a.sql": {Data: []byte(`{{define "x"}}1{{end}}`)}, "b.sql": {Data: []byte(`{{define "x"}}2{{end}}`)}},
		"a block named as a file": {"a.sql": {Data: []byte(`{{define "b"}}1{{end}}`)}, "b.sql": {Data: []byte("SELECT 1")}},
	} {
		if _, err := warehouse.ParseQueries("test", files); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	q := warehouse.MustParseQueries("test", fstest.MapFS{"a.sql": {Data: []byte("SELECT 1")}, "notes.txt": {Data: []byte("{{")}})
	if got := q.Names(); !slices.Equal(got, []string{"a"}) {
		t.Errorf("names = %v, want a", got)
	}
}

func TestRenderRefuses(t *testing.T) {
	s := snapshot(t, harbor, t.TempDir())
	q := warehouse.MustParseQueries("test", fstest.MapFS{
		"unmapped.sql": {Data: []byte(`SELECT 1 FROM {{feed "points"}} AS p`)}, "missing.sql": {Data: []byte("SELECT {{arg .Nothing}}")},
	})
	for _, name := range []string{"unmapped", "missing", "absent"} {
		if sql, _, err := q.Render(s.Catalog, name, map[string]any{}); err == nil {
			t.Errorf("%s rendered: %s", name, sql)
		}
	}
}

func TestOneWantsOneRow(t *testing.T) {
	s := snapshot(t, harbor, t.TempDir())
	q := warehouse.MustParseQueries("test", fstest.MapFS{
		"none.sql": {Data: []byte("SELECT 1 WHERE 1 = 0")}, "two.sql": {Data: []byte("SELECT 1 UNION ALL SELECT 2")}, "one.sql": {Data: []byte("SELECT CAST(5 AS bigint)")},
	})
	var n int64
	for _, name := range []string{"none", "two"} {
		if err := s.One(context.Background(), q, name, nil, &n); err == nil || !strings.Contains(err.Error(), "test/"+name) {
			t.Errorf("%s: error %v, want one that names the query", name, err)
		}
	}
	var events []warehouse.Event
	ctx := warehouse.Observe(context.Background(), func(e warehouse.Event) { events = append(events, e) })
	if err := s.One(ctx, q, "one", nil, &n); err != nil || n != 5 {
		t.Errorf("one = %d, %v, want 5", n, err)
	}
	if len(events) != 2 || events[0].Done || !events[1].Done || events[1].Rows != 1 || events[1].Query != "test/one" {
		t.Errorf("events = %+v, want a start and an end of test/one with a row", events)
	}
}

// Dates mean midnight in the program's zone, bare timestamps are in the feed's
// zone or else in UTC, and instants are what they are.
func TestTimesAreInstants(t *testing.T) {
	const sql = `{sql: "SELECT 1 AS order_id, %s AS ordered_at, 5 AS net"%s}`
	for _, c := range []struct{ zone, value, feedZone, want string }{
		{"UTC", "DATE '2026-06-01'", "", "2026-06-01 00:00:00"},
		{"Europe/Berlin", "DATE '2026-06-01'", "", "2026-05-31 22:00:00"},
		{"Europe/Berlin", "DATE '2026-01-01'", "", "2025-12-31 23:00:00"},
		{"America/Toronto", "DATE '2026-06-01'", "", "2026-06-01 04:00:00"},
		{"America/Toronto", "DATE '2026-06-01'", "Europe/Berlin", "2026-06-01 04:00:00"}, // the feed's zone is of timestamps
		{"Europe/Berlin", "TIMESTAMP '2026-06-01 10:00:00'", "", "2026-06-01 10:00:00"},
		{"Europe/Berlin", "TIMESTAMP '2026-06-01 10:00:00'", "UTC", "2026-06-01 10:00:00"},
		{"UTC", "TIMESTAMP '2026-06-01 10:00:00'", "Europe/Berlin", "2026-06-01 08:00:00"},
		{"UTC", "TIMESTAMP '2026-01-01 10:00:00'", "Europe/Berlin", "2026-01-01 09:00:00"},
		{"Europe/Berlin", "TIMESTAMP '2026-06-01 10:00:00'", "America/Toronto", "2026-06-01 14:00:00"},
		{"Europe/Berlin", "TIMESTAMPTZ '2026-06-01 10:00:00+02:00'", "America/Toronto", "2026-06-01 08:00:00"},
		{"UTC", "TIMESTAMPTZ '2026-06-01 10:00:00-04:00'", "", "2026-06-01 14:00:00"},
		{"UTC", "CAST('2026-06-01 10:00:00' AS TIMESTAMP_S)", "Europe/Berlin", "2026-06-01 08:00:00"},
		{"UTC", "CAST('2026-06-01 10:00:00' AS TIMESTAMP_NS)", "", "2026-06-01 10:00:00"},
	} {
		feedZone := ""
		if c.feedZone != "" {
			feedZone = ", time_zone: " + c.feedZone
		}
		s := snapshot(t, "program: {name: Small, currency: EUR, time_zone: "+c.zone+"}\nfeeds:\n  members: {sql: \"SELECT 1 AS member_id, DATE '2026-01-01' AS enrolled_at\"}\n  orders: "+
			strings.NewReplacer("%s AS", c.value+" AS", "%s}", feedZone+"}").Replace(sql)+"\n", t.TempDir())
		expect(t, s, `SELECT substr(CAST(o.ordered_at AS text), 1, 19) FROM {{feed "orders"}} AS o`, nil, c.want)
	}
}

func TestCatalog(t *testing.T) {
	s := snapshot(t, harbor, t.TempDir())
	for _, c := range []struct {
		feed    string
		columns []string
		want    string
	}{
		{"orders", nil, ""}, {"orders", []string{"net", "member_id"}, ""}, {"orders", []string{"net", "margin"}, "the orders feed has no column margin"},
		{"points", nil, "the points feed is not mapped"}, {"members", []string{"age_band"}, ""}, {"members", []string{"region"}, "the members feed has no column region"},
	} {
		if got := s.Missing(c.feed, c.columns...); got != c.want || s.Has(c.feed, c.columns...) != (c.want == "") {
			t.Errorf("missing of %s %v = %q, want %q", c.feed, c.columns, got, c.want)
		}
	}
	if got, want := s.Dimensions(), []string{"tier", "cohort", "age_band"}; !slices.Equal(got, want) {
		t.Errorf("dimensions = %v, want %v", got, want)
	}
	if got, want := s.Columns("surveys"), []string{"kind", "responded_at", "score"}; !slices.Equal(got, want) {
		t.Errorf("columns of surveys = %v, want %v", got, want)
	}
	if s.Columns("points") != nil || s.Mapped("points") || !s.Mapped("orders") {
		t.Error("points should not be mapped, orders should")
	}
	if s.Grain("orders") != warehouse.GrainDay || s.Grain("points_monthly") != warehouse.GrainMonth {
		t.Errorf("grains = %s, %s, want day, month", s.Grain("orders"), s.Grain("points_monthly"))
	}
}

// Dimensions are named by the operator, and a name may be a word of SQL.
func TestDimensionsNamedLikeSQL(t *testing.T) {
	for _, name := range []string{"group", "order", "user", "select", "end", "desc"} {
		s := snapshot(t, "program: {name: Small, currency: EUR}\ndimensions: ["+name+"]\nfeeds:\n  members: {sql: 'SELECT 1 AS member_id, DATE ''2026-01-01'' AS enrolled_at, ''x'' AS \""+name+"\"'}\n", t.TempDir())
		if !slices.Contains(s.Dimensions(), name) {
			t.Errorf("dimensions = %v, want %s among them", s.Dimensions(), name)
		}
		expect(t, s, `SELECT {{cell (print "m." .)}} FROM {{feed "members"}} AS m GROUP BY 1`, name, "x")
	}
}

func TestFeedContract(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range warehouse.Feeds() {
		if seen[f.Name] {
			t.Errorf("%s is defined twice", f.Name)
		}
		seen[f.Name] = true
		names := map[string]bool{}
		for _, c := range f.Columns {
			if names[c.Name] {
				t.Errorf("%s.%s is defined twice", f.Name, c.Name)
			}
			names[c.Name] = true
		}
		for _, name := range append(slices.Clone(f.Key), f.When) {
			if name != "" && !names[name] {
				t.Errorf("%s: %s is no column of the feed", f.Name, name)
			}
		}
		if f.When != "" {
			if c, _ := f.Column(f.When); c.Kind != warehouse.Time {
				t.Errorf("%s.%s dates a row but is %s", f.Name, f.When, c.Kind)
			}
		}
		if len(f.Void) > 0 && !names["status"] {
			t.Errorf("%s has void statuses and no status", f.Name)
		}
		if f.Means == "" {
			t.Errorf("%s says nothing", f.Name)
		}
	}
	if !slices.Equal(warehouse.FeedNames(), func() (names []string) {
		for _, f := range warehouse.Feeds() {
			names = append(names, f.Name)
		}
		return
	}()) {
		t.Error("the names are not those of the feeds")
	}
}

func TestQuoting(t *testing.T) {
	if got := warehouse.Quote(`a"b`); got != `"a""b"` {
		t.Errorf("Quote = %s", got)
	}
	if got := warehouse.Literal(`a'b`); got != `'a''b'` {
		t.Errorf("Literal = %s", got)
	}
}
