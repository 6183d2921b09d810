package metric

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"loyaltymcp/internal/fault"
)

// mustLoad returns the catalogue as it is without a choice.
func mustLoad(t testing.TB) Catalog {
	t.Helper()
	c, err := Load(Choice{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustSources(t testing.TB) Sources {
	t.Helper()
	s, err := LoadSources()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The catalogue is data, so what it says is held to what it should say beyond
// what compiles.
func TestEveryDefinitionIsWhole(t *testing.T) {
	all, sources := mustLoad(t), mustSources(t)
	groups, headlines := []string{"membership", "engagement", "points", "satisfaction", "revenue", "tiers"}, 0
	for _, d := range all {
		if !slices.Contains(groups, d.Group) {
			t.Errorf("%s is of group %q, want one of %v", d.ID, d.Group, groups)
		}
		if d.Headline {
			headlines++
		}
		forms := []Definition{d}
		for _, name := range d.VariantNames() {
			v, err := d.With(name, sources)
			if err != nil {
				t.Errorf("%s by %s: %v", d.ID, name, err)
				continue
			}
			if v.Text == d.Text {
				t.Errorf("%s by %s says in words what %s says", d.ID, name, d.ID)
			}
			if v.Hash() == d.Hash() {
				t.Errorf("%s by %s has the hash of the formula itself", d.ID, name)
			}
			forms = append(forms, v)
		}
		for _, f := range forms {
			if !strings.HasSuffix(f.Text, ".") || strings.Contains(f.Text, "\n") || f.Text[0] < 'A' || f.Text[0] > 'Z' {
				t.Errorf("%s %s: the definition is no sentence: %q", f.ID, f.Variant, f.Text)
			}
			if n := strings.Count(f.Text, ". ") + 1; n > 2 {
				t.Errorf("%s %s: the definition has %d sentences, want 1 or 2", f.ID, f.Variant, n)
			}
			// What is looked at instead of the window is said in words.
			for _, days := range []int{f.Lookback, f.Horizon} {
				if days > 0 && !strings.Contains(f.Text, number(float64(days))) {
					t.Errorf("%s %s: the definition does not say %d days: %q", f.ID, f.Variant, days, f.Text)
				}
			}
			if f.Divides() && !strings.Contains(f.Text, "÷") && f.Unit != Score {
				t.Errorf("%s %s: the definition does not say what is divided by what: %q", f.ID, f.Variant, f.Text)
			}
		}
	}
	if headlines < 5 || headlines > 15 {
		t.Errorf("%d headlines, want 5 to 15", headlines)
	}
	if first, last := all[0].Group, all[len(all)-1].Group; first != groups[0] || last != groups[len(groups)-1] {
		t.Errorf("the catalogue starts with %s and ends with %s, want %s and %s", first, last, groups[0], groups[len(groups)-1])
	}
}

// Thresholds, targets, plans and skills name metrics, so what has a name keeps
// it, and what it is a better or a worse value of.
func TestNamesThatOthersUse(t *testing.T) {
	all := mustLoad(t)
	at := -1
	for _, want := range strings.Fields(`
		enrolments/flow/count/higher cancellations/flow/count/lower members_open/stock/count/higher members_open_start/stock/count/higher
		churn_explicit/ratio/ratio/lower retention_rate/ratio/ratio/higher active_rate/ratio/ratio/higher participation_rate/ratio/ratio/higher
		click_rate/ratio/ratio/higher unsubscribe_rate/ratio/ratio/lower challenge_completion_rate/ratio/ratio/higher
		points_issued/flow/points/higher points_redeemed/flow/points/higher points_expired/flow/points/lower outstanding_points/stock/points/neutral
		redemption_rate/ratio/ratio/higher redeemers/flow/count/higher redeemer_rate/ratio/ratio/higher reward_value/flow/money/higher
		csat/ratio/ratio/higher nps/ratio/score/higher revenue/flow/money/higher orders/flow/count/higher sales_penetration/ratio/ratio/higher
		transaction_penetration/ratio/ratio/higher repeat_purchase_rate/ratio/ratio/higher purchase_frequency/ratio/score/higher average_order_value/ratio/money/higher`) {
		id, _, _ := strings.Cut(want, "/")
		i := slices.IndexFunc(all, func(d Definition) bool { return d.ID == id })
		if i < 0 {
			t.Errorf("there is no %s", id)
			continue
		}
		d := all[i]
		if got := strings.Join([]string{d.ID, string(d.Kind), string(d.Unit), d.Better}, "/"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if i < at {
			t.Errorf("%s comes before one that it came after", id)
		}
		at = i
	}
	for alias, want := range map[string]string{"churn": "churn_explicit", "churn_rate": "churn_explicit", "ctr": "click_rate", "member_revenue": "revenue", "aov": "average_order_value", "revenue": "revenue"} {
		if d, ok := all.Find(alias); !ok || d.ID != want {
			t.Errorf("%s = %s, %v, want %s", alias, d.ID, ok, want)
		}
	}
	for _, name := range []string{"", "Revenue", "revenues", "churn rate"} {
		if d, ok := all.Find(name); ok {
			t.Errorf("%q = %s, want none", name, d.ID)
		}
	}
}

func TestGetNamesTheNearest(t *testing.T) {
	all := mustLoad(t)
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
	all := mustLoad(t)
	d, _ := all.Find("redemption_rate")
	hash := d.Hash()
	if len(hash) != 8 || d.Ref() != "redemption_rate@"+hash {
		t.Errorf("hash %s, reference %s", hash, d.Ref())
	}
	for name, change := range map[string]func(*Definition){
		"label": func(d *Definition) { d.Label = "Other" }, "headline": func(d *Definition) { d.Headline = !d.Headline },
		"aliases": func(d *Definition) { d.Aliases = []string{"x"} }, "group": func(d *Definition) { d.Group = "x" },
		"source": func(d *Definition) { d.Source = "x" }, "other variants": func(d *Definition) { d.Variants = nil }, "fallback": func(d *Definition) { d.Fallback = "net" },
		"who wrote it": func(d *Definition) { d.Custom = true },
	} {
		other := d
		change(&other)
		if got := other.Hash(); got != hash {
			t.Errorf("with another %s, the hash = %s, want %s", name, got, hash)
		}
	}
	no := false
	for name, change := range map[string]func(*Definition){
		"numerator": func(d *Definition) { d.Numerator = "sum(points.issued)" }, "denominator": func(d *Definition) { d.Denominator = "sum(balances.balance)" },
		"n": func(d *Definition) { d.N = "count(points)" }, "interval": func(d *Definition) { d.Interval = "" }, "lookback": func(d *Definition) { d.Lookback = 30 },
		"horizon": func(d *Definition) { d.Horizon = 30 }, "text": func(d *Definition) { d.Text += " Or so." }, "unit": func(d *Definition) { d.Unit = Score },
		"kind": func(d *Definition) { d.Kind = Flow }, "id": func(d *Definition) { d.ID = "x" }, "direction": func(d *Definition) { d.Better = "lower" },
		"members": func(d *Definition) { d.Members = &no }, "change": func(d *Definition) { d.Change = "sum(points.points)" },
		"daily": func(d *Definition) { d.Daily = &Daily{Numerator: "sum(points.issued)"} }, "variant": func(d *Definition) { d.Variant = "net" },
	} {
		other := d
		change(&other)
		if other.Hash() == hash {
			t.Errorf("with another %s, the hash is still %s", name, hash)
		}
	}
	seen := map[string]string{}
	for _, d := range all {
		if before, ok := seen[d.Hash()]; ok {
			t.Errorf("%s and %s have one hash", before, d.ID)
		}
		seen[d.Hash()] = d.ID
	}
	// How spaces stand in an expression is no other definition.
	spaced := d
	spaced.Numerator = "sum(  points . redeemed )"
	if err := spaced.compile(mustSources(t)); err != nil || spaced.Hash() != hash {
		t.Errorf("spaced otherwise, the hash = %s, %v, want %s", spaced.Hash(), err, hash)
	}
}

func TestByMember(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		members *bool
		want    bool
	}{{nil, true}, {&yes, true}, {&no, false}} {
		if got := (Definition{Members: c.members}).ByMember(); got != c.want {
			t.Errorf("by member = %v, want %v", got, c.want)
		}
	}
}

// A metric is followed from day to day by what a single day adds to.
func TestByDay(t *testing.T) {
	all, sources := mustLoad(t), mustSources(t)
	for _, c := range []struct{ id, variant, numerator, denominator, stock string }{
		{"revenue", "", "sum(orders.net where member)", "", ""},
		{"members_open", "", "count(enrolled) - count(cancelled)", "", ""},
		{"outstanding_points", "", "sum(points.points)", "", ""},
		{"active_rate", "", "members(activity where active)", "", "members_open"},
		{"active_rate", "earn_or_redeem", "members(activity where participant)", "", "members_open"},
		{"active_rate", "lookback_30d", "members(activity where active)", "", "members_open"},
		{"redemption_rate", "", "sum(points.redeemed)", "sum(points.issued)", ""},
		{"redemption_rate", "smile_30d", "sum(points.redeemed)", "sum(points.issued)", ""},
		{"redeemer_rate", "per_active", "members(activity where active and redeemed)", "members(activity where active)", ""},
		{"points_expiring_30d", "", "", "", "none"},   // a stock that does not say its change
		{"first_redemption_rate", "", "", "", "none"}, // a cohort
		{"consent_rate", "", "", "", "none"},          // of a state
		{"repeat_purchase_rate", "merchantflow_90d", "", "", "none"},
	} {
		d, _ := all.Find(c.id)
		if c.variant != "" {
			var err error
			if d, err = d.With(c.variant, sources); err != nil {
				t.Fatal(err)
			}
		}
		numerator, denominator, stock, ok := d.ByDay()
		if !ok {
			stock = "none"
		}
		if numerator.String() != c.numerator || denominator.String() != c.denominator || stock != c.stock {
			t.Errorf("%s %s is followed by %q, %q, stock %q; want %q, %q, %q", c.id, c.variant, numerator, denominator, stock, c.numerator, c.denominator, c.stock)
		}
	}
}

func TestWithTakesOverWhatAVariantLeavesEmpty(t *testing.T) {
	all, sources := mustLoad(t), mustSources(t)
	d, _ := all.Find("active_rate")
	average, err := d.With("average_open", sources)
	if err != nil {
		t.Fatal(err)
	}
	if average.Numerator != d.Numerator || average.Denominator != "0.5 * count(start) + 0.5 * count(open)" || average.Interval != "" || average.Variant != "average_open" {
		t.Errorf("average_open = %+v", average.Formula)
	}
	if d.Variant != "" || d.Interval != Wilson {
		t.Errorf("the definition itself became %q, interval %q", d.Variant, d.Interval)
	}
	long, err := d.With("lookback_30d", sources)
	if err != nil || long.Lookback != 30 || long.Interval != Wilson || long.Denominator != d.Denominator {
		t.Errorf("lookback_30d = %+v, %v", long.Formula, err)
	}
	if same, err := d.With(Standard, sources); err != nil || same.Ref() != d.Ref() {
		t.Errorf("%s = %s, %v, want %s", Standard, same.Ref(), err, d.Ref())
	}
	_, err = d.With("earn_or_redem", sources)
	if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "valid: earn_or_redeem,") {
		t.Errorf("error %v, want one of kind config that names earn_or_redeem first", err)
	}
}

// Results, runs and plans carry definitions as JSON.
func TestDefinitionAsJSON(t *testing.T) {
	for _, d := range mustLoad(t) {
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var back Definition
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		if err := back.whole(mustSources(t)); err != nil || back.Ref() != d.Ref() {
			t.Errorf("%s came back as %s, %v", d.Ref(), back.Ref(), err)
		}
	}
}
