package renderdashboard

import (
	"fmt"
	"slices"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/surfaceinsights"
)

// segments are the members worth an action.
func (p *painter) segments() section {
	s := section{ID: "segments", Title: "Segments and value at stake"}
	if p.insights == nil {
		s.Missing = missing(run.SurfaceInsights)
		return s
	}
	r := p.insights
	s.Lead = r.Verdict
	grid := block{Grid: true}
	if h := r.Lifecycle.Heatmap; len(h) > 0 {
		grid.Blocks = append(grid.Blocks, block{Title: "Members by tier and lifecycle state", Table: p.heatmap(h), Text: []string{r.Lifecycle.Basis}})
	} else if r.Lifecycle.Reason != "" {
		grid.Blocks = append(grid.Blocks, block{Title: "Members by tier and lifecycle state", Text: []string{"Not known: " + r.Lifecycle.Reason}})
	}
	if len(r.Segments) > 0 {
		grid.Blocks = append(grid.Blocks, block{Title: "Value at stake", Chart: p.stakes(r.Segments), Text: p.everyone()})
	}
	if len(r.Lifecycle.States) > 0 {
		grid.Blocks = append(grid.Blocks, block{Title: "Lifecycle states", Chart: p.states(r.Lifecycle.States)})
	}
	s.Blocks = append(s.Blocks, grid)
	if len(r.Segments) == 0 {
		s.Blocks = append(s.Blocks, block{Text: []string{"No segment could be formed."}})
	} else {
		s.Blocks = append(s.Blocks, block{Title: "All segments, by priority", Table: p.allSegments(r.Segments)})
	}
	if len(r.Unavailable) > 0 {
		t := p.table("Segments that the data can't tell", text("Segment"), text("Why"))
		for _, u := range r.Unavailable {
			t.Rows = append(t.Rows, row{Head: u.ID, Cells: []cell{plain(u.Reason)}})
		}
		s.Blocks = append(s.Blocks, block{Fold: "Segments that the data can't tell", Blocks: []block{{Table: t.keep(manyRows, p.insightsAt())}}})
	}
	return s
}

func (p *painter) insightsAt() string { return "run://" + p.run.ID + "/" + run.SurfaceInsights }

func (p *painter) everyone() (lines []string) {
	r := p.insights
	if e := r.Everyone; e != nil && e.Value != nil {
		line := fmt.Sprintf("All open members: %s expected in %d days", p.show(e.Value, metric.Money), e.Days)
		if e.Interval != nil {
			line += " (95 %: " + p.interval(e.Interval, metric.Money) + ")"
		}
		lines = append(lines, line+".")
	}
	if r.Total != nil {
		lines = append(lines, p.show(r.Total, metric.Count)+" members are in at least one segment. A member may be in several.")
	}
	return lines
}

// heatmap is members by tier and state, shaded by their share of the tier.
func (p *painter) heatmap(cells []surfaceinsights.Heat) *table {
	t := p.table("Open members by tier (rows) and lifecycle state (columns); shaded by share of the tier", text("Tier"))
	t.Fixed = true
	var states, tiers []string
	total := map[string]float64{}
	at := map[[2]string]surfaceinsights.Heat{}
	for _, c := range cells {
		if !slices.Contains(states, c.State) {
			states = append(states, c.State)
		}
		if !slices.Contains(tiers, c.Tier) {
			tiers = append(tiers, c.Tier)
		}
		if c.Members != nil {
			total[c.Tier] += *c.Members
		}
		at[[2]string{c.Tier, c.State}] = c
	}
	for _, s := range states {
		t.Columns = append(t.Columns, number(s))
	}
	for _, tier := range tiers {
		out := row{Head: tier}
		for _, s := range states {
			c, ok := at[[2]string{tier, s}]
			switch {
			case !ok:
				out.Cells = append(out.Cells, cell{})
			case c.Suppressed:
				out.Cells = append(out.Cells, small())
			default:
				v := p.value(c.Members, metric.Count, "not known")
				if c.Members != nil && total[tier] > 0 {
					v.Class, v.Note = heat(*c.Members/total[tier]), words(c.Play)
				}
				out.Cells = append(out.Cells, v)
			}
		}
		t.Rows = append(t.Rows, out)
	}
	return t.keep(mostTiers, p.insightsAt())
}

