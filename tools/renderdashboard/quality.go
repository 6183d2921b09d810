package renderdashboard

import (
	"fmt"

	"loyaltymcp/tools/run"
)

// quality is what the data can't be trusted for.
func (p *painter) quality() section {
	s := section{ID: "quality", Title: "Data quality and caveats"}
	t := p.table("Feeds as the run found them", text("Feed"), number("Rows"), text("First"), text("Last"), number("Rows dated ahead"))
	for _, f := range p.run.Feeds {
		first, last := "", ""
		if f.First != nil {
			first = run.Day(*f.First)
		}
		if f.Last != nil {
			last = run.Day(*f.Last)
		}
		t.Rows = append(t.Rows, row{Head: f.Name, Cells: []cell{plain(num(f.Rows)), plain(first), plain(last), plain(num(f.Future))}})
	}
	s.Blocks = append(s.Blocks, block{Title: "Feeds", Table: t})
	var lines []item
	add := func(list []string) {
		for _, c := range list {
			lines = append(lines, item{Text: c})
		}
	}
	add(p.run.Caveats())
	if p.metrics != nil {
		add(p.metrics.Caveats)
		for _, r := range p.metrics.Restated {
			unit := p.unit(r.KPI)
			lines = append(lines, item{Badge: badge{"warn", "restated"}, Text: fmt.Sprintf("%s of %s was %s in %s and is %s now: rows came in late.", r.KPI, r.Window, p.show(&r.Before, unit), r.From, p.show(&r.Now, unit))})
		}
		if c := p.metrics.Changed; c != nil {
			for _, what := range c.Changes {
				lines = append(lines, item{Badge: badge{"warn", "changed"}, Text: "Since " + c.Plan + ": " + what})
			}
		}
	}
	if p.health != nil {
		add(p.health.Caveats)
	}
	if p.insights != nil {
		add(p.insights.Caveats)
	}
	if p.experiments != nil {
		add(p.experiments.Caveats)
	}
	for _, again := range p.retries {
		lines = append(lines, item{Badge: badge{"mute", "done again"}, Text: again.String()})
	}
	for _, name := range p.failed {
		lines = append(lines, item{Badge: badge{"warn", "chart"}, Text: "The chart " + name + " could not be drawn; its table stands in for it."})
	}
	s.Blocks = append(s.Blocks, block{Title: "Read with care", Items: lines[:min(len(lines), 200)]})
	if p.metrics != nil {
		u := p.table("KPIs that are unknown in this window", text("KPI"), text("Why"))
		for _, k := range p.metrics.KPIs {
			if k.Value == nil {
				u.Rows = append(u.Rows, row{Head: k.Label, Cells: []cell{plain(k.Reason)}})
			}
		}
		if len(u.Rows) > 0 {
			s.Blocks = append(s.Blocks, block{Title: "Unknown KPIs", Table: u})
		}
	}
	return s
}
