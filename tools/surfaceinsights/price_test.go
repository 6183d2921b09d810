package surfaceinsights_test

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/surfaceinsights"
	"loyaltymcp/warehouse/demo"
)

// two segments that share out all members, and one of both.
const partition = `
segments:
  - {id: upper, label: Above the lowest tier, play: protect, where: above_lowest, value: spend_year, action: keep them}
  - {id: lower, label: In the lowest tier, play: nudge, where: not above_lowest, value: spend_year, action: raise them}
  - {id: anyone, label: Anyone, play: nudge, where: tenure_days >= 0, value: balance, action: greet them}
insights:
  window_days: 30
  uplift: {protect: 0.1}
  cost_per_member: {protect: 2.5}
`

func find(t *testing.T, r *surfaceinsights.Result, id string) surfaceinsights.Segment {
	t.Helper()
	for _, s := range r.Segments {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("no segment %s", id)
	return surfaceinsights.Segment{}
}

func custom(t *testing.T, more string) *run.Desk {
	t.Helper()
	file := testdesk.DemoFile(t)
	return testdesk.Config(t, string(demo.Config())+more, filepath.Dir(file), "duckdb:"+file)
}

// What is at stake in segments that share out the members adds up to what the
// diagnosis expects of all.
func TestStakesAddUpToTheDiagnosis(t *testing.T) {
	ctx, d := context.Background(), custom(t, partition)
	r, err := d.Open(ctx, run.Request{Window: "30d"})
	if err != nil {
		t.Fatal(err)
	}
	insights, err := surfaceinsights.Compute(ctx, d, r)
	if err != nil {
		t.Fatal(err)
	}
	health, err := diagnosehealth.Compute(ctx, d, r)
	if err != nil {
		t.Fatal(err)
	}
	all := *health.Figure(diagnosehealth.PointRevenue).Value
	upper, lower, anyone := find(t, insights, "upper"), find(t, insights, "lower"), find(t, insights, "anyone")
	for what, got := range map[string]float64{"everyone": *insights.Everyone.Value, "anyone": *anyone.Stake.Value, "upper and lower": *upper.Stake.Value + *lower.Stake.Value} {
		if math.Abs(got-all) > 1.5 {
			t.Errorf("%s: %v at stake, the diagnosis expects %v", what, got, all)
		}
	}
	if got := *upper.Members + *lower.Members; got != *anyone.Members || *insights.Reach.Open != got {
		t.Errorf("%v members, %v of anyone, %v open", got, *anyone.Members, *insights.Reach.Open)
	}
	// All of anyone are in a segment that comes first.
	if *anyone.Unique != 0 || *insights.Total != *anyone.Members {
		t.Errorf("anyone: %v unique, %v in any", *anyone.Unique, *insights.Total)
	}
	var unique float64
	for _, s := range insights.Segments {
		if s.Unique != nil {
			unique += *s.Unique
		}
	}
	if unique > *insights.Total || unique < 0.95**insights.Total {
		t.Errorf("%v counted once, of %v", unique, *insights.Total)
	}
}

func TestTheCaseOfASegment(t *testing.T) {
	r := surface(t, custom(t, partition), run.Request{Window: "30d"})
	s := find(t, r, "upper")
	c := s.Case
	if c == nil || *c.Uplift != 0.1 || !strings.Contains(c.Source, "loyalty.yaml") || c.WindowDays != 30 {
		t.Fatalf("case %+v", c)
	}
	window := *s.Stake.Value * 30 / float64(s.Stake.Days) * *c.Reach / *s.Members
	margin := *c.Margin / *c.Incremental
	if margin <= 0.1 || margin >= 0.9 || !strings.Contains(c.BreakEvenOf, "margin") {
		t.Errorf("margin of %v: %s", margin, c.BreakEvenOf)
	}
	if math.Abs(*c.Incremental-0.1*window) > 1 || math.Abs(*c.Cost-2.5**c.Reach) > 1 || math.Abs(*c.BreakEven/(2.5**c.Reach/window/margin)-1) > 1e-3 {
		t.Errorf("incremental %v, cost %v, pays from %v; want %v, %v, %v", *c.Incremental, *c.Cost, *c.BreakEven, 0.1*window, 2.5**c.Reach, 2.5**c.Reach/window/margin)
	}
	if *c.Reach != *s.Contactable || c.Holdout == nil || c.Holdout.Members == nil || *c.Holdout.Members > *c.Reach/2+1 {
		t.Errorf("reach %v of %v contactable, holdout %+v", *c.Reach, *s.Contactable, c.Holdout)
	}
	nudge := find(t, r, "lower").Case
	if !strings.Contains(nudge.Source, "not evidence") || nudge.Cost == nil {
		t.Errorf("without a prior of the program's own: %+v", nudge)
	}
	if find(t, r, "lapsed_for_good").Case != nil {
		t.Error("who is left out has a business case")
	}
}

// Ten percent a year takes off (1 - 1.1^-1) / ln 1.1 = 0.95382 of a year's sales.
func TestDiscount(t *testing.T) {
	plain := surface(t, testdesk.Demo(t), run.Request{Window: "30d"})
	less := surface(t, custom(t, "\ninsights: {discount_rate: 0.1}\n"), run.Request{Window: "30d"})
	if got := *less.Everyone.Value / *plain.Everyone.Value; math.Abs(got-0.953820) > 1e-5 || !strings.Contains(less.Everyone.Basis, "10 %") {
		t.Errorf("%v of the sales are left (%s)", got, less.Everyone.Basis)
	}
}

// The lift of a past experiment stands in for an assumption, if it can be relied on.
func TestUpliftFromAnExperiment(t *testing.T) {
	for id, want := range map[string]string{
		"spring-double-points": "experiment spring-double-points of this program",
		"birthday-surprise":    "still running",
		"no-such":              "is not in the run",
	} {
		r := surface(t, custom(t, "\ninsights: {evidence: {win_back: "+id+"}}\n"), run.Request{Window: "30d"})
		c := find(t, r, "win_back").Case
		if !strings.Contains(c.Source, want) {
			t.Errorf("%s: from %q, want %q", id, c.Source, want)
		}
		if known := id == "spring-double-points"; (c.Interval != nil) != known || !known && *c.Uplift != 0.05 {
			t.Errorf("%s: uplift %v, interval %v", id, *c.Uplift, c.Interval)
		}
		if other := find(t, r, "near_next_tier").Case; other.Interval != nil || strings.Contains(other.Source, "experiment") {
			t.Errorf("another play: %+v", other)
		}
	}
}

func TestLifecycleConserves(t *testing.T) {
	r := surface(t, testdesk.Demo(t), run.Request{Window: "quarter"})
	l := r.Lifecycle
	var now, before, joined, cancelled float64
	for _, s := range l.States {
		if s.Members == nil || s.Before == nil {
			t.Fatalf("%s is hidden in a program of thousands: %+v", s.State, s)
		}
		now, before = now+*s.Members, before+*s.Before
		if s.State == "cancelled" {
			cancelled = *s.Members
		}
	}
	for _, f := range l.Flows {
		if f.From == "absent" {
			joined += *f.Members
		}
	}
	if math.Abs(now-before-joined) > 20 { // flows of few are left out
		t.Errorf("%v now, %v before and %v joined", now, before, joined)
	}
	if now-cancelled != *r.Reach.Open {
		t.Errorf("%v open by state, %v open", now-cancelled, *r.Reach.Open)
	}
	if len(l.Heatmap) != 24 {
		t.Errorf("%d cells of 4 tiers and 6 states", len(l.Heatmap))
	}
}

// A segment that can't be read is refused in one sentence that names it.
func TestCustomSegmentsAreChecked(t *testing.T) {
	const one = "\nsegments:\n  - {id: mine, label: Mine, play: nudge, where: WHERE, value: balance, action: act}\n"
	for where, want := range map[string]string{
		"balnce > 3":             "no column of member \"balnce\"",
		"balance >":              "segments[0].where",
		"balance > 3 or":         "segments[0].where",
		"region > 3":             "is a word",
		"balance > 3; drop":      "segments[0].where",
		"above_lowest = 'Gold'":  "segments[0].where",
		"balance > 3) or (1 = 1": "segments[0].where",
	} {
		d := custom(t, strings.Replace(one, "WHERE", `"`+where+`"`, 1))
		r, err := d.Open(context.Background(), run.Request{Window: "30d"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = surfaceinsights.Compute(context.Background(), d, r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", where, err, want)
		}
	}
	// One of ours can be redefined.
	d := custom(t, strings.Replace(strings.Replace(one, "id: mine", "id: hoarders", 1), "WHERE", "balance >= 5000", 1))
	if s := find(t, surface(t, d, run.Request{Window: "30d"}), "hoarders"); s.Label != "Mine" {
		t.Errorf("hoarders is still %+v", s)
	}
}
