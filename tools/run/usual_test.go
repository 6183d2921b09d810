package run_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"loyaltymcp/tools/run"
)

// shop is 300 days of a shop with less to do on the last day of seven.
func shop() map[int]int64 {
	rows := map[int]int64{}
	for day := range 300 {
		rows[day] = []int64{80, 90, 100, 100, 120, 150, 30}[day%7]
	}
	return rows
}

func TestLastUsual(t *testing.T) {
	with := func(changes ...int64) map[int]int64 { // day, rows, ...
		rows := shop()
		for i := 0; i < len(changes); i += 2 {
			if rows[int(changes[i])] = changes[i+1]; changes[i+1] == 0 {
				delete(rows, int(changes[i]))
			}
		}
		return rows
	}
	year := with()
	for day := 310; day < 500; day += 2 {
		year[day] = 1
	}
	slump := with()
	for day := 288; day < 300; day++ {
		slump[day] /= 4
	}
	rare := map[int]int64{3: 1, 90: 1, 200: 2, 299: 1}
	for _, c := range []struct {
		name  string
		rows  map[int]int64
		today int
		want  int
	}{
		{"a steady shop", with(), 400, 299},
		{"a row months later", with(443, 1), 500, 299},
		{"a row a day for half a year", year, 600, 299},
		{"a part of the day after", with(300, 12), 400, 299},
		{"a day of the last seven has few by nature", with(296, 0, 297, 0, 298, 0, 299, 0), 400, 295},
		{"such a day ends it", with(294, 0, 295, 0, 296, 0, 297, 0, 298, 0, 299, 0), 400, 293},
		{"a level that fell and stays", slump, 400, 299},
		{"a row now and then", rare, 400, 299},
		{"rows of the future", with(420, 100), 400, 299},
		{"today counts with any number but strays", with(300, 25), 300, 300},
		{"a stray of today", with(300, 1), 300, 299},
	} {
		if got, _, ok := run.LastUsual(c.rows, c.today); !ok || got != c.want {
			t.Errorf("%s: day %d, %v; want %d", c.name, got, ok, c.want)
		}
	}
	if _, _, ok := run.LastUsual(map[int]int64{401: 5}, 400); ok {
		t.Error("a feed of the future has a usual day")
	}
	if _, usual, _ := run.LastUsual(with(443, 1), 500); usual != 100 {
		t.Errorf("the shop usually has %v rows on day 299, want 100", usual)
	}
}

// daily is a program with ten orders a day up to 2026-06-20, and the rows
// beside them.
func daily(more ...string) string {
	rows := ""
	for i, at := range more {
		rows += fmt.Sprintf(" UNION ALL SELECT %d, 1, TIMESTAMP '%s', 10", 100000+i, at)
	}
	return `program: {name: Small, currency: EUR}
feeds:
  members: {sql: "SELECT 1 AS member_id, TIMESTAMP '2020-01-01 00:00:00' AS enrolled_at"}
  orders:
    sql: |
      SELECT d.n * 100 + k.n AS order_id, 1 AS member_id, TIMESTAMP '2026-01-05 09:00:00' + d.n * INTERVAL '1 day' AS ordered_at, 10 AS net
      FROM generate_series(0, 166) AS d(n) CROSS JOIN generate_series(1, 10) AS k(n)` + rows + "\n"
}

// A stray row does not move the window; an as_of that asks for it does.
func TestAStrayRowDoesNotMoveTheWindow(t *testing.T) {
	for _, c := range []struct {
		name, program, asOf string
		want, ahead         string
	}{
		{"none", daily(), "", "2026-06-21", ""},
		{"one later", daily("2026-06-28 12:00:00"), "", "2026-06-21", "1 2026-06-28 2026-06-28"},
		{"two later", daily("2026-06-25 12:00:00", "2026-06-28 12:00:00"), "", "2026-06-21", "2 2026-06-25 2026-06-28"},
		{"asked for", daily("2026-06-28 12:00:00"), "2026-06-29", "2026-06-29", "1 2026-06-28 2026-06-28"},
		{"before it", daily("2026-06-28 12:00:00"), "2026-06-01", "2026-06-01", ""},
		{"in the future", daily("2026-07-28 12:00:00"), "", "2026-06-21", ""},
	} {
		r, err := open(t, c.program, run.Request{AsOf: c.asOf})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		ahead := ""
		if a := r.Feed("orders").Ahead; a != nil {
			ahead = fmt.Sprint(a.Rows, " ", a.From.Format(time.DateOnly), " ", a.To.Format(time.DateOnly))
		}
		if run.Day(r.AsOf) != c.want || strings.TrimSpace(ahead) != c.ahead {
			t.Errorf("%s: as of %s, ahead %q; want %s, %q", c.name, run.Day(r.AsOf), ahead, c.want, c.ahead)
		}
	}
}
