package metric

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"loyaltymcp/internal/fault"
)

// Every preset chooses variants that there are, and changes what it chooses.
func TestPresets(t *testing.T) {
	all, err := Presets()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range all {
		names = append(names, p.Name)
		if p.Label == "" || len(p.Variants) == 0 {
			t.Errorf("%s lacks a label or variants", p.Name)
		}
		c, err := Load(Choice{Preset: p.Name})
		if err != nil {
			t.Errorf("%s: %v", p.Name, err)
			continue
		}
		plain := mustLoad(t)
		for i, d := range c {
			if d.Variant != p.Variants[d.ID] {
				t.Errorf("%s: %s by %q, want %q", p.Name, d.ID, d.Variant, p.Variants[d.ID])
			}
			if chosen := d.Variant != ""; (d.Hash() != plain[i].Hash()) != chosen {
				t.Errorf("%s: %s has the hash %s, plain %s, though chosen = %v", p.Name, d.ID, d.Hash(), plain[i].Hash(), chosen)
			}
			delete(p.Variants, d.ID)
		}
		if len(p.Variants) > 0 {
			t.Errorf("%s chooses for no metric: %v", p.Name, p.Variants)
		}
	}
	if want := []string{"smile", "yotpo", "emarsys", "openloyalty"}; !slices.Equal(names, want) {
		t.Errorf("presets %v, want %v", names, want)
	}
}

func TestVariantsStandBeforeThePreset(t *testing.T) {
	c, err := Load(Choice{Preset: "smile", Variants: map[string]string{"redeemer_rate": "per_active", "redemption_rate": Standard, "churn": "average_open"}})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"redeemer_rate": "per_active", "redemption_rate": "", "churn_explicit": "average_open", "order_earn_rate": "smile_30d", "revenue": ""} {
		if d, _ := c.Find(id); d.Variant != want {
			t.Errorf("%s by %q, want %q", id, d.Variant, want)
		}
	}
}

// own is a definition that compiles.
func own() Definition {
	return Definition{ID: "store_share", Label: "Share of stores", Group: "revenue", Kind: Ratio, Unit: Share, Better: "neutral",
		Formula: Formula{Numerator: "sum(orders.net where member and channel = store)", Denominator: "sum(orders.net where member)", Interval: Delta, Text: "Store sales ÷ all."}}
}

func TestDefine(t *testing.T) {
	plain := mustLoad(t)
	revenue := own()
	revenue.ID, revenue.Headline = "redemption_rate", true
	c, err := Load(Choice{Preset: "smile", Define: []Definition{own(), revenue}})
	if err != nil {
		t.Fatal(err)
	}
	if len(c) != len(plain)+1 || c[len(c)-1].ID != "store_share" || !c[len(c)-1].Custom {
		t.Errorf("%d metrics, the last %s; want one more than %d, store_share", len(c), c[len(c)-1].ID, len(plain))
	}
	got, _ := c.Find("redemption_rate")
	at := func(c Catalog) int { return slices.Index(c.IDs(), "redemption_rate") }
	if got.Numerator != own().Numerator || !got.Custom || got.Variant != "" || at(c) != at(plain) {
		t.Errorf("redemption_rate is %+v at %d, want the operator's at %d, which no preset touches", got, at(c), at(plain))
	}
	if len(got.Measures()) != 2 || got.Top() == nil {
		t.Errorf("it measures %v", got.Measures())
	}
}

