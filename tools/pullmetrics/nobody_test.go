package pullmetrics_test

import (
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse/postgres/pgtest"
)

// A feed that knows no members can be asked for by what members are, whatever
// type their ids have: its rows are in the whole only.
func TestAFeedWithoutMembersIsInTheWholeOnly(t *testing.T) {
	database, err := pgtest.CreateDatabase(t.Context(), testdesk.PostgresURL(t), "loyalty_pullmetrics_nobody")
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range []string{"integer", "numeric", "double precision", "text"} {
		d := testdesk.Config(t, `program: {name: Small, currency: EUR}
feeds:
  members: {sql: "SELECT CAST(1 AS `+typ+`) AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at, 'North' AS region"}
  tier_history: {sql: "SELECT CAST(1 AS `+typ+`) AS member_id, 'Gold' AS tier, TIMESTAMP '2026-01-01 00:00:00' AS effective_from"}
  surveys: {sql: "SELECT 'csat' AS kind, g.i AS score, TIMESTAMP '2026-06-01 00:00:00' + g.i * INTERVAL '1 day' AS responded_at FROM generate_series(1, 10) AS g(i)"}
`, t.TempDir(), database)
		r := pull(t, d, run.Request{Window: "2026-06-02..2026-06-10", Dimensions: []string{"tier", "region"}})
		check(t, r, map[string]float64{"csat": 0.4})
		for _, b := range r.Breakdowns {
			for _, c := range b.Cells {
				if b.KPI == "csat" && c.Value != nil {
					t.Errorf("ids of type %s: csat by %s has %s = %v", typ, b.Dimension, c.Cell, *c.Value)
				}
			}
		}
	}
}
