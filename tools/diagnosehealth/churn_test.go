package diagnosehealth_test

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/duckdb"
)

// The generated program's process is that of the default model but for its
// calendar: the stage takes that model, finds its parameters, and knows how many
// of the open members are truly alive.
func TestDemoChurnFindsTheTruth(t *testing.T) {
	file := filepath.Join(t.TempDir(), "demo.duckdb")
	truth, err := duckdb.CreateDemo(t.Context(), file, demo.Options{Members: 4000, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	d := testdesk.Config(t, string(demo.Config()), filepath.Dir(file), "duckdb:"+file)
	r := diagnose(t, d, run.Request{Window: "90d", Dimensions: []string{"tier", "region"}})
	c := r.Churn
	if c.Status != "ok" || c.Model == nil || c.Model.Used != "MBG/NBD" || c.Backtest == nil || !c.Backtest.Passed {
		t.Fatalf("status %s (%s), model %+v, backtest %+v", c.Status, c.Reason, c.Model, c.Backtest)
	}
	alive := r.Figure(diagnosehealth.PointAlive)
	want := float64(truth.Realized.AliveMembers) / float64(truth.Realized.OpenMembers)
	if alive.Interval == nil || !(alive.Interval[0] <= want && want <= alive.Interval[1]) {
		t.Errorf("P(alive) %v in %v, truly alive %v", *alive.Value, alive.Interval, want)
	}
	if *alive.N != int64(truth.Realized.OpenMembers) {
		t.Errorf("n = %d, open members %d", *alive.N, truth.Realized.OpenMembers)
	}
	p := truth.Purchases
	process := map[string]float64{"r": p.RateShape, "alpha": p.RateScaleDays, "a": p.DropoutA, "b": p.DropoutB}
	for _, got := range c.Model.Candidates[0].Parameters {
		// The calendar bends rates by up to half, which no model here knows.
		if off := (got.Value - process[got.Name]) / *got.SE; math.Abs(off) > 5 || math.Abs(got.Value/process[got.Name]-1) > 0.25 {
			t.Errorf("%s = %v, truly %v, off by %.1f standard errors", got.Name, got.Value, process[got.Name], off)
		}
	}
	if c.Health == "" || c.Health == diagnosehealth.Unknown || len(c.Because) < 2 || c.Rule == "" || c.Owner == "" {
		t.Errorf("verdict %+v", c.Diagnosis)
	}
	// A cell tells of its members, and all cells together of all.
	for _, b := range r.Breakdowns {
		if b.Figure != diagnosehealth.PointAtRisk || b.Dimension != "region" {
			continue
		}
		sum := 0.0
		for _, cell := range b.Cells {
			sum += *cell.Value
			if cell.Interval == nil || !(cell.Interval[0] < *cell.Value && *cell.Value < cell.Interval[1]) {
				t.Errorf("%s has the interval %v around %v", cell.Cell, cell.Interval, *cell.Value)
			}
		}
		if total := value(t, r, diagnosehealth.PointAtRisk); math.Abs(sum/total-1) > 1e-6 {
			t.Errorf("at risk by region adds up to %v of %v", sum, total)
		}
		return
	}
	t.Error("revenue at risk is not broken down by region")
}

// What the data can't tell is unknown, with the reason, and never healthy; the
// rest is told.
func TestChurnThatCannotBeTold(t *testing.T) {
	const members = "  members: {sql: \"SELECT i AS member_id, TIMESTAMP '2025-01-01 00:00:00' + i * INTERVAL '1 hour' AS enrolled_at, CASE WHEN i % 10 = 0 THEN TIMESTAMP '2026-03-01 00:00:00' END AS cancelled_at FROM generate_series(1, 1000) AS g(i)\"}\n"
	orders := func(columns, from string) string {
		return fmt.Sprintf("  orders: {sql: \"SELECT %s FROM generate_series(1, 3000) AS g(i) %s\"}\n", columns, from)
	}
	early := "i AS order_id, TIMESTAMP '2025-01-01 00:00:00' + (i %% 500) * INTERVAL '1 day' AS ordered_at, 10.0 AS net"
	early = strings.ReplaceAll(early, "%%", "%")
	for _, c := range []struct {
		name, feeds, reason string
		lapse, retention    bool
	}{
		{"no orders", members + "  points: {sql: \"SELECT i AS entry_id, i % 1000 + 1 AS member_id, TIMESTAMP '2025-01-01 00:00:00' + (i % 500) * INTERVAL '1 day' AS occurred_at, 'earn' AS kind, 5.0 AS points FROM generate_series(1, 3000) AS g(i)\"}\n",
			"the orders feed is not mapped", true, true},
		{"orders of nobody", members + orders(early, ""), "the orders feed has no column member_id", false, true},
		{"a young program", members + orders("i AS order_id, i % 1000 + 1 AS member_id, TIMESTAMP '2026-04-15 00:00:00' + (i % 40) * INTERVAL '1 day' AS ordered_at, 10.0 AS net", ""),
			"takes 118 days of orders", false, true},
		{"one purchase each, at the first", orders(early+", i AS member_id", ""), "0 of 2", false, false},
		{"few members", orders(early+", i % 50 AS member_id", ""), "too few members", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := testdesk.Config(t, "program: {name: Small, currency: EUR}\nfeeds:\n"+c.feeds, t.TempDir(), "")
			r := diagnose(t, d, run.Request{Window: "30d"})
			if !strings.Contains(r.Churn.Reason, c.reason) {
				t.Errorf("reason %q, want it to say %q", r.Churn.Reason, c.reason)
			}
			if r.Figure(diagnosehealth.PointAtRisk) != nil {
				t.Errorf("revenue at risk is told: %+v", r.Figure(diagnosehealth.PointAtRisk))
			}
			if got := r.Figure(diagnosehealth.PointLapseRate) != nil; got != c.lapse {
				t.Errorf("lapse told: %v, want %v", got, c.lapse)
			}
			if got := r.Churn.Retention != nil; got != c.retention {
				t.Errorf("retention told: %v, want %v", got, c.retention)
			}
			if !c.lapse && r.Churn.Health != diagnosehealth.Unknown {
				t.Errorf("health %s from nothing", r.Churn.Health)
			}
		})
	}
}

// A program whose members stop buying as they did fails its backtest: the model
// is refused, and nothing is healthy.
func TestChurnModelIsRefused(t *testing.T) {
	text := strings.Replace(string(demo.Config()), "orders: {table: orders}",
		"orders: {sql: \"SELECT * FROM orders WHERE ordered_at < TIMESTAMP '2026-04-02 00:00:00' OR order_id % 3 = 0\"}", 1)
	file := testdesk.DemoFile(t)
	r := diagnose(t, testdesk.Config(t, text, filepath.Dir(file), "duckdb:"+file), run.Request{Window: "90d"})
	c := r.Churn
	if c.Backtest == nil || c.Backtest.Passed || c.Model.Used != "" || c.Model.Refused == "" || c.Status != "partial" || !strings.Contains(c.Reason, "the lapse rates stand alone") {
		t.Fatalf("status %s (%s), backtest %+v", c.Status, c.Reason, c.Backtest)
	}
	if r.Figure(diagnosehealth.PointAtRisk) != nil || r.Figure(diagnosehealth.PointLapseRate) == nil {
		t.Error("what is at risk is told by a model that failed, or the lapse rate is not")
	}
	if c.Health != diagnosehealth.Watch && c.Health != diagnosehealth.Act {
		t.Errorf("health %s", c.Health)
	}
}
