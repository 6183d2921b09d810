package pullmetrics_test

import (
	"math"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
)

// Cells of flows and stocks add up to the total: every member and every event
// is in one cell.
func TestBreakdownsAddUp(t *testing.T) {
	d := testdesk.Demo(t)
	d.Config.Privacy.MinMembers, d.Config.Privacy.MinMembersForRates = 1, 1
	r := pull(t, d, run.Request{Window: "quarter", Dimensions: []string{"tier", "region", "channel", "cohort", "age_band"}})
	additive := map[string]bool{"flow": true, "stock": true}
	checked := 0
	for _, b := range r.Breakdowns {
		k := r.KPI(b.KPI)
		// A member who moves between tiers is counted in both.
		definition, _ := d.Metrics.Find(b.KPI)
		if !additive[string(k.Kind)] || strings.Contains(definition.Numerator, "members(") {
			continue
		}
		sum, hidden := 0.0, false
		for _, c := range b.Cells {
			if c.Value != nil {
				sum += *c.Value
			}
			hidden = hidden || c.Suppressed
		}
		if hidden {
			continue
		}
		checked++
		if math.Abs(sum-*k.Value) > 1e-6*math.Abs(*k.Value) {
			t.Errorf("%s by %s adds up to %v, the total is %v", b.KPI, b.Dimension, sum, *k.Value)
		}
	}
	if checked < 30 {
		t.Errorf("only %d breakdowns were checked", checked)
	}
}

// Overlapping spells must not count a member in two tiers.
func TestOverlappingTiersCountOnce(t *testing.T) {
	text := `
program: {name: Overlap, currency: EUR}
privacy: {min_members: 1, min_members_for_rates: 1}
feeds:
  members: {sql: "SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at FROM generate_series(1, 50) AS g(i)"}
  tier_history:
    sql: |
      SELECT i AS member_id, 'A' AS tier, TIMESTAMP '2026-01-01 00:00:00' AS effective_from, TIMESTAMP '2026-12-01 00:00:00' AS effective_to FROM generate_series(1, 50) AS g(i)
      UNION ALL SELECT i, 'B', TIMESTAMP '2026-03-01 00:00:00', NULL FROM generate_series(1, 20) AS g(i)
      UNION ALL SELECT i, 'C', TIMESTAMP '2026-03-01 00:00:00', NULL FROM generate_series(1, 10) AS g(i)
  orders: {sql: "SELECT i AS order_id, i AS member_id, TIMESTAMP '2026-06-15 00:00:00' AS ordered_at, 2.5 AS net FROM generate_series(1, 50) AS g(i)"}
`
	r := pull(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{Dimensions: []string{"tier"}})
	want := map[string]map[string]float64{"members_open": {"A": 30, "B": 10, "C": 10}, "revenue": {"A": 75, "B": 25, "C": 25}}
	for _, b := range r.Breakdowns {
		for _, c := range b.Cells {
			if w, ok := want[b.KPI]; ok && (c.Value == nil || *c.Value != w[c.Cell]) {
				t.Errorf("%s %s = %v, want %v", b.KPI, c.Cell, c.Value, w[c.Cell])
			}
		}
	}
}

// What a cell hides must not follow from what other KPIs show: region W has
// two buyers among forty members, and region V lost its only buyer.
func TestHiddenCellsStayHidden(t *testing.T) {
	text := `
program: {name: Private, currency: EUR}
feeds:
  members: {sql: "SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at, CASE WHEN i <= 200 THEN 'E' WHEN i <= 240 THEN 'W' WHEN i <= 440 THEN 'N' ELSE 'V' END AS region FROM generate_series(1, 480) AS g(i)"}
  orders:
    sql: |
      SELECT i AS order_id, i AS member_id, TIMESTAMP '2026-06-15 00:00:00' AS ordered_at, 10.0 AS net FROM generate_series(1, 200) AS g(i)
      UNION ALL SELECT 1000 + i, 201 + i % 2, TIMESTAMP '2026-06-15 00:00:00', 500.0 FROM generate_series(1, 40) AS g(i)
      UNION ALL SELECT 2000 + i, i, TIMESTAMP '2026-06-20 00:00:00', 10.0 FROM generate_series(241, 440) AS g(i)
      UNION ALL SELECT 3000 + i, i, TIMESTAMP '2026-05-15 00:00:00', 10.0 FROM generate_series(1, 200) AS g(i)
      UNION ALL SELECT 4000 + i, i, TIMESTAMP '2026-05-15 00:00:00', 10.0 FROM generate_series(241, 440) AS g(i)
      UNION ALL SELECT 5000, 441, TIMESTAMP '2026-05-20 00:00:00', 1234.0
`
	r := pull(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{Window: "30d", Dimensions: []string{"region"}})
	for _, id := range []string{"revenue", "orders", "average_order_value", "purchase_frequency"} {
		cells := cellsOf(t, r, id)
		if w := cells["W"]; w.Value != nil || !w.Suppressed {
			t.Errorf("%s shows region W, where two members bought: %+v", id, w)
		}
		hidden, hiddenBefore := 0, 0
		for _, c := range cells {
			if c.Suppressed {
				hidden++
			}
			if c.Previous == nil {
				hiddenBefore++
			}
		}
		if hidden < 2 {
			t.Errorf("%s: one cell alone is hidden, so the total gives it away", id)
		}
		if r.KPI(id).Kind == "flow" && hiddenBefore < 2 {
			t.Errorf("%s: one cell alone is hidden in the previous window, so its total gives it away: %+v", id, cells)
		}
	}
	if c := cellsOf(t, r, "members_open")["W"]; c.Value == nil || *c.Value != 40 {
		t.Errorf("members_open hides region W of 40 members: %+v", c)
	}
}

