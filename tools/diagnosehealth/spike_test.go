package diagnosehealth_test

import (
	"fmt"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/run"
)

// Points grow from 1000 by as many as are issued in the window. The line is 20 %
// in 30 days, so 10 % in 15.
func TestSpike(t *testing.T) {
	const program = `program: {name: Small, currency: EUR, point_value: 0.01}
feeds:
  members: {sql: "SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at FROM generate_series(1, 50) AS g(i)"}
  points:
    sql: |
      SELECT * FROM (VALUES
        (1, 1, TIMESTAMP '2026-%s-01 00:00:00', 'earn', 1000.0),
        (2, 1, TIMESTAMP '2026-05-20 00:00:00', '%s', %d.0),
        (3, 3, TIMESTAMP '2026-05-31 00:00:00', 'earn', 0.0)
      ) AS t(entry_id, member_id, occurred_at, kind, points)
`
	yes, no := true, false
	for name, c := range map[string]struct {
		before, kind, window string
		points               int
		health               string
		spike                *bool
	}{
		"beyond the line":         {"02", "earn", "2026-05-02..2026-06-01", 201, diagnosehealth.Act, &yes},
		"on the line":             {"02", "earn", "2026-05-02..2026-06-01", 200, diagnosehealth.Watch, &no},
		"half of it":              {"02", "earn", "2026-05-02..2026-06-01", 100, diagnosehealth.Healthy, &no},
		"a shorter window":        {"02", "earn", "2026-05-17..2026-06-01", 101, diagnosehealth.Act, &yes},
		"fewer points":            {"02", "redeem", "2026-05-02..2026-06-01", -900, diagnosehealth.Healthy, &no},
		"an unknown kind of line": {"02", "gift", "2026-05-02..2026-06-01", 10, diagnosehealth.Watch, &no},
		"nothing before":          {"05", "earn", "2026-04-26..2026-06-01", 10, diagnosehealth.Unknown, nil},
		"doubt alone":             {"05", "gift", "2026-04-26..2026-06-01", 10, diagnosehealth.Watch, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := testdesk.Config(t, fmt.Sprintf(program, c.before, c.kind, c.points), t.TempDir(), "")
			l := diagnose(t, d, run.Request{Window: c.window}).Liability
			if l.Health != c.health || (l.Spike == nil) != (c.spike == nil) || l.Spike != nil && *l.Spike != *c.spike {
				t.Errorf("%s, spike %v (%s), want %s", l.Health, l.Spike, l.Says, c.health)
			}
			if (l.Spike == nil) != (l.SpikeOver == nil) {
				t.Errorf("spike %v over %v: both are known, or none", l.Spike, l.SpikeOver)
			}
			if c.health != diagnosehealth.Unknown && (l.Rule == "" || len(l.Because) == 0 || !strings.Contains(l.Says, "outstanding points")) {
				t.Errorf("the verdict is %+v, without rule, data points or words", l.Diagnosis)
			}
		})
	}
}

// Members earn 10 points a day for sales of 100 and redeem 4, from a balance of
// 3000; in the last 30 days they earn three times as much, with as many more sales
// or without.
func TestSpikeBand(t *testing.T) {
	const program = `program: {name: Small, currency: EUR, point_value: 0.01}
%s
feeds:
  members: {sql: "SELECT i AS member_id, TIMESTAMP '2025-05-01 00:00:00' AS enrolled_at FROM generate_series(1, 50) AS g(i)"}
  points:
    sql: |
      SELECT 0 AS entry_id, 1 AS member_id, TIMESTAMP '2025-06-01 00:00:00' AS occurred_at, 'earn' AS kind, 3000.0 AS points
      UNION ALL SELECT 1 + i, 1, TIMESTAMP '2025-06-01 12:00:00' + i * INTERVAL '1 day', 'earn', CASE WHEN i < 335 THEN 10.0 ELSE %d END FROM generate_series(0, 364) AS g(i)
      UNION ALL SELECT 1000 + i, 1, TIMESTAMP '2025-06-01 13:00:00' + i * INTERVAL '1 day', 'redeem', -4.0 FROM generate_series(0, 364) AS g(i)
  orders:
    sql: |
      SELECT i AS order_id, 1 AS member_id, TIMESTAMP '2025-06-01 12:00:00' + i * INTERVAL '1 day' AS ordered_at, CASE WHEN i < 335 THEN 100.0 ELSE %d END AS net FROM generate_series(0, 364) AS g(i)
`
	for name, c := range map[string]struct {
		more        string
		earn, sales int
		health      string
		spike       bool
		says, rule  string
	}{
		"as ever":                 {"", 10, 100, diagnosehealth.Healthy, false, "usual is up to", "band of the 8 windows"},
		"more points alone":       {"", 30, 100, diagnosehealth.Act, true, "", "band of the 8 windows"},
		"more points by sales":    {"", 30, 300, diagnosehealth.Watch, false, "Sales other than usual explain", "band of the 8 windows"},
		"fewer sales, as many":    {"", 30, 50, diagnosehealth.Act, true, "", "band"},
		"a line instead":          {"liability_spike: 0.5", 30, 100, diagnosehealth.Healthy, false, "", "liability_spike"},
		"a wider band":            {"health: {liability: {spike_sigmas: 19}}", 25, 100, diagnosehealth.Watch, false, "", "19 robust"},
		"more windows than there": {"health: {liability: {spike_windows: 12}}", 30, 100, diagnosehealth.Watch, false, "", "of the 12 windows"},
	} {
		t.Run(name, func(t *testing.T) {
			d := testdesk.Config(t, fmt.Sprintf(program, c.more, c.earn, c.sales), t.TempDir(), "")
			l := diagnose(t, d, run.Request{Window: "2026-05-02..2026-06-01"}).Liability
			if l.Health != c.health || l.Spike == nil || *l.Spike != c.spike {
				t.Errorf("%s, spike %v, want %s, %v: %s", l.Health, *l.Spike, c.health, c.spike, l.Says)
			}
			if !strings.Contains(l.Says, c.says) || !strings.Contains(l.Rule, c.rule) {
				t.Errorf("says %q by the rule %q, want %q and %q", l.Says, l.Rule, c.says, c.rule)
			}
		})
	}
}
