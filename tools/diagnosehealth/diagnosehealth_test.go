package diagnosehealth_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

func diagnose(t *testing.T, d *run.Desk, request run.Request) *diagnosehealth.Result {
	t.Helper()
	ctx := context.Background()
	r, err := d.Open(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	result, err := diagnosehealth.Compute(ctx, d, r)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func lines(r *diagnosehealth.Result) map[string]warehouse.Exact {
	out := map[string]warehouse.Exact{}
	for _, l := range r.Liability.RollForward {
		if l.Points != nil {
			out[l.Line] = *l.Points
		}
	}
	return out
}

func value(t *testing.T, r *diagnosehealth.Result, point string) float64 {
	t.Helper()
	f := r.Figure(point)
	if f == nil || f.Value == nil {
		t.Fatalf("%s is unknown: %+v", point, f)
	}
	return *f.Value
}

// The demo's ledger is generated to conserve points, so its roll-forward must
// close, and close on the balance that the KPI states.
func TestDemoRollForwardCloses(t *testing.T) {
	d := testdesk.Demo(t)
	r := diagnose(t, d, run.Request{Window: "90d"})
	if len(r.DataAlarms) != 0 {
		t.Errorf("data alarms on clean data: %+v", r.DataAlarms)
	}
	l := lines(r)
	sum := l["opening"] + l["issued"] + l["reversed"] + l["redeemed"] + l["reimbursed"] + l["expired"] + l["adjusted"] + l["transferred"]
	if sum != l["closing"] || l["unexplained"] != 0 {
		t.Errorf("lines add up to %v, closing is %v, unexplained %v", sum, l["closing"], l["unexplained"])
	}
	ctx := context.Background()
	opened, err := d.Open(ctx, run.Request{Window: "90d"})
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := pullmetrics.Compute(ctx, d, opened)
	if err != nil {
		t.Fatal(err)
	}
	if got := *metrics.KPI("outstanding_points").Value; got != l["closing"].Float() {
		t.Errorf("outstanding_points = %v, closing = %v", got, l["closing"])
	}
	if got, want := value(t, r, diagnosehealth.PointGross), l["closing"].Float()*0.01; math.Abs(got-want) > 1e-6 {
		t.Errorf("gross = %v, want outstanding x 0.01 = %v", got, want)
	}
}

func TestAirlineMovementsWithoutBalances(t *testing.T) {
	r := diagnose(t, testdesk.Airline(t), run.Request{Window: "2018-10-01..2019-01-01"})
	l := lines(r)
	if l["issued"] != 6502486*warehouse.ExactOne || l["redeemed"] != -1669826*warehouse.ExactOne {
		t.Errorf("issued %v, redeemed %v, want 6502486 and -1669826", l["issued"], l["redeemed"])
	}
	if _, known := l["closing"]; known || r.Liability.Status != "partial" {
		t.Errorf("a closing balance is stated, but the data hold none")
	}
	want := map[string]float64{"Star": 6736, "Nova": 4954, "Aurora": 2980}
	for _, tier := range r.TierMix.Tiers {
		if *tier.Members != want[tier.Tier] {
			t.Errorf("%s: %v members, want %v", tier.Tier, *tier.Members, want[tier.Tier])
		}
	}
}

// Ten members; what each figure must be was counted by hand.
const small = `
program: {name: Small, currency: EUR, point_value: 0.02}
definitions: {lapse_days: 30}
privacy: {min_members: 1, min_members_for_rates: 1}
feeds:
  members:
    sql: |
      SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at, CASE WHEN i = 10 THEN TIMESTAMP '2026-05-20 00:00:00' END AS cancelled_at
      FROM generate_series(1, 10) AS g(i)
  orders:
    sql: |
      SELECT * FROM (VALUES
        (1, 1, TIMESTAMP '2026-05-30 12:00:00', 10.0),  -- going
        (2, 2, TIMESTAMP '2026-04-20 12:00:00', 10.0),  -- going at the start, lapsed at the end
        (3, 3, TIMESTAMP '2026-02-01 12:00:00', 10.0),  -- lapsed at both
        (4, 4, TIMESTAMP '2026-02-01 12:00:00', 10.0),  -- lapsed at the start, back in the window
        (5, 4, TIMESTAMP '2026-05-15 12:00:00', 10.0),
        (6, 10, TIMESTAMP '2026-02-01 12:00:00', 10.0), -- cancelled
        (7, 1, TIMESTAMP '2026-01-02 12:00:00', 10.0),
        (8, 1, TIMESTAMP '2026-05-31 12:00:00', 10.0)
      ) AS t(order_id, member_id, ordered_at, net)
  points:
    sql: |
      SELECT * FROM (VALUES
        (1, 1, TIMESTAMP '2026-02-01 00:00:00', 'earn', 100.0, TIMESTAMP '2026-06-10 00:00:00', 1),
        (2, 1, TIMESTAMP '2026-03-01 00:00:00', 'earn', 50.0, TIMESTAMP '2026-12-01 00:00:00', 2),
        (3, 1, TIMESTAMP '2026-05-10 00:00:00', 'redeem', -30.0, NULL, NULL),
        (4, 2, TIMESTAMP '2026-02-01 00:00:00', 'earn', 80.0, TIMESTAMP '2026-05-05 00:00:00', 4),
        (5, 2, TIMESTAMP '2026-05-05 00:00:00', 'expire', -60.0, NULL, 4),
        (6, 2, TIMESTAMP '2026-03-05 00:00:00', 'redeem', -20.0, NULL, NULL),
        (7, 3, TIMESTAMP '2026-02-01 00:00:00', 'earn', 40.0, TIMESTAMP '2026-05-01 00:00:00', 7),
        (8, 3, TIMESTAMP '2026-05-11 00:00:00', 'gift', 5.0, NULL, NULL)
      ) AS t(entry_id, member_id, occurred_at, kind, points, expires_at, lot_id)
`

func TestSmallProgramByHand(t *testing.T) {
	d := testdesk.Config(t, small, t.TempDir(), "")
	r := diagnose(t, d, run.Request{Window: "2026-05-01..2026-06-01"})
	for point, want := range map[string]float64{
		"health/churn/lapse_rate":             0.5,    // members 2 and 3 of 1 to 4
		"health/churn/newly_lapsed_rate":      1,      // of going at the start (2 alone; 1 had lapsed): 2
		"health/churn/reactivation_rate":      0.5,    // of 1, 3, 4 and 10, lapsed at the start: 1 and 4
		"health/churn/never_active_members":   5,      // 5 to 9
		"health/liability/outstanding_points": 165,    // 120 + 0 + 45
		"health/liability/gross":              3.3,    // at 0.02
		"health/liability/expiring_30d":       70,     // 100 - 30 of member 1
		"health/liability/overdue_points":     45 - 5, // the lot of member 3
		"health/breakage/expired_share":       0.5,    // 60 of 80 + 40
	} {
		if got := value(t, r, point); math.Abs(got-want) > 1e-6 {
			t.Errorf("%s = %v, want %v", point, got, want)
		}
	}
	l := lines(r)
	if l["unexplained"] != 5*warehouse.ExactOne {
		t.Errorf("unexplained = %v, want the 5 points of the unknown kind", l["unexplained"])
	}
	var alarms []string
	for _, a := range r.DataAlarms {
		alarms = append(alarms, a.ID)
	}
	if got := strings.Join(alarms, " "); got != "unexplained_points overdue_points" {
		t.Errorf("data alarms %q, want unexplained_points overdue_points", got)
	}
}
