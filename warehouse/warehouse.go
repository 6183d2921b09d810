// Package warehouse is where numbers come from.
//
// The operator maps tables or files of their own to feeds, a small contract
// of named columns (Feeds). A Source opens Snapshots; a Snapshot runs named
// queries, written once for every engine as templates in .sql files, and
// hands their rows to Go. The engine reduces whatever is large: queries return
// sufficient statistics, never members.
//
// The package knows no engine. An Engine is a thin adapter to a driver in a
// package of its own (warehouse/duckdb), and package warehouse/open picks one
// by URL. What enters a query's text comes from the .sql file, the contract
// and the operator's mapping; everything else is a bound argument.
package warehouse

import (
	"context"
	"time"

	"loyaltymcp/internal/fault"
)

// Row is one result row. Scan takes pointers to int64, float64, string, bool,
// time.Time or Exact, or pointers to pointers of them for columns that may be
// null.
type Row interface {
	Scan(dst ...any) error
}

// Engine adapts one kind of database.
type Engine interface {
	// Name is the engine's name for people: "duckdb", "postgres".
	Name() string
	// Begin opens a read-only view of the data that does not change while it
	// is open. Any number may be open at once.
	Begin(ctx context.Context) (Reader, error)
	// Close frees the engine. Readers must be closed first.
	Close() error
}

// Reader is a consistent read-only view, safe for use by several goroutines.
type Reader interface {
	// Generation identifies the state of the data: equal generations, equal
	// answers. It is "" for a live database, whose rows may change between two
	// readers. It holds no path and no secret.
	Generation() string
	// Relation returns the text by which a FROM clause reads the feed's
	// source, without an alias.
	Relation(feed string, from Mapped) (string, error)
	// Describe returns the columns of a relation without reading its rows.
	Describe(ctx context.Context, relation string) ([]Physical, error)
	// Query runs one SELECT and hands each row to scan. It stops when ctx is
	// done, and returns ctx's error then. Errors that another try may not meet
	// are Transient, those about the operator's source SourceError or
	// ValueError.
	Query(ctx context.Context, sql string, args []any, scan func(Row) error) error
	Close() error
}

// HintedReader is a Reader whose planner takes hints.
type HintedReader interface {
	// QueryHinted is Query with the hints in force for that query alone.
	QueryHinted(ctx context.Context, hints []Hint, sql string, args []any, scan func(Row) error) error
}

// Rowwise is a Reader of an engine that computes row by row, to which a
// function called on every row is dear. The others compute by columns.
type Rowwise interface{ Rowwise() }

// ValueError is an engine's error about a value in the data: a cast in the
// operator's SQL that fails on a row, a broken line of a file. It never quotes
// the value.
type ValueError struct {
	Problem string // a clause for people
}

func (e *ValueError) Error() string { return e.Problem }

// SourceError is an engine's error about what the operator's mapping reads: a
// table that is gone, a privilege that lacks, a source that takes too long. The
// warehouse names the feeds when it meets one. It holds no value of the data.
type SourceError struct {
	Kind    fault.Kind // Config where the mapping or the role is at fault, else Unavailable
	Problem string     // a clause for people
	Next    string     // what to do
}

func (e *SourceError) Error() string { return e.Problem }

// Physical is a column as the engine has it.
type Physical struct {
	Name   string
	Type   Type
	Native string // the engine's own name of the type, for messages
	// Digits and Scale are those of a DecimalType that declares them: all its
	// digits, and those after the point. Both are 0 where it doesn't.
	Digits, Scale int
}

// Type is a class of column types, coarse enough to be the same on every
// engine.
type Type int

// The classes of column types.
const (
	OtherType Type = iota
	IntegerType
	DecimalType
	FloatType
	TextType
	DateType
	TimestampType   // without a time zone
	TimestampTZType // an instant
	BooleanType
	UUIDType
)

// Mapped is where a feed comes from: exactly one of Table, File and SQL.
type Mapped struct {
	Table string // a table or view, perhaps schema.table
	File  string // a file or glob of CSV, Parquet or JSON, below the config's folder
	SQL   string // a SELECT that yields the feed's columns
	// Zone is the time zone of the feed's timestamps that carry none; UTC
	// where nil. Dates always mean midnight in the program's zone.
	Zone *time.Location
	// Grain is GrainDay, or GrainMonth where the feed's times are only
	// months: flows over windows that cut a month are then unknown.
	Grain Grain
}

// Grain is the resolution of a feed's times.
type Grain string

// The grains.
const (
	GrainDay   Grain = "day"
	GrainMonth Grain = "month"
)

// Limits bound what an engine may take. A zero leaves the engine's default.
type Limits struct {
	Threads     int           // of the embedded engine
	MemoryMB    int           // of the embedded engine
	Connections int           // to a server
	Timeout     time.Duration // of one query on a server
}

// Mapping is the operator's sources by feed name.
type Mapping map[string]Mapped

// Event is one step of a query's life, for progress.
type Event struct {
	Query   string
	Done    bool // false when the query starts
	Rows    int
	Elapsed time.Duration
}

type observerKey struct{}

// Observe returns a context under which every query reports to fn, possibly
// from several goroutines at once.
func Observe(ctx context.Context, fn func(Event)) context.Context {
	return context.WithValue(ctx, observerKey{}, fn)
}

func notify(ctx context.Context, e Event) {
	if fn, ok := ctx.Value(observerKey{}).(func(Event)); ok {
		fn(e)
	}
}
