package demo

import (
	"bufio"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// CSV is a [Sink] that writes one file per table, <table>.csv, with a row of
// column names first. Timestamps are written as "2006-01-02 15:04:05", and a
// null is an empty field. It may be called for different tables at the same
// time.
type CSV struct {
	files map[string]*csvFile
	err   atomic.Pointer[error] // the first one
}

type csvFile struct {
	columns []Column
	f       *os.File
	w       *bufio.Writer
	line    []byte
}

// NewCSV creates the folder and a file in it for every table, [Tables] if none
// are given. It replaces files of the same names.
func NewCSV(dir string, tables ...Table) (*CSV, error) {
	if len(tables) == 0 {
		tables = Tables()
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	c := &CSV{files: map[string]*csvFile{}}
	for _, t := range tables {
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
	if err := c.failure(); err != nil {
		return err
	}
	f := c.files[table]
	var err error
	switch {
	case f == nil:
		err = fmt.Errorf("demo: no table %q", table)
	case len(row) != len(f.columns):
		err = fmt.Errorf("demo: %s has %d columns, the row %d values", table, len(f.columns), len(row))
	default:
		err = f.write(row)
	}
	if err != nil {
		c.err.CompareAndSwap(nil, &err)
	}
	return err
}

func (c *CSV) failure() error {
	if err := c.err.Load(); err != nil {
		return *err
	}
	return nil
}

// Close flushes and closes the files and returns the first error, including
// one of an earlier Append.
func (c *CSV) Close() error {
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		f := c.files[name]
		for _, err := range []error{f.w.Flush(), f.f.Close()} {
			if err != nil {
				c.err.CompareAndSwap(nil, &err)
			}
		}
	}
	clear(c.files)
	return c.failure()
}

func (f *csvFile) write(row []any) error {
	line, err := AppendCSV(f.line[:0], f.columns, row)
	if err != nil {
		return err
	}
	f.line = line
	_, err = f.w.Write(line)
	return err
}

// AppendCSV writes a row of the columns as a line of CSV.
func AppendCSV(b []byte, columns []Column, row []any) ([]byte, error) {
	for i, v := range row {
		if i > 0 {
			b = append(b, ',')
		}
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
			b = appendTime(b, v.UTC(), columns[i].Type)
		case bool:
			b = strconv.AppendBool(b, v)
		case float64:
			b = strconv.AppendFloat(b, v, 'f', -1, 64)
		default:
			return nil, fmt.Errorf("demo: column %s: values of type %T aren't supported", columns[i].Name, v)
		}
	}
	return append(b, '\n'), nil
}

// appendTime writes a moment as time.DateTime or time.DateOnly would, which
// take most of the time of a whole line.
func appendTime(b []byte, t time.Time, typ ColumnType) []byte {
	year, month, day := t.Date()
	b = appendTwo(append(appendTwo(append(appendTwo(appendTwo(b, year/100), year%100), '-'), int(month)), '-'), day)
	if typ == Date {
		return b
	}
	hour, minute, second := t.Clock()
	return appendTwo(append(appendTwo(append(appendTwo(append(b, ' '), hour), ':'), minute), ':'), second)
}

func appendTwo(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

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
