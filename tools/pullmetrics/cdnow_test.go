package pullmetrics_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// A program of orders alone has the figures of its orders, and no other: the
// totals are those that the data set is published with.
func TestOrdersOnlyProgram(t *testing.T) {
	root := testdesk.Root(t)
	data := filepath.Join(root, "..", "shared", "data", "cdnow")
	if _, err := os.Stat(data); err != nil {
		t.Skipf("the CDNOW data are not at %s", data)
	}
	text, err := os.ReadFile(filepath.Join(root, "examples", "cdnow.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	d := testdesk.Config(t, string(text), filepath.Join(root, "examples"), "duckdb:"+data)
	r := pull(t, d, run.Request{Window: "1997-01-01..1998-07-01"})
	check(t, r, map[string]float64{"revenue": 2500315.63, "buyers": 23570, "first_time_buyers": 23570, "repeat_purchase_rate": 0.488587, "transaction_penetration": 1})
	if k := r.KPI("repeat_purchase_rate"); k.Numerator == nil || *k.Numerator != 11516 {
		t.Errorf("customers with two or more order days: %+v, want 11516", k)
	}
	orders := map[string]bool{"orders": true, "first_orders": true}
	for _, definition := range d.Metrics {
		k := r.KPI(definition.ID)
		if needsOnly(definition, orders) {
			continue
		}
		if k.Value != nil || !strings.Contains(k.Reason, "is not mapped") && !strings.Contains(k.Reason, "no mapped feed") {
			t.Errorf("%s = %v (%q), want null because a feed is not mapped", k.ID, k.Value, k.Reason)
		}
	}
	for _, id := range []string{"members_open", "enrolments", "churn_explicit", "active_rate", "revenue_per_member"} {
		if k := r.KPI(id); k.Reason != "the members feed is not mapped" {
			t.Errorf("%s is unknown because %q, want that there are no members", id, k.Reason)
		}
	}
}

// needsOnly reports whether a definition is made of the sources alone.
func needsOnly(d metric.Definition, sources map[string]bool) bool {
	for _, m := range d.Measures() {
		if !sources[m.Source] {
			return false
		}
	}
	return true
}
