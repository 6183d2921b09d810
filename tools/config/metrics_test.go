package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/metric"
)

// share is a metric of an operator's own, on lines 6 to 15 below small.
const share = `metrics:
  define:
    - id: store_share
      label: Share of stores
      group: revenue
      kind: ratio
      unit: ratio
      better: neutral
      numerator: sum(orders.net where member and channel = store)
      denominator: sum(orders.net where member)
      definition: Store sales ÷ all.
`

func TestCatalog(t *testing.T) {
	c := mustParse(t, small+share+"  preset: smile\n  variants: {redeemer_rate: per_active}\n")
	all, err := c.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	if d, ok := all.Find("store_share"); !ok || !d.Custom || d.Denominator != "sum(orders.net where member)" {
		t.Errorf("store_share = %+v, %v", d, ok)
	}
	for id, want := range map[string]string{"redemption_rate": "smile_30d", "redeemer_rate": "per_active", "revenue": ""} {
		if d, _ := all.Find(id); d.Variant != want {
			t.Errorf("%s by %q, want %q", id, d.Variant, want)
		}
	}
	plain := mustParse(t, small)
	if all, err := plain.Catalog(); err != nil || all[0].Variant != "" {
		t.Errorf("without a choice: %v", err)
	}
	if c.Hash() == plain.Hash() {
		t.Error("a choice of metrics leaves the config's hash as it was, though it changes figures")
	}
	if got := mustParse(t, small+"metrics: {}\n").Hash(); got != plain.Hash() {
		t.Errorf("an empty choice changes the hash to %s, want %s", got, plain.Hash())
	}
}

// What is wrong with metrics names the line, as every mistake in the file does.
func TestMistakesInMetrics(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"preset", "metrics:\n  preset: smily\n", []string{"loyalty.yaml:6: metrics.preset", `"smily"`, "valid: smile,"}},
		{"metric", "metrics:\n  variants:\n    revenue: gross\n    redemption_rat: net\n", []string{"loyalty.yaml:8: metrics.variants.redemption_rat", "valid: redemption_rate,"}},
		{"variant", "metrics:\n  variants:\n    redemption_rate: nett\n", []string{"loyalty.yaml:7: metrics.variants.redemption_rate", "valid: net,"}},
		{"column that no feed has", strings.Replace(share, "orders.net where member and", "orders.profit where member and", 1),
			[]string{"loyalty.yaml:13: metrics.define[0].numerator", `no column of orders "profit"`, "valid: ", "margin", "loyalty-mcp metrics"}},
		{"source that there is not", strings.Replace(share, "denominator: sum(orders", "denominator: sum(sales", 1),
			[]string{"loyalty.yaml:14: metrics.define[0].denominator", `no source "sales"`, "valid: ", "orders"}},
		{"expression that does not end", strings.Replace(share, "channel = store)", "channel = store", 1), []string{"loyalty.yaml:13: metrics.define[0].numerator", `")" is expected at the end`}},
		{"id", strings.Replace(share, "id: store_share", "id: Store share", 1), []string{"loyalty.yaml:7: metrics.define[0].id", "lower-case"}},
		{"what is left out", strings.Replace(share, "      denominator: sum(orders.net where member)\n", "", 1), []string{"loyalty.yaml:7: metrics.define[0].denominator", "a ratio needs one"}},
		{"a variant of one's own", share + "      variants:\n        app:\n          numerator: sum(orders.nett)\n", []string{"loyalty.yaml:18: metrics.define[0].variants.app.numerator", "valid: net,"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := mustParse(t, small+c.text).Catalog()
			if !fault.Is(err, fault.Config) {
				t.Fatalf("error %v, want one of kind config", err)
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q lacks %q", err, part)
				}
			}
		})
	}
	// The schema finds what is no metric at all.
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"name", strings.Replace(share, "numerator:", "numerater:", 1), []string{"loyalty.yaml:", "metrics.define[0]", "numerator"}},
		{"kind", strings.Replace(share, "kind: ratio", "kind: rate", 1), []string{"loyalty.yaml:10", "metrics.define[0].kind", "valid: ratio,"}},
		{"its mark", strings.Replace(share, "group: revenue", "group: revenue\n      custom: true", 1), []string{"loyalty.yaml:10", "custom"}},
		{"list", "metrics: [smile]\n", []string{"loyalty.yaml:5", "metrics"}},
	} {
		_, err := parse(t, small+c.text)
		for _, part := range c.want {
			if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), part) {
				t.Errorf("%s: error %v, want one of kind config with %q", c.name, err, part)
			}
		}
	}
}

// A program with a wrong metric does not start.
func TestNoStartWithAWrongMetric(t *testing.T) {
	_, err := testdesk.TryConfig(t, small+"metrics: {preset: smily}\n", t.TempDir(), "duckdb:")
	if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "loyalty.yaml:5: metrics.preset") {
		t.Errorf("error %v, want one of kind config that names the line", err)
	}
}

// The schema knows what a definition may say, and no more.
func TestSchemaOfADefinition(t *testing.T) {
	all, err := metric.Load(metric.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(testdesk.Root(t), "tools", "metric", "catalog")
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("catalogue files %v, %v", files, err)
	}
	n := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		indented := "    " + strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", "\n    ")
		c := mustParse(t, small+"metrics:\n  define:\n"+indented+"\n")
		for _, d := range c.Metrics.Define {
			n++
			if want, ok := all.Find(d.ID); !ok || want.Kind != d.Kind || want.Text != d.Text || len(want.Variants) != len(d.Variants) || want.Lookback != d.Lookback || want.Horizon != d.Horizon {
				t.Errorf("%s came through loyalty.yaml as %+v, want %+v", d.ID, d, want)
			}
		}
		if own, err := c.Catalog(); err != nil {
			t.Errorf("%s: %v", file, err)
		} else {
			for i := range own {
				if own[i].Ref() != all[i].Ref() {
					t.Errorf("%s defined anew as it is becomes %s", all[i].Ref(), own[i].Ref())
				}
			}
		}
	}
	if n != len(all) {
		t.Errorf("%d definitions came through, want %d", n, len(all))
	}
}

// What the example shows commented out is valid when it is not.
func TestExampleOfMetrics(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(testdesk.Root(t), "loyalty.example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(text), "\n# metrics:\n")
	if !found {
		t.Fatal("the example shows no metrics")
	}
	block, _, _ = strings.Cut(block, "\n\n")
	lines := strings.Split("# metrics:\n"+block, "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "# ")
	}
	c := mustParse(t, small+strings.Join(lines, "\n")+"\n")
	if c.Metrics.Preset == "" || len(c.Metrics.Variants) == 0 || len(c.Metrics.Define) == 0 {
		t.Fatalf("the example chooses %+v, want a preset, variants and a definition", c.Metrics)
	}
	if _, err := c.Catalog(); err != nil {
		t.Error(err)
	}
}
