package metric

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	all, err := Load(Choice{Preset: "smile"})
	if err != nil {
		t.Fatal(err)
	}
	d, _ := all.Find("redemption_rate")
	e, err := d.Explain()
	if err != nil {
		t.Fatal(err)
	}
	if e.Variant != "smile_30d" || e.Lookback != 30 || e.Ref != d.Ref() || !strings.HasSuffix(e.Ref, "@"+e.Hash) || e.Source != "Smile" {
		t.Errorf("in force is %+v", e)
	}
	var names []string
	for _, v := range e.Variants {
		names = append(names, v.Name)
		if v.InForce != (v.Name == "smile_30d") || v.InForce != (v.Hash == e.Hash) {
			t.Errorf("%s: in force = %v with hash %s, want smile_30d with %s to be", v.Name, v.InForce, v.Hash, e.Hash)
		}
		if got := slices.Contains(v.Presets, "smile"); got != (v.Name == "smile_30d") {
			t.Errorf("%s is of the presets %v", v.Name, v.Presets)
		}
	}
	if want := []string{Standard, "lifetime", "net", "smile_30d"}; !slices.Equal(names, want) {
		t.Errorf("variants %v, want %v", names, want)
	}
	// The formula itself is as it is where nothing is chosen, lookback and all.
	plain, _ := mustLoad(t).Find("redemption_rate")
	if own := e.Variants[0]; own.Hash != plain.Hash() || own.Lookback != 0 || own.Text != plain.Text || own.Source != plain.Source {
		t.Errorf("the formula itself = %+v, want %+v", own, plain.Formula)
	}
	// A variant has its own source or none, never that of another.
	if net := e.Variants[2]; net.Source != "" {
		t.Errorf("net is defined by %q, want nobody", net.Source)
	}
}

// A variant is of the definition, not of the variant that was chosen before.
func TestWithAfterWith(t *testing.T) {
	all, sources := mustLoad(t), mustSources(t)
	for _, d := range all {
		for _, first := range d.VariantNames() {
			chosen, err := d.With(first, sources)
			if err != nil {
				t.Fatal(err)
			}
			for _, second := range append(d.VariantNames(), Standard) {
				got, err := chosen.With(second, sources)
				want, _ := d.With(second, sources)
				if err != nil || got.Ref() != want.Ref() || got.Source != want.Source || got.Variant != want.Variant {
					t.Errorf("%s by %s and then %s = %+v, %v, want %+v", d.ID, first, second, got.Formula, err, want.Formula)
				}
			}
		}
	}
}

func TestNeeds(t *testing.T) {
	all, sources := mustLoad(t), mustSources(t)
	for id, want := range map[string][]string{
		"revenue":                 {"orders", "orders.member_id"},
		"cancellations":           {"members", "members.cancelled_at"},
		"points_issued":           {"points or points_monthly"},
		"points_expired":          {"points or points_monthly", "points_monthly.expired where the points are in points_monthly"},
		"points_reversed":         {"points"},
		"points_expiring_30d":     {"points", "points.expires_at"},
		"participation_rate":      {"members", "points or points_monthly"},
		"active_rate":             {"a feed that holds an event of definitions.active_events", "members"},
		"order_earn_rate":         {"orders", "points.order_id and orders.order_id, of one type"},
		"upgrade_rate":            {"members", "tier_history", "tiers"},
		"reward_cost_ratio":       {"orders", "orders.member_id", "redemptions", "redemptions.reward_id and rewards.reward_id, of one type", "rewards.unit_cost"},
		"first_redemption_rate":   {"members", "points"},
		"second_purchase_rate_30": {"orders", "orders.member_id"},
	} {
		d, ok := all.Find(id)
		if got := d.Needs(sources); !ok || !slices.Equal(got, want) {
			t.Errorf("%s needs %v, want %v", id, got, want)
		}
	}
	for _, d := range all {
		e, err := d.Explain()
		if err != nil || len(e.Needs) == 0 || slices.Contains(e.Needs, "") {
			t.Errorf("%s: needs %q, %v", d.ID, e.Needs, err)
		}
		for _, need := range e.Needs {
			if strings.ContainsAny(need, "@=") {
				t.Errorf("%s: need %q is not in words", d.ID, need)
			}
		}
		if b, err := json.Marshal(e); err != nil || !json.Valid(b) {
			t.Errorf("%s: %v", d.ID, err)
		}
	}
}

func ExampleDefinition_Explain() {
	all, err := Load(Choice{})
	if err != nil {
		fmt.Println(err)
		return
	}
	d, _ := all.Find("purchase_frequency")
	e, err := d.Explain()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Text)
	fmt.Println(e.Numerator, "÷", e.Denominator)
	for _, v := range e.Variants[1:] {
		fmt.Println(v.Name, v.Presets, v.Source)
	}
	// Output:
	// Member orders ÷ members who ordered, in the window.
	// count(orders where member) ÷ members(orders where member)
	// per_active [] Kyros
	// per_open [openloyalty] Open Loyalty (avgNumberOfTransactions)
	// smile_365d [smile] Smile (per year)
}
