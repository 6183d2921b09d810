package diagnosehealth_test

import (
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/run"
)

// With less to go by, each diagnosis says what it can't tell and why, and gives
// the rest.
func TestLiabilityWithLess(t *testing.T) {
	var forever, once []line
	for _, l := range steady(18) {
		if l.kind != "expire" {
			l.expires, l.lot = time.Time{}, 0
			forever = append(forever, l)
		}
	}
	for member := 1; member <= 40; member++ {
		once = append(once, line{id: member, member: member, at: on(2025, time.May, 1+member%28), kind: "earn", points: 100, expires: on(2026, time.June, 1), lot: member})
	}
	once = append(once, line{id: 900, member: 3, at: on(2025, time.June, 20), kind: "redeem", points: -50})
	for name, c := range map[string]struct {
		config         string
		cost, breakage string // why they are unknown; "" where they are known
		window         string
	}{
		"points that never expire": {config: ledger(forever, ""), window: "30d", breakage: "no points issued have reached their expiry"},
		"one month of issue":       {config: ledger(once, ""), window: "30d", cost: "too little history", breakage: "no model of redemptions"},
		"younger than the window":  {config: ledger(steady(2), ""), window: "2024-01-01..2024-02-28", cost: "too little history", breakage: "no model of redemptions"},
		"no cost per point":        {config: strings.Replace(ledger(steady(18), ""), ", cost_per_point: 0.008", "", 1), window: "30d", cost: "program.cost_per_point is not set"},
		"monthly totals": {config: `program: {name: Months, currency: EUR, point_value: 0.01, cost_per_point: 0.008}
feeds:
  points_monthly:
    sql: SELECT i AS member_id, TIMESTAMP '2025-01-01 00:00:00' + m * INTERVAL '1 month' AS month, 100.0 AS earned, 40.0 AS redeemed FROM generate_series(1, 50) AS a(i) CROSS JOIN generate_series(0, 11) AS b(m)
`, window: "2025-10-01..2026-01-01", cost: "holds movements, not balances", breakage: "points"},
	} {
		t.Run(name, func(t *testing.T) {
			r := diagnose(t, testdesk.Config(t, c.config, t.TempDir(), ""), run.Request{Window: c.window})
			f := r.Figure(diagnosehealth.PointExpectedCost)
			switch {
			case f == nil:
				t.Error("the expected cost is left out without a word")
			case c.cost == "" && f.Value == nil, c.cost != "" && (f.Value != nil || !strings.Contains(f.Reason, c.cost)):
				t.Errorf("expected cost %+v, want reason %q", f, c.cost)
			}
			if (r.Breakage.Reason == "") != (c.breakage == "") || !strings.Contains(r.Breakage.Reason, c.breakage) {
				t.Errorf("breakage %q, want %q", r.Breakage.Reason, c.breakage)
			}
			if r.Liability.Status == "unavailable" || len(r.Liability.RollForward) == 0 {
				t.Errorf("no roll-forward: %s", r.Liability.Reason)
			}
		})
	}
}
