package renderdashboard

import (
	"fmt"
	"slices"

	"loyaltymcp/tools/pullmetrics"
)

// mostSteps is how many cells a waterfall shows by themselves.
const mostSteps = 9

// driver is the waterfall of one KPI's change.
func (p *painter) driver(k *pullmetrics.KPI, d pullmetrics.Driver) block {
	words := along(d)
	var steps []step
	more := 0
	for i, e := range p.open(d) {
		name := place(e.Cell, e.Second)
		if i >= mostSteps {
			more++
			continue
		}
		steps = append(steps, step{Name: name, Move: e.Total, Shown: p.moves(&e.Total, k.Unit), Says: name + ": " + p.moves(&e.Total, k.Unit)})
	}
	// Cells that are not listed make up what is left of the change.
	left := d.Change
	for _, s := range steps {
		left -= s.Move
	}
	if more > 0 || d.Omitted > 0 {
		steps = append(steps, step{Name: "all others", Move: left, Shown: p.moves(&left, k.Unit), Says: "all others: " + p.moves(&left, k.Unit)})
	}
	first := step{Name: "previous window", Shown: p.show(k.Previous, k.Unit), Says: "previous window: " + p.show(k.Previous, k.Unit)}
	last := step{Name: "this window", Shown: p.show(k.Value, k.Unit), Says: "this window: " + p.show(k.Value, k.Unit)}
	desc := fmt.Sprintf("%s went from %s to %s; %s.", k.Label, first.Shown, last.Shown, words)
	c := p.draw(k.Label+" "+words, desc, barsHigh(len(steps)+2), []legend{{"up", "raises it"}, {"down", "lowers it"}}, p.effects(k, d),
		waterfall(*k.Previous, *k.Value, first, last, steps, k.Unit))
	out := block{Title: k.Label + " " + words, Tip: p.define(k.ID, k.Label, k.Definition, k.Feeds), Chart: c}
	if d.Mix != nil && d.Rate != nil {
		out.Text = append(out.Text, fmt.Sprintf("Mix %s, rates %s.", p.moves(d.Mix, k.Unit), p.moves(d.Rate, k.Unit)))
	}
	if d.Simpson != "" {
		out.Text = append(out.Text, d.Simpson)
	}
	return out
}

// pooled is the cell of the effects that are not shown by themselves.
const pooled = "(small cells)"

// open are the effects as they may be shown: those of suppressed cells are pooled,
// and never one alone, or its value could be told from its effect.
func (p *painter) open(d pullmetrics.Driver) []pullmetrics.Effect {
	closed := map[string]bool{}
	for _, b := range p.metrics.Breakdowns {
		if b.KPI == d.KPI && b.Dimension == d.Dimension {
			for _, c := range b.Cells {
				if c.Suppressed {
					closed[place(c.Cell, c.Second)] = true
				}
			}
		}
	}
	var shown, small []pullmetrics.Effect
	for _, e := range d.Cells { // largest first
		if closed[place(e.Cell, e.Second)] {
			small = append(small, e)
		} else {
			shown = append(shown, e)
		}
	}
	if len(small) == 0 {
		return shown
	}
	if n := len(shown); len(small) == 1 && n > 0 {
		small, shown = append(small, shown[n-1]), shown[:n-1]
	}
	sum := pullmetrics.Effect{Cell: pooled}
	for _, e := range small {
		sum.Total += e.Total
		sum.Mix, sum.Rate, sum.Share = plus(sum.Mix, e.Mix), plus(sum.Rate, e.Rate), plus(sum.Share, e.Share)
	}
	return append(shown, sum)
}

// plus adds what is known.
func plus(a, b *float64) *float64 {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	v := *a + *b
	return &v
}

// apart are the effects on a KPI that stand in none of its tables.
func (p *painter) apart(k *pullmetrics.KPI) (out []block) {
	for _, d := range p.metrics.Drivers {
		has := slices.ContainsFunc(p.metrics.Breakdowns, func(b pullmetrics.Breakdown) bool {
			return b.KPI == d.KPI && b.Dimension == d.Dimension && len(b.Cells) > 0
		})
		if d.KPI == k.ID && !has && !(k.Headline && (d.Best || d.Dimension == "factors")) {
			t := p.effects(k, d)
			if p.room -= cost(t); p.room >= 0 {
				out = append(out, block{Table: t})
			}
		}
	}
	return out
}

// effects is a table of the effects on a KPI.
func (p *painter) effects(k *pullmetrics.KPI, d pullmetrics.Driver) *table {
	t := p.table("Effects on "+k.Label+" "+along(d), text("Where"), number("Effect"), number("Share of the change"))
	for _, e := range p.open(d) {
		share := cell{}
		if e.Share != nil {
			share.Text = fmt.Sprintf("%.0f %%", *e.Share*100)
		}
		t.Rows = append(t.Rows, row{Head: place(e.Cell, e.Second), Cells: []cell{plain(p.moves(&e.Total, k.Unit)), share}})
	}
	return t.keep(manyRows, "run://"+p.run.ID+"/pull_metrics")
}

// along says by what a change is taken apart.
func along(d pullmetrics.Driver) string {
	if d.Dimension == "factors" {
		return "by its factors"
	}
	return "by " + by(d.Dimension)
}
