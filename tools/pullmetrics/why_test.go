package pullmetrics_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
)

// Effects add up to the change between the windows, hidden cells pooled.
func TestDriversAddUp(t *testing.T) {
	d := testdesk.Demo(t)
	r := pull(t, d, run.Request{Window: "quarter", Dimensions: []string{"tier", "region"}})
	by := map[string]int{}
	for _, x := range r.Drivers {
		by[x.Dimension]++
		k := r.KPI(x.KPI)
		total, mix, rate := 0.0, 0.0, 0.0
		size := math.Abs(x.Change)
		for _, c := range x.Cells {
			total += c.Total
			size = max(size, math.Abs(c.Total))
			if c.Mix != nil {
				mix, rate = mix+*c.Mix, rate+*c.Rate
			}
		}
		if math.Abs(total-x.Change) > 1e-9*size {
			t.Errorf("%s by %s: effects add up to %v, the change is %v", x.KPI, x.Dimension, total, x.Change)
		}
		if want := *k.Value - *k.Previous; math.Abs(x.Change-want) > 2e-6 && math.Abs(x.Change-want) > 1e-9*size {
			t.Errorf("%s by %s: change %v, the values differ by %v", x.KPI, x.Dimension, x.Change, want)
		}
		if x.Mix != nil && (math.Abs(*x.Mix-mix) > 1e-9*size || math.Abs(*x.Rate-rate) > 1e-9*size || math.Abs(*x.Mix+*x.Rate-x.Change) > 1e-9*size) {
			t.Errorf("%s by %s: mix %v and rate %v of cells adding up to %v and %v, of %v", x.KPI, x.Dimension, *x.Mix, *x.Rate, mix, rate, x.Change)
		}
	}
	for _, dimension := range []string{"tier", "region", "tier,region", "factors"} {
		if by[dimension] == 0 {
			t.Errorf("nothing is explained by %s: %v", dimension, by)
		}
	}
}

// A whole that rises while every part falls is called out.
func TestSimpsonsReversalIsCalledOut(t *testing.T) {
	// Redeemed points over issued: in May 4 of 10 in A, 1 of 10 in B, with
	// most points issued in B; in June 3.5 and 0.8, with most issued in A.
	text := `
program: {name: Reversed, currency: EUR}
feeds:
  members: {sql: "SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at, CASE WHEN i <= 100 THEN 'A' ELSE 'B' END AS region FROM generate_series(1, 200) AS g(i)"}
  points:
    sql: |
      SELECT m.i * 10 + k.n AS entry_id, m.i AS member_id, CASE WHEN k.n < 2 THEN TIMESTAMP '2026-05-20 12:00:00' ELSE TIMESTAMP '2026-06-15 12:00:00' END AS occurred_at,
        CASE WHEN k.n % 2 = 0 THEN 'earn' ELSE 'redeem' END AS kind,
        CASE k.n WHEN 0 THEN CASE WHEN m.i <= 100 THEN 100 ELSE 900 END WHEN 1 THEN CASE WHEN m.i <= 100 THEN -40 ELSE -90 END
                 WHEN 2 THEN CASE WHEN m.i <= 100 THEN 900 ELSE 100 END ELSE CASE WHEN m.i <= 100 THEN -315 ELSE -8 END END AS points
      FROM generate_series(1, 200) AS m(i) CROSS JOIN generate_series(0, 3) AS k(n)
      UNION ALL SELECT -1, 1, TIMESTAMP '2026-05-01 12:00:00', 'adjust', 1
`
	d := testdesk.Config(t, text, t.TempDir(), "")
	r := pull(t, d, run.Request{Window: "2026-06-01..2026-06-16", Dimensions: []string{"region"}})
	for _, x := range r.Drivers {
		if x.KPI == "redemption_rate" {
			if x.Change <= 0 || x.Simpson == "" || *x.Rate >= 0 {
				t.Errorf("redemption rate by region: %+v, want a rise from mix that reverses the parts", x)
			}
			if !strings.Contains(strings.Join(r.Movements(), "\n"), "mix hides what happened") {
				t.Errorf("the text tells nothing of it: %q", r.Movements())
			}
			return
		}
	}
	t.Fatal("the redemption rate is not explained")
}

