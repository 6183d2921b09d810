package diagnosehealth_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/duckdb"
)

// On generated programs of many seeds, valued when they are eleven months old, the
// intervals hold what was redeemed in the end of the points open then, all of which
// have expired when the data end. The long form is
//
//	LOYALTY_COVERAGE=long go test ./tools/diagnosehealth -run CoverageOnTheDemo -v -timeout 60m
func TestCoverageOnTheDemo(t *testing.T) {
	programs, least := 2, 1.0 // of two fixed seeds both hold
	if os.Getenv("LOYALTY_COVERAGE") == "long" {
		programs, least = 100, 0.93-3*math.Sqrt(.05*.95/100)
	}
	ctx := context.Background()
	held, ultimate, bias := 0.0, 0.0, 0.0
	for seed := range programs {
		folder := t.TempDir()
		file := filepath.Join(folder, "demo.duckdb")
		if _, err := duckdb.CreateDemo(ctx, file, demo.Options{Members: 2500, Seed: uint64(seed + 1)}); err != nil {
			t.Fatal(err)
		}
		d := testdesk.Config(t, string(demo.Config()), folder, "duckdb:"+file)
		early := diagnose(t, d, run.Request{AsOf: "2025-06-01"})
		late := diagnose(t, d, run.Request{AsOf: "2026-07-01"})
		// What the cohorts that were open then have redeemed in all.
		var issued, then, now float64
		byMonth := map[string]float64{}
		for _, c := range early.Breakage.Cohorts {
			issued, then = issued+*c.Points, then+*c.Redeemed
			byMonth[c.Issued] = *c.Points
		}
		for _, c := range late.Breakage.Cohorts {
			if _, open := byMonth[c.Issued]; open {
				now += *c.Redeemed
			}
		}
		bias += *early.Figure(diagnosehealth.PointRedemptions).Value/(now-then) - 1
		f, u := early.Figure(diagnosehealth.PointRedemptions), early.Figure(diagnosehealth.PointUltimate)
		if actual := now - then; f.Interval[0] <= actual && actual <= f.Interval[1] {
			held++
		} else {
			t.Logf("seed %d: %v of %v", seed+1, actual, f.Interval)
		}
		if actual := now / issued; u.Interval[0] <= actual && actual <= u.Interval[1] {
			ultimate++
		}
	}
	n := float64(programs)
	t.Logf("expected redemptions held in %.3f of %d programs (bias %+.3f), the ultimate rate in %.3f", held/n, programs, bias/n, ultimate/n)
	if held/n < least || ultimate/n < least {
		t.Errorf("the 95 %% intervals hold in %.3f and %.3f of programs", held/n, ultimate/n)
	}
}
