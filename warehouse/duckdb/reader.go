package duckdb

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// reader implements warehouse.Reader. The data can't change under it: a file
// is open read-only, what was loaded is never written again, and a change of a
// file that is read where it is ends the reading.
type reader struct {
	engine   *Engine
	database *database
	once     sync.Once
}

func (r *reader) Generation() string { return r.database.generation }

func (r *reader) Close() (err error) {
	r.once.Do(func() { err = r.engine.release(r.database) })
	return err
}

// SyncedAt implements warehouse.Synced; it is zero for what is no synced copy.
func (r *reader) SyncedAt() time.Time { return r.database.syncedAt }

func (r *reader) Describe(ctx context.Context, relation string) ([]warehouse.Physical, error) {
	rows, err := r.database.db.QueryContext(ctx, "SELECT * FROM "+relation+" AS f LIMIT 0")
	if err != nil {
		return nil, r.settle(r.listing(ctx, failure(ctx, err)))
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, failure(ctx, err)
	}
	columns := make([]warehouse.Physical, len(types))
	for i, t := range types {
		native := t.DatabaseTypeName()
		columns[i] = warehouse.Physical{Name: t.Name(), Type: classify(native), Native: strings.ToLower(native)}
		// Where the type is no decimal, both stay 0.
		_, _ = fmt.Sscanf(native, "DECIMAL(%d,%d)", &columns[i].Digits, &columns[i].Scale)
	}
	return columns, r.settle(failure(ctx, rows.Err()))
}

// maxListed bounds how many tables an error lists.
const maxListed = 24

// listing adds to an error about a table that is not there those that are.
func (r *reader) listing(ctx context.Context, err error) error {
	var missing *noTable
	if !errors.As(err, &missing) {
		return err
	}
	tables, failed := r.Tables(ctx)
	all, alsoFailed := r.engine.sources() // those that nobody reads are not loaded
	if failed != nil || alsoFailed != nil {
		return err
	}
	names := map[string]bool{}
	for _, t := range tables {
		names[strings.TrimPrefix(t.Schema+"."+t.Name, ".")] = true
	}
	for _, s := range all {
		names[s.table] = true
		if s.own {
			delete(names, s.table)
		}
	}
	near := fault.Nearest(missing.name, slices.Collect(maps.Keys(names)))
	next := "Correct the feed's table or sql in loyalty.yaml"
	if len(near) > 0 {
		next += "; the tables are " + strings.Join(near[:min(len(near), maxListed)], ", ")
	}
	if more := len(near) - maxListed; more > 0 {
		next += fmt.Sprintf(" and %d more", more)
	}
	return &warehouse.SourceError{Kind: fault.Config, Problem: err.Error(), Next: next}
}

func (r *reader) Query(ctx context.Context, sql string, args []any, scan func(warehouse.Row) error) error {
	if !warehouse.IsSelect(sql) {
		return errors.New("only one SELECT is run at a time")
	}
	if err := r.database.inPlace.check(); err != nil {
		return err
	}
	return r.settle(r.database.each(ctx, sql, scan, args...))
}

// settle looks again at the files that are read where they are: what was read
// while one changed is not of one state, whatever came of it.
func (r *reader) settle(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if changed := r.database.inPlace.check(); changed != nil {
		return changed
	}
	return err
}

func classify(native string) warehouse.Type {
	name, _, _ := strings.Cut(native, "(")
	switch name {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT":
		return warehouse.IntegerType
	case "DECIMAL":
		return warehouse.DecimalType
	case "FLOAT", "DOUBLE":
		return warehouse.FloatType
	case "VARCHAR", "ENUM":
		return warehouse.TextType
	case "DATE":
		return warehouse.DateType
	case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS":
		return warehouse.TimestampType
	case "TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE":
		return warehouse.TimestampTZType
	case "BOOLEAN":
		return warehouse.BooleanType
	case "UUID":
		return warehouse.UUIDType
	}
	return warehouse.OtherType
}
