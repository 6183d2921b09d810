package reviewexperiments_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
)

// world is a made program: N members of two regions, of whom the even ones are in
// arm b, and what each spends before and after the start on 1 June 2026.
type world struct {
	n          int
	assigned   string // SQL over i: the time of the assignment
	arm        string // SQL over i
	before     string // SQL over i: the order in May, 0 for none
	after      string // SQL over i: the order on 10 June
	more       string // further feeds
	program    string // further settings of the program
	experiment string // further settings of the experiment
	unnamed    bool   // no control_arm
	unstarted  bool   // no started_at
}

const noise = "(i * 7919 % 1009) * 0.1"

func (w world) text() string {
	or := func(text, other string) string {
		if text == "" {
			return other
		}
		return text
	}
	series := fmt.Sprintf("FROM generate_series(1, %d) AS g(i)", max(w.n, 1))
	control, started := "control_arm: a, ", "started_at: 2026-06-01, "
	if w.unnamed {
		control = ""
	}
	if w.unstarted {
		started = ""
	}
	return fmt.Sprintf(`
program: {name: Made, currency: EUR%s}
feeds:
  members: {sql: "SELECT i AS member_id, TIMESTAMP '2025-01-01 00:00:00' AS enrolled_at, CASE WHEN i %% 3 = 0 THEN 'North' ELSE 'South' END AS region %s"}
  orders:
    sql: |
      SELECT 2 * i AS order_id, i AS member_id, TIMESTAMP '2026-06-10 12:00:00' AS ordered_at, CAST(%s AS double precision) AS net %s
      UNION ALL SELECT 2 * i + 1, i, TIMESTAMP '2026-05-20 12:00:00', CAST(%s AS double precision) %s
      UNION ALL SELECT 0, NULL, TIMESTAMP '2026-06-30 12:00:00', 1.0
  assignments: {sql: "SELECT 'x' AS experiment_id, i AS unit_id, %s AS arm, %s AS assigned_at %s"}
%sexperiments:
  - {id: x, %s%sprimary_metric: revenue_per_member%s}
`, w.program, series, or(w.after, "10 + "+noise), series, or(w.before, "0"), series,
		or(w.arm, "CASE WHEN i % 2 = 0 THEN 'b' ELSE 'a' END"), or(w.assigned, "TIMESTAMP '2026-06-01 00:00:00'"), series, w.more, control, started, or(w.experiment, ", ended_at: 2026-06-16"))
}

func (w world) read(t *testing.T, request run.Request) reviewexperiments.Readout {
	t.Helper()
	if request.AsOf == "" {
		request.AsOf = "2026-06-30"
	}
	r := review(t, testdesk.Config(t, w.text(), t.TempDir(), ""), request)
	if len(r.Experiments) != 1 {
		t.Fatalf("unavailable: %+v", r.Unavailable)
	}
	return r.Experiments[0]
}

// Outcomes count for the declared days; who has not had them is left out.
func TestWindow(t *testing.T) {
	w := world{n: 4000, assigned: "TIMESTAMP '2026-06-01 00:00:00' + (i % 20) * INTERVAL '1 day'", experiment: ", ended_at: 2026-06-25, window_days: 14"}
	x := w.read(t, run.Request{AsOf: "2026-06-24"})
	// Before 24 June the days are over of who was assigned on 10 June at the latest,
	// which is half of them.
	var units int64
	for _, a := range x.Arms {
		units += a.Units
	}
	if units != 2000 || x.Analysis.Incomplete != 2000 {
		t.Errorf("%d units, %d left out, want 2000 of each", units, x.Analysis.Incomplete)
	}
	c := result(t, x, "revenue_per_member", "b")
	sum, n := 0.0, 0
	for i := 1; i <= 4000; i++ {
		if i%2 == 0 && i%20 <= 9 {
			n++
			sum += 10 + float64(i*7919%1009)*0.1
		}
	}
	near(t, "mean in b", c.Treatment, math.Round(sum/float64(n)*1e6)/1e6)
	if c.NTreatment != int64(n) {
		t.Errorf("n = %d, want %d", c.NTreatment, n)
	}
}