func (p *painter) stakes(segments []surfaceinsights.Segment) *chart {
	t := p.table("Value at stake by segment", text("Segment"), number("At stake"), number("95 % interval"), number("Likely still customers"))
	var rows []bar
	for _, s := range segments {
		if s.Stake == nil {
			continue
		}
		i, alive := cell{}, p.value(s.Stake.Alive, metric.Share, "not known")
		if s.Stake.Interval != nil {
			i.Text = p.interval(s.Stake.Interval, metric.Money)
		}
		t.Rows = append(t.Rows, row{Head: s.Label, Cells: []cell{p.value(s.Stake.Value, metric.Money, s.Stake.Reason), i, alive}})
		if s.Stake.Value != nil {
			rows = append(rows, bar{Name: s.Label, Values: []*float64{s.Stake.Value}, Shown: p.show(s.Stake.Value, metric.Money), Says: s.Label + ": " + p.show(s.Stake.Value, metric.Money) + " " + i.Text})
		}
	}
	slices.SortStableFunc(rows, func(a, b bar) int {
		switch x, y := *a.Values[0], *b.Values[0]; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	rows = rows[:min(len(rows), 14)]
	basis := "What is expected of the members of each segment if nothing is done; segments overlap."
	return p.draw("Value at stake by segment, "+p.currency, basis, barsHigh(len(rows)), nil, t.keep(manyRows, p.insightsAt()), bars(rows, metric.Money))
}

func (p *painter) states(states []surfaceinsights.State) *chart {
	t := p.table("Members by lifecycle state", text("State"), number("Now"), number("At the start"))
	t.Fixed = true
	var rows []bar
	for _, s := range states {
		t.Rows = append(t.Rows, row{Head: s.State, Cells: []cell{p.value(s.Members, metric.Count, "suppressed or unknown"), p.value(s.Before, metric.Count, "suppressed or unknown")}})
		rows = append(rows, bar{Name: s.State, Values: []*float64{s.Members, s.Before}, Shown: p.show(s.Members, metric.Count),
			Says: fmt.Sprintf("%s: %s now, %s at the start", s.State, p.show(s.Members, metric.Count), p.show(s.Before, metric.Count))})
	}
	return p.draw("Members by lifecycle state", "Members in each state at the end of the window and at its start.", barsHigh(len(rows)), []legend{{"f0", "now"}, {"f1", "at the start"}}, t, bars(rows, metric.Count))
}

func (p *painter) allSegments(segments []surfaceinsights.Segment) *table {
	t := p.table("Segments by priority", text("Segment"), text("Play"), text("Urgency"), number("Members"), number("Share"), number("Only here"), number("Contactable"), number("Value"), number("Break-even lift"), text("Owner"))
	for _, s := range segments {
		tip := p.tips.add("insights/"+s.ID, s.Label, fmt.Sprintf("%s %s Value: %s. Data points insights/%s/….", s.Trigger, s.Action, s.ValueBasis, s.ID))
		out := row{Head: s.Label, Tip: tip, Cells: []cell{plain(words(s.Play)), {Text: s.Urgency, Class: urgency(s.Urgency)}}}
		if s.Suppressed {
			out.Cells = append(out.Cells, hidden(), small(), small(), small(), small(), cell{})
		} else {
			pays := cell{Text: "n/a", Class: "na", Note: "no business case"}
			if s.Case != nil {
				pays = p.value(s.Case.BreakEven, metric.Share, orElse(s.Case.CostReason, "the cost is not known"))
			}
			out.Cells = append(out.Cells, p.value(s.Members, metric.Count, ""), p.value(s.Share, metric.Share, ""), p.value(s.Unique, metric.Count, ""),
				p.value(s.Contactable, metric.Count, "consent is not known"), p.value(s.Value, s.ValueUnit, "not known"), pays)
		}
		out.Cells = append(out.Cells, plain(s.Owner))
		t.Rows = append(t.Rows, out)
	}
	return t.keep(manyRows, p.insightsAt())
}

// urgency is the class of an urgency.
func urgency(u string) string {
	switch u {
	case "high":
		return "crit"
	case "medium":
		return "warn"
	}
	return ""
}
