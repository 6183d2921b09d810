package pullmetrics_test

import (
	"context"
	"math"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
)

func pull(t *testing.T, d *run.Desk, request run.Request) *pullmetrics.Result {
	t.Helper()
	ctx := context.Background()
	r, err := d.Open(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	result, err := pullmetrics.Compute(ctx, d, r)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func check(t *testing.T, r *pullmetrics.Result, want map[string]float64) {
	t.Helper()
	for id, w := range want {
		k := r.KPI(id)
		if k == nil || k.Value == nil {
			t.Errorf("%s is unknown (%+v), want %v", id, k, w)
			continue
		}
		if math.Abs(*k.Value-w) > 1e-9 {
			t.Errorf("%s = %v, want %v", id, *k.Value, w)
		}
	}
}

// The values were computed from the published files by hand, row by row.
func TestAirlineLastQuarter(t *testing.T) {
	d := testdesk.Airline(t)
	r := pull(t, d, run.Request{Window: "2018-10-01..2019-01-01", Dimensions: []string{"tier"}})
	check(t, r, map[string]float64{
		"members_open_start": 14163, "enrolments": 697, "cancellations": 190, "members_open": 14670,
		"churn_explicit": 0.013345, "retention_rate": 0.986655, "points_issued": 6502486, "points_redeemed": 1669826,
		"redemption_rate": 0.256798, "redeemers": 3129, "reward_value": 135229,
	})
	tiers := map[string]float64{"Star": 6736, "Nova": 4954, "Aurora": 2980}
	for _, b := range r.Breakdowns {
		if b.KPI != "members_open" {
			continue
		}
		for _, c := range b.Cells {
			if c.Value == nil || *c.Value != tiers[c.Cell] {
				t.Errorf("open %s = %v, want %v", c.Cell, c.Value, tiers[c.Cell])
			}
			delete(tiers, c.Cell)
		}
	}
	if len(tiers) > 0 {
		t.Errorf("tiers missing from the breakdown: %v", tiers)
	}
}

func TestAirlineFirstQuarter(t *testing.T) {
	d := testdesk.Airline(t)
	r := pull(t, d, run.Request{Window: "2017-01-01..2017-04-01"})
	check(t, r, map[string]float64{"members_open_start": 10324, "enrolments": 621, "cancellations": 110, "members_open": 10835, "redemption_rate": 0.252428})
	if k := r.KPI("points_issued"); k.Previous != nil {
		t.Errorf("points issued before the first month of the data = %v, want unknown", *k.Previous)
	}
}

func TestAirlineBothYears(t *testing.T) {
	d := testdesk.Airline(t)
	r := pull(t, d, run.Request{Window: "2017-01-01..2019-01-01"})
	check(t, r, map[string]float64{"points_issued": 50172736.25, "points_redeemed": 12451388, "redemption_rate": 0.24817})
}

func TestAirlineWindowThatCutsAMonthIsUnknown(t *testing.T) {
	d := testdesk.Airline(t)
	r := pull(t, d, run.Request{Window: "30d"})
	for _, id := range []string{"points_issued", "redemption_rate", "enrolments", "active_rate"} {
		if k := r.KPI(id); k.Value != nil || k.Reason == "" {
			t.Errorf("%s = %v (%q), want null with a reason", id, k.Value, k.Reason)
		}
	}
	if k := r.KPI("members_open"); k.Value == nil || *k.Value != 14670 {
		t.Errorf("members_open = %+v, want 14670: a state needs only its own moment", k)
	}
}

func TestAirlineWithoutOrdersHasNoSales(t *testing.T) {
	d := testdesk.Airline(t)
	r := pull(t, d, run.Request{Window: "quarter"})
	if k := r.KPI("revenue"); k.Value != nil || k.Reason != "the orders feed is not mapped" {
		t.Errorf("revenue = %v (%q), want null because there are no orders", k.Value, k.Reason)
	}
}
