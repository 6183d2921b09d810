package duckdb

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// CSV carries no types. The driver's guess from the head of a file is unsafe:
// a later 0.5 in a column of whole numbers is rounded without a word, and a
// time is cut off a date. Its guess from the whole file takes as long as five
// readings. So the types are found by the forms below, from the head, and
// held against every value while the file is loaded; when one does not fit,
// all values are looked at, and the file is loaded again.

// form is one way in which a value can be written.
type form int64

const (
	integer form = 1 << iota // as the engine would write it: 7, not 007
	huge                     // an integer of more than 64 bits
	number                   // 1.50, 1e3, nan
	date                     // 2026-01-31
	stamp                    // 2026-01-31 10:00, without a zone
	instant                  // with a zone
	boolean                  // true, false
	text                     // anything else
)

// shapes are SQL conditions by which a value x has a form, y being what the
// engine reads it as in the form's type; the first that holds counts, and those
// that are cheap to refute stand first. A day and month in another order are
// text: which is which would be a guess.
var shapes = []struct {
	form      form
	typ       string
	condition string
}{
	{date, "DATE", `strlen(x) = 10 AND substr(x, 5, 1) = '-' AND x = CAST(y AS VARCHAR)`},
	{stamp, "TIMESTAMP", `substr(x, 5, 1) = '-' AND y IS NOT NULL AND (strlen(x) = 19 AND substr(x, 17, 1) = ':' OR regexp_full_match(x, '\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?'))`},
	{instant, "TIMESTAMPTZ", `substr(x, 5, 1) = '-' AND y IS NOT NULL AND regexp_full_match(x, '\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)? ?(Z|[+-]\d{2}(:?\d{2})?)')`},
	{integer, "BIGINT", `x = CAST(y AS VARCHAR)`},
	{huge, "HUGEINT", `x = CAST(y AS VARCHAR)`},
	{number, "DOUBLE", `y IS NOT NULL AND regexp_full_match(lower(x), '[+-]?((0|[1-9]\d*)?(\.\d*)?(e[+-]?\d+)?|inf|infinity|nan)')`},
	{boolean, "BOOLEAN", `lower(x) IN ('true', 'false')`},
}

// wider are the forms whose values a form's type takes as well: the type of a
// column is that of the first shape here which takes all of its values.
var wider = []struct{ last, forms form }{
	{integer, integer}, {huge, integer | huge}, {number, integer | huge | number},
	{date, date}, {stamp, date | stamp}, {instant, instant}, {boolean, boolean},
}

var placeholder = regexp.MustCompile(`\b[xy]\b`)

// fill puts SQL in the places of x and y.
func fill(condition, x, y string) string {
	return placeholder.ReplaceAllStringFunc(condition, func(name string) string {
		if name == "x" {
			return x
		}
		return y
	})
}

// value is the SQL of a column's value without the blanks around it.
func value(column string) string { return "nullif(trim(" + warehouse.Quote(column) + "), '')" }

// formOf is the SQL of the form of a column's value, 0 for none.
func formOf(column string) string {
	var b strings.Builder
	x := value(column)
	fmt.Fprintf(&b, "CASE WHEN %s IS NULL THEN 0", x)
	// Most texts are told by their first letter, which spares failing casts.
	fmt.Fprintf(&b, " WHEN NOT (ord(%s) BETWEEN ord('+') AND ord('9') OR lower(%s) IN ('true', 'false', 'inf', 'infinity', 'nan')) THEN %d", x, x, text)
	for _, s := range shapes {
		fmt.Fprintf(&b, " WHEN %s THEN %d", fill(s.condition, x, "TRY_CAST("+x+" AS "+s.typ+")"), s.form)
	}
	fmt.Fprintf(&b, " ELSE %d END", text)
	return b.String()
}

// misfit is the engine's error when a value lacks its column's forms.
const misfit = "a value of another form"

