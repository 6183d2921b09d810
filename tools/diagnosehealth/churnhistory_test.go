package diagnosehealth

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/diagnosehealth/churnmodel"
	"loyaltymcp/tools/run"
)

// Six members; each history was written down by hand from the orders beside it.
const histories = `
program: {name: Small, currency: EUR}
feeds:
  members:
    sql: |
      SELECT * FROM (VALUES
        (1, TIMESTAMP '2026-01-01 08:00:00', NULL, false),
        (2, TIMESTAMP '2026-01-11 00:00:00', NULL, false),
        (3, TIMESTAMP '2026-01-01 00:00:00', TIMESTAMP '2026-02-10 12:00:00', false),
        (4, TIMESTAMP '2026-02-28 23:00:00', NULL, false),
        (5, TIMESTAMP '2026-01-01 00:00:00', TIMESTAMP '2026-03-20 00:00:00', false),
        (6, TIMESTAMP '2026-01-01 00:00:00', NULL, true)
      ) AS t(member_id, enrolled_at, cancelled_at, is_test)
  orders:
    sql: |
      SELECT * FROM (VALUES
        (1, 1, TIMESTAMP '2025-12-24 10:00:00', 70.0), -- before enrolling
        (2, 1, TIMESTAMP '2026-01-01 09:00:00', 60.0), -- on the day of it
        (3, 1, TIMESTAMP '2026-01-05 09:00:00', 10.0),
        (4, 1, TIMESTAMP '2026-01-05 19:00:00', 15.0), -- the same day
        (5, 1, TIMESTAMP '2026-01-09 09:00:00', -5.0), -- a return
        (6, 1, TIMESTAMP '2026-02-28 09:00:00', 0.0),  -- for nothing, on the last day
        (7, 1, TIMESTAMP '2026-03-03 09:00:00', 20.0), -- later
        (8, 3, TIMESTAMP '2026-02-10 18:00:00', 30.0), -- on the day of cancelling
        (9, 3, TIMESTAMP '2026-02-20 18:00:00', 99.0), -- no member any more
        (10, 5, TIMESTAMP '2026-03-02 18:00:00', 8.0),
        (11, 5, TIMESTAMP '2026-03-25 18:00:00', 9.0), -- no member any more
        (12, 6, TIMESTAMP '2026-01-05 09:00:00', 1.0),
        (13, NULL, TIMESTAMP '2026-01-05 09:00:00', 1.0)
      ) AS t(order_id, member_id, ordered_at, net)
`

func TestHistoriesByHand(t *testing.T) {
	ctx := context.Background()
	until, end := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	members := histories[strings.Index(histories, "  members:"):strings.Index(histories, "  orders:")]
	for _, c := range []struct {
		name, text string
		data       historySpan
		want       []string // x/recency/age open later: members, spend
	}{
		{"from enrolment", histories, historySpan{Step: 1, FromEnrolment: true}, []string{
			"0/0/0 open later 0: 1, 0",    // 4
			"0/0/48 open later 0: 1, 0",   // 2
			"0/0/58 open later 1: 1, 0",   // 5
			"1/40/40 gone later 0: 1, 30", // 3
			"2/58/58 open later 1: 1, 20", // 1
		}},
		{"by week", histories, historySpan{Step: 7, FromEnrolment: true}, []string{
			"0/0/0 open later 0: 1, 0", "0/0/49 open later 0: 1, 0", "0/0/56 open later 1: 1, 0", "1/42/42 gone later 0: 1, 30", "2/56/56 open later 1: 1, 20",
		}},
		{"since", histories, historySpan{Step: 1, FromEnrolment: true, Since: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}, []string{
			"0/0/0 open later 0: 1, 0", "0/0/48 open later 0: 1, 0",
		}},
		// From the first purchase, members or not: 1 from 24 December on.
		{"from the first purchase", histories, historySpan{Step: 1}, []string{
			"0/0/0 gone later 0: 1, 30",    // 3
			"3/66/66 open later 1: 1, 150", // 1
		}},
		{"orders only", strings.Replace(histories, members, "", 1), historySpan{Step: 1}, []string{
			"0/0/54 open later 0: 1, 1",    // 6, whom nobody calls a test
			"1/10/18 open later 0: 1, 129", // 3
			"3/66/66 open later 1: 1, 150", // 1
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := testdesk.Config(t, c.text, t.TempDir(), "")
			r, err := d.Open(ctx, run.Request{Window: "2026-02-01..2026-03-01"})
			if err != nil {
				t.Fatal(err)
			}
			s, err := d.Source.Snapshot(ctx)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			c.data.Until, c.data.End, c.data.Groupings = until, end, []breakdown.Grouping{{}}
			doc := &doctor{desk: d, run: r, snapshot: s}
			var got []string
			err = doc.eachHistory(ctx, c.data, func(_, _ string, h churnmodel.Row) {
				state := "gone"
				if h.Open {
					state = "open"
				}
				got = append(got, fmt.Sprintf("%d/%d/%d %s later %d: %.0f, %g", h.X, h.TX, h.T, state, h.Later, h.Members, h.Spend))
			})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
		})
	}
}
