package warehouse

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"
)

// regularity is what is known of a feed's columns: those whose every value is in
// contract form as it stands, so that queries read them bare. A guard around a
// column costs more than its evaluation, a dozen times in a query that names the
// column as often: no engine sees through it to a range of an index or of a
// block, or to how many rows it lets pass.
type regularity struct {
	turn    chan struct{} // held to look
	columns atomic.Pointer[map[string]bool]
}

func newRegularity() *regularity { return &regularity{turn: make(chan struct{}, 1)} }

// has reports whether the column is known to be regular.
func (r *regularity) has(column string) bool {
	if r == nil {
		return false
	}
	columns := r.columns.Load()
	return columns != nil && (*columns)[column]
}

// all reports whether every guarded column is known to be regular.
func (r *regularity) all() bool {
	if r == nil {
		return false
	}
	columns := r.columns.Load()
	if columns == nil {
		return false
	}
	for _, regular := range *columns {
		if !regular {
			return false
		}
	}
	return true
}

// look finds out, once a catalog, which columns of the feeds are regular, and
// reports whether it learned anything. What can't be read, or not in time, is left for
// the query that needs it to say: its columns keep their guards, and no later snapshot
// of the source looks at it again. Rows on several nodes may
// change between the look and a query, as no snapshot spans nodes; there nothing
// is ever known.
func (s *Snapshot) look(ctx context.Context, feeds []string) (learned bool, err error) {
	if s.scattered {
		return false, nil
	}
	for _, feed := range feeds {
		b, ok := s.feeds[feed]
		if !ok || b.empty || b.regular.columns.Load() != nil {
			continue
		}
		select {
		case b.regular.turn <- struct{}{}:
		case <-ctx.Done():
			return false, blame(ctx, []string{feed}, ctx.Err())
		}
		if b.regular.columns.Load() == nil { // nobody else looked meanwhile
			err = s.lookAt(ctx, b)
		}
		<-b.regular.turn
		if err != nil {
			return false, err
		}
		learned = true
	}
	return learned, nil
}

func (s *Snapshot) lookAt(ctx context.Context, b *bound) error {
	names, odd := b.guarded()
	found := map[string]bool{}
	for _, name := range names {
		found[name] = false
	}
	if _, dear := s.dear.Load(b.contract.Name); dear || len(names) == 0 {
		b.regular.columns.Store(&found)
		return nil
	}
	numbers, counts, dst := make([]int64, len(names)), make([]string, len(names)), make([]any, len(names))
	for i := range names {
		counts[i] = "CAST(count(CASE WHEN " + odd[i] + " THEN 1 END) AS bigint)"
		dst[i] = &numbers[i]
	}
	// Rows of which nothing is odd, nearly all, are not even aggregated.
	text := "SELECT " + strings.Join(counts, ", ") + " FROM " + b.relation + " AS s WHERE " + strings.Join(odd, " OR ")
	label, started := Looking+b.contract.Name, time.Now()
	notify(ctx, Event{Query: label})
	limited, cancel := context.WithTimeout(ctx, lookTime(ctx))
	defer cancel()
	err := s.reader.Query(limited, text, nil, func(row Row) error { return row.Scan(dst...) })
	notify(ctx, Event{Query: label, Done: true, Rows: 1, Elapsed: time.Since(started)})
	switch t := (*Transient)(nil); {
	case ctx.Err() != nil:
		return blame(ctx, []string{b.contract.Name}, ctx.Err())
	case errors.As(err, &t) && t.Lost:
		return err
	case errors.As(err, &t):
		return nil // the next query looks again
	case err != nil:
		s.dear.Store(b.contract.Name, true)
	default:
		for i, name := range names {
			found[name] = numbers[i] == 0
		}
	}
	b.regular.columns.Store(&found)
	return nil
}

// lookTime is how long a look may take: it computes columns that a query may not
// need, of a view perhaps dearly, and a call has other things to do.
func lookTime(ctx context.Context) time.Duration {
	limit := time.Minute
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline)/4)
	}
	return limit
}

// Looking heads the name of the query that looks at the values of a feed's
// columns, before the first other query that reads the feed.
const Looking = "look/"

// guarded returns the columns that are read through a guard, and the conditions,
// in brackets, that a value is one that it is there for.
func (b *bound) guarded() (names, odd []string) {
	for _, column := range b.contract.Columns {
		p, ok := b.physical[column.Name]
		if !ok {
			continue
		}
		if condition := b.odd(column, p); condition != "" {
			names, odd = append(names, column.Name), append(odd, "("+condition+")")
		}
	}
	return names, odd
}

// odd returns the condition that the column's value is not in contract form; "" for
// columns that are never guarded.
func (b *bound) odd(column Column, p Physical) string {
	name := "s." + Quote(p.Name)
	switch column.Kind {
	case Word:
		if p.Type != TextType {
			// A column of another type holds next to no words, and bare casts of it
			// have made the embedded engine's planner fail.
			return ""
		}
		text := "CAST(" + name + " AS text)"
		// By bytes, whatever the column's collation takes for the same.
		lowered := text + ` COLLATE "C" <> lower(` + text + `) COLLATE "C"`
		known := column.Words
		if column.Name == "status" {
			known = standing
		}
		if !b.rowwise || len(known) == 0 {
			return lowered
		}
		return text + ` COLLATE "C" NOT IN (` + literals(known) + ") AND " + lowered
	case Time:
		return "NOT (" + within(name, p.Type) + ")"
	case Exact4:
		return "NOT (" + name + " > " + leastAmount + " AND " + name + " < " + mostAmount + ")"
	case Float:
		if p.Type != BooleanType {
			return "NOT (" + finite(name) + ")"
		}
	}
	return ""
}

func literals(words []string) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = Literal(w)
	}
	return strings.Join(list, ", ")
}