// A result keeps to its budget, and still has the headlines.
func TestResultsKeepToTheirBudget(t *testing.T) {
	d := testdesk.Demo(t)
	for _, full := range []bool{false, true} {
		r := pull(t, d, run.Request{Window: "quarter", Dimensions: []string{"tier", "region"}})
		if err := tools.Fit(r, full); err != nil {
			t.Fatal(err)
		}
		headlines := 0
		for _, k := range r.KPIs {
			if k.Headline {
				headlines++
			}
		}
		budget, drivers := tools.SummaryTokens, 1
		if full {
			budget, drivers = tools.FullTokens, 5
			if len(r.Others)+len(r.KPIs) != len(d.Metrics) {
				t.Errorf("%d KPIs and %d in short, want all %d", len(r.KPIs), len(r.Others), len(d.Metrics))
			}
		}
		if n := tokens(t, r); n > budget || headlines < 10 || len(r.Drivers) < drivers {
			t.Errorf("full %v: %d tokens, %d headlines, %d drivers", full, n, headlines, len(r.Drivers))
		}
	}
}

// An alert says by how much, and for how many windows in a row.
func TestAlertsTellGapAndWindowsInARow(t *testing.T) {
	r := pull(t, testdesk.Demo(t), run.Request{Window: "30d", AlertThreshold: "redemption_rate<0.9, revenue>1, members_open:+0.1%, churn_rate>50%"})
	got := map[string]pullmetrics.Alert{}
	for _, a := range r.Alerts {
		if a.Source == "request" {
			got[a.KPI] = a
		}
	}
	if a := got["redemption_rate"]; a.Windows != 12 || math.Abs(a.Gap-(*a.Value-0.9)) > 1e-6 {
		t.Errorf("redemption rate: %+v, want 12 windows in a row and its gap", a)
	}
	if a := got["revenue"]; a.Windows != 12 || a.Gap != *a.Value-1 {
		t.Errorf("revenue: %+v", a)
	}
	if a := got["members_open"]; a.Windows < 2 || a.Gap <= 0 {
		t.Errorf("open members, which grow: %+v", a)
	}
	if a, ok := got["churn_explicit"]; ok {
		t.Errorf("churn is not over 50 %%: %+v", a)
	}
}

// A cell whose rate is not shown has no effects of its own either: they would tell it.
func TestHiddenRatesHaveNoEffects(t *testing.T) {
	d := testdesk.Demo(t)
	r, err := d.Open(t.Context(), run.Request{Window: "7d", Dimensions: []string{"tier", "region", "channel"}})
	if err != nil {
		t.Fatal(err)
	}
	result, err := pullmetrics.Compute(t.Context(), d, r)
	if err != nil {
		t.Fatal(err)
	}
	hidden, pools := 0, 0
	for _, x := range result.Drivers {
		for _, b := range result.Breakdowns {
			if b.KPI != x.KPI || b.Dimension != x.Dimension || strings.Contains(b.Dimension, ",") {
				continue
			}
			named := 0
			for _, e := range x.Cells {
				if e.Cell == "(other)" {
					pools++
					continue
				}
				named++
				i := slices.IndexFunc(b.Cells, func(c pullmetrics.Cell) bool { return c.Cell == e.Cell })
				if i >= 0 && b.Cells[i].Suppressed {
					t.Errorf("%s by %s: %s is not shown, and its effect is", x.KPI, x.Dimension, e.Cell)
				}
			}
			for _, c := range b.Cells {
				if c.Suppressed {
					hidden++
				}
			}
			if len(b.Cells)-named == 1 && len(x.Cells) > named {
				t.Errorf("%s by %s: a pool of one", x.KPI, x.Dimension)
			}
		}
	}
	if hidden == 0 || pools == 0 {
		t.Errorf("%d rates are not shown, %d effects pooled; the test needs some", hidden, pools)
	}
}
