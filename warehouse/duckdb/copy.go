package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// Copy is a synced copy in the making. It is written beside its place, and
// takes it whole at Commit; until then, and when it is closed without, an older
// copy stays as it is.
type Copy struct {
	file, temp string
	lock       *os.File // held until the copy is closed
	reader     *reader  // holds the database in which the copy is made
	progress   func(feed string, rows int64)
}

// Copy starts a copy to the file, which must be Free. The engine's own data, if
// it has any, is copied inside it; other readers' rows are taken as they export
// them. Progress is told how many rows of a feed have come so far.
func (e *Engine) Copy(ctx context.Context, file string, progress func(feed string, rows int64)) (*Copy, error) {
	lock, err := lockPlace(file)
	if err != nil {
		return nil, err
	}
	c := &Copy{file: file, lock: lock, progress: progress}
	if err := c.start(ctx, e); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *Copy) start(ctx context.Context, e *Engine) error {
	removeLeftovers(c.file)
	if err := Free(ctx, c.file); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(c.file), filepath.Base(c.file)+".*.sync")
	if err != nil {
		return fault.New(fault.Config, "sync.file", "nothing can be written beside it").Because(reason(err)).
			Then("Let the user that syncs write to the folder, or name a file elsewhere")
	}
	c.temp = f.Name()
	// The engine makes the file itself, and takes no empty one.
	if err := errors.Join(f.Close(), os.Remove(c.temp)); err != nil {
		return err
	}
	e.target = c.temp
	r, err := e.Begin(ctx)
	if err != nil {
		return err
	}
	c.reader = r.(*reader)
	return nil
}

// Take implements warehouse.Target.
func (c *Copy) Take(ctx context.Context, feed warehouse.Copied, from warehouse.Reader) (int64, error) {
	table := target + "." + warehouse.Quote(feed.Feed)
	definitions := make([]string, len(feed.Columns))
	for i, column := range feed.Columns {
		definitions[i] = warehouse.Quote(column.Name) + " " + copyType(column)
	}
	d := c.reader.database
	if feed.SQL == "" {
		return 0, c.settle(d.exec(ctx, "CREATE TABLE "+table+" ("+strings.Join(definitions, ", ")+")"))
	}
	if own, ok := from.(*reader); ok {
		if own.database != d {
			return 0, fault.New(fault.Conflict, "warehouse", "the data changed while it was copied").Then("Start again")
		}
		rows, err := d.insert(ctx, "CREATE TABLE "+table+" AS "+sorted("("+feed.SQL+") AS f", feed))
		return rows, c.settle(own.settle(err))
	}
	exporter, ok := from.(warehouse.Exporter)
	if !ok {
		return 0, fmt.Errorf("%s can't export rows", feed.Feed)
	}
	if err := d.exec(ctx, "CREATE TABLE stage ("+strings.Join(definitions, ", ")+")"); err != nil {
		return 0, err
	}
	rows, err := c.stage(ctx, exporter, feed)
	if err != nil {
		return 0, c.settle(err)
	}
	written, err := d.insert(ctx, "CREATE TABLE "+table+" AS "+sorted("stage AS f", feed))
	if err == nil && written != rows {
		err = fmt.Errorf("%d rows came, and %d were written", rows, written)
	}
	if err != nil {
		return 0, c.settle(err)
	}
	return rows, d.exec(ctx, "DROP TABLE stage")
}

func sorted(relation string, feed warehouse.Copied) string {
	text := "SELECT * FROM " + relation
	for i, name := range feed.Order {
		if i == 0 {
			text += " ORDER BY "
		} else {
			text += ", "
		}
		text += "f." + warehouse.Quote(name) + " NULLS LAST"
	}
	return text
}

// insert runs a statement that returns how many rows it wrote.
func (d *database) insert(ctx context.Context, statement string) (rows int64, err error) {
	err = d.each(ctx, statement, func(row warehouse.Row) error { return row.Scan(&rows) })
	return rows, err
}

// settle says of an error in writing what it most likely is.
func (c *Copy) settle(err error) error {
	if err != nil && strings.Contains(err.Error(), "No space left") {
		return fault.New(fault.Config, "sync.file", "the disk is full").Then("Free some space, or name a file elsewhere")
	}
	return err
}

// Commit stamps the copy and puts it in its place.
func (c *Copy) Commit(ctx context.Context, s Stamp) error {
	d := c.reader.database
	if err := d.stamp(ctx, s); err != nil {
		return fmt.Errorf("stamping the copy: %w", err)
	}
	// Detaching writes what the write-ahead file still holds.
	if err := d.exec(ctx, "DETACH "+target); err != nil {
		return fmt.Errorf("closing the copy: %w", err)
	}
	// It took its time, and others may have put something there.
	if err := Free(ctx, c.file); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := os.Rename(c.temp, c.file); err != nil {
		return fault.New(fault.Config, "sync.file", "the copy can't be put in its place").Because(reason(err))
	}
	folder, err := os.Open(filepath.Dir(c.file))
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

// Close removes what was not committed.
func (c *Copy) Close() error {
	var err error
	if c.reader != nil {
		err = c.reader.database.db.Close()
		c.reader.Close()
	}
	if c.temp != "" {
		os.Remove(c.temp)
		os.Remove(c.temp + ".wal")
	}
	return errors.Join(err, unlockPlace(c.lock))
}
