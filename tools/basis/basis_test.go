package basis_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"loyaltymcp/tools/basis"
)

// whole is a small basis: three KPIs over two feeds.
func whole() *basis.Basis {
	return &basis.Basis{
		Engine: "duckdb", Version: "1", Config: "c0", Other: "o0",
		Choices: map[string]string{"program.name": "Small", "program.time_zone": "UTC", "program.currency": "EUR",
			"definitions.lapse_days": "120", "definitions.active_events": "order", "liability_spike": "0.2"},
		Definitions: []basis.Definition{
			{ID: "members_open", Hash: "a1", Kind: "stock", Unit: "count", Numerator: "count(open)", Text: "Open members.", Feeds: []string{"members"}},
			{ID: "revenue", Hash: "b1", Kind: "flow", Unit: "money", Numerator: "sum(orders.net)", Text: "Net sales.", Feeds: []string{"orders"},
				Columns: []string{"orders.member_id"}},
			{ID: "lapse_rate", Hash: "c1", Kind: "ratio", Unit: "ratio", Numerator: "count(start where lapses)", Denominator: "count(start where going)", Text: "Lapsed.",
				Feeds: []string{"members", "orders"}, Choices: []string{"definitions.active_events", "definitions.lapse_days"}},
		},
		Thresholds: []basis.Threshold{{KPI: "revenue", Severity: "warning", Source: "config", Band: "revenue:-10%"}},
		Targets:    map[string]float64{"lapse_rate": 0.05},
		Feeds:      []basis.Feed{{Name: "members", Mapping: "m1", Columns: []string{"member_id", "tier"}}, {Name: "orders", Mapping: "r1", Columns: []string{"member_id", "net", "status"}}},
	}
}

func revenue(b *basis.Basis) *basis.Definition {
	return &b.Definitions[slices.IndexFunc(b.Definitions, func(d basis.Definition) bool { return d.ID == "revenue" })]
}

// feed returns a feed of the basis; one that was removed before stays away.
func feed(b *basis.Basis, name string) *basis.Feed {
	i := slices.IndexFunc(b.Feeds, func(f basis.Feed) bool { return f.Name == name })
	if i < 0 {
		return &basis.Feed{}
	}
	return &b.Feeds[i]
}

