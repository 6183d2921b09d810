package warehouse_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"loyaltymcp/warehouse"
)

var sales = warehouse.MustParseQueries("test", fstest.MapFS{"sales.sql": {Data: []byte(`-- Sales by kind of line.
SELECT {{count "*"}}, {{exact "sum(o.net)"}}, {{count "o.ordered_at"}}, {{count "o.items"}} FROM {{feed "orders"}} AS o WHERE {{known "orders" "o"}}`)}})

// A column whose every value is in contract form is read bare after the first
// query; one odd value keeps the guard, and what is counted is the same.
func TestRegularColumnsAreReadBare(t *testing.T) {
	row := func(net, at, items, status string) string {
		return "SELECT 1 AS member_id, 1 AS order_id, " + at + " AS ordered_at, CAST(" + net + " AS double) AS net, CAST(" + items + " AS double) AS items, " + status + " AS status"
	}
	const at = "TIMESTAMP '2026-01-01 10:00:00'"
	for _, c := range []struct {
		name, second                string
		rows, net, dated, withItems int64
		netBare, atBare, itemsBare  bool
		statusBare                  bool
	}{
		{"regular", row("2.5", at, "3", "'paid'"), 2, 3_5000, 2, 2, true, true, true, true},
		{"nulls", row("NULL", "CAST(NULL AS timestamp)", "NULL", "NULL"), 2, 1_0000, 1, 1, true, true, true, true},
		{"odd amount", row("1e14", at, "3", "'paid'"), 2, 1_0000, 2, 2, false, true, true, true},
		{"no number", row("'nan'", at, "'inf'", "'paid'"), 2, 1_0000, 2, 1, false, true, false, true},
		{"no time", row("2.5", "TIMESTAMP 'infinity'", "3", "'paid'"), 2, 3_5000, 1, 2, true, false, true, true},
		{"no calendar's", row("2.5", "TIMESTAMP '1066-10-14'", "3", "'paid'"), 2, 3_5000, 1, 2, true, false, true, true},
		{"capitals", row("2.5", at, "3", "'Paid'"), 2, 3_5000, 2, 2, true, true, true, false},
		{"capitals that the column takes for the same", row("2.5", at, "3", "'Paid' COLLATE NOCASE"), 2, 3_5000, 2, 2, true, true, true, false},
		{"void", row("2.5", at, "3", "'cancelled'"), 1, 1_0000, 1, 1, true, true, true, true},
		{"void in capitals", row("2.5", at, "3", "'CANCELLED'"), 1, 1_0000, 1, 1, true, true, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := snapshot(t, head+"feeds:\n"+someMembers+`  orders: {sql: "`+row("1", at, "1", "'completed'")+" UNION ALL "+c.second+`"}`, t.TempDir())
			read := func() string {
				sql, _, err := sales.Render(s.Catalog, "sales", nil)
				if err != nil {
					t.Fatal(err)
				}
				return sql
			}
			before := read()
			var rows, dated, items int64
			var net warehouse.Exact
			if err := s.One(t.Context(), sales, "sales", nil, &rows, &net, &dated, &items); err != nil {
				t.Fatal(err)
			}
			if rows != c.rows || int64(net) != c.net || dated != c.dated || items != c.withItems {
				t.Errorf("%d rows, net %d, %d dated, %d with items; want %d, %d, %d, %d", rows, net, dated, items, c.rows, c.net, c.dated, c.withItems)
			}
			after := read()
			for _, column := range []struct {
				guard string
				bare  bool
			}{
				{`CASE WHEN s."net" `, c.netBare}, {`CASE WHEN s."ordered_at" `, c.atBare}, {`CASE WHEN abs(CAST(s."items" `, c.itemsBare}, {"lower(coalesce(CAST(s.status", c.statusBare},
			} {
				if !strings.Contains(before, column.guard) {
					t.Errorf("before the first query there is no guard %q:\n%s", column.guard, before)
				}
				if got := !strings.Contains(after, column.guard); got != column.bare {
					t.Errorf("guard %q is gone: %v, want %v", column.guard, got, column.bare)
				}
			}
		})
	}
}

// A feed is looked at once, also by queries side by side, and not at all for one
// that is given up.
func TestOneLook(t *testing.T) {
	s := snapshot(t, harbor, t.TempDir())
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	var rows, dated, items int64
	var net warehouse.Exact
	if err := s.One(gone, sales, "sales", nil, &rows, &net, &dated, &items); err == nil {
		t.Error("a query that is given up returned")
	}
	var mu sync.Mutex
	looks := 0
	ctx := warehouse.Observe(t.Context(), func(e warehouse.Event) {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasPrefix(e.Query, warehouse.Looking) && e.Done {
			looks++
		}
	})
	var work sync.WaitGroup
	for range 8 {
		work.Go(func() {
			var rows, dated, items int64
			var net warehouse.Exact
			if err := s.One(ctx, sales, "sales", nil, &rows, &net, &dated, &items); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	if looks != 1 {
		t.Errorf("orders were looked at %d times, want 1", looks)
	}
}
