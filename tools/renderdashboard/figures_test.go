package renderdashboard

import (
	"strings"
	"testing"

	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// reader looks figures up in the tables of a page.
type reader struct {
	*testing.T
	p      *painter
	sheets map[string]sheet
	n      int
}

// has checks that a table shows a value in a row under a head.
func (r *reader) has(caption, row, head, want string) {
	r.Helper()
	r.n++
	s, ok := r.sheets[caption]
	if !ok {
		r.Errorf("there is no table %q", caption)
		return
	}
	got, ok := s.cell(row, head)
	if !ok {
		r.Errorf("%s: there is no row %q with %q", caption, row, head)
	} else if got != want {
		r.Errorf("%s, %s, %s: got %q, want %q", caption, row, head, got, want)
	}
}

// value checks a value, which has its reason where it is unknown.
func (r *reader) value(caption, row, head string, v *float64, unit metric.Unit, reason string) {
	r.Helper()
	want := run.Show(v, unit, r.p.currency)
	if v == nil && reason != "" {
		want += " [" + reason + "]"
	}
	r.has(caption, row, head, want)
}

func TestPageShowsEveryFigureOfTheMetrics(t *testing.T) {
	f := demoRun(t)
	r := &reader{T: t, p: newPainter(f, 0), sheets: sheets(mustRender(t, f))}
	for _, k := range f.metrics.KPIs {
		r.value("All KPIs", k.Label, "Value", k.Value, k.Unit, k.Reason)
		r.value("All KPIs", k.Label, "Previous", k.Previous, k.Unit, "")
		r.value("All KPIs", k.Label, "Year ago", k.YearAgo, k.Unit, "")
		if k.Interval != nil {
			r.has("All KPIs", k.Label, "95 % interval", r.p.interval(k.Interval, k.Unit))
		}
		if k.Target != nil {
			r.value("All KPIs", k.Label, "Target", k.Target, k.Unit, "")
		}
	}
	suppressed := 0
	for _, b := range f.metrics.Breakdowns {
		k := f.metrics.KPI(b.KPI)
		caption := k.Label + " by " + by(b.Dimension)
		for _, c := range b.Cells {
			if c.Suppressed {
				suppressed++
				r.has(caption, place(c.Cell, c.Second), "Value", "suppressed [too few members to show]")
				continue
			}
			reason := ""
			if c.Value == nil {
				reason = "nothing to divide by"
			}
			r.value(caption, place(c.Cell, c.Second), "Value", c.Value, b.Unit, reason)
			r.value(caption, place(c.Cell, c.Second), "Previous", c.Previous, b.Unit, "")
		}
	}
	if suppressed == 0 {
		t.Error("no cell of the demo program is suppressed, so nothing shows that such are")
	}
	for _, d := range f.metrics.Drivers {
		k := f.metrics.KPI(d.KPI)
		for _, e := range r.p.open(d) {
			caption, head := k.Label+" "+along(d), "Effect on the KPI"
			if _, ok := r.sheets[caption]; !ok {
				caption, head = "Effects on "+caption, "Effect"
			}
			r.has(caption, place(e.Cell, e.Second), head, r.p.moves(&e.Total, k.Unit))
		}
	}
	for _, s := range f.metrics.Series {
		k := f.metrics.KPI(s.KPI)
		if got := len(r.sheets[k.Label+" by day"].rows); got != len(s.Values) {
			t.Errorf("%s: %d days, want %d", k.Label, got, len(s.Values))
		}
	}
	if r.n < 3000 {
		t.Errorf("only %d figures were looked up", r.n)
	}
}

func TestPageShowsEveryFigureOfTheHealth(t *testing.T) {
	f := demoRun(t)
	r := &reader{T: t, p: newPainter(f, 0), sheets: sheets(mustRender(t, f))}
	h := f.health
	figures := func(caption string, list []run.Figure) {
		for _, x := range list {
			r.value(caption, x.Label, "Value", x.Value, x.Unit, x.Reason)
			if x.Interval != nil {
				r.has(caption, x.Label, "95 % interval", r.p.interval(x.Interval, x.Unit))
			}
		}
	}
	figures("Figures of the tier mix", append(append(h.TierMix.Figures, h.TierMix.Moves.Figures...), h.TierMix.Reviews.Figures...))
	figures("Figures of churn", h.Churn.Figures)
	figures("Figures of the liability", h.Liability.Figures)
	figures("Figures of the breakage", h.Breakage.Figures)
	for _, x := range h.TierMix.Tiers {
		r.value("Members by tier", x.Tier, "Members", x.Members, metric.Count, "")
		r.value("Members by tier", x.Tier, "Share", x.Share, metric.Share, "")
		r.value("Members by tier", x.Tier, "Points", x.Points, metric.Points, "")
	}
	for _, from := range h.TierMix.Moves.Matrix {
		for _, to := range from.To {
			got, _ := r.sheets["From tier (rows) to tier (columns), share of the members at the start, with the interval of 95 %"].cell(from.From, to.To)
			if want := run.Show(to.Share, metric.Share, ""); !strings.HasPrefix(got, want) {
				t.Errorf("moves from %s to %s: got %q, want %q", from.From, to.To, got, want)
			}
		}
	}
	for _, l := range h.Liability.RollForward {
		r.value("Roll-forward of points", l.Line, "Points", exact(l.Points), metric.Points, "")
	}
	for _, m := range h.Liability.Schedule {
		r.value("Expiry calendar", m.Month, "Points with an expiry in it", m.Expiring, metric.Points, "")
		r.value("Expiry calendar", m.Month, "Expected to expire unused", m.Breaking, metric.Points, "")
		r.value("Expiry calendar", m.Month, "Deferred revenue recognised", m.Revenue, metric.Money, "")
	}
	for _, c := range h.Breakage.Cohorts {
		r.value("Points by month of issue", c.Issued, "Points", c.Points, metric.Points, "")
		r.value("Points by month of issue", c.Issued, "Redeemed in the end", c.Rate, metric.Share, "")
	}
	for _, b := range h.Breakdowns {
		caption := h.Figure(b.Figure).Label + " by " + b.Dimension
		for _, c := range b.Cells {
			if c.Suppressed {
				r.has(caption, c.Cell, "Value", "suppressed [too few members to show]")
			} else {
				r.value(caption, c.Cell, "Value", c.Value, b.Unit, "")
			}
		}
	}
	for _, x := range h.Liability.Rolls {
		for _, c := range x.Cells {
			if !c.Suppressed {
				r.value("Roll-forward by "+x.Dimension, c.Cell, "Closing", exact(c.Closing), metric.Points, "")
			}
		}
	}
	page := string(mustRender(t, f))
	if !strings.Contains(strings.ToLower(page), diagnosehealth.Statement) {
		t.Error("the liability isn't called a management estimate")
	}
}

func TestPageShowsSegmentsExperimentsAndPlan(t *testing.T) {
	f := demoRun(t)
	page := mustRender(t, f)
	r := &reader{T: t, p: newPainter(f, 0), sheets: sheets(page)}
	for _, s := range f.insights.Segments {
		if !s.Suppressed {
			r.value("Segments by priority", s.Label, "Members", s.Members, metric.Count, "")
			r.value("Segments by priority", s.Label, "Value", s.Value, s.ValueUnit, "")
		}
		if s.Stake != nil {
			r.value("Value at stake by segment", s.Label, "At stake", s.Stake.Value, metric.Money, s.Stake.Reason)
		}
	}
	for _, x := range f.experiments.Experiments {
		for _, c := range x.Results {
			r.has("Results of "+x.Name, words(c.Metric), "Lift", run.ShowChange(c.Lift))
			r.has("Results of "+x.Name, words(c.Metric), "Lift, 95 %", r.p.lifts(c.LiftRange))
			r.value("Results of "+x.Name, words(c.Metric), "Control", c.Control, c.Unit, "")
		}
		for _, c := range x.Checks {
			r.has("Validity checks of "+x.Name, words(c.ID), "Status", c.Status)
		}
	}
	for _, i := range f.plan.Backlog {
		r.has("Backlog of "+f.plan.ID, i.ID+" "+i.Title, "Owner", i.Owner)
	}
	text := textOf(string(page))
	for _, c := range f.plan.Review.Checks {
		if c.Status == "open" && !strings.Contains(text, c.Says) {
			t.Errorf("the open check %s isn't shown", c.ID)
		}
	}
	for _, c := range f.metrics.Caveats {
		if !strings.Contains(text, c) {
			t.Errorf("the caveat %q isn't shown", c)
		}
	}
}
