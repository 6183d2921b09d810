package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/tools/metric"
)

// Without a program, the catalogue is listed and explained as it is.
func TestMetricsWithoutAProgram(t *testing.T) {
	t.Chdir(t.TempDir())
	catalogue, err := metric.Load(metric.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	code, out, says := try(t, t.Context(), "metrics")
	if code != 0 || says != "" {
		t.Fatalf("status %d: %s", code, says)
	}
	at := -1
	for _, d := range catalogue {
		i := strings.Index(out, "\n  "+d.ID+" ")
		if i < at {
			t.Errorf("%s is not listed, or not in the catalogue's order", d.ID)
		}
		at = i
		line, _, _ := strings.Cut(out[i+1:], "\n")
		for _, part := range []string{d.Label, string(d.Kind), string(d.Unit), d.Better} {
			if !strings.Contains(line, part) {
				t.Errorf("the line of %s lacks %q: %s", d.ID, part, line)
			}
		}
	}
	for line := range strings.Lines(out) {
		if len([]rune(line)) > 101 || strings.HasSuffix(line, " \n") {
			t.Errorf("a line is too long, or ends with a space: %q", line)
		}
	}
	for _, want := range []string{"membership\n", "\n\npoints\n", "3 variants\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("the list lacks %q:\n%s", want, out)
		}
	}

	code, out, says = try(t, t.Context(), "metrics", "aov")
	if code != 0 || says != "" {
		t.Fatalf("status %d: %s", code, says)
	}
	d, _ := catalogue.Find("average_order_value")
	for _, want := range []string{"(average_order_value)", d.Text, d.Numerator, d.Denominator, d.Ref(), "orders.member_id", "also called", "aov"} {
		if !strings.Contains(out, want) {
			t.Errorf("the explanation lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "in your data") {
		t.Errorf("without a program, the explanation speaks of its data:\n%s", out)
	}
}

// With a program, the metrics are as it chooses and defines them, and its data
// can tell them or not.
func TestMetricsOfAProgram(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	const text = `program: {name: Small, currency: EUR}
feeds:
  members: {sql: "SELECT 1 AS member_id, DATE '2026-01-01' AS enrolled_at"}
  orders: {sql: "SELECT 1 AS order_id, 1 AS member_id, DATE '2026-02-01' AS ordered_at, 5 AS net"}
metrics:
  preset: smile
  define:
    - {id: big_orders, label: Big orders, group: revenue, kind: flow, unit: count, better: higher, numerator: count(orders where net > 100), definition: Orders above 100.}
`
	if err := os.WriteFile(filepath.Join(dir, "loyalty.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, out, _ := try(t, t.Context(), "metrics") // loyalty.yaml of the working folder
	for _, want := range []string{"big_orders", "of your own\n", "by smile_30d\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("the list lacks %q:\n%s", want, out)
		}
	}
	for _, c := range []struct {
		id        string
		available bool
		reason    string
		want      []string
	}{
		{"big_orders", true, "", []string{"count(orders where net > 100)", "loyalty.yaml"}},
		{"revenue", true, "", []string{"standard (in force)", "Capillary"}},
		{"discount_rate", false, "discount", []string{"orders.discount", "orders.gross"}},
		{"redemption_rate", false, "points", []string{"smile_30d (in force; preset smile)", "the 30 days before the end of the window", "points or points_monthly"}},
		{"reward_value", false, "redemptions", []string{"monthly (where the feeds can't carry the other)"}},
	} {
		code, out, says := try(t, t.Context(), "metrics", c.id, "--state", dir)
		if code != 0 || says != "" {
			t.Errorf("%s: status %d: %s", c.id, code, says)
			continue
		}
		told := "in your data"
		if !c.available {
			told = "not available: "
		}
		for _, want := range append(c.want, told) {
			if !strings.Contains(out, want) {
				t.Errorf("%s: the explanation lacks %q:\n%s", c.id, want, out)
			}
		}
		code, out, _ = try(t, t.Context(), "metrics", "--state", dir, "--json", c.id)
		var e metric.Explanation
		if err := json.Unmarshal([]byte(out), &e); err != nil || code != 0 {
			t.Fatalf("%s --json: status %d, %v: %s", c.id, code, err, out)
		}
		if e.Available == nil || *e.Available != c.available || !strings.Contains(e.Reason, c.reason) || (e.Reason == "") != c.available || e.ID != c.id {
			t.Errorf("%s --json: %+v, want available %v for a reason with %q", c.id, e, c.available, c.reason)
		}
	}
	code, out, _ := try(t, t.Context(), "metrics", "--json")
	var all []metric.Explanation
	if err := json.Unmarshal([]byte(out), &all); err != nil || code != 0 {
		t.Fatalf("--json: status %d, %v", code, err)
	}
	if last := all[len(all)-1]; last.ID != "big_orders" || !last.Custom || strings.Contains(out, `\u003e`) {
		t.Errorf("the last metric is %+v, want big_orders with its > as written", last)
	}
}