// With exposure, only exposed units count, from their exposure on.
func TestExposure(t *testing.T) {
	w := world{n: 4000, experiment: ", ended_at: 2026-06-25, count_from: exposure"}
	text := strings.Replace(w.text(), "AS assigned_at FROM", "AS assigned_at, CASE WHEN i % 4 < 2 THEN TIMESTAMP '2026-06-05 00:00:00' + (i % 10) * INTERVAL '1 day' END AS exposed_at FROM", 1)
	x := review(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{AsOf: "2026-06-30"}).Experiments[0]
	c := result(t, x, "revenue_per_member", "b")
	var sum float64
	n := 0
	for i := 1; i <= 4000; i++ {
		if i%2 == 0 && i%4 < 2 {
			n++
			if i%10 <= 5 { // exposed by 10 June at midnight
				sum += 10 + float64(i*7919%1009)*0.1
			}
		}
	}
	near(t, "mean in b", c.Treatment, math.Round(sum/float64(n)*1e6)/1e6)
	if c.NTreatment != int64(n) || x.Analysis.Incomplete != 2000 {
		t.Errorf("n = %d with %d left out, want %d and 2000", c.NTreatment, x.Analysis.Incomplete, n)
	}
	if got := check(t, x, "exposure"); got.Status != "ok" {
		t.Errorf("%+v, want the arms exposed alike", got)
	}
	uneven := strings.Replace(text, "CASE WHEN i % 4 < 2 THEN", "CASE WHEN i % 4 < 2 OR i % 16 = 3 THEN", 1)
	x = review(t, testdesk.Config(t, uneven, t.TempDir(), ""), run.Request{AsOf: "2026-06-30"}).Experiments[0]
	if got := check(t, x, "exposure"); got.Status != "failed" || x.Decision != reviewexperiments.DontTrust {
		t.Errorf("%+v, %s: want what is exposed more in one arm not trusted", got, x.Decision)
	}
}

