package pullmetrics_test

import (
	"context"
	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// SQL may bind well and fail on a row, be it the first or a late one. That too
// is the operator's to mend, so the error must name the feed.
func TestMappedSQLThatFailsOnARow(t *testing.T) {
	for name, sql := range map[string]string{
		"first": "SELECT 1 AS member_id, CAST(id AS date) AS enrolled_at FROM people",
		"late":  "SELECT i AS member_id, CAST(CASE WHEN i = 40000 THEN 'x' ELSE '2026-01-01' END AS date) AS enrolled_at FROM range(50000) AS r(i)",
	} {
		d := testdesk.Config(t, head+"warehouse: 'duckdb:.'\nfeeds:\n  members: {sql: \""+sql+"\"}\n", tree(t, map[string]string{"people.csv": "id\nM1\nM2\n"}), "")
		_, err := d.Open(context.Background(), run.Request{})
		if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "feeds.members") {
			t.Errorf("%s row: error %v, want one of kind config that names feeds.members", name, err)
		}
	}
}

// An optional feed without rows takes its figures away, each with the reason,
// and no others.
func TestEmptyOptionalFeed(t *testing.T) {
	files := map[string]string{
		"members.csv": "member_id,enrolled_at\n1,2026-01-01\n2,2026-02-01\n",
		"orders.csv":  "order_id,ordered_at,net,member_id\n1,2026-05-01 10:00:00,5,1\n2,2026-06-10 10:00:00,7,1\n",
		"points.csv":  "entry_id,member_id,occurred_at,kind,points\n",
		"surveys.csv": "responded_at,kind,score\n",
	}
	d := testdesk.Config(t, head+"warehouse: 'duckdb:.'\nfeeds:\n  members: {table: members}\n  orders: {table: orders}\n  points: {table: points}\n  surveys: {table: surveys}\n", tree(t, files), "")
	ctx := context.Background()
	r, err := d.Open(ctx, run.Request{})
	if err != nil {
		t.Fatal(err)
	}
	result, err := pullmetrics.Compute(ctx, d, r)
	if err != nil {
		t.Fatal(err)
	}
	for kpi, want := range map[string]string{"points_issued": "the points feed is empty", "redemption_rate": "the points feed is empty", "csat": "the surveys feed is empty"} {
		k := result.KPI(kpi)
		if k == nil || k.Value != nil || !strings.Contains(k.Reason, want) {
			t.Errorf("%s = %+v, want no value because %s", kpi, k, want)
		}
	}
	for kpi, want := range map[string]float64{"revenue": 7, "orders": 1, "members_open": 2} {
		if k := result.KPI(kpi); k == nil || k.Value == nil || *k.Value != want {
			t.Errorf("%s = %+v, want %v", kpi, k, want)
		}
	}
}

// head starts a config, and tree writes files into a new folder.
const head = "program: {name: Small, currency: EUR}\n"

func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
