package bench

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"loyaltymcp/warehouse"
)

// TestPairsAgree shows that partners compute the same aggregates.
func TestPairsAgree(t *testing.T) {
	p := demand(t)
	r, costs := p.run(t)
	reader := p.reader(t)
	pairs := p.pairs(t, r, costs)
	if len(pairs) < 50 {
		t.Errorf("%d pairs, want 50 at least", len(pairs))
	}
	for _, pair := range pairs {
		t.Run(pair.name, func(t *testing.T) {
			ours := rows(t, reader, pair.ours)
			if pair.agree.sums != nil {
				// Further runs of a shared query are for further windows.
				holds(t, pair.agree, ours, rows(t, reader, pair.theirs[:1]))
				return
			}
			theirs := rows(t, reader, pair.theirs)
			if pair.agree.among {
				among(t, pair.agree, ours, theirs)
				return
			}
			got, want := numbers(ours, pair.agree.keys, pair.agree.only, pair.agree.scales), numbers(theirs, pair.agree.theirKeys, "", plain)
			if len(got) != len(want) || len(want) == 0 {
				t.Fatalf("ours returns %d numbers, the hand-written %d:\n%v\n%v", len(got), len(want), got[:min(len(got), 50)], want[:min(len(want), 50)])
			}
			for i, w := range want {
				if !near(got[i], w) {
					t.Errorf("number %d is %v in ours, %v in the hand-written", i, got[i], w)
				}
			}
		})
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(b)) }

// among checks that both have the same rows, by their first columns, and that
// each of their columns is one of ours, in all rows alike.
func among(t *testing.T, a agreement, ours, theirs [][]any) {
	t.Helper()
	by := max(1, a.by)
	known := map[string][]float64{}
	for _, row := range ours {
		known[fmt.Sprint(row[:by])] = numbers([][]any{row}, a.keys, "", a.scales)
	}
	if len(known) != len(ours) || len(ours) != len(theirs) || len(theirs) == 0 {
		t.Fatalf("ours returns %d rows with %d keys, the hand-written %d", len(ours), len(known), len(theirs))
	}
	like := map[int][]int{} // our columns that are like theirs so far
	for _, row := range theirs {
		got, ok := known[fmt.Sprint(row[:by])]
		if !ok {
			t.Fatalf("ours has no row %v", row[:by])
		}
		for i, want := range numbers([][]any{row}, a.theirKeys, "", plain) {
			if _, ok := like[i]; !ok {
				for k := range got {
					like[i] = append(like[i], k)
				}
			}
			like[i] = slices.DeleteFunc(like[i], func(k int) bool { return !near(got[k], want) })
			if len(like[i]) == 0 {
				t.Fatalf("number %d of row %v is %v, which no column of ours is that was like it before: %v", i, row[:by], want, got)
			}
		}
	}
}

// holds checks that the sums of their columns are among our numbers, or among
// the sums of our rows and columns.
func holds(t *testing.T, a agreement, ours, theirs [][]any) {
	t.Helper()
	var known []float64
	columns := map[int]float64{}
	for _, row := range ours {
		sum := 0.0
		for i, n := range numbers([][]any{row}, a.keys, "", a.scales) {
			known, sum = append(known, n), sum+n
			columns[i] += n
		}
		known = append(known, sum)
	}
	for _, sum := range columns {
		known = append(known, sum)
	}
	for _, column := range a.sums {
		sum := 0.0
		for _, row := range theirs {
			sum += number(row[column])
		}
		if !slices.ContainsFunc(known, func(n float64) bool { return near(n, sum) }) {
			t.Errorf("the shared query's column %d sums to %v, which ours doesn't have: %v", column, sum, known)
		}
	}
}

// numbers returns the numbers of the rows, sorted by their leading keys.
func numbers(rows [][]any, keys int, only string, scales []float64) []float64 {
	key := func(row []any) string { return fmt.Sprintf("%v", row[:keys]) }
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b []any) int { return strings.Compare(key(a), key(b)) })
	var out []float64
	for _, row := range rows {
		if only != "" && !slices.Contains(row[:keys], any(only)) {
			continue
		}
		for i, v := range row[keys:] {
			out = append(out, number(v)/scales[min(i, len(scales)-1)])
		}
	}
	return out
}

// number returns what an engine's driver hands over as a float; times count in
// seconds, and null is 0, as an empty sum is.
func number(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case int32:
		return float64(v)
	case float64:
		return v
	case time.Time:
		return float64(v.Unix())
	}
	return 0
}

// rows runs the queries and returns all their rows, one query after the other.
func rows(t *testing.T, reader warehouse.Reader, queries []query) [][]any {
	t.Helper()
	var out [][]any
	for _, q := range queries {
		err := q.run(context.Background(), reader, func(row warehouse.Row) error {
			values, err := values(row)
			out = append(out, values)
			return err
		})
		if err != nil {
			t.Fatalf("%s: %v\n%s", q.name, err, q.sql)
		}
	}
	return out
}

// values returns a row's columns, whichever driver it comes from.
func values(row warehouse.Row) ([]any, error) {
	switch row := row.(type) {
	case interface{ Values() ([]any, error) }:
		return row.Values()
	case interface{ Columns() ([]string, error) }:
		names, err := row.Columns()
		if err != nil {
			return nil, err
		}
		out, pointers := make([]any, len(names)), make([]any, len(names))
		for i := range out {
			pointers[i] = &out[i]
		}
		return out, row.(warehouse.Row).Scan(pointers...)
	}
	return nil, fmt.Errorf("a row of type %T tells no columns", row)
}