// Quantiles and capped values are those of the values themselves.
func TestQuantileAndCap(t *testing.T) {
	value := func(i int) float64 { return float64(i*7919%100003)*0.013 + float64(i%2) }
	w := world{n: 9000, experiment: ", ended_at: 2026-06-16, secondary_metrics: [p90(revenue_per_member)], winsorize: 0.95"}
	w.after = "(i * 7919 % 100003) * 0.013 + i % 2"
	x := w.read(t, run.Request{})
	arms := [2][]float64{}
	for i := 1; i <= 9000; i++ {
		arms[i%2] = append(arms[i%2], value(i))
	}
	for k := range arms {
		slices.Sort(arms[k])
	}
	c := result(t, x, "p90(revenue_per_member)", "b")
	for _, q := range []struct {
		got  *float64
		from []float64
	}{{c.Control, arms[1]}, {c.Treatment, arms[0]}} {
		want, err := abtest.QuantileOf(q.from, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		if q.got == nil || math.Abs(*q.got-want.Value) > 1e-6 {
			t.Errorf("p90 is %v, want %v", q.got, want.Value)
		}
	}
	c = result(t, x, "revenue_per_member", "b")
	if c.Capped == nil {
		t.Fatal("nothing was capped")
	}
	all := slices.Concat(arms[0], arms[1])
	slices.Sort(all)
	if exact := all[int(0.95*float64(len(all)))]; math.Abs(*c.Capped-exact) > 0.02*exact {
		t.Errorf("capped at %v, want near the quantile %v", *c.Capped, exact)
	}
	mean := func(of []float64) (m float64) {
		for _, v := range of {
			m += math.Min(v, *c.Capped)
		}
		return m / float64(len(of))
	}
	near(t, "capped mean", c.Treatment, math.Round(mean(arms[0])*1e6)/1e6)
}

// A guardrail holds when harm beyond its margin is ruled out, is harmed when it is
// worse, and is open else; a breach outranks a win.
func TestGuardrails(t *testing.T) {
	for name, c := range map[string]struct{ outcome, guardrail, want, decision string }{
		"holds":          {"100 + (i * 13 % 41) * 0.1", "calls within 1%", "holds", reviewexperiments.Ship},
		"in its unit":    {"100 + (i * 13 % 41) * 0.1", "calls within 0.5", "holds", reviewexperiments.Ship},
		"open":           {"(i * 13 % 4001) * 1.0", "calls within 0.1%", "open", reviewexperiments.Inconclusive},
		"harmed":         {"100 + (i * 13 % 41) * 0.1 - (i + 1) % 2", "calls within 5%", "harmed", reviewexperiments.RollBack},
		"less is better": {"100 + (i * 13 % 41) * 0.1 - (i + 1) % 2", "-calls within 1%", "holds", reviewexperiments.Ship},
		"more is worse":  {"100 + (i * 13 % 41) * 0.1 + (i + 1) % 2", "-calls within 5%", "harmed", reviewexperiments.RollBack},
		"default margin": {"100 + (i * 13 % 41) * 0.1", "calls", "holds", reviewexperiments.Ship},
	} {
		w := world{n: 6000, after: "10 + " + noise + " + 10 * ((i + 1) % 2)", experiment: ", ended_at: 2026-06-16, guardrails: ['" + c.guardrail + "']",
			more: fmt.Sprintf("  outcomes: {sql: \"SELECT 'x' AS experiment_id, i AS unit_id, 'calls' AS metric, %s AS value FROM generate_series(1, 6000) AS g(i)\"}\n", c.outcome)}
		x := w.read(t, run.Request{})
		if got := result(t, x, "calls", "b"); got.Guardrail != c.want || x.Decision != c.decision {
			t.Errorf("%s: the guardrail %s (%v in %v), %s (%s); want %s and %s", name, got.Guardrail, got.Difference, got.Interval, x.Decision, x.Says, c.want, c.decision)
		}
	}
}

// Who looked before the end is held to an interval for that, whether declared or
// remembered.
func TestPeeking(t *testing.T) {
	w := world{n: 3000, after: "10 + " + noise + " + 4 * ((i + 1) % 2)"}
	plain := result(t, w.read(t, run.Request{}), "revenue_per_member", "b")
	w.experiment = ", ended_at: 2026-06-16, peeked: true"
	x := w.read(t, run.Request{})
	peeked := result(t, x, "revenue_per_member", "b")
	if x.Analysis.Method != "anytime" || peeked.Interval[1]-peeked.Interval[0] <= plain.Interval[1]-plain.Interval[0] {
		t.Errorf("method %s, interval %v beside %v; want a wider one", x.Analysis.Method, *peeked.Interval, *plain.Interval)
	}
	w.experiment = ", ended_at: 2026-06-16"
	d := testdesk.Config(t, w.text(), t.TempDir(), "")
	if early := review(t, d, run.Request{AsOf: "2026-06-12"}).Experiments[0]; early.Status != "running" {
		t.Fatalf("as of 12 June it is %s", early.Status)
	}
	if x := review(t, d, run.Request{AsOf: "2026-06-30"}).Experiments[0]; x.Analysis.Method != "anytime" || x.Analysis.Looks != 1 {
		t.Errorf("after one look: %+v, want it remembered", x.Analysis)
	}
}

// A test that runs says how long it has to.
func TestHowLong(t *testing.T) {
	w := world{n: 1200, assigned: "TIMESTAMP '2026-06-01 00:00:00' + (i % 9) * INTERVAL '1 day'", experiment: ""}
	w.experiment = ", minimum_effect: 0.04"
	x := w.read(t, run.Request{AsOf: "2026-06-12"})
	if x.Decision != reviewexperiments.KeepRunning || x.NextTest.Days == nil || *x.NextTest.Days < 10 || *x.NextTest.Days > 100 {
		t.Errorf("%s (%s), days %v; want some weeks more", x.Decision, x.Says, x.NextTest.Days)
	}
}

// Members who differ from the start are compared by how they changed, with those
// alike; the planted gain of 5 comes out, where the plain difference is 25.
func TestDifferenceInDifferences(t *testing.T) {
	w := world{n: 6000, before: "60 + " + noise + " + 40 * ((i + 1) % 2)", after: "30 + (i * 6007 % 1013) * 0.1 + 25 * ((i + 1) % 2)",
		experiment: ", ended_at: 2026-07-01, assignment: observational"}
	// Of 60 days before, half stand against the 30 days during it.
	x := w.read(t, run.Request{AsOf: "2026-07-01"})
	c := result(t, x, "revenue_per_member", "b")
	if c.Difference == nil || math.Abs(*c.Difference-5) > 1.5 || c.Label != reviewexperiments.Observational {
		t.Errorf("difference %v (%s, %s), want about 5, observational", c.Difference, c.Method, c.Label)
	}
	if x.Decision != reviewexperiments.Observational || len(x.Worth) > 0 {
		t.Errorf("%s with %d worths, want observational with none", x.Decision, len(x.Worth))
	}
}

// A campaign that everybody got is compared with before.
func TestCampaignWithoutControl(t *testing.T) {
	w := world{n: 3000, arm: "'all'", unnamed: true, before: "40 + 2 * " + noise, after: "30 + " + noise, experiment: ", ended_at: 2026-07-01"}
	x := w.read(t, run.Request{AsOf: "2026-07-01"})
	c := result(t, x, "revenue_per_member", "all")
	if x.Decision != reviewexperiments.Observational || c.Difference == nil || math.Abs(*c.Difference-10) > 1 || !strings.Contains(x.Says, "no control group") {
		t.Errorf("%s: %v (%s), want about 10, observational", x.Decision, c.Difference, x.Says)
	}
}

// An effect in one region only is found there, and asks for a test there.
func TestForWhom(t *testing.T) {
	w := world{n: 12000, after: "30 + " + noise + " + CASE WHEN i % 3 = 0 THEN 20 * ((i + 1) % 2) ELSE 0 END"}
	x := w.read(t, run.Request{})
	if x.Decision != reviewexperiments.Ship || len(x.Who) == 0 {
		t.Fatalf("%s, by %+v", x.Decision, x.Who)
	}
	for _, trait := range x.Who {
		if trait.Trait != "region" {
			continue
		}
		if !trait.Differ || !strings.Contains(trait.Says, "best for North") {
			t.Errorf("by region: %s, want the North named", trait.Says)
		}
		for _, l := range trait.Levels {
			if l.Level == "North" && math.Abs(*l.Difference-20) > 2 || l.Level == "South" && math.Abs(*l.Difference) > 2 {
				t.Errorf("%s: %v, want 20 in the North, 0 in the South", l.Level, *l.Difference)
			}
		}
		if l := trait.Levels[0]; l.Point != "experiments/x/revenue_per_member{region="+l.Level+"}/difference" {
			t.Errorf("point %s", l.Point)
		}
	}
	same := world{n: 12000, after: "30 + " + noise + " + 5 * ((i + 1) % 2)"}.read(t, run.Request{})
	for _, trait := range same.Who {
		if trait.Differ {
			t.Errorf("the same effect for all is said to differ by %s", trait.Trait)
		}
	}
}

// What an arm brings, costs and returns, by hand.
func TestWorth(t *testing.T) {
	w := world{n: 4000, program: ", cost_per_point: 0.01", after: "30 + " + noise + " + 9 * ((i + 1) % 2)", experiment: ", ended_at: 2026-06-16, cost_per_unit: 0.5",
		more: `  points: {sql: "SELECT i AS entry_id, i AS member_id, TIMESTAMP '2026-06-10 12:00:00' AS occurred_at, 'earn' AS kind, 100 + 200 * ((i + 1) % 2) + i * 31 % 7 AS points FROM generate_series(1, 4000) AS g(i)"}` + "\n"}
	x := w.read(t, run.Request{})
	if len(x.Worth) != 1 {
		t.Fatalf("worth %+v", x.Worth)
	}
	g := x.Worth[0]
	var value, points [2]float64
	for i := 1; i <= 4000; i++ {
		value[i%2] += (30 + float64(i*7919%1009)*0.1 + 9*float64((i+1)%2)) / 2000
		points[i%2] += (100 + 200*float64((i+1)%2) + float64(i*31%7)) / 2000
	}
	cost := (points[0]-points[1])*0.01 + 0.5
	round := func(v float64) float64 { return math.Round(v*1e6) / 1e6 }
	near(t, "value", g.Value, round(value[0]-value[1]))
	near(t, "cost", g.Cost, round(cost))
	near(t, "net", g.Net, round(value[0]-value[1]-cost))
	if g.ROI == nil || math.Abs(*g.ROI-(value[0]-value[1]-cost)/cost) > 1e-5 || g.ROIInterval[0] >= *g.ROI || g.ROIInterval[1] <= *g.ROI {
		t.Errorf("return %v in %v, want %v inside", g.ROI, g.ROIInterval, (value[0]-value[1]-cost)/cost)
	}
}

// Few events are compared by exact tests, and none in an arm is no zero division.
func TestFewEvents(t *testing.T) {
	w := world{n: 2000, experiment: ", ended_at: 2026-06-16, guardrails: [], secondary_metrics: [rare]",
		more: `  outcomes: {sql: "SELECT 'x' AS experiment_id, i AS unit_id, 'rare' AS metric, CASE WHEN i % 200 = 0 THEN 1.0 ELSE 0.0 END AS value FROM generate_series(1, 2000) AS g(i)"}` + "\n"}
	c := result(t, w.read(t, run.Request{}), "rare", "b")
	if c.Method != "exact" || c.P == nil || *c.P > 0.005 || c.Interval[0] <= 0 || c.Lift != nil {
		t.Errorf("10 of 1000 against none: %+v, want a small exact p and no lift", c)
	}
}

// What can't be reviewed says what is wrong and what would make it reviewable.
func TestWhatCannotBeReviewed(t *testing.T) {
	half := "CASE WHEN i % 2 = 0 THEN 'b' ELSE 'a' END"
	for name, c := range map[string]struct {
		w    world
		says []string
	}{
		"one arm":              {world{arm: "'b'"}, []string{"control arm a", "Correct control_arm"}},
		"control only":         {world{arm: "'a'"}, []string{"in one arm, a", "Map the assignments"}},
		"no control named":     {world{arm: half, unnamed: true}, []string{"No control arm is named", "a, b", "Name control_arm"}},
		"zero variance":        {world{after: "7"}, []string{"does not vary"}},
		"an empty planned arm": {world{experiment: ", ended_at: 2026-06-16, planned_shares: {a: 0.4, b: 0.4, c: 0.2}"}, []string{"do not fit the plan"}},
		"nothing to look at":   {world{experiment: ", ended_at: 2026-06-16, primary_metric: moon_phase"}, []string{"no feed holds this outcome", "revenue_per_member"}},
		"a state":              {world{experiment: ", ended_at: 2026-06-16, primary_metric: outstanding_points"}, []string{"is a state"}},
	} {
		c.w.n = 2000
		text := c.w.text()
		if strings.Count(text, "primary_metric") > 1 {
			text = strings.Replace(text, "primary_metric: revenue_per_member, ", "", 1)
		}
		x := review(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{AsOf: "2026-06-30"}).Experiments[0]
		if x.Decision != reviewexperiments.Unreadable && x.Decision != reviewexperiments.DontTrust {
			t.Errorf("%s: %s (%s)", name, x.Decision, x.Says)
		}
		for _, part := range c.says {
			if !strings.Contains(x.Says, part) {
				t.Errorf("%s: %q does not say %q", name, x.Says, part)
			}
		}
	}
	for name, c := range map[string]struct {
		experiment string
		says       []string
	}{
		"not started":   {", started_at: 2026-07-15", []string{"starts on 2026-07-15"}},
		"bad shares":    {", ended_at: 2026-06-16, planned_shares: {a: 0.5, b: 0.6}", []string{"sum to 1.1", "planned_shares"}},
		"ends too soon": {", ended_at: 2026-05-16", []string{"ends before it starts"}},
	} {
		w := world{n: 2000, experiment: c.experiment, unstarted: strings.Contains(c.experiment, "started_at")}
		r := review(t, testdesk.Config(t, w.text(), t.TempDir(), ""), run.Request{AsOf: "2026-06-30"})
		if len(r.Unavailable) != 1 {
			t.Errorf("%s: %+v", name, r.Experiments)
			continue
		}
		for _, part := range c.says {
			if !strings.Contains(r.Unavailable[0].Reason, part) {
				t.Errorf("%s: %q does not say %q", name, r.Unavailable[0].Reason, part)
			}
		}
	}
	d := testdesk.Config(t, world{n: 100}.text(), t.TempDir(), "")
	r, err := d.Open(context.Background(), run.Request{AsOf: "2026-06-30", Experiments: []string{"y"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reviewexperiments.Compute(context.Background(), d, r); err == nil || !strings.Contains(err.Error(), "valid: x") {
		t.Errorf("an unknown experiment: %v, want the known one named", err)
	}
}

// Ten experiments fit a short answer, each with its decision and primary result.
func TestTenExperimentsInShort(t *testing.T) {
	var more strings.Builder
	var feeds []string
	for k := range 10 {
		fmt.Fprintf(&more, "  - {id: test-%d, name: Test number %d, control_arm: a, started_at: 2026-06-01, ended_at: 2026-06-16, primary_metric: revenue_per_member, hypothesis: Number %d raises what members spend in the weeks after, guardrails: [points_kept_per_member, redeemed_rate]}\n", k, k, k)
		feeds = append(feeds, fmt.Sprintf("SELECT 'test-%d' AS experiment_id, i AS unit_id, CASE WHEN (i * 7907 / 64 + %d) %% 2 = 0 THEN 'b' ELSE 'a' END AS arm, TIMESTAMP '2026-06-01 00:00:00' AS assigned_at FROM generate_series(1, 4000) AS g(i)", k, k))
	}
	w := world{n: 4000, more: `  points: {sql: "SELECT i AS entry_id, i AS member_id, TIMESTAMP '2026-06-10 12:00:00' AS occurred_at, 'earn' AS kind, 100 + i * 31 % 7 AS points FROM generate_series(1, 4000) AS g(i)"}` + "\n"}
	text := w.text()
	text = text[:strings.Index(text, "experiments:")] + "experiments:\n" + more.String()
	from, to := strings.Index(text, "  assignments:"), strings.Index(text, "  points:")
	text = text[:from] + "  assignments: {sql: \"" + strings.Join(feeds, " UNION ALL ") + "\"}\n" + text[to:]
	r := review(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{AsOf: "2026-06-30"})
	if len(r.Experiments) != 10 {
		t.Fatalf("%d experiments", len(r.Experiments))
	}
	if err := tools.Fit(r, false); err != nil {
		t.Fatal(err)
	}
	for _, x := range r.Experiments {
		if x.Decision == "" || x.Says == "" || len(x.Results) == 0 || x.Results[0].Role != "primary" || x.Results[0].Interval == nil {
			t.Errorf("of %s is left: %+v", x.ID, x)
		}
	}
}

// Of ready-made outcomes that have the name of a metric, less is better where it is of
// the metric: a rise of cancellations is no win.
func TestReadyMadeKeepsItsDirection(t *testing.T) {
	w := world{n: 4000, experiment: ", ended_at: 2026-06-16, guardrails: [cancelled within 5%]", after: "10 + " + noise + " + 9 * ((i + 1) % 2)",
		more: `  outcomes: {sql: "SELECT 'x' AS experiment_id, i AS unit_id, 'cancelled' AS metric, CASE WHEN i % 10 < 3 + 2 * ((i + 1) % 2) THEN 1.0 ELSE 0.0 END AS value FROM generate_series(1, 4000) AS g(i)"}` + "\n"}
	x := w.read(t, run.Request{})
	if c := result(t, x, "cancelled", "b"); c.Better != "lower" || c.Guardrail != "harmed" || x.Decision != reviewexperiments.RollBack {
		t.Errorf("%s is better, the guardrail %s, %s; want more cancellations to roll it back", c.Better, c.Guardrail, x.Decision)
	}
}

// Each winner is told with its own lift.
func TestTheWinnersLiftIsItsOwn(t *testing.T) {
	w := world{n: 6000, after: "CASE WHEN i % 4 < 2 + 1 * ((i + 1) % 2) THEN 10 + " + noise + " ELSE 0 END", experiment: ", ended_at: 2026-06-16"}
	text := strings.Replace(w.text(), "primary_metric: revenue_per_member", "primary_metric: 'flat, rich'", 1)
	text = strings.Replace(text, "experiments:\n", `  outcomes:
    sql: |
      SELECT 'x' AS experiment_id, i AS unit_id, 'flat' AS metric, 50 + (i * 7919 % 1009) * 0.1 AS value FROM generate_series(1, 6000) AS g(i)
      UNION ALL SELECT 'x', i, 'rich', 50 + (i * 7919 % 1009) * 0.1 + 20 * ((i + 1) % 2) FROM generate_series(1, 6000) AS g(i)
experiments:
`, 1)
	x := review(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{AsOf: "2026-06-30"}).Experiments[0]
	c := result(t, x, "rich", "b")
	if x.Decision != reviewexperiments.Ship || !strings.Contains(x.Says, "rich is better than in control by "+run.ShowChange(c.Lift)) || strings.Contains(x.Says, "flat is better") {
		t.Errorf("%s: %q, want rich by %s", x.Decision, x.Says, run.ShowChange(c.Lift))
	}
	if c.PAdjusted == nil || c.IntervalAdjusted == nil || c.IntervalAdjusted[0] >= c.Interval[0] {
		t.Errorf("adjusted p %v, interval %v beside %v; want both for two primary metrics", c.PAdjusted, c.IntervalAdjusted, c.Interval)
	}
}

// A margin that no share can be worse by is no reason to fall over.
func TestAMarginBeyondAllShares(t *testing.T) {
	w := world{n: 2000, experiment: ", ended_at: 2026-06-16, guardrails: ['-rare within 2']",
		more: `  outcomes: {sql: "SELECT 'x' AS experiment_id, i AS unit_id, 'rare' AS metric, CASE WHEN i % 400 = 0 THEN 1.0 ELSE 0.0 END AS value FROM generate_series(1, 2000) AS g(i)"}` + "\n"}
	if c := result(t, w.read(t, run.Request{}), "rare", "b"); c.Guardrail != "open" {
		t.Errorf("the guardrail %s, want it open", c.Guardrail)
	}
}

// Without the ledger's lines the cost of points is unknown, not none.
func TestWorthWithoutTheLedger(t *testing.T) {
	w := world{n: 4000, program: ", cost_per_point: 0.01", after: "30 + " + noise + " + 9 * ((i + 1) % 2)"}
	x := w.read(t, run.Request{})
	if g := x.Worth[0]; g.Net != nil || g.Cost != nil || !strings.Contains(g.Reason, "cost is unknown") || strings.Contains(x.Says, "pays") {
		t.Errorf("%+v (%s), want the cost unknown", g, x.Says)
	}
}

// Arms that were filled one after the other are not compared by sums of different
// numbers of days.
func TestArmsOfDifferentTimes(t *testing.T) {
	w := world{n: 4000, assigned: "TIMESTAMP '2026-06-01 00:00:00' + ((i + 1) % 2) * INTERVAL '8 days'", experiment: ", ended_at: 2026-06-25"}
	x := w.read(t, run.Request{})
	c := result(t, x, "revenue_per_member", "b")
	if x.Assignment != reviewexperiments.Observational || c.Difference != nil || !strings.Contains(x.Says, "declare window_days") {
		t.Errorf("%s: %v (%s), want no difference and a window asked for", x.Assignment, c.Difference, x.Says)
	}
	w.experiment = ", ended_at: 2026-06-25, window_days: 5"
	x = w.read(t, run.Request{})
	if c := result(t, x, "revenue_per_member", "b"); x.Decision != reviewexperiments.Observational || c.Difference == nil {
		t.Errorf("with a window: %s, %v (%s)", x.Decision, c.Difference, c.Reason)
	}
}

// What is rolled out after the end moves nobody to another arm.
func TestARollOutAfterTheEnd(t *testing.T) {
	w := world{n: 4000, after: "10 + " + noise + " + 5 * ((i + 1) % 2)"}
	text := strings.Replace(w.text(), "AS assigned_at FROM generate_series(1, 4000) AS g(i)", "AS assigned_at FROM generate_series(1, 4000) AS g(i) UNION ALL SELECT 'x', i, 'b', TIMESTAMP '2026-06-20 00:00:00' FROM generate_series(1, 5000) AS g(i)", 1)
	x := review(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{AsOf: "2026-06-30"}).Experiments[0]
	for _, a := range x.Arms {
		if a.Units != 2000 {
			t.Errorf("arm %s has %d units, want 2000", a.Arm, a.Units)
		}
	}
	if x.Decision != reviewexperiments.Ship || check(t, x, "crossed_arms").Says != "Every unit is in one arm." {
		t.Errorf("%s (%s)", x.Decision, x.Says)
	}
	if c := check(t, x, "assignment_time"); !strings.Contains(c.Says, "1000 after its end") {
		t.Errorf("%+v, want those who came after the end told", c)
	}
}

// Spend that moves to a channel that only one arm has is seen.
func TestSpendMovesToANewChannel(t *testing.T) {
	w := world{n: 6000, after: "30 + " + noise + " + 3 * ((i + 1) % 2)"}
	text := strings.Replace(w.text(), "AS net FROM", "AS net, CASE WHEN i % 2 = 0 THEN 'app' ELSE 'store' END AS channel FROM", 1)
	text = strings.Replace(text, "AS double precision) FROM generate_series", "AS double precision), 'store' FROM generate_series", 1)
	text = strings.Replace(text, "12:00:00', 1.0\n", "12:00:00', 1.0, 'store'\n", 1)
	x := review(t, testdesk.Config(t, text, t.TempDir(), ""), run.Request{AsOf: "2026-06-30"}).Experiments[0]
	if len(x.Worth) != 1 || !strings.Contains(x.Worth[0].Moved, "up in app, down in store") {
		t.Errorf("%+v, want the move told", x.Worth)
	}
}
