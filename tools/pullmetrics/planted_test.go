package pullmetrics_test

import (
	"path/filepath"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/duckdb"
)

// A drop of purchases in the last part of the window, planted in the demo
// program, is an anomaly of net sales, and dated; the same program without it has
// none.
func TestAPlantedDropIsFound(t *testing.T) {
	began := time.Date(2026, 6, 12, 0, 0, 0, 0, time.UTC)
	plant, err := demo.ReadPlant("plant.json", []byte(`{"faults":[{"kind":"kpi_drop","from":"2026-06-12","size":0.6}]}`), testdesk.Schemas(t))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "planted.duckdb")
	if _, err := duckdb.CreateDemo(t.Context(), file, demo.Options{Members: 4000, Seed: 1, Plant: plant}); err != nil {
		t.Fatal(err)
	}
	planted := testdesk.Config(t, string(demo.Config()), filepath.Dir(file), "duckdb:"+file)
	request := run.Request{Window: "30d", Detail: run.Full}
	with, without := pull(t, planted, request), pull(t, testdesk.Demo(t), request)
	// A month's bounds are wide; its last week tells.
	k, before := with.KPI("revenue").Trend, without.KPI("revenue").Trend
	if k == nil || k.Recent == nil {
		t.Fatalf("net sales with the drop: %+v, want the last week to be an anomaly", k)
	}
	since, err := time.Parse(time.DateOnly, k.Recent.Since)
	if err != nil || since.Sub(began).Abs() > 3*24*time.Hour {
		t.Errorf("net sales are another since %q, the drop began on %s", k.Recent.Since, began.Format(time.DateOnly))
	}
	if before == nil || before.Anomaly || before.Recent != nil {
		t.Errorf("net sales without the drop: %+v, want no anomaly", before)
	}
	if len(with.Anomalies()) <= len(without.Anomalies()) {
		t.Errorf("%d lines on anomalies with the drop, %d without", len(with.Anomalies()), len(without.Anomalies()))
	}
}
