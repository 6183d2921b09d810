package renderdashboard

import (
	"html/template"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
)

// cost is about how many bytes a table takes in the page.
func cost(t *table) int {
	n := 600
	for _, r := range t.Rows {
		n += 60 + len(template.HTMLEscapeString(r.Head))
		for _, c := range r.Cells {
			n += 12 + len(c.Text) + len(c.Class) + len(c.Note)
		}
	}
	return n
}

// breakdown is a KPI by a dimension, each cell with its part of the change.
func (p *painter) breakdown(k *pullmetrics.KPI, b pullmetrics.Breakdown) *table {
	t := p.table(k.Label+" by "+by(b.Dimension), text(by(b.Dimension)), number("Value"), number("Previous"), number("Change"), number("n"))
	var driver *pullmetrics.Driver
	for i, d := range p.metrics.Drivers {
		if d.KPI == b.KPI && d.Dimension == b.Dimension {
			driver = &p.metrics.Drivers[i]
		}
	}
	effects := map[string]pullmetrics.Effect{}
	if driver != nil {
		for _, e := range p.open(*driver) {
			effects[place(e.Cell, e.Second)] = e
		}
		if driver.Mix != nil {
			t.Columns = append(t.Columns, number("Mix effect"), number("Rate effect"))
		}
		t.Columns = append(t.Columns, number("Effect on the KPI"))
	}
	for _, c := range b.Cells {
		r := row{Head: place(c.Cell, c.Second)}
		if c.Suppressed {
			r.Cells = []cell{hidden()}
		} else {
			n := cell{}
			if c.N != nil {
				n.Text = num(*c.N)
			}
			r.Cells = []cell{p.value(c.Value, b.Unit, "nothing to divide by"), p.value(c.Previous, b.Unit, ""), plain(run.ShowMove(c.Value, c.Previous, relative(c.Value, c.Previous), b.Unit)), n}
		}
		if e, ok := effects[r.Head]; ok && !c.Suppressed {
			r.Cells = append(r.Cells, p.effect(driver, e, b.Unit)...)
			delete(effects, r.Head)
		}
		t.Rows = append(t.Rows, fill(r, t))
	}
	if driver != nil {
		for _, e := range p.open(*driver) { // hidden cells are pooled into one of their own
			if _, left := effects[place(e.Cell, e.Second)]; left {
				r := row{Head: place(e.Cell, e.Second), Cells: []cell{{}, {}, {}, {}}}
				r.Cells = append(r.Cells, p.effect(driver, e, b.Unit)...)
				t.Rows = append(t.Rows, fill(r, t))
			}
		}
	}
	most := someRows
	if k.Headline {
		most = manyRows
	}
	return t.keep(most, "run://"+p.run.ID+"/pull_metrics")
}

// effect is a cell's part of the change.
func (p *painter) effect(d *pullmetrics.Driver, e pullmetrics.Effect, unit metric.Unit) (cells []cell) {
	if d.Mix != nil {
		cells = append(cells, plain(p.moves(e.Mix, unit)), plain(p.moves(e.Rate, unit)))
	}
	return append(cells, plain(p.moves(&e.Total, unit)))
}

// fill gives a row as many cells as its table has columns.
func fill(r row, t *table) row {
	for len(r.Cells) < len(t.Columns)-1 {
		r.Cells = append(r.Cells, cell{})
	}
	return r
}

// relative is the change of a value relative to before.
func relative(now, before *float64) *float64 {
	if now == nil || before == nil || *before == 0 {
		return nil
	}
	return run.Round((*now - *before) / *before)
}
