package surfaceinsights

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// The states of a member's lifecycle, in order.
var states = []string{"new", "active", "returned", "slipping", "lapsed", "never", "cancelled"}

// absent is the state of those who had not enrolled yet.
const absent = "absent"

// newDays is for how long a member is new.
const newDays = 90

// forState is the play for members in a state, by the tier they are in.
func forState(state string, above bool) string {
	switch state {
	case "new", "returned":
		return Nudge
	case "active":
		return Upgrade
	case "slipping":
		if above {
			return Protect
		}
		return Nudge
	case "lapsed":
		if above {
			return WinBack
		}
		return Suppress
	}
	return Suppress
}

// Lifecycle is where members are in their lifecycle, and how they moved since the
// window's start.
type Lifecycle struct {
	Basis   string  `json:"basis"`
	States  []State `json:"states"`
	Flows   []Flow  `json:"flows"`
	Heatmap []Heat  `json:"heatmap"` // open members by tier and state
	Reason  string  `json:"reason,omitempty"`
}

// State is the members in one state, at the end of the window and at its start.
type State struct {
	State   string   `json:"state"`
	Members *float64 `json:"members"`
	Before  *float64 `json:"before"`
}

// Flow is members who went from one state to another.
type Flow struct {
	From    string   `json:"from"`
	To      string   `json:"to"`
	Members *float64 `json:"members"`
}

// Heat is the open members of one tier in one state, and the play for them.
type Heat struct {
	Tier       string   `json:"tier"`
	State      string   `json:"state"`
	Members    *float64 `json:"members"`
	Play       string   `json:"play"`
	Suppressed bool     `json:"suppressed,omitempty"`
}

// moment is one of the two at which states are told, as the template reads it.
type moment struct {
	At, NewSince, HalfLine, Line time.Time
	Last                         string // the column of the last event before it
}

// lifecycle tells where members are and how they moved.
func (v *surveyor) lifecycle(ctx context.Context) error {
	l := &v.result.Lifecycle
	*l = Lifecycle{States: []State{}, Flows: []Flow{}, Heatmap: []Heat{}}
	lapse := v.data.LapseDays
	if l.Reason = v.noLifecycle(); l.Reason != "" {
		return nil
	}
	l.Basis = fmt.Sprintf("new: enrolled within %d days; active: a qualifying event within %d days; slipping: within %d; lapsed: none for longer; returned: lapsed at the start and not at the end; never: no event, and not new", newDays, lapse/2, lapse)
	at := func(t time.Time, last string) moment {
		return moment{At: t, NewSince: t.AddDate(0, 0, -newDays), HalfLine: t.AddDate(0, 0, -lapse/2), Line: t.AddDate(0, 0, -lapse), Last: last}
	}
	data := struct {
		subject
		Start, Now moment
		HasTier    bool
	}{v.data, at(v.run.Window.Start, "last_start"), at(v.data.AsOf, "last_end"), tierMissing(v.snapshot.Catalog) == ""}
	type key struct{ a, b string }
	now, before, flows, heat := map[string]int64{}, map[string]int64{}, map[key]int64{}, map[key]int64{}
	err := v.snapshot.Query(ctx, queries, "lifecycle", data, func(row warehouse.Row) error {
		var tier, from, to string
		var n int64
		if err := row.Scan(&tier, &from, &to, &n); err != nil {
			return err
		}
		if from == "cancelled" {
			return nil // gone before the window
		}
		now[to] += n
		before[from] += n
		flows[key{from, to}] += n
		if to != "cancelled" {
			heat[key{tier, to}] += n
		}
		return nil
	})
	if err != nil {
		return err
	}
	order, err := breakdown.TierOrder(ctx, v.snapshot, queries)
	if err != nil {
		return err
	}
	least := int64(v.desk.Config.Privacy.MinMembers)
	// The open members of both moments are known, so that a state of few must not
	// be what is left of them.
	few := func(counts map[string]int64) []bool {
		cells := make([]breakdown.Cell, len(states))
		for i, s := range states {
			cells[i].N = float64(counts[s])
		}
		return breakdown.Suppress(cells, float64(least))
	}
	fewNow, fewBefore := few(now), few(before)
	for i, s := range states {
		state := State{State: s}
		if !fewNow[i] {
			state.Members = run.Round(float64(now[s]))
		}
		if !fewBefore[i] {
			state.Before = run.Round(float64(before[s]))
		}
		l.States = append(l.States, state)
	}
	from := append([]string{absent}, states...)
	for _, a := range from {
		for _, b := range states {
			if n := flows[key{a, b}]; n >= least && a != b {
				l.Flows = append(l.Flows, Flow{a, b, run.Round(float64(n))})
			}
		}
	}
	v.heat(order, func(tier, state string) int64 { return heat[key{tier, state}] }, data.HasTier)
	return nil
}

