package duckdb

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"loyaltymcp/warehouse"
)

// pieceBytes is how much CSV lies on the disk at once, twice: one piece is
// loaded while the next one comes.
const pieceBytes = 128 << 20

// stage takes what the exporter sends into the table stage: in pieces, so that
// sending and loading go side by side and little lies on the disk.
func (c *Copy) stage(ctx context.Context, from warehouse.Exporter, feed warehouse.Copied) (int64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	pieces := make(chan string)
	var loaded int64
	loading := make(chan error, 1)
	go func() {
		var err error
		for file := range pieces {
			if err == nil {
				var rows int64
				rows, err = c.loadPiece(ctx, file, feed)
				loaded += rows
				c.progress(feed.Feed, loaded)
				if err != nil {
					cancel(err)
				}
			}
			os.Remove(file)
		}
		loading <- err
	}()
	w := &pieceWriter{ctx: ctx, dir: c.reader.database.dir, pieces: pieces}
	sent, err := from.Export(ctx, feed.SQL, w)
	err = errors.Join(err, w.finish())
	close(pieces)
	if failed := <-loading; failed != nil {
		return 0, failed // and the exporter failed because of it
	}
	if err != nil {
		return 0, err
	}
	if loaded != sent {
		return 0, fmt.Errorf("%d rows were sent, and %d came", sent, loaded)
	}
	return sent, nil
}

func (c *Copy) loadPiece(ctx context.Context, file string, feed warehouse.Copied) (int64, error) {
	columns := make([]string, len(feed.Columns))
	for i, column := range feed.Columns {
		columns[i] = warehouse.Literal(column.Name) + ": " + warehouse.Literal(copyType(column))
	}
	return c.reader.database.insert(ctx, "INSERT INTO stage SELECT * FROM read_csv("+warehouse.Literal(file)+", auto_detect=false, header=false, delim=',', quote='\"', escape='\"', nullstr='', allow_quoted_nulls=false, max_line_size=16777216, columns={"+strings.Join(columns, ", ")+"})")
}

// pieceWriter cuts a stream of CSV into files, at ends of rows.
type pieceWriter struct {
	ctx    context.Context
	dir    string
	pieces chan<- string

	file   *os.File
	buffer *bufio.Writer // rows come one by one
	size   int
	quotes int // so far in this piece; an odd number means inside a text
	number int
}

// Write implements io.Writer.
func (w *pieceWriter) Write(p []byte) (int, error) {
	if w.file == nil {
		w.number++
		var err error
		if w.file, err = os.Create(filepath.Join(w.dir, fmt.Sprintf("piece-%d.csv", w.number))); err != nil {
			return 0, err
		}
		w.buffer = bufio.NewWriterSize(w.file, 1<<20)
		w.size, w.quotes = 0, 0
	}
	n, err := w.buffer.Write(p)
	if err != nil {
		return n, err
	}
	w.size += len(p)
	w.quotes += bytes.Count(p, []byte{'"'})
	if w.size >= pieceBytes && w.quotes%2 == 0 && p[len(p)-1] == '\n' {
		return n, w.finish()
	}
	return n, nil
}

// finish hands the piece over.
func (w *pieceWriter) finish() error {
	if w.file == nil {
		return nil
	}
	name := w.file.Name()
	err := errors.Join(w.buffer.Flush(), w.file.Close())
	w.file = nil
	if err != nil {
		return err
	}
	select {
	case w.pieces <- name:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}
