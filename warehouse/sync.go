package warehouse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"loyaltymcp/internal/fault"
)

// A synced copy is a file of the embedded engine that holds every mapped feed
// in contract form: all rows, void and test ones included; ids as the source
// has them; instants in UTC. Read with SyncedMapping, it gives the figures that
// the source would have given at the moment of the copy.

// Exporter is a Reader whose engine can stream a query's rows.
type Exporter interface {
	// Export writes the query's rows as CSV: UTF-8, separated by commas,
	// without a header, texts quoted by " where needed, null as nothing and an
	// empty text as "". It returns the number of rows.
	Export(ctx context.Context, sql string, to io.Writer) (int64, error)
}

// Synced is a Reader of a synced copy.
type Synced interface {
	// SyncedAt is the moment whose state of the source the copy holds.
	SyncedAt() time.Time
}

// Copied is one feed to be copied.
type Copied struct {
	Feed    string
	SQL     string // a SELECT that yields the columns; "" when the feed has no rows
	Columns []CopiedColumn
	Order   []string // columns to sort the copy by
}

// CopiedColumn is a column of a copy.
type CopiedColumn struct {
	Name string
	Kind Kind
	Type Type // as the source has it, which ids keep
}

// Target takes copies of feeds.
type Target interface {
	// Take copies one feed, read through the reader, and returns its rows.
	Take(ctx context.Context, c Copied, from Reader) (int64, error)
}

// CopyTo copies every mapped feed, in contract order, all of this snapshot.
// It tells done of each. What a transient error ends has been taken in part, so
// the error is one that Lost reports: the copy starts over.
func (s *Snapshot) CopyTo(ctx context.Context, to Target, done func(feed string, rows int64, took time.Duration)) error {
	for _, name := range FeedNames() {
		b, ok := s.feeds[name]
		if !ok {
			continue
		}
		started := time.Now()
		rows, err := to.Take(ctx, b.copied(s.zone), s.reader)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if t := (*Transient)(nil); errors.As(err, &t) {
			return &Transient{Class: t.Class, Lost: true, Fault: t.Fault}
		}
		if err != nil {
			return unreadable(ctx, name, fmt.Errorf("copying the feed %s: %w", name, err))
		}
		done(name, rows, time.Since(started))
	}
	return nil
}

// copied returns how the feed is copied. Columns that the source lacks stay
// away: what they disable must stay disabled.
func (b *bound) copied(zone *time.Location) Copied {
	c := Copied{Feed: b.contract.Name}
	var list []string
	take := func(column Column) {
		p, ok := b.physical[column.Name]
		if !ok {
			return
		}
		text := b.expression(column, zone)
		if column.Kind == ID && p.Type == TextType {
			text = "CAST(" + text + " AS text)" // without the padding that char(n) has
		}
		list = append(list, text+" AS "+Quote(column.Name))
		c.Columns = append(c.Columns, CopiedColumn{Name: column.Name, Kind: column.Kind, Type: p.Type})
	}
	for _, column := range b.contract.Columns {
		take(column)
	}
	for _, name := range b.extra {
		take(Column{Name: name, Kind: Text})
	}
	if !b.empty {
		c.SQL = "SELECT " + strings.Join(list, ", ") + " FROM " + b.relation + " AS s"
	}
	for _, name := range append([]string{"member_id", "unit_id", b.contract.When}, b.contract.Key...) {
		if _, ok := b.physical[name]; ok && !slices.Contains(c.Order, name) {
			c.Order = append(c.Order, name)
		}
	}
	return c
}

// SyncedMapping returns the mapping by which a synced copy is read.
func SyncedMapping(mapping Mapping) Mapping {
	out := Mapping{}
	for name, from := range mapping {
		out[name] = Mapped{Table: name, Zone: time.UTC, Grain: from.Grain}
	}
	return out
}

// syncedFormat changes when a newer program must not read an older copy.
const syncedFormat = 1

// MappingHash identifies what a synced copy was made of and how: the mapping,
// the zone in which its dates lie, the dimensions, and where the data is.
// Source must hold no secret that may change.
func MappingHash(source string, mapping Mapping, zone *time.Location, dimensions []string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %q %q %q\n", syncedFormat, source, zone.String(), dimensions)
	for _, name := range FeedNames() {
		from, ok := mapping[name]
		if !ok {
			continue
		}
		fmt.Fprintf(h, "%s %q %q %q %q %q\n", name, from.Table, from.File, from.SQL, from.Zone.String(), from.Grain)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// NotSynced is the error for a synced copy that isn't there.
func NotSynced(file string) error {
	return fault.New(fault.Config, "sync.file", "%s is not there yet", file).Then("Run loyalty-mcp sync to make it")
}

// NotACopy is the error for a file that is no database at all.
func NotACopy(file string) error {
	return fault.New(fault.Config, "sync.file", "%s is no copy that a sync made, or not a whole one", file).
		Then("Move it away, and run loyalty-mcp sync again")
}

// SyncedOtherwise is the error for a copy of another mapping, or none at all.
func SyncedOtherwise(file string) error {
	return fault.New(fault.Config, "sync.file", "%s was not made of this mapping by this version", file).
		Then("Run loyalty-mcp sync again: loyalty.yaml, or what says where the warehouse is, has changed since, or the file is another's")
}
