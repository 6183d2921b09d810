package duckdb

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// load reads the CSV and JSON sources into a file of our own: unlike memory,
// it is compressed, and costs nothing when it is not read. It is attached
// read-only then.
func (d *database) load(ctx context.Context, sources []source) error {
	file := filepath.Join(d.dir, "loaded.duckdb")
	some := false
	for _, s := range sources {
		separators := make([]string, len(s.files))
		for i, file := range s.files {
			var err error
			if separators[i], err = preflight(s, file); err != nil {
				return err
			}
		}
		if s.format == formatParquet {
			continue
		}
		if !some {
			if err := d.exec(ctx, "ATTACH "+warehouse.Literal(file)+" AS "+loaded); err != nil {
				return fmt.Errorf("making a temporary file: %w", err)
			}
			some = true
		}
		var err error
		if s.format == formatJSON {
			err = d.loadJSON(ctx, s)
		} else {
			err = d.loadCSV(ctx, s, separators)
		}
		if err != nil {
			return s.broken(ctx, err)
		}
	}
	if !some {
		return nil
	}
	for _, statement := range []string{"DETACH " + loaded, "ATTACH " + warehouse.Literal(file) + " AS " + loaded + " (READ_ONLY)"} {
		if err := d.exec(ctx, statement); err != nil {
			return fmt.Errorf("closing the temporary file: %w", err)
		}
	}
	return d.views(ctx, loaded)
}

// into returns the name of the source's table in the loaded file.
func (s source) into() string { return loaded + "." + warehouse.Quote(s.table) }

// loadJSON loads the source. All rows are looked at for their types: a late
// one may hold a fraction, or a key that those before it lack.
func (d *database) loadJSON(ctx context.Context, s source) error {
	if err := d.exec(ctx, "CREATE TABLE "+s.into()+" AS SELECT * FROM read_json("+s.list()+", sample_size=-1, union_by_name=true)"); err != nil {
		return err
	}
	// An object of objects is read as one row of them.
	columns, structs := 0, 0
	err := d.each(ctx, "SELECT data_type FROM duckdb_columns() WHERE database_name = '"+loaded+"' AND table_name = $1", func(row warehouse.Row) error {
		var typ string
		columns++
		if err := row.Scan(&typ); err != nil {
			return err
		}
		if strings.HasPrefix(typ, "STRUCT") || strings.HasPrefix(typ, "MAP") {
			structs++
		}
		return nil
	}, s.table)
	if err == nil && columns == structs {
		return fault.New(fault.Config, s.field, "%s holds an object of objects, not rows", s.name()).
			Then("Write a list of objects, or one object a line (.jsonl)")
	}
	return err
}

// The bounds of a sensible file.
const (
	maxColumns = 1000
	headBytes  = 1 << 20
)

// preflight looks at the head of a file for what the engine would take long
// over, or take silently. It returns what separates the columns of a CSV file.
func preflight(s source, file string) (separator string, err error) {
	wrong := func(format string, args ...any) *fault.Error {
		return fault.New(fault.Config, s.field, filepath.Base(file)+" "+format, args...)
	}
	f, err := os.Open(file)
	if err != nil {
		return "", wrong("can't be opened").Because(reason(err)).Then("Let the user that runs the monitor read it")
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() == 0 {
		return "", wrong("is empty, without so much as a header").Then("Write the file anew, or take it away")
	}
	if s.format == formatParquet {
		return "", nil
	}
	var from io.Reader = f
	if strings.HasSuffix(strings.ToLower(file), ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			return "", wrong("is not compressed by gzip, as its name says").Then("Rename it, or compress it")
		}
		from = z
	}
	head, err := bufio.NewReaderSize(from, headBytes).Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", wrong("can't be read to its end: it may have been cut off").Then("Copy it anew")
	}
	if s.format != formatCSV {
		return "", nil
	}
	line, _, whole := bytes.Cut(head, []byte{'\n'})
	separator, columns := separation(string(line))
	if columns > maxColumns || !whole && len(head) == headBytes {
		return "", wrong("has more than %d columns, or lines without an end", maxColumns).Then("Export only the columns that the feeds need")
	}
	return separator, nil
}

// separation returns what separates the names of a header, and how many there
// are. Guessed from the rows, it could be anything when a quote breaks.
func separation(header string) (separator string, columns int) {
	var plain strings.Builder
	quoted := false
	for _, r := range header {
		if r == '"' {
			quoted = !quoted
		} else if !quoted {
			plain.WriteRune(r)
		}
	}
	separator = ","
	for _, s := range []string{",", ";", "\t", "|"} {
		if n := strings.Count(plain.String(), s) + 1; n > columns {
			separator, columns = s, n
		}
	}
	return separator, columns
}

// broken is the error for a source that can't be read.
func (s source) broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var known *fault.Error
	if errors.As(err, &known) {
		return err
	}
	text := err.Error()
	for _, file := range s.files {
		text = strings.ReplaceAll(text, file, filepath.Base(file))
	}
	if len(s.files) == 1 {
		text = strings.ReplaceAll(text, s.name()+", line", "line") // it is named already
	}
	return fault.New(fault.Config, s.field, "%s can't be read: %s", s.name(), text).
		Then("Mend the file, or leave it out of the folder")
}
