package duckdb_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loyaltymcp/warehouse/duckdb"
)

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

// A column has one type, held against every value. What a guess from the head
// of the file would round, cut off or leave as text is read as it is written.
func TestCSVTypes(t *testing.T) {
	for _, c := range []struct {
		name        string
		early, late string
		want        string // type and late value
	}{
		{"whole numbers", "1", "2", "BIGINT 2"}, {"a late fraction", "1", "0.5", "DOUBLE 0.5"}, {"a late exponent", "1", "1e3", "DOUBLE 1000.0"},
		{"ids of 20 digits", "12345678901234567890", "12345678901234567891", "HUGEINT 12345678901234567891"}, {"an id of 20 digits", "1", "12345678901234567891", "HUGEINT 12345678901234567891"},
		{"leading zeros", "007", "008", "VARCHAR 008"}, {"late leading zeros", "1", "007", "VARCHAR 007"}, {"a late text", "1", "x", "VARCHAR x"},
		{"signs", "-1", "-0.5", "DOUBLE -0.5"}, {"not a number", "1.5", "NaN", "DOUBLE nan"}, {"a thousands separator", "1", "1_000", "VARCHAR 1_000"}, {"hexadecimal", "1", "0x10", "VARCHAR 0x10"},
		{"dates", "2025-01-01", "2025-12-31", "DATE 2025-12-31"}, {"a late time", "2025-01-01", "2025-01-02 10:00:00", "TIMESTAMP 2025-01-02 10:00:00"},
		{"a late date", "2025-01-01 10:00:00", "2025-01-02", "TIMESTAMP 2025-01-02 00:00:00"}, {"microseconds", "2025-01-01 10:00", "2025-01-01T10:00:00.123456", "TIMESTAMP 2025-01-01 10:00:00.123456"},
		{"zones", "2025-01-01 10:00:00+02", "2025-01-01T10:00:00Z", "TIMESTAMP WITH TIME ZONE 2025-01-01 10:00:00+00"}, {"other zones", "2025-01-01T10:00:00-0500", "2025-01-01 10:00:00+05:30", "TIMESTAMP WITH TIME ZONE 2025-01-01 04:30:00+00"},
		{"a late zone", "2025-01-01 10:00:00", "2025-01-01 10:00:00+02", "VARCHAR 2025-01-01 10:00:00+02"},
		{"day or month first", "05/06/2025", "06/05/2025", "VARCHAR 06/05/2025"}, {"no day of the calendar", "2025-01-01", "2025-02-30", "VARCHAR 2025-02-30"},
		{"blank so far", "", "2025-01-01", "DATE 2025-01-01"}, {"blank so far, then text", "", "x", "VARCHAR x"}, {"blank in the end", "5", "", "BIGINT none"},
		{"flags", "true", "False", "BOOLEAN false"}, {"flags and numbers", "true", "1", "VARCHAR 1"}, {"letters", "f", "m", "VARCHAR m"},
		{"blanks around", "1", " 2 ", "BIGINT 2"}, {"blanks around text", "a", " b ", "VARCHAR  b "}, {"late quotes", "1", `"3"`, "BIGINT 3"}, {"late quotes around text", "a", `"b ""c"", d"`, `VARCHAR b "c", d`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, "x.csv", "id,v\n"+strings.Repeat("1,"+c.early+"\n", 12_000)+"2,"+c.late+"\n")
			r := begin(t, engine(t, duckdb.Options{Path: dir}))
			if got := ask(t, r, "SELECT typeof(v) || ' ' || coalesce(CAST(v AS text), 'none') FROM x WHERE id = 2"); len(got) != 1 || got[0] != c.want {
				t.Errorf("%q after %q = %q, want %q", c.late, c.early, got, c.want)
			}
		})
	}
}

// Several files of one table agree on a type that takes the values of all.
func TestCSVTypesOfSeveralFiles(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "x/1.csv", "id,v\n1,5\n")
	put(t, dir, "x/2.csv", "v;id\n0.5;2\n")
	put(t, dir, "x/3.csv", "id\n3\n")
	r := begin(t, engine(t, duckdb.Options{Path: dir}))
	if got, want := ask(t, r, "SELECT concat_ws(' ', typeof(id), id, typeof(v), v) FROM x ORDER BY id"), []string{"BIGINT 1 DOUBLE 5.0", "BIGINT 2 DOUBLE 0.5", "BIGINT 3 DOUBLE"}; !slices.Equal(got, want) {
		t.Errorf("rows = %q, want %q", got, want)
	}
}

// A header alone is a table without rows.
func TestCSVOfAHeaderAlone(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "x.csv", "member_id,enrolled_at\n")
	r := begin(t, engine(t, duckdb.Options{Path: dir}))
	columns, err := r.Describe(context.Background(), "x")
	if err != nil || len(columns) != 2 || columns[0].Name != "member_id" {
		t.Errorf("columns = %v, %v, want member_id and enrolled_at", columns, err)
	}
	if got := ask(t, r, "SELECT CAST(count(*) AS text) FROM x"); got[0] != "0" {
		t.Errorf("rows = %v, want 0", got)
	}
}

// What begins like a comment is a row; what is quoted in the header separates
// nothing.
func TestCSVIsTakenAsItIs(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "x.csv", "id;\"a,b,c,d\"\n#1;x\n2;\"y;z\"\n")
	r := begin(t, engine(t, duckdb.Options{Path: dir}))
	if got, want := ask(t, r, `SELECT concat_ws(' ', x.id, x."a,b,c,d") FROM x ORDER BY 1`), []string{"#1 x", "2 y;z"}; !slices.Equal(got, want) {
		t.Errorf("rows = %q, want %q", got, want)
	}
}
