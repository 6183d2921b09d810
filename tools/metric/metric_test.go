package metric_test

import (
	"slices"
	"strings"
	"testing"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/metric"
	"loyaltymcp/warehouse"
)

func load(t *testing.T) metric.Catalog {
	t.Helper()
	c, err := metric.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The catalogue is data, so what it says is held to what it may say.
func TestEveryDefinitionIsWhole(t *testing.T) {
	all := load(t)
	if len(all) < 20 {
		t.Fatalf("%d definitions, want 20 at least", len(all))
	}
	headlines := 0
	for _, d := range all {
		if d.ID == "" || d.Label == "" || d.Numerator == "" || d.N == "" || !strings.HasSuffix(d.Text, ".") {
			t.Errorf("%q lacks an id, a label, a numerator, an n or a definition that ends: %+v", d.ID, d)
		}
		if strings.ToLower(d.ID) != d.ID || strings.ContainsAny(d.ID, " -/{}=<>:,") {
			t.Errorf("%q can't be an id: thresholds and data points are written with it", d.ID)
		}
		if !slices.Contains([]metric.Kind{metric.Flow, metric.Stock, metric.Ratio}, d.Kind) {
			t.Errorf("%s is of kind %q", d.ID, d.Kind)
		}
		if !slices.Contains([]metric.Unit{metric.Count, metric.Points, metric.Money, metric.Share, metric.Score}, d.Unit) {
			t.Errorf("%s is in %q", d.ID, d.Unit)
		}
		if !slices.Contains([]string{"enrollment", "engagement", "redemption", "csat", "revenue"}, d.Group) {
			t.Errorf("%s is of group %q", d.ID, d.Group)
		}
		if d.Interval == "wilson" && (d.Kind != metric.Ratio || d.Unit != metric.Share) {
			t.Errorf("%s has an interval of proportions but is a %s in %s", d.ID, d.Kind, d.Unit)
		}
		// The interval is that of n trials, so n is what is divided by.
		if d.Interval == "wilson" && d.N != d.Denominator {
			t.Errorf("%s: n is %s, but its interval is over %s", d.ID, d.N, d.Denominator)
		}
		for _, measure := range d.Measures() {
			if query, name, ok := strings.Cut(measure, "."); !ok || query == "" || name == "" {
				t.Errorf("%s: measure %q is no QUERY.NAME", d.ID, measure)
			}
		}
		for _, requirement := range d.Requires {
			feed, column, _ := strings.Cut(requirement, ".")
			if contract, ok := feedNamed(feed); !ok {
				t.Errorf("%s requires %s: there is no such feed", d.ID, requirement)
			} else if _, ok := contract.Column(column); !ok && feed != "points" { // points may be the monthly ones
				t.Errorf("%s requires %s: there is no such column", d.ID, requirement)
			}
		}
		if d.Headline {
			headlines++
		}
	}
	if headlines < 5 || headlines > 15 {
		t.Errorf("%d headlines, want 5 to 15", headlines)
	}
}

func feedNamed(name string) (warehouse.Feed, bool) {
	for _, f := range warehouse.Feeds() {
		if f.Name == name {
			return f, true
		}
	}
	return warehouse.Feed{}, false
}

func TestFind(t *testing.T) {
	all := load(t)
	for name, want := range map[string]string{"churn_explicit": "churn_explicit", "churn_rate": "churn_explicit", "churn": "churn_explicit", "aov": "average_order_value", "revenue": "revenue"} {
		if d, ok := all.Find(name); !ok || d.ID != want {
			t.Errorf("%s = %s, %v, want %s", name, d.ID, ok, want)
		}
	}
	for _, name := range []string{"", "Revenue", "revenues", "churn rate"} {
		if d, ok := all.Find(name); ok {
			t.Errorf("%q = %s, want none", name, d.ID)
		}
	}
	_, err := all.Get("alert_threshold", "redemption_rat")
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "valid: redemption_rate,") {
		t.Errorf("error %v, want one of kind invalid that names redemption_rate first", err)
	}
	if ids := all.IDs(); len(ids) != len(all) || ids[0] != all[0].ID {
		t.Errorf("ids = %v, want those of the catalogue in its order", ids)
	}
}

// The hash says whether two values are of one definition.
func TestHash(t *testing.T) {
	d, _ := load(t).Find("redemption_rate")
	hash := d.Hash()
	if len(hash) != 8 || d.Ref() != "redemption_rate@"+hash {
		t.Errorf("hash %s, reference %s", hash, d.Ref())
	}
	shown := d
	shown.Label, shown.Headline, shown.Aliases = "Other", !d.Headline, []string{"x"}
	if got := shown.Hash(); got != hash {
		t.Errorf("shown otherwise, the hash = %s, want %s", got, hash)
	}
	for name, change := range map[string]func(*metric.Definition){
		"numerator": func(d *metric.Definition) { d.Numerator = "points.issued" }, "denominator": func(d *metric.Definition) { d.Denominator = "balance.outstanding" },
		"text": func(d *metric.Definition) { d.Text += " Or so." }, "unit": func(d *metric.Definition) { d.Unit = metric.Score }, "kind": func(d *metric.Definition) { d.Kind = metric.Flow },
	} {
		other := d
		change(&other)
		if other.Hash() == hash {
			t.Errorf("with another %s, the hash is still %s", name, hash)
		}
	}
	seen := map[string]string{}
	for _, d := range load(t) {
		if before, ok := seen[d.Hash()]; ok {
			t.Errorf("%s and %s have one hash", before, d.ID)
		}
		seen[d.Hash()] = d.ID
	}
}

func TestByMember(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		members *bool
		want    bool
	}{{nil, true}, {&yes, true}, {&no, false}} {
		if got := (metric.Definition{Members: c.members}).ByMember(); got != c.want {
			t.Errorf("by member = %v, want %v", got, c.want)
		}
	}
}