// noLifecycle says why states can't be told, "" when they can.
func (v *surveyor) noLifecycle() string {
	if reason := v.snapshot.Missing("members"); reason != "" {
		return reason
	}
	if len(v.supply.Activity) == 0 {
		return "no mapped feed holds a qualifying event"
	}
	for _, feed := range append([]string{"members"}, v.supply.Activity...) {
		for _, at := range []time.Time{v.data.AsOf, v.run.Window.Start} {
			if reason := run.CutsMonth(v.snapshot.Catalog, feed, at); reason != "" {
				return reason
			}
		}
	}
	return ""
}

// heat fills in the heatmap, cells of few members hidden.
func (v *surveyor) heat(order map[string]float64, members func(tier, state string) int64, tiered bool) {
	if !tiered {
		return
	}
	tiers := make([]string, 0, len(order))
	lowest := ""
	for tier := range order {
		tiers = append(tiers, tier)
	}
	slices.SortFunc(tiers, func(a, b string) int {
		if order[a] != order[b] {
			if order[a] < order[b] {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	if len(tiers) > 0 {
		lowest = tiers[0]
	}
	var cells []breakdown.Cell
	for _, tier := range tiers {
		for _, state := range states[:len(states)-1] {
			n := members(tier, state)
			cells = append(cells, breakdown.Cell{N: float64(n)})
			v.result.Lifecycle.Heatmap = append(v.result.Lifecycle.Heatmap, Heat{Tier: run.Label(tier), State: state, Members: run.Round(float64(n)), Play: forState(state, tier != lowest)})
		}
	}
	for i, hidden := range breakdown.Suppress(cells, float64(v.desk.Config.Privacy.MinMembers)) {
		if hidden {
			h := &v.result.Lifecycle.Heatmap[i]
			h.Members, h.Suppressed = nil, true
		}
	}
}

func (l *Lifecycle) points() []run.Point {
	var out []run.Point
	add := func(id string, value *float64) {
		if value != nil {
			out = append(out, run.Point{ID: "insights/lifecycle/" + id, Value: *value, Unit: metric.Count})
		}
	}
	for _, s := range l.States {
		add(fmt.Sprintf("members{state=%s}", s.State), s.Members)
		add(fmt.Sprintf("before{state=%s}", s.State), s.Before)
	}
	for _, f := range l.Flows {
		add(fmt.Sprintf("flow{from=%s,to=%s}", f.From, f.To), f.Members)
	}
	for _, h := range l.Heatmap {
		add(fmt.Sprintf("members{tier=%s,state=%s}", h.Tier, h.State), h.Members)
	}
	return out
}

func (l *Lifecycle) markdown(b *strings.Builder) {
	if len(l.States) == 0 {
		return
	}
	b.WriteString("\n| lifecycle | members | at the start |\n|---|---|---|\n")
	for _, s := range l.States {
		fmt.Fprintf(b, "| %s | %s | %s |\n", s.State, run.Show(s.Members, metric.Count, ""), run.Show(s.Before, metric.Count, ""))
	}
	if len(l.Heatmap) == 0 {
		return
	}
	b.WriteString("\n| tier |")
	open := states[:len(states)-1]
	for _, s := range open {
		fmt.Fprintf(b, " %s |", s)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(open)))
	for i, h := range l.Heatmap {
		if i%len(open) == 0 {
			fmt.Fprintf(b, "\n| %s |", run.Cell(h.Tier))
		}
		if h.Suppressed {
			b.WriteString(" few |")
			continue
		}
		fmt.Fprintf(b, " %s: %s |", run.Show(h.Members, metric.Count, ""), h.Play)
	}
	b.WriteString("\n")
}
