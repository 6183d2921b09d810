package checkfeeds_test

import (
	"context"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/checkfeeds"
	"loyaltymcp/tools/run"
)

func findings(t *testing.T, d *run.Desk) map[string]int64 {
	t.Helper()
	r, err := checkfeeds.Check(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int64{}
	for _, f := range r.Findings {
		out[f.Feed+"/"+f.ID] = f.Count
	}
	return out
}

// The counts were taken from the published files by hand.
func TestAirlineTraps(t *testing.T) {
	got := findings(t, testdesk.Airline(t))
	want := map[string]int64{
		"points_monthly/colliding_ids": 163, "points_monthly/before_enrollment": 6637,
		"points_monthly/fractional_points": 20937, "points_monthly/negative_balances": 212,
	}
	for id, n := range want {
		if got[id] != n {
			t.Errorf("%s = %d, want %d", id, got[id], n)
		}
	}
	for id, n := range got {
		if _, ok := want[id]; !ok {
			t.Errorf("unexpected finding %s (%d)", id, n)
		}
	}
}

func TestDemoIsClean(t *testing.T) {
	for id, n := range findings(t, testdesk.Demo(t)) {
		t.Errorf("unexpected finding %s (%d)", id, n)
	}
}