func cellsOf(t *testing.T, r *pullmetrics.Result, kpi string) map[string]pullmetrics.Cell {
	t.Helper()
	out := map[string]pullmetrics.Cell{}
	for _, b := range r.Breakdowns {
		if b.KPI == kpi {
			for _, c := range b.Cells {
				out[c.Cell] = c
			}
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s is not broken down", kpi)
	}
	return out
}

// Rows that repeat a member, cancelled members without a date, and numbers
// that are none must not distort a figure.
func TestDirtyRows(t *testing.T) {
	text := `
program: {name: Dirty, currency: EUR}
feeds:
  members:
    sql: |
      SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at, CASE WHEN i <= 10 THEN 'CANCELLED' ELSE 'Active' END AS status, CAST(NULL AS timestamp) AS cancelled_at FROM generate_series(1, 100) AS g(i)
      UNION ALL SELECT i, TIMESTAMP '2026-01-02 00:00:00', 'active', NULL FROM generate_series(50, 60) AS g(i)
      UNION ALL SELECT NULL, TIMESTAMP '2026-01-02 00:00:00', 'active', NULL
  orders:
    sql: |
      SELECT i AS order_id, i AS member_id, TIMESTAMP '2026-06-15 00:00:00' AS ordered_at, CAST(1.5 AS double) AS net FROM generate_series(1, 100) AS g(i)
      UNION ALL SELECT 1001, 20, TIMESTAMP '2026-06-15 00:00:00', CAST('nan' AS double)
      UNION ALL SELECT 1002, 20, TIMESTAMP '2026-06-15 00:00:00', CAST('inf' AS double)
      UNION ALL SELECT 1003, 20, CAST('infinity' AS timestamp), 7.0
      UNION ALL SELECT 1004, 20, TIMESTAMP '2026-02-15 00:00:00', 7.0
`
	r := pull(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{Window: "30d"})
	check(t, r, map[string]float64{"members_open": 90, "cancellations": 0, "revenue": 150})
	if len(r.Caveats) < 2 {
		t.Errorf("caveats %q, want the repeated rows and the undated members named", r.Caveats)
	}
}

// Members whose tier is unknown have a cell only where there are some.
func TestNobodyHasNoCell(t *testing.T) {
	d := testdesk.Demo(t)
	for _, b := range pull(t, d, run.Request{Window: "90d", Dimensions: []string{"tier", "region", "channel", "cohort"}}).Breakdowns {
		for _, c := range b.Cells {
			if c.Cell == "(unknown)" && !c.Suppressed && (c.N == nil || *c.N == 0) {
				t.Errorf("%s by %s has a cell %+v of nobody", b.KPI, b.Dimension, c)
			}
		}
	}
	text := `
program: {name: Half known, currency: EUR}
feeds:
  members: {sql: "SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at, CASE WHEN i <= 200 THEN 'E' WHEN i <= 300 THEN 'S' END AS region FROM generate_series(1, 480) AS g(i)"}
  orders: {sql: "SELECT i AS order_id, i AS member_id, TIMESTAMP '2026-06-15 00:00:00' AS ordered_at, 10.0 AS net FROM generate_series(1, 480) AS g(i) UNION ALL SELECT 1000, 1, TIMESTAMP '2026-01-02 00:00:00', 10.0"}
`
	r := pull(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{Window: "30d", Dimensions: []string{"region"}})
	for _, id := range []string{"revenue", "average_order_value", "members_open"} {
		if c := cellsOf(t, r, id)["(unknown)"]; c.N == nil || *c.N != 180 {
			t.Errorf("%s of the unknown region is %+v, want its 180 members", id, c)
		}
	}
}

// Where the currency is not filled in, every result says so first.
func TestCurrencyNotFilledIn(t *testing.T) {
	for currency, want := range map[string]bool{"XXX": true, "EUR": false} {
		text := "program: {name: New, currency: " + currency + `}
feeds:
  members: {sql: "SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at FROM generate_series(1, 20) AS g(i)"}
  orders: {sql: "SELECT i AS order_id, i AS member_id, TIMESTAMP '2026-06-15 00:00:00' AS ordered_at, 10.0 AS net FROM generate_series(1, 20) AS g(i)"}
`
		caveats := pull(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{Window: "30d"}).Caveats
		if got := len(caveats) > 0 && strings.Contains(caveats[0], "program.currency is XXX"); got != want {
			t.Errorf("%s: caveats %q, want them to begin with the missing currency: %v", currency, caveats, want)
		}
	}
}
