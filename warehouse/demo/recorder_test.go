package demo

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"
)

// recorder keeps every row.
type recorder map[string][][]any

func (r recorder) Append(table string, row ...any) error {
	r[table] = append(r[table], slices.Clone(row))
	return nil
}

// rows is one table of a recorded program, with its values by column name.
type rows struct {
	index map[string]int
	all   [][]any
}

func (r recorder) table(name string) rows {
	index := map[string]int{}
	for _, t := range Tables() {
		if t.Name == name {
			for i, c := range t.Columns {
				index[c.Name] = i
			}
		}
	}
	return rows{index, r[name]}
}

// of returns a row's value of a column, the zero value for a null.
func of[T any](r rows, row []any, column string) T {
	v, _ := row[r.index[column]].(T)
	return v
}

// byMember groups the rows by their member.
func (r rows) byMember() map[int64][][]any {
	out := map[int64][][]any{}
	for _, row := range r.all {
		id := of[int64](r, row, "member_id")
		out[id] = append(out[id], row)
	}
	return out
}

func record(t testing.TB, o Options) (recorder, Truth) {
	t.Helper()
	r := recorder{}
	truth, err := Generate(context.Background(), o, r)
	if err != nil {
		t.Fatal(err)
	}
	return r, truth
}

// sample is a program of some size that several tests look at.
var sample = sync.OnceValues(func() (recorder, Truth) {
	r := recorder{}
	truth, err := Generate(context.Background(), Options{Members: 3000, Seed: 5}, r)
	if err != nil {
		panic(err)
	}
	return r, truth
})

// life is when a member can have events.
type life struct {
	from, until time.Time // until is exclusive
	cancelled   bool
}

func lives(r recorder) map[int64]life {
	m := r.table("members")
	out := map[int64]life{}
	for _, row := range m.all {
		l := life{from: of[time.Time](m, row, "enrolled_at"), until: end.time()}
		if at := of[time.Time](m, row, "cancelled_at"); !at.IsZero() {
			l.until, l.cancelled = at, true
		}
		out[of[int64](m, row, "member_id")] = l
	}
	return out
}