// mutations each change one thing of whole, and what Compare must then say.
var mutations = []struct {
	name   string
	change func(*basis.Basis)
	want   []basis.Change
}{
	{"formula", func(b *basis.Basis) {
		revenue(b).Hash, revenue(b).Numerator = "b2", "sum(orders.gross)"
	}, []basis.Change{{What: basis.OfDefinition, ID: "revenue", Before: "revenue@b1 numerator: sum(orders.net)", After: "revenue@b2 numerator: sum(orders.gross)", KPIs: []string{"revenue"}}}},
	{"variant", func(b *basis.Basis) {
		revenue(b).Hash, revenue(b).Variant, revenue(b).Lookback = "b3", "gross", 30
	}, []basis.Change{{What: basis.OfVariant, ID: "revenue", Before: "revenue@b1 variant: the catalogue's own; lookback: none", After: "revenue@b3 variant: gross; lookback: 30 days", KPIs: []string{"revenue"}}}},
	{"label only", func(b *basis.Basis) { revenue(b).Label = "Sales" }, nil},
	{"metric removed", func(b *basis.Basis) {
		b.Definitions = slices.DeleteFunc(b.Definitions, func(d basis.Definition) bool { return d.ID == "members_open" })
	}, []basis.Change{{What: basis.OfDefinition, ID: "members_open",
		Before: "members_open@a1 kind: stock; unit: count; numerator: count(open); definition: Open members.", KPIs: []string{"members_open"}}}},
	{"choice that one KPI hangs on", func(b *basis.Basis) { b.Choices["definitions.lapse_days"] = "90" },
		[]basis.Change{{What: basis.OfChoice, ID: "definitions.lapse_days", Before: "120", After: "90", KPIs: []string{"lapse_rate"}}}},
	{"choice that none hangs on", func(b *basis.Basis) { b.Choices["liability_spike"] = "0.3" },
		[]basis.Change{{What: basis.OfChoice, ID: "liability_spike", Before: "0.2", After: "0.3", KPIs: []string{}}}},
	{"time zone", func(b *basis.Basis) { b.Choices["program.time_zone"] = "Asia/Tokyo" },
		[]basis.Change{{What: basis.OfChoice, ID: "program.time_zone", Before: "UTC", After: "Asia/Tokyo", KPIs: []string{"lapse_rate", "members_open", "revenue"}}}},
	{"currency", func(b *basis.Basis) { b.Choices["program.currency"] = "CHF" },
		[]basis.Change{{What: basis.OfChoice, ID: "program.currency", Before: "EUR", After: "CHF", KPIs: []string{"revenue"}}}},
	{"narrowed run", func(b *basis.Basis) { b.Choices["request"] = `{"filters":{"tier":["Gold"]}}` },
		[]basis.Change{{What: basis.OfChoice, ID: "request", After: `{"filters":{"tier":["Gold"]}}`, KPIs: []string{"lapse_rate", "members_open", "revenue"}}}},
	{"mapping", func(b *basis.Basis) { feed(b, "orders").Mapping = "r2" },
		[]basis.Change{{What: basis.OfFeed, ID: "orders", Before: "mapping r1", After: "mapping r2", KPIs: []string{"lapse_rate", "revenue"}}}},
	{"feed removed", func(b *basis.Basis) { b.Feeds = b.Feeds[:1] },
		[]basis.Change{{What: basis.OfFeed, ID: "orders", Before: "mapping r1", KPIs: []string{"lapse_rate", "revenue"}}}},
	{"column that one KPI names", func(b *basis.Basis) { feed(b, "orders").Columns = []string{"net", "status"} },
		[]basis.Change{{What: basis.OfColumn, ID: "orders.member_id", Before: "there", KPIs: []string{"revenue"}}}},
	{"column that decides which rows count", func(b *basis.Basis) { feed(b, "orders").Columns = []string{"member_id", "net"} },
		[]basis.Change{{What: basis.OfColumn, ID: "orders.status", Before: "there", KPIs: []string{"lapse_rate", "revenue"}}}},
	{"column that takes test members out everywhere", func(b *basis.Basis) { feed(b, "members").Columns = []string{"is_test", "member_id", "tier"} },
		[]basis.Change{{What: basis.OfColumn, ID: "members.is_test", After: "there", KPIs: []string{"lapse_rate", "members_open", "revenue"}}}},
	{"column by which figures are split", func(b *basis.Basis) { feed(b, "members").Columns = []string{"member_id"} },
		[]basis.Change{{What: basis.OfColumn, ID: "members.tier", Before: "there", KPIs: []string{}}}},
	{"threshold", func(b *basis.Basis) { b.Thresholds[0].Band = "revenue:-20%" },
		[]basis.Change{{What: basis.OfThreshold, ID: "revenue warning", Before: "revenue:-10%", After: "revenue:-20%", KPIs: []string{}}}},
	{"threshold of the request", func(b *basis.Basis) {
		b.Thresholds = append(b.Thresholds, basis.Threshold{KPI: "revenue", Severity: "critical", Source: "request", Band: "revenue<5"}, basis.Threshold{KPI: "revenue", Severity: "critical", Source: "request", Band: "revenue:-5%"})
	}, []basis.Change{{What: basis.OfThreshold, ID: "revenue as requested", After: "revenue:-5%, revenue<5", KPIs: []string{}}}},
	{"target", func(b *basis.Basis) { b.Targets = map[string]float64{"lapse_rate": 0.04} },
		[]basis.Change{{What: basis.OfTarget, ID: "lapse_rate", Before: "0.05", After: "0.04", KPIs: []string{}}}},
	{"engine", func(b *basis.Basis) { b.Engine = "postgres" }, []basis.Change{{What: basis.OfEngine, ID: "engine", Before: "duckdb", After: "postgres", KPIs: []string{}}}},
	{"version", func(b *basis.Basis) { b.Version = "2" }, []basis.Change{{What: basis.OfVersion, ID: "loyalty-mcp", Before: "1", After: "2", KPIs: []string{}}}},
	{"owners", func(b *basis.Basis) { b.Other, b.Config = "o1", "c1" }, []basis.Change{{What: basis.OfConfig, ID: "loyalty.yaml", Before: "o0", After: "o1", KPIs: []string{}}}},
}