// typed is the SQL that reads the columns of a relation in the types of their
// forms, and fails at a value of another. Each value is trimmed once and cast
// once, in a step of its own.
func typed(relation string, columns []string, forms []form) string {
	var trims, casts, checks []string
	for i, column := range columns {
		name, x, y := warehouse.Quote(column), fmt.Sprintf("x%d", i), fmt.Sprintf("y%d", i)
		typ, condition := "", ""
		for _, w := range wider {
			if forms[i] != 0 && forms[i]&^w.forms == 0 {
				for _, s := range shapes {
					if s.form == w.last {
						typ, condition = s.typ, s.condition
					}
				}
				break
			}
		}
		switch {
		case forms[i] == 0: // blank so far
			trims, casts = append(trims, value(column)+" AS "+x), append(casts, x)
			checks = append(checks, fmt.Sprintf("CASE WHEN %s IS NOT NULL THEN error('%s') END AS %s", x, misfit, name))
		case typ == "":
			trims, casts, checks = append(trims, name+" AS "+x), append(casts, x), append(checks, x+" AS "+name)
		default:
			trims, casts = append(trims, value(column)+" AS "+x), append(casts, x, "TRY_CAST("+x+" AS "+typ+") AS "+y)
			checks = append(checks, fmt.Sprintf("CASE WHEN %s IS NULL THEN NULL WHEN %s THEN %s ELSE error('%s') END AS %s", x, fill(condition, x, y), y, misfit, name))
		}
	}
	return "SELECT " + strings.Join(checks, ", ") + " FROM (SELECT " + strings.Join(casts, ", ") + " FROM (SELECT " + strings.Join(trims, ", ") + " FROM " + relation + "))"
}

// head is how many rows the first guess is made from.
const head = 10_000

// readCSV is the SQL that reads a file as texts. Nothing of how it is written
// is left to a guess: with no quote, values would keep theirs; with a comment
// sign, rows would go.
func readCSV(files []string, separator string) string {
	return "read_csv(" + list(files) + ", all_varchar=true, header=true, skip=0, delim=" + warehouse.Literal(separator) +
		`, quote='"', escape='"', comment='', union_by_name=true, hive_types_autocast=false)`
}

// loadCSV loads the source, whose files' columns are separated so.
func (d *database) loadCSV(ctx context.Context, s source, separators []string) error {
	bySeparator := map[string][]string{}
	for i, file := range s.files {
		if err := d.checkHeader(ctx, s, file, separators[i]); err != nil {
			return err
		}
		bySeparator[separators[i]] = append(bySeparator[separators[i]], file)
	}
	var reads []string
	for _, separator := range slices.Sorted(maps.Keys(bySeparator)) {
		reads = append(reads, "SELECT * FROM "+readCSV(bySeparator[separator], separator))
	}
	read := "(" + strings.Join(reads, " UNION ALL BY NAME ") + ")"
	columns, err := d.columns(ctx, read)
	if err != nil {
		return err
	}
	forms, err := d.forms(ctx, fmt.Sprintf("(SELECT * FROM %s AS f LIMIT %d)", read, head), columns)
	if err != nil {
		return err
	}
	err = d.create(ctx, s, read, columns, forms)
	if err == nil || !strings.Contains(err.Error(), misfit) {
		return err
	}
	if forms, err = d.forms(ctx, read, columns); err != nil {
		return err
	}
	return d.create(ctx, s, read, columns, forms)
}

// checkHeader refuses a file whose first line is a row: it would be taken for
// the names of columns, and shown as such.
func (d *database) checkHeader(ctx context.Context, s source, file, separator string) error {
	has := true
	err := d.each(ctx, "SELECT HasHeader FROM sniff_csv("+warehouse.Literal(file)+", skip=0, delim="+warehouse.Literal(separator)+`, quote='"', escape='"', comment='')`, func(row warehouse.Row) error { return row.Scan(&has) })
	if err == nil && !has {
		return fault.New(fault.Config, s.field, "%s has no header line", filepath.Base(file)).Then("Put the names of the columns into its first line")
	}
	return err
}

// columns returns the names of a relation's columns.
func (d *database) columns(ctx context.Context, relation string) ([]string, error) {
	rows, err := d.db.QueryContext(ctx, "SELECT * FROM "+relation+" LIMIT 0")
	if err != nil {
		return nil, failure(ctx, err)
	}
	defer rows.Close()
	return rows.Columns()
}

// forms returns the forms that each column's values have.
func (d *database) forms(ctx context.Context, relation string, columns []string) ([]form, error) {
	list, forms, into := make([]string, len(columns)), make([]form, len(columns)), make([]any, len(columns))
	for i, column := range columns {
		list[i] = "coalesce(bit_or(" + formOf(column) + "), 0)"
		into[i] = &forms[i]
	}
	err := d.each(ctx, "SELECT "+strings.Join(list, ", ")+" FROM "+relation, func(row warehouse.Row) error { return row.Scan(into...) })
	return forms, err
}

// create loads the source by the forms of its columns.
func (d *database) create(ctx context.Context, s source, read string, columns []string, forms []form) error {
	return d.exec(ctx, "CREATE OR REPLACE TABLE "+s.into()+" AS "+typed(read, columns, forms))
}
