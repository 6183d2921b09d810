package demo

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// CSV is a [Sink] that writes one file per table, <table>.csv, with a row of
// column names first. Timestamps are written as "2006-01-02 15:04:05", and a
// null is an empty field.
type CSV struct {
	files map[string]*csvFile
	err   error // the first one
}

type csvFile struct {
	columns []Column
	f       *os.File
	w       *bufio.Writer
	line    []byte
}

// NewCSV creates the folder and a file in it for every table. It replaces
// files of the same names.
func NewCSV(dir string) (*CSV, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	c := &CSV{files: map[string]*csvFile{}}
	for _, t := range Tables() {
		f, err := os.Create(filepath.Join(dir, t.Name+".csv"))
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.files[t.Name] = &csvFile{columns: t.Columns, f: f, w: bufio.NewWriterSize(f, 64<<10)}
		names := make([]string, len(t.Columns))
		for i, col := range t.Columns {
			names[i] = col.Name
		}
		// A failed write stays with the buffer, and Close reports it.
		c.files[t.Name].w.WriteString(strings.Join(names, ",") + "\n")
	}
	return c, nil
}

// Append writes one row. After an error it writes nothing more and returns the
// same error.
func (c *CSV) Append(table string, row ...any) error {
	if c.err != nil {
		return c.err
	}
	f := c.files[table]
	switch {
	case f == nil:
		c.err = fmt.Errorf("demo: no table %q", table)
	case len(row) != len(f.columns):
		c.err = fmt.Errorf("demo: %s has %d columns, the row %d values", table, len(f.columns), len(row))
	default:
		c.err = f.write(row)
	}
	return c.err
}

// Close flushes and closes the files and returns the first error, including
// one of an earlier Append.
func (c *CSV) Close() error {
	for _, t := range Tables() {
		f := c.files[t.Name]
		if f == nil {
			continue
		}
		for _, err := range []error{f.w.Flush(), f.f.Close()} {
			if c.err == nil {
				c.err = err
			}
		}
	}
	clear(c.files)
	return c.err
}

func (f *csvFile) write(row []any) error {
	b := f.line[:0]
	for i, v := range row {
		if i > 0 {
			b = append(b, ',')
		}
		col := f.columns[i]
		switch v := v.(type) {
		case nil:
		case int64:
			b = strconv.AppendInt(b, v, 10)
		case int32:
			b = strconv.AppendInt(b, int64(v), 10)
		case string:
			b = appendText(b, v)
		case Cents:
			b = v.append(b)
		case time.Time:
			layout := time.DateTime
			if col.Type == Date {
				layout = time.DateOnly
			}
			b = v.UTC().AppendFormat(b, layout)
		case bool:
			b = strconv.AppendBool(b, v)
		case float64:
			b = strconv.AppendFloat(b, v, 'f', -1, 64)
		default:
			return fmt.Errorf("demo: column %s: values of type %T aren't supported", col.Name, v)
		}
	}
	f.line = append(b, '\n')
	_, err := f.w.Write(f.line)
	return err
}

// appendText quotes where the format needs it. An empty text is quoted too, as
// an empty field means null.
func appendText(b []byte, s string) []byte {
	if s != "" && !strings.ContainsAny(s, ",\"\r\n") {
		return append(b, s...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(s, `"`, `""`)...)
	return append(b, '"')
}