func TestEachChangeIsToldAndNoOther(t *testing.T) {
	for _, m := range mutations {
		after := whole()
		m.change(after)
		if got := basis.Compare(whole(), after); !reflect.DeepEqual(got, m.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", m.name, got, m.want)
		}
	}
}

// Whatever happens to two bases: a basis equals itself, also when it has been
// kept and read again, and looking back swaps before and after and nothing else.
func TestPropertiesOfCompare(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		before, after := whole(), whole()
		var names []string
		for _, m := range mutations {
			switch random.IntN(4) {
			case 0:
				m.change(before)
			case 1:
				m.change(after)
				names = append(names, m.name)
			}
		}
		if got := basis.Compare(after, kept(t, after)); got != nil {
			t.Fatalf("%v: a basis read again differs: %+v", names, got)
		}
		there, back := basis.Compare(before, after), basis.Compare(after, before)
		for i := range back {
			back[i].Before, back[i].After = back[i].After, back[i].Before
		}
		if !reflect.DeepEqual(there, back) {
			t.Fatalf("%v: from here\n%+v\nfrom there\n%+v", names, there, back)
		}
		for _, c := range there {
			if c.Before == c.After || !slices.IsSorted(c.KPIs) {
				t.Fatalf("%v: %+v is no change, or its KPIs are not in order", names, c)
			}
		}
	}
}

func kept(t *testing.T, b *basis.Basis) *basis.Basis {
	t.Helper()
	text, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	var back basis.Basis
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	return &back
}

// An older plan told of its definitions the hashes only. What it did not tell
// is no change; another loyalty.yaml makes every KPI incomparable.
func TestAnOlderPlanIsComparedAsFarAsItTells(t *testing.T) {
	older := func(config string) *basis.Basis {
		return basis.Partial(basis.Known{Program: "Small", Currency: "EUR", Zone: "UTC", Engine: "duckdb", Version: "1", Config: config,
			Definitions: map[string]string{"members_open": "a1", "revenue": "b0", "lapse_rate": "c1"}})
	}
	got := basis.Compare(older("c0"), whole())
	want := []basis.Change{{What: basis.OfDefinition, ID: "revenue", Before: "revenue@b0", After: "revenue@b1", KPIs: []string{"revenue"}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("same loyalty.yaml: got %+v, want %+v", got, want)
	}
	if got, want := basis.NotComparable(basis.Compare(older("other"), whole())), []string{"lapse_rate", "members_open", "revenue"}; !slices.Equal(got, want) {
		t.Errorf("another loyalty.yaml: %v not comparable, want %v", got, want)
	}
}

func ExampleCompare() {
	before := &basis.Basis{Choices: map[string]string{"definitions.lapse_days": "120"},
		Definitions: []basis.Definition{{ID: "lapse_rate", Hash: "1f0c", Choices: []string{"definitions.lapse_days"}}, {ID: "revenue", Hash: "77aa"}}}
	after := *before
	after.Choices = map[string]string{"definitions.lapse_days": "90"}
	for _, c := range basis.Compare(before, &after) {
		fmt.Printf("%s: from %s to %s, not comparable: %v\n", c.Title(), c.Before, c.After, c.KPIs)
	}
	// Output: definitions.lapse_days changed: from 120 to 90, not comparable: [lapse_rate]
}
