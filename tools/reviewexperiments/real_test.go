package reviewexperiments_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
)

// result returns the comparison of an arm in a metric.
func result(t *testing.T, x reviewexperiments.Readout, metric, arm string) reviewexperiments.Comparison {
	t.Helper()
	for _, c := range x.Results {
		if c.Metric == metric && c.Arm == arm {
			return c
		}
	}
	t.Fatalf("%s has no %s of %s", x.ID, metric, arm)
	return reviewexperiments.Comparison{}
}

// check returns a check of the readout.
func check(t *testing.T, x reviewexperiments.Readout, id string) reviewexperiments.Check {
	t.Helper()
	for _, c := range x.Checks {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("%s has no check %s, only %+v", x.ID, id, x.Checks)
	return reviewexperiments.Check{}
}

// The e-mail test of MineThatData as it is published: what its readers computed
// of visits, conversion and spend, and its sample ratio.
func TestHillstromAsPublished(t *testing.T) {
	text := `
program: {name: MineThatData, currency: USD}
dimensions: [zip_code]
feeds:
  members: {sql: "SELECT row_number() OVER () AS member_id, DATE '2008-03-01' AS enrolled_at, channel, zip_code FROM hillstrom"}
  assignments: {sql: "SELECT 'mail' AS experiment_id, row_number() OVER () AS unit_id, segment AS arm, DATE '2008-03-01' AS assigned_at FROM hillstrom"}
  outcomes:
    sql: |
      SELECT 'mail' AS experiment_id, row_number() OVER () AS unit_id, 'spend' AS metric, spend AS value FROM hillstrom
      UNION ALL SELECT 'mail', row_number() OVER (), 'visit', visit FROM hillstrom
      UNION ALL SELECT 'mail', row_number() OVER (), 'bought', conversion FROM hillstrom
experiments:
  - {id: mail, name: E-mail test, control_arm: No E-Mail, started_at: 2008-03-01, ended_at: 2008-03-02, primary_metric: visit, secondary_metrics: [bought, spend]}
`
	d := testdesk.Config(t, text, t.TempDir(), "duckdb:"+shared(t, "hillstrom"))
	x := review(t, d, run.Request{Window: "7d", Dimensions: []string{"channel", "zip_code"}}).Experiments[0]
	for _, want := range []struct {
		metric, arm           string
		difference, low, high float64
		within                float64
	}{
		{"visit", "Mens E-Mail", 0.07659, 0.06995, 0.08323, 1e-5},
		{"visit", "Womens E-Mail", 0.04523, 0.03889, 0.05157, 1e-5},
		{"bought", "Mens E-Mail", 0.006805, 0, 0, 1e-6},
		{"bought", "Womens E-Mail", 0.003111, 0, 0, 1e-6},
		{"spend", "Mens E-Mail", 0.7698, 0.7698 - 1.96*0.1453, 0.7698 + 1.96*0.1453, 2e-4},
		{"spend", "Womens E-Mail", 0.4244, 0.4244 - 1.96*0.1303, 0.4244 + 1.96*0.1303, 2e-4},
	} {
		c := result(t, x, want.metric, want.arm)
		if math.Abs(*c.Difference-want.difference) > want.within {
			t.Errorf("%s of %s: %v, want %v", want.metric, want.arm, *c.Difference, want.difference)
		}
		if want.high > 0 && (math.Abs(c.Interval[0]-want.low) > want.within || math.Abs(c.Interval[1]-want.high) > want.within) {
			t.Errorf("%s of %s: interval %v, want %v to %v", want.metric, want.arm, *c.Interval, want.low, want.high)
		}
	}
	if c := check(t, x, "sample_ratio"); c.Status != "ok" || !strings.Contains(c.Says, "p 0.9)") {
		t.Errorf("sample ratio %+v, want ok with p 0.904", c)
	}
	if x.Decision != reviewexperiments.Ship || x.Arm != "Mens E-Mail" {
		t.Errorf("%s %q (%s), want the men's e-mail shipped", x.Decision, x.Arm, x.Says)
	}
	if len(x.Who) != 2 {
		t.Errorf("the effect is told by %d traits, want channel and zip_code", len(x.Who))
	}
}

// The gate test of Cookie Cats: the later gate keeps fewer players, but the arms'
// sizes do not fit, so nothing of it is to be believed.
func TestCookieCats(t *testing.T) {
	text := `
program: {name: Cookie Cats, currency: EUR}
feeds:
  members: {sql: "SELECT userid AS member_id, DATE '2020-01-01' AS enrolled_at FROM cookie_cats"}
  assignments: {sql: "SELECT 'gate' AS experiment_id, userid AS unit_id, version AS arm, DATE '2020-01-01' AS assigned_at FROM cookie_cats"}
  outcomes:
    sql: |
      SELECT 'gate' AS experiment_id, userid AS unit_id, 'retention_7' AS metric, CASE WHEN retention_7 THEN 1.0 ELSE 0.0 END AS value FROM cookie_cats
      UNION ALL SELECT 'gate', userid, 'retention_1', CASE WHEN retention_1 THEN 1.0 ELSE 0.0 END FROM cookie_cats
experiments:
  - {id: gate, control_arm: gate_30, started_at: 2020-01-01, ended_at: 2020-01-02, primary_metric: retention_7, secondary_metrics: [retention_1]}
`
	d := testdesk.Config(t, text, t.TempDir(), "duckdb:"+shared(t, "cookie_cats"))
	x := review(t, d, run.Request{Window: "7d"}).Experiments[0]
	c := result(t, x, "retention_7", "gate_40")
	if math.Abs(*c.Difference+0.00820) > 5e-6 || math.Abs(*c.P-0.00155) > 5e-6 {
		t.Errorf("retention after 7 days: %v (p %v), want -0.820 pp (p 0.00155)", *c.Difference, *c.P)
	}
	if got := check(t, x, "sample_ratio"); got.Status != "failed" || !strings.Contains(got.Says, "p 0.0086") {
		t.Errorf("sample ratio %+v, want it failed with p 0.0086", got)
	}
	if x.Decision != reviewexperiments.DontTrust || x.Rule != "failed_check" {
		t.Errorf("%s by %s (%s), want dont_trust", x.Decision, x.Rule, x.Says)
	}
	if len(x.Worth)+len(x.Who)+len(x.Weeks) > 0 {
		t.Error("what can't be trusted is told in detail")
	}
}

// The airline's promotion of 2018: whoever enrolled while it ran was in it, so
// there is nobody to compare them with but members of other times.
func TestAirlinePromotion(t *testing.T) {
	data := shared(t, "airline")
	text, err := os.ReadFile(filepath.Join(testdesk.Root(t), "examples", "airline.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	feeds := `
  assignments:
    sql: |
      SELECT 'promotion-2018' AS experiment_id, "Loyalty Number" AS unit_id, max("Enrollment Type") AS arm, min(make_date("Enrollment Year", "Enrollment Month", 1)) AS assigned_at
      FROM members GROUP BY 2
`
	more := `
experiments:
  - {id: promotion-2018, control_arm: Standard, started_at: 2012-01-01, ended_at: 2018-06-01, window_days: 180, primary_metric: cancelled}
`
	whole := strings.Replace(string(text), "\nfeeds:\n", "\nfeeds:\n"+strings.TrimPrefix(feeds, "\n"), 1) + more
	d := testdesk.Config(t, whole, filepath.Join(testdesk.Root(t), "examples"), "duckdb:"+data)
	x := review(t, d, run.Request{}).Experiments[0]
	if x.Decision != reviewexperiments.Observational || x.Assignment != "observational" {
		t.Errorf("%s, %s (%s), want it observational", x.Decision, x.Assignment, x.Says)
	}
	if c := check(t, x, "concurrent_control"); c.Status != "warning" {
		t.Errorf("%+v, want the missing control told", c)
	}
	for _, c := range x.Results {
		if c.Label != reviewexperiments.Observational || !strings.Contains(c.PointOf("difference"), "observational_") {
			t.Errorf("%s is labelled %q, its point is %s", c.Metric, c.Label, c.PointOf("difference"))
		}
	}
	if !strings.Contains(x.NextTest.Says, "drawn at random") {
		t.Errorf("next: %s, want a random control group", x.NextTest.Says)
	}
	t.Log(x.Says)
}
