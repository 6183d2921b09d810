package pullmetrics_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
)

func tokens(t *testing.T, r *pullmetrics.Result) int {
	t.Helper()
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return tools.Tokens(raw)
}

// A filter's whole is the cell of the unfiltered breakdown, KPI by KPI, and the
// values of all filters add up to the whole.
func TestFiltersAreCells(t *testing.T) {
	d := testdesk.Demo(t)
	d.Config.Privacy.MinMembers, d.Config.Privacy.MinMembersForRates = 1, 1
	whole := pull(t, d, run.Request{Window: "90d", Dimensions: []string{"tier", "region"}})
	compared := 0
	for _, filters := range []run.Filters{{"tier": {"Gold"}}, {"region": {"North"}}, {"tier": {"Silver"}, "region": {"South"}}} {
		r := pull(t, d, run.Request{Window: "90d", Filters: filters, Dimensions: []string{"region"}})
		for _, b := range whole.Breakdowns {
			for _, c := range b.Cells {
				at := map[string]string{}
				one, two, both := strings.Cut(b.Dimension, ",")
				if at[one] = c.Cell; both {
					at[two] = c.Second
				}
				if len(at) != len(filters) {
					continue
				}
				same := true
				for name, values := range filters {
					same = same && at[name] == values[0]
				}
				if !same {
					continue
				}
				k := r.KPI(b.KPI)
				if (k.Value == nil) != (c.Value == nil) || k.Value != nil && math.Abs(*k.Value-*c.Value) > 1e-9*math.Abs(*c.Value) {
					t.Errorf("%s of %v = %v (%s), the cell is %v", b.KPI, filters, k.Value, k.Reason, c.Value)
				}
				compared++
			}
		}
		if k := r.KPI("sales_penetration"); k.Value != nil || k.Reason == "" {
			t.Errorf("%v: sales penetration, which is about strangers too, is %v", filters, k.Value)
		}
	}
	if compared < 150 {
		t.Errorf("%d values were compared", compared)
	}
}

// Filters must not undo what breakdowns hide: region W has four members, so
// neither it, nor all the others, may be asked for.
func TestFiltersHideSmallGroups(t *testing.T) {
	text := `
program: {name: Private, currency: EUR}
feeds:
  members: {sql: "SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at, CASE WHEN i <= 200 THEN 'E' WHEN i <= 204 THEN 'W' WHEN i <= 404 THEN 'N' ELSE 'S' END AS region, CASE WHEN i % 2 = 0 THEN 'x' ELSE 'y' END AS channel FROM generate_series(1, 500) AS g(i)"}
  orders: {sql: "SELECT i AS order_id, i AS member_id, TIMESTAMP '2026-06-15 00:00:00' AS ordered_at, 10.0 AS net FROM generate_series(1, 500) AS g(i)"}
`
	d := testdesk.Config(t, text, t.TempDir(), "")
	for name, c := range map[string]struct {
		filters run.Filters
		told    bool
	}{
		"the small region":                  {run.Filters{"region": {"W"}}, false},
		"all but the small region":          {run.Filters{"region": {"E", "N", "S"}}, false},
		"a large region":                    {run.Filters{"region": {"E"}}, true},
		"the small one with its cover":      {run.Filters{"region": {"W", "S"}}, true},
		"the small one with another":        {run.Filters{"region": {"W", "E"}}, false},
		"a channel":                         {run.Filters{"channel": {"x"}}, true},
		"the small region in one channel":   {run.Filters{"region": {"W"}, "channel": {"x"}}, false},
		"the others in one channel":         {run.Filters{"region": {"E", "N", "S"}, "channel": {"x"}}, false},
		"a large region in one channel":     {run.Filters{"region": {"E"}, "channel": {"y"}}, true},
		"everything, by naming all regions": {run.Filters{"region": {"E", "N", "S", "W"}}, true},
	} {
		r := pull(t, d, run.Request{Window: "2026-06-15..2026-06-16", Filters: c.filters})
		for _, id := range []string{"members_open", "revenue", "average_order_value"} {
			k := r.KPI(id)
			if told := k.Value != nil; told != c.told || !told && !strings.Contains(k.Reason, "too few members") {
				t.Errorf("%s: %s = %v (%s), want told %v", name, id, k.Value, k.Reason, c.told)
			}
		}
	}
}

func TestFiltersThatAreWrong(t *testing.T) {
	d := testdesk.Demo(t)
	for name, c := range map[string]struct {
		filters run.Filters
		want    string
	}{
		"an unknown value":      {run.Filters{"tier": {"Golden"}}, "Gold"},
		"an unknown dimension":  {run.Filters{"tiers": {"Gold"}}, "tier"},
		"too many dimensions":   {run.Filters{"tier": {"Gold"}, "region": {"North"}, "channel": {"web"}}, "at most 2"},
		"a value of another":    {run.Filters{"region": {"Gold"}}, "region"},
		"an attempt at a query": {run.Filters{"tier": {"Gold' OR 1=1 --"}}, "no member is in"},
	} {
		if _, err := d.Open(t.Context(), run.Request{Filters: c.filters}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, c.want)
		}
	}
	// Stages about the whole program refuse a narrowed run.
	r, err := d.Open(t.Context(), run.Request{Filters: run.Filters{"tier": {"Gold"}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := diagnosehealth.Compute(t.Context(), d, r); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "narrowed by filters") {
		t.Errorf("health of a narrowed run: %v", err)
	}
}
