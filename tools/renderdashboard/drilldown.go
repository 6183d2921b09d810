package renderdashboard

import (
	"fmt"
	"slices"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
)

// How many rows a drilldown shows, of headline KPIs and of the others.
const (
	manyRows = 60
	someRows = 25
)

// drilldowns are the KPIs by dimension, with what each cell did to the change.
func (p *painter) drilldowns() section {
	s := section{ID: "drilldowns", Title: "Drilldowns and drivers", Lead: "What moved the headline KPIs, then every KPI by dimension. Effects add up to the change from the previous window; they are accounting, not causes. Cells of too few members are suppressed."}
	if p.metrics == nil {
		s.Missing = missing(run.PullMetrics)
		return s
	}
	grid := block{Title: "What drove the changes", Grid: true}
	for _, d := range p.metrics.Drivers {
		k := p.metrics.KPI(d.KPI)
		if k != nil && k.Headline && k.Value != nil && k.Previous != nil && (d.Best || d.Dimension == "factors") && len(p.open(d)) > 1 {
			grid.Blocks = append(grid.Blocks, p.driver(k, d))
		}
	}
	if len(grid.Blocks) > 0 {
		s.Blocks = append(s.Blocks, grid)
	}
	s.Blocks = append(s.Blocks, block{Title: "All KPIs", Table: p.allKPIs()})
	folds := block{Title: "KPIs by dimension"}
	var left []string
	for _, k := range p.ranked() {
		fold := block{Fold: k.Label + " by " + orElse(strings.Join(p.dimensions(k.ID), ", "), "its parts")}
		for _, b := range p.metrics.Breakdowns {
			if b.KPI != k.ID || len(b.Cells) == 0 {
				continue
			}
			t := p.breakdown(k, b)
			if p.room -= cost(t); p.room < 0 {
				left = append(left, k.Label+" by "+by(b.Dimension))
				continue
			}
			fold.Blocks = append(fold.Blocks, block{Table: t})
		}
		fold.Blocks = append(fold.Blocks, p.apart(k)...)
		if len(fold.Blocks) > 0 {
			folds.Blocks = append(folds.Blocks, fold)
		}
	}
	if len(left) > 0 {
		folds.Text = append(folds.Text, fmt.Sprintf("To keep this file small, %s tables are left out (%s); all are in the resource run://%s/pull_metrics.",
			num(len(left)), cut(strings.Join(left, "; "), 300), p.run.ID))
	}
	if len(folds.Blocks) > 0 || len(left) > 0 {
		s.Blocks = append(s.Blocks, folds)
	} else {
		s.Blocks = append(s.Blocks, block{Text: []string{"No KPI was broken down: the run was opened without dimensions, or they are unavailable in the data."}})
	}
	return s
}

// ranked are the KPIs in the order in which their drilldowns are kept.
func (p *painter) ranked() []*pullmetrics.KPI {
	var out []*pullmetrics.KPI
	for i := range p.metrics.KPIs {
		out = append(out, &p.metrics.KPIs[i])
	}
	weight := func(k *pullmetrics.KPI) int {
		switch {
		case k.Headline:
			return 0
		case k.Target != nil:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(out, func(a, b *pullmetrics.KPI) int { return weight(a) - weight(b) })
	return out
}

func (p *painter) dimensions(kpi string) (out []string) {
	for _, b := range p.metrics.Breakdowns {
		if b.KPI == kpi && len(b.Cells) > 0 {
			out = append(out, by(b.Dimension))
		}
	}
	return out
}

// by writes a dimension for people.
func by(dimension string) string { return strings.ReplaceAll(dimension, ",", " × ") }

// place names a cell.
func place(cell, second string) string {
	if second == "" {
		return cell
	}
	return cell + " · " + second
}

// allKPIs is every KPI in one table.
func (p *painter) allKPIs() *table {
	t := p.table("All KPIs", text("KPI"), number("Value"), number("95 % interval"), number("Previous"), number("Change"), number("Year ago"), number("Target"), number("n"), text("State"))
	for _, k := range p.metrics.KPIs {
		i, target, n, state := cell{}, cell{}, cell{}, cell{}
		if k.Interval != nil {
			i.Text = p.interval(k.Interval, k.Unit)
		}
		if k.Target != nil {
			target.Text = p.show(k.Target, k.Unit)
		}
		if k.N != nil {
			n.Text = num(*k.N)
		}
		if b := p.state(k.ID); b.Class != "mute" {
			state = cell{Text: b.Text, Class: b.Class}
		}
		change := p.change(k)
		t.Rows = append(t.Rows, row{Head: k.Label, Tip: p.define(k.ID, k.Label, k.Definition, k.Feeds), Cells: []cell{p.value(k.Value, k.Unit, k.Reason), i,
			p.value(k.Previous, k.Unit, ""), {Text: change.Text, Class: change.Class}, p.value(k.YearAgo, k.Unit, ""), target, n, state}})
	}
	return t
}

// unit is the unit of a KPI.
func (p *painter) unit(kpi string) metric.Unit {
	if p.metrics != nil {
		if k := p.metrics.KPI(kpi); k != nil {
			return k.Unit
		}
	}
	return metric.Score
}
