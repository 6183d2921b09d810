package reviewexperiments_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
)

func review(t *testing.T, d *run.Desk, request run.Request) *reviewexperiments.Result {
	t.Helper()
	ctx := context.Background()
	r, err := d.Open(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	result, err := reviewexperiments.Compute(ctx, d, r)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// shared returns the folder of a real data set, and skips where it is absent.
func shared(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(testdesk.Root(t), "..", "shared", "data", name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the %s data are not at %s", name, dir)
	}
	return dir
}

func near(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	if got == nil {
		t.Errorf("%s is unknown, want %v", what, want)
	} else if math.Abs(*got-want) > 1e-6 {
		t.Errorf("%s = %v, want %v", what, *got, want)
	}
}

// The MineThatData e-mail test: three arms, randomized. The expected values
// were computed from the file row by row; the intervals are Welch's.
func TestHillstrom(t *testing.T) {
	text := `
program: {name: MineThatData, currency: USD}
feeds:
  members: {sql: "SELECT row_number() OVER () AS member_id, DATE '2008-03-01' AS enrolled_at FROM hillstrom"}
  assignments: {sql: "SELECT 'mail' AS experiment_id, row_number() OVER () AS unit_id, segment AS arm, DATE '2008-03-01' AS assigned_at FROM hillstrom"}
  outcomes:
    sql: |
      SELECT 'mail' AS experiment_id, row_number() OVER () AS unit_id, 'spend' AS metric, spend AS value FROM hillstrom
      UNION ALL
      SELECT 'mail', row_number() OVER (), 'visit', visit FROM hillstrom
experiments:
  - {id: mail, name: E-mail test, control_arm: No E-Mail, started_at: 2008-03-01, ended_at: 2008-03-02, primary_metric: spend, guardrails: [visit]}
`
	d := testdesk.Config(t, text, t.TempDir(), "duckdb:"+shared(t, "hillstrom"))
	r := review(t, d, run.Request{Window: "7d"})
	x := r.Experiments[0]
	if x.Decision != reviewexperiments.Ship || x.Checks[0].Status != "ok" {
		t.Errorf("decision %s, checks %+v; want ship with a fitting ratio", x.Decision, x.Checks)
	}
	want := map[string][2]float64{"spend Womens E-Mail": {0.424412, 0.130333}, "spend Mens E-Mail": {0.769827, 0.145245}, "visit Womens E-Mail": {0.045233, 0}, "visit Mens E-Mail": {0.07659, 0}}
	for _, c := range x.Results {
		name := c.Metric + " " + c.Arm
		near(t, name, c.Difference, want[name][0])
		if se := want[name][1]; se > 0 {
			if got, want := (c.Interval[1]-c.Interval[0])/2, 1.96*se; math.Abs(got-want) > 1e-4 {
				t.Errorf("%s: half-width %v, want %v", name, got, want)
			}
		}
		if c.Lift == nil || c.LiftRange == nil || c.LiftRange[0] >= *c.Lift || c.LiftRange[1] <= *c.Lift {
			t.Errorf("%s: lift %v in %v, want it inside a bounded interval", name, c.Lift, c.LiftRange)
		}
	}
	if len(x.Results) != 4 {
		t.Errorf("%d comparisons, want 2 metrics x 2 arms", len(x.Results))
	}
}

const tenThousand = `
program: {name: Made, currency: EUR}
feeds:
  members: {sql: "SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at FROM generate_series(1, 10000) AS g(i)"}
  orders: {sql: "SELECT i AS order_id, i AS member_id, TIMESTAMP '2026-06-15 00:00:00' AS ordered_at, 10.0 + i %% 7 + CASE WHEN i %% 2 = 0 THEN %s ELSE 0 END AS net FROM generate_series(1, 10000) AS g(i)"}
  assignments: {sql: "SELECT 'x' AS experiment_id, i AS unit_id, %s AS arm, TIMESTAMP '2026-06-01 00:00:00' AS assigned_at FROM generate_series(1, 10000) AS g(i)"}
experiments: [{id: x, control_arm: a, primary_metric: revenue_per_member, started_at: 2026-06-01%s}]
`

func made(t *testing.T, effect, arm, more string) reviewexperiments.Readout {
	t.Helper()
	text := strings.NewReplacer("%%", "%").Replace(sprintf(tenThousand, effect, arm, more))
	return review(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{AsOf: "2026-06-16"}).Experiments[0]
}

// sprintf fills the three places of the text, leaving %% to the caller.
func sprintf(text string, words ...string) string {
	for _, word := range words {
		text = strings.Replace(text, "%s", word, 1)
	}
	return text
}

func TestDecisions(t *testing.T) {
	half := "CASE WHEN i % 2 = 0 THEN 'b' ELSE 'a' END"
	for name, c := range map[string]struct{ effect, arm, more, want string }{
		"a clear gain":              {"1.0", half, ", ended_at: 2026-06-16", reviewexperiments.Ship},
		"a clear loss":              {"-1.0", half, ", ended_at: 2026-06-16", reviewexperiments.RollBack},
		"nothing":                   {"0.0", half, ", ended_at: 2026-06-16", reviewexperiments.Inconclusive},
		"a gain while it runs":      {"1.0", half, "", reviewexperiments.Ship},
		"a loss while it runs":      {"-1.0", half, "", reviewexperiments.RollBack},
		"next to nothing in time":   {"0.05", half, "", reviewexperiments.Inconclusive},
		"a gain without random":     {"1.0", half, ", ended_at: 2026-06-16, assignment: observational", reviewexperiments.Observational},
		"a gain with lost units":    {"1.0", "CASE WHEN i % 2 = 0 AND i % 10 <> 0 THEN 'b' ELSE 'a' END", ", ended_at: 2026-06-16", reviewexperiments.DontTrust},
		"a gain as planned unequal": {"1.0", "CASE WHEN i % 2 = 0 AND i % 10 <> 0 THEN 'b' ELSE 'a' END", ", ended_at: 2026-06-16, planned_shares: {a: 0.6, b: 0.4}", reviewexperiments.Ship},
		"an arm nobody planned":     {"1.0", half, ", ended_at: 2026-06-16, planned_shares: {a: 1}", reviewexperiments.DontTrust},
		"no such control":           {"1.0", "CASE WHEN i % 2 = 0 THEN 'b' ELSE 'c' END", ", ended_at: 2026-06-16", reviewexperiments.Unreadable},
		"a guardrail nobody maps":   {"1.0", half, ", ended_at: 2026-06-16, guardrails: [moon_phase]", reviewexperiments.Inconclusive},
	} {
		x := made(t, c.effect, c.arm, c.more)
		if x.Decision != c.want {
			t.Errorf("%s: %s (%s), want %s", name, x.Decision, x.Says, c.want)
		}
		if x.Says == "" || x.NextTest.Says == "" {
			t.Errorf("%s: says %q, next %q; want both", name, x.Says, x.NextTest.Says)
		}
	}
}

func TestUnitsInTwoArmsAreLeftOut(t *testing.T) {
	text := strings.NewReplacer("%%", "%").Replace(sprintf(tenThousand, "0.0", "CASE WHEN i % 2 = 0 THEN 'b' ELSE 'a' END", ", ended_at: 2026-06-16"))
	text = strings.Replace(text, `AS g(i)"}
experiments`, `AS g(i) UNION ALL SELECT 'x', i, 'a', TIMESTAMP '2026-06-02 00:00:00' FROM generate_series(1, 400) AS g(i)"}
experiments`, 1)
	x := review(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{AsOf: "2026-06-16"}).Experiments[0]
	for _, a := range x.Arms {
		if want := map[string]int64{"a": 5000, "b": 4800}[a.Arm]; a.Units != want {
			t.Errorf("arm %s: %d units, want %d: those in both arms left out", a.Arm, a.Units, want)
		}
	}
	if x.Decision != reviewexperiments.DontTrust {
		t.Errorf("decision %s with 2 %% of units in two arms, want dont_trust", x.Decision)
	}
}

// The true effects that the demo was made with lie in the intervals.
func TestDemoEffects(t *testing.T) {
	r := review(t, testdesk.Demo(t), run.Request{})
	for _, x := range r.Experiments {
		c := x.Results[0]
		if c.Interval == nil || c.Label != "causal" {
			t.Fatalf("%s: %+v, want a causal interval", x.ID, c)
		}
		switch x.ID {
		case "spring-double-points":
			if *c.Difference <= 0 {
				t.Errorf("%s: difference %v, want the planted gain", x.ID, *c.Difference)
			}
		case "birthday-surprise":
			if c.Interval[0] > 0 || c.Interval[1] < 0 {
				t.Errorf("%s: interval %v, want it to hold the true 0", x.ID, *c.Interval)
			}
			if x.Decision != reviewexperiments.KeepRunning {
				t.Errorf("%s runs, but its decision is %s", x.ID, x.Decision)
			}
		}
	}
}

// Test members are in no arm, a broken metric spoils itself only, and outcomes
// loaded twice are not trusted.
func TestUnitsThatDoNotCount(t *testing.T) {
	text := `
program: {name: Made, currency: EUR}
feeds:
  members: {sql: "SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at, i > 900 AND i % 2 = 0 AS is_test FROM generate_series(1, 1000) AS g(i)"}
  assignments: {sql: "SELECT 'x' AS experiment_id, i AS unit_id, CASE WHEN i % 2 = 0 THEN 'b' ELSE 'a' END AS arm, TIMESTAMP '2026-06-01 00:00:00' AS assigned_at FROM generate_series(1, 1000) AS g(i)"}
  outcomes:
    sql: |
      SELECT 'x' AS experiment_id, i AS unit_id, 'spend' AS metric, 10.0 + i % 7 AS value FROM generate_series(1, 1000) AS g(i)
      UNION ALL SELECT 'x', i, 'twice', 1.0 * (i % 2) FROM generate_series(1, 1000) AS g(i)
      UNION ALL SELECT 'x', i, 'twice', 1.0 * (i % 2) FROM generate_series(1, 100) AS g(i)
      UNION ALL SELECT 'x', i, 'patchy', 1.0 FROM generate_series(2, 1000, 2) AS g(i)
      UNION ALL SELECT 'x', i, 'patchy', 1.0 FROM generate_series(1, 499, 2) AS g(i)
experiments:
  - {id: x, control_arm: a, primary_metric: PRIMARY, started_at: 2026-06-01, ended_at: 2026-06-02}
`
	read := func(primary string) reviewexperiments.Readout {
		d := testdesk.Config(t, strings.Replace(text, "PRIMARY", primary, 1), t.TempDir(), "")
		return review(t, d, run.Request{}).Experiments[0]
	}
	x := read("spend")
	for _, a := range x.Arms {
		if want := map[string]int64{"a": 500, "b": 450}[a.Arm]; a.Units != want {
			t.Errorf("arm %s has %d units, want %d: test members left out", a.Arm, a.Units, want)
		}
	}
	for primary, want := range map[string]string{"twice": "several rows", "patchy": "have no outcome"} {
		if x := read(primary); x.Decision != reviewexperiments.DontTrust || !strings.Contains(x.Says, want) {
			t.Errorf("%s: %s (%s), want dont_trust that names %q", primary, x.Decision, x.Says, want)
		}
	}
}

// A minus before a metric says that less of it is better.
func TestLessCanBeBetter(t *testing.T) {
	half := "CASE WHEN i % 2 = 0 THEN 'b' ELSE 'a' END"
	x := made(t, "-1.0", half, ", ended_at: 2026-06-16")
	if x.Decision != reviewexperiments.RollBack {
		t.Fatalf("a fall of the primary metric: %s, want stop", x.Decision)
	}
	text := strings.NewReplacer("%%", "%", "primary_metric: revenue_per_member", "primary_metric: -revenue_per_member").
		Replace(sprintf(tenThousand, "-1.0", half, ", ended_at: 2026-06-16"))
	x = review(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{AsOf: "2026-06-16"}).Experiments[0]
	if x.Decision != reviewexperiments.Ship {
		t.Errorf("a fall of a metric of which less is better: %s (%s), want ship", x.Decision, x.Says)
	}
}

// What can't be trusted can't be cited, and what is observational is cited as
// such.
func TestPointsCarryWhatTheyAreWorth(t *testing.T) {
	points := func(effect, arm, more string) string {
		x := made(t, effect, arm, more)
		r := reviewexperiments.Result{Experiments: []reviewexperiments.Readout{x}}
		var ids []string
		for _, p := range r.Points() {
			ids = append(ids, p.ID)
		}
		return strings.Join(ids, " ")
	}
	half := "CASE WHEN i % 2 = 0 THEN 'b' ELSE 'a' END"
	if got := points("1.0", half, ", ended_at: 2026-06-16"); !strings.Contains(got, "experiments/x/revenue_per_member/lift") {
		t.Errorf("a sound test has the points %q, want its lift", got)
	}
	got := points("1.0", half, ", ended_at: 2026-06-16, assignment: observational")
	if !strings.Contains(got, "revenue_per_member/observational_difference") || strings.Contains(got, "revenue_per_member/difference") {
		t.Errorf("an observational test has the points %q, want them named so", got)
	}
	got = points("1.0", "CASE WHEN i % 2 = 0 AND i % 10 <> 0 THEN 'b' ELSE 'a' END", ", ended_at: 2026-06-16")
	if strings.Contains(got, "revenue_per_member") || !strings.Contains(got, "experiments/x/units{arm=b}") {
		t.Errorf("a broken test has the points %q, want its units only", got)
	}
}
