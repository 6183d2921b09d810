package comparedefinitions_test

import (
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/basis"
	"loyaltymcp/tools/comparedefinitions"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
)

// figures computes the KPIs of a run's window and of the one before it.
func figures(t *testing.T, d *run.Desk, r *run.Run) (now, previous comparedefinitions.Figures) {
	t.Helper()
	result, err := pullmetrics.Compute(t.Context(), d, r)
	if err != nil {
		t.Fatal(err)
	}
	now.Window, previous.Window = result.Window, result.Previous
	for _, k := range result.KPIs {
		now.KPIs = append(now.KPIs, basis.Figure{KPI: k.ID, Definition: k.Definition, Value: k.Value})
		previous.KPIs = append(previous.KPIs, basis.Figure{KPI: k.ID, Definition: k.Definition, Value: k.Previous})
	}
	return now, previous
}

// An order that comes in late restates exactly the figures that it touches, of
// the window and of the one before, against a run and against a plan.
func TestLateOrdersAreRestated(t *testing.T) {
	const may, june = "2026-05-01..2026-06-01", "2026-06-01..2026-07-01"
	d := testdesk.Config(t, small, folder(t, orders()), "")
	before := map[string]string{}
	for _, window := range []string{may, june} {
		r := open(t, d, run.Request{Window: window})
		now, previous := figures(t, d, r)
		if got, err := comparedefinitions.Restated(d, r, now, previous); len(got) != 0 || err != nil {
			t.Errorf("%s, the first time: %+v, %v; want nothing", window, got, err)
		}
		before[now.Window.Start] = r.ID
	}
	late := append(orders(), "9001,1,2026-06-15 12:00:00,25", "9002,2,2026-05-15 12:00:00,7")
	check := func(t *testing.T, d *run.Desk, from map[string]string) {
		t.Helper()
		r := open(t, d, run.Request{Window: june})
		now, previous := figures(t, d, r)
		got, err := comparedefinitions.Restated(d, r, now, previous)
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]basis.Restatement{}
		for _, x := range got {
			if x.Before == x.After || from[x.Window.Start] != x.From {
				t.Errorf("%s %+v, want it restated from %s", x.Window.Start, x, from[x.Window.Start])
			}
			found[x.Window.Start+" "+x.KPI] = x.Restatement
		}
		for id, want := range map[string][2]float64{
			"2026-06-01 revenue": {12000, 12025}, "2026-06-01 orders": {1200, 1201},
			"2026-05-01 revenue": {12400, 12407}, "2026-05-01 orders": {1240, 1241},
		} {
			if x := found[id]; x.Before != want[0] || x.After != want[1] {
				t.Errorf("%s is restated from %v to %v, want %v", id, x.Before, x.After, want)
			}
		}
		for _, untouched := range []string{"2026-06-01 members_open", "2026-06-01 buyers", "2026-06-01 active_rate"} {
			if x, ok := found[untouched]; ok {
				t.Errorf("%s is restated: %+v", untouched, x)
			}
		}
	}
	t.Run("against runs", func(t *testing.T) { check(t, beside(t, d, small, folder(t, late)), before) })

	// By another mapping, a difference may come from it: nothing is restated
	// that reads the feed.
	t.Run("by another mapping", func(t *testing.T) {
		other := beside(t, d, strings.Replace(small, "FROM orders", "FROM orders WHERE net > 0", 1), folder(t, late))
		r := open(t, other, run.Request{Window: june})
		now, _ := figures(t, other, r)
		got, err := comparedefinitions.Restated(other, r, now)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 0 {
			t.Errorf("%+v is restated, though the feed is mapped otherwise", got)
		}
	})

	// Runs are forgotten, plans are not.
	t.Run("against plans", func(t *testing.T) {
		d := testdesk.Config(t, small, folder(t, orders()), "")
		from := map[string]string{}
		for _, window := range []string{may, june} {
			r := open(t, d, run.Request{Window: window})
			p := plan(t, d, r)
			from[p.Window.Start] = p.ID
			if err := d.Store.Forget(r.ID); err != nil {
				t.Fatal(err)
			}
		}
		check(t, beside(t, d, small, folder(t, late)), from)
	})
}
