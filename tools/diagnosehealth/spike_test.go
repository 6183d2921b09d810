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