// What is wrong with a choice is an error of kind config that names the field,
// what is valid and what to do.
func TestChoiceRefuses(t *testing.T) {
	with := func(change func(*Definition)) Choice {
		d := own()
		change(&d)
		return Choice{Define: []Definition{d}}
	}
	variant := func(change func(*Formula)) Choice {
		return with(func(d *Definition) {
			f := Formula{Text: "Otherwise."}
			change(&f)
			d.Variants = map[string]Formula{"other": f}
		})
	}
	taken, twice, stock := own(), own(), own()
	taken.ID = "churn"
	stock.ID, stock.Kind, stock.Denominator, stock.Interval, stock.Numerator = "members_open", Stock, "", "", "count(open)"
	for _, c := range []struct {
		name   string
		choice Choice
		want   []string
	}{
		{"preset", Choice{Preset: "smiles"}, []string{"metrics.preset: ", `no preset "smiles"`, "valid: smile,"}},
		{"metric", Choice{Variants: map[string]string{"redemption_rat": "net"}}, []string{"metrics.variants.redemption_rat: ", "valid: redemption_rate,"}},
		{"variant", Choice{Variants: map[string]string{"redemption_rate": "smile_30"}}, []string{"metrics.variants.redemption_rate: ", `redemption_rate has no variant "smile_30"`, "valid: smile_30d,"}},
		{"variant of one that has none", Choice{Variants: map[string]string{"orders": "net"}}, []string{"metrics.variants.orders: ", "valid: standard"}},
		{"one metric twice", Choice{Variants: map[string]string{"churn": "average_open", "churn_explicit": "average_open"}}, []string{"metrics.variants.churn_explicit: ", "chosen already"}},
		{"id", with(func(d *Definition) { d.ID = "Store Share" }), []string{"metrics.define[0].id: ", "lower-case"}},
		{"alias", with(func(d *Definition) { d.Aliases = []string{"a b"} }), []string{"metrics.define[0].aliases: "}},
		{"alias that is taken", with(func(d *Definition) { d.Aliases = []string{"aov"} }), []string{"metrics.define[0]: ", "aov names both average_order_value and store_share"}},
		{"id that is an alias", Choice{Define: []Definition{taken}}, []string{"metrics.define[0]: ", "churn names both churn_explicit and churn"}},
		{"twice", Choice{Define: []Definition{own(), twice}}, []string{"metrics.define[1]: ", "store_share is defined twice"}},
		{"label", with(func(d *Definition) { d.Label = "" }), []string{"metrics.define[0].label: "}},
		{"words", with(func(d *Definition) { d.Text = "" }), []string{"metrics.define[0].definition: "}},
		{"kind", with(func(d *Definition) { d.Kind = "rate" }), []string{"metrics.define[0].kind: ", "valid: ratio,"}},
		{"unit", with(func(d *Definition) { d.Unit = "moneys" }), []string{"metrics.define[0].unit: ", "valid: money,"}},
		{"direction", with(func(d *Definition) { d.Better = "high" }), []string{"metrics.define[0].better: ", "valid: higher,"}},
		{"interval", with(func(d *Definition) { d.Interval = "wald" }), []string{"metrics.define[0].interval: ", "valid: delta,"}},
		{"none is of variants", with(func(d *Definition) { d.Interval = None }), []string{"metrics.define[0].interval: "}},
		{"wilson of sums", with(func(d *Definition) { d.Interval = Wilson }), []string{"metrics.define[0].interval: ", "delta is of a ratio of sums"}},
		{"wilson of weighed counts", with(func(d *Definition) {
			d.Interval, d.Numerator, d.Denominator = Wilson, "count(open where active)", "0.5 * count(open) + 0.5 * count(start)"
		}), []string{"metrics.define[0].interval: ", "weighs"}},
		{"nps of one count", with(func(d *Definition) { d.Interval = NPS }), []string{"metrics.define[0].interval: ", "promoters less detractors"}},
		{"numerator", with(func(d *Definition) { d.Numerator = "sum(orders.nett)" }), []string{"metrics.define[0].numerator: ", `no column of orders "nett"`, "valid: net,", "loyalty-mcp metrics"}},
		{"no numerator", with(func(d *Definition) { d.Numerator = "" }), []string{"metrics.define[0].numerator: "}},
		{"denominator", with(func(d *Definition) { d.Denominator = "count(order)" }), []string{"metrics.define[0].denominator: ", "valid: orders,"}},
		{"no denominator", with(func(d *Definition) { d.Denominator = "" }), []string{"metrics.define[0].denominator: ", "a ratio needs one"}},
		{"n", with(func(d *Definition) { d.N = "sum(orders)" }), []string{"metrics.define[0].n: "}},
		{"denominator of a flow", with(func(d *Definition) { d.Kind, d.Interval = Flow, "" }), []string{"metrics.define[0].denominator: ", "a flow has none"}},
		{"interval of a flow", with(func(d *Definition) { d.Kind, d.Denominator = Flow, "" }), []string{"metrics.define[0].interval: ", "a flow has none"}},
		{"horizon of a ratio", with(func(d *Definition) { d.Horizon = 30 }), []string{"metrics.define[0].horizon: ", "a ratio has none"}},
		{"cohort without horizon", with(func(d *Definition) { d.Kind = Cohort }), []string{"metrics.define[0].horizon: ", "1 to 1826 days"}},
		{"cohort of what has no horizon", with(func(d *Definition) { d.Kind, d.Horizon = Cohort, 30 }), []string{"metrics.define[0].numerator: ", "not watched", "first_orders"}},
		{"horizon column outside a cohort", with(func(d *Definition) {
			d.Numerator, d.Denominator, d.Interval = "count(enrolled where redeemed)", "count(enrolled)", ""
		}), []string{"metrics.define[0].numerator: ", "enrolled.redeemed looks at the days after the row"}},
		{"cohort of a state", with(func(d *Definition) {
			d.Kind, d.Horizon, d.Numerator, d.Denominator, d.Interval = Cohort, 30, "count(open)", "count(enrolled)", ""
		}), []string{"metrics.define[0].numerator: ", "open is a state"}},
		{"flow of a state", with(func(d *Definition) { d.Kind, d.Denominator, d.Interval, d.Numerator = Flow, "", "", "count(open)" }), []string{"metrics.define[0].numerator: ", "open is a state"}},
		{"stock of no state", with(func(d *Definition) { d.Kind, d.Denominator, d.Interval, d.Numerator = Stock, "", "", "count(orders)" }), []string{"metrics.define[0].numerator: ", "orders is no state"}},
		{"change of a flow", with(func(d *Definition) { d.Kind, d.Denominator, d.Interval, d.Change = Flow, "", "", "count(orders)" }), []string{"metrics.define[0].change: ", "a flow has none"}},
		{"change that is a state", with(func(d *Definition) {
			d.Kind, d.Denominator, d.Interval, d.Numerator, d.Change = Stock, "", "", "count(open)", "count(start)"
		}), []string{"metrics.define[0].change: ", "start is a state"}},
		{"lookback", with(func(d *Definition) { d.Lookback = -1 }), []string{"metrics.define[0].lookback: ", "1 to 1826 days"}},
		{"lookback of a stock", with(func(d *Definition) {
			d.Kind, d.Denominator, d.Interval, d.Numerator, d.Lookback = Stock, "", "", "count(open)", 30
		}), []string{"metrics.define[0].lookback: ", "a stock has none"}},
		{"daily numerator", with(func(d *Definition) { d.Daily = &Daily{"count(order)", "count(orders)"} }), []string{"metrics.define[0].daily.numerator: ", "valid: orders,"}},
		{"daily state", with(func(d *Definition) { d.Daily = &Daily{"count(open)", "count(orders)"} }), []string{"metrics.define[0].daily.numerator: ", "open is a state"}},
		{"daily denominator", with(func(d *Definition) { d.Daily = &Daily{"count(orders)", "count(order)"} }), []string{"metrics.define[0].daily.denominator: ", "valid: orders,"}},
		{"daily without a denominator", with(func(d *Definition) { d.Daily = &Daily{"count(orders)", ""} }), []string{"metrics.define[0].daily.denominator: "}},
		{"daily stock that is none", with(func(d *Definition) { d.Daily = &Daily{"count(orders)", "member_open"} }), []string{"metrics.define[0].daily.denominator: ", "valid: members_open,"}},
		{"a stock that others follow", Choice{Define: []Definition{stock}}, []string{"metrics.define[0]: ", "member_growth_rate.daily.denominator", `"members_open"`}},
		{"fallback", with(func(d *Definition) { d.Fallback = "monthly" }), []string{"metrics.define[0].fallback: ", `no variant "monthly"`}},
		{"variant's numerator", variant(func(f *Formula) { f.Numerator = "sum(orders.nett)" }), []string{"metrics.define[0].variants.other.numerator: ", "valid: net,"}},
		{"variant's interval", variant(func(f *Formula) { f.Interval = Wilson }), []string{"metrics.define[0].variants.other.interval: "}},
		{"variant's daily", variant(func(f *Formula) { f.Daily = &Daily{"count(orders)", "revenue"} }), []string{"metrics.define[0].variants.other.daily.denominator: ", "valid: members_open,"}},
		{"variant's name", with(func(d *Definition) { d.Variants = map[string]Formula{Standard: {Text: "x"}} }), []string{"metrics.define[0].variants.standard: ", "the formula itself"}},
	} {
		_, err := Load(c.choice)
		if !fault.Is(err, fault.Config) {
			t.Errorf("%s: error %v, want one of kind config", c.name, err)
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: error %q lacks %q", c.name, err, part)
			}
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error has several lines: %q", c.name, err)
		}
	}
}

func ExampleLoad() {
	c, err := Load(Choice{Preset: "smile"})
	if err != nil {
		fmt.Println(err)
		return
	}
	d, _ := c.Find("redemption_rate")
	fmt.Println(d.Variant, d.Lookback)
	_, err = Load(Choice{Variants: map[string]string{"redemption_rate": "lifetim"}})
	fmt.Println(err)
	// Output:
	// smile_30d 30
	// metrics.variants.redemption_rate: redemption_rate has no variant "lifetim"; valid: lifetime, net, smile_30d, standard
}
