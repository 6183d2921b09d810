package toolset_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/postgres/pgtest"
)

const arriving = `program: {name: Small, currency: EUR, point_value: 0.01}
feeds:
  members: {sql: "SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at FROM generate_series(1, 200) AS g(i)"}
  orders: {table: orders}
  points: {table: points}
`

// Rows that come in between two queries of a run don't change its figures when
// the feed says when they came in; without that they do.
func TestRowsThatComeInLater(t *testing.T) {
	for _, known := range []bool{true, false} {
		t.Run(fmt.Sprintf("known=%v", known), func(t *testing.T) {
			target, err := pgtest.CreateDatabase(t.Context(), testdesk.PostgresURL(t), fmt.Sprintf("loyalty_arriving_%v", known))
			if err != nil {
				t.Fatal(err)
			}
			// Half the rows came in before anybody kept the time.
			const came = "CASE WHEN i % 2 = 0 THEN TIMESTAMP '2026-06-20 12:00:00' END AS ingested_at"
			statements := []string{
				"CREATE TABLE orders AS SELECT i AS order_id, i AS member_id, TIMESTAMP '2026-06-19 10:00:00' + i * INTERVAL '1 hour' AS ordered_at, 10.0 AS net, " + came + " FROM generate_series(1, 200) AS g(i)",
				"CREATE TABLE points AS SELECT i AS entry_id, i AS member_id, TIMESTAMP '2026-06-19 10:00:00' + i * INTERVAL '1 hour' AS occurred_at, 'earn' AS kind, 100 AS points, " + came + " FROM generate_series(1, 200) AS g(i)",
			}
			if !known {
				statements = append(statements, "ALTER TABLE orders RENAME ingested_at TO loaded", "ALTER TABLE points RENAME ingested_at TO loaded")
			}
			if err := pgtest.Execute(t.Context(), target, statements...); err != nil {
				t.Fatal(err)
			}
			d := testdesk.Config(t, arriving, t.TempDir(), target)
			figures := func(id string) (out []any) {
				for _, tool := range []string{"diagnose_health", "surface_insights"} {
					set := all(t, d)
					i := slices.IndexFunc(set, func(s tools.Tool) bool { return s.Name == tool })
					result, err := set[i].Call(t.Context(), json.RawMessage(`{"run_id": "`+id+`", "detail": "full"}`))
					if err != nil {
						t.Fatal(err)
					}
					out = append(out, decode(t, result.JSON))
				}
				return out
			}
			open := func() *run.Run {
				r, err := d.Open(t.Context(), run.Request{Window: "2026-06-10..2026-06-25"})
				if err != nil {
					t.Fatal(err)
				}
				return r
			}
			first, second := open(), open()
			before := figures(first.ID)
			late := testdesk.Now.Add(time.Second).Format("2006-01-02 15:04:05")
			if err := pgtest.Execute(t.Context(), target,
				"INSERT INTO orders SELECT 1000 + i, i, TIMESTAMP '2026-06-20 10:00:00', 10.0, TIMESTAMP '"+late+"' FROM generate_series(1, 50) AS g(i)",
				"INSERT INTO points SELECT 1000 + i, i, TIMESTAMP '2026-06-20 10:00:00', 'earn', 100, TIMESTAMP '"+late+"' FROM generate_series(1, 50) AS g(i)"); err != nil {
				t.Fatal(err)
			}
			changed := differences("", before, figures(second.ID))
			if known && len(changed) > 0 {
				t.Errorf("the run's figures changed: %v", changed)
			}
			if !known && len(changed) == 0 {
				t.Error("no figure changed, so the test can't see a row that comes in")
			}
			// A run opened later counts them.
			d.Now = func() time.Time { return testdesk.Now.Add(time.Hour) }
			if n := open().Feed("orders").Rows; n != 250 {
				t.Errorf("a later run sees %d orders, want 250", n)
			}
		})
	}
}

// A run over several nodes says that its snapshot may be torn; one over a
// single server has nothing to say.
func TestTornSnapshotsAreSaid(t *testing.T) {
	p := testdesk.DemoProgram(t)
	notes := func(target string) string {
		s, err := p.On(t, target).Source.Snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if s.Generation() != warehouse.Live {
			t.Errorf("generation %q of a live database", s.Generation())
		}
		return strings.Join(s.Notes(), "\n")
	}
	if got := notes(p.Postgres(t)); strings.Contains(got, "torn") {
		t.Errorf("a single server: %q", got)
	}
	got := notes(p.Foreign(t))
	for _, part := range []string{"torn across nodes possible", "bounded by as_of", "without ingested_at", "orders"} {
		if !strings.Contains(got, part) {
			t.Errorf("notes %q lack %q", got, part)
		}
	}
}
