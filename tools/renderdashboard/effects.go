package renderdashboard

import (
	"fmt"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/reviewexperiments"
)

// weeks is the effect on the primary metric by week since the start of units.
func (p *painter) weeks(x reviewexperiments.Readout) *chart {
	unit := p.primary(x)
	t := p.table("Effect by week", text("Week"), text("Arm"), number("Difference"), number("95 % interval"), number("Units"))
	t.Fixed = true
	var rows []span
	for _, w := range x.Weeks {
		i := cell{Text: p.interval(w.Interval, unit)}
		head := fmt.Sprintf("week %d", w.Week)
		t.Rows = append(t.Rows, row{Head: head, Cells: []cell{plain(w.Arm), p.difference(w.Difference, unit, "not known"), i, plain(num(w.Units))}})
		s := span{Name: head + forArm(x, w.Arm), Value: w.Difference, Says: fmt.Sprintf("%s, arm %s: %s (%s)", head, w.Arm, p.moves(w.Difference, unit), i.Text)}
		if w.Interval != nil {
			s.Low, s.High = &w.Interval[0], &w.Interval[1]
		}
		rows = append(rows, s)
	}
	rows = rows[:min(len(rows), 30)]
	zero := 0.0
	return p.draw("Difference by week since the start"+p.money(unit), "How the difference to control developed, week by week since units joined.", rowsHigh(len(rows)), nil, t.keep(manyRows, "the run"), spans(rows, &zero, unit))
}

// money names the currency where amounts are in it.
func (p *painter) money(unit metric.Unit) string {
	if unit == metric.Money {
		return ", " + p.currency
	}
	return ""
}

// primary is the unit of an experiment's first result, which is of its primary
// metric.
func (p *painter) primary(x reviewexperiments.Readout) metric.Unit {
	for _, c := range x.Results {
		if c.Role == "primary" {
			return c.Unit
		}
	}
	return metric.Score
}

func (p *painter) worth(x reviewexperiments.Readout) *table {
	t := p.table("Value and cost per unit against control", text("Arm"), text("Counts"), number("Value"), number("Cost"), number("Net"), number("Net, 95 %"), number("Return on cost"), text("Moved in time or between channels"))
	for _, w := range x.Worth {
		t.Rows = append(t.Rows, row{Head: w.Arm, Cells: []cell{plain(w.Counts), p.value(w.Value, metric.Money, w.Reason), p.value(w.Cost, metric.Money, w.Reason), p.value(w.Net, metric.Money, w.Reason),
			plain(p.interval(w.NetInterval, metric.Money)), p.value(w.ROI, metric.Share, w.Reason), plain(w.Moved)}})
	}
	return t
}

// who is for whom an arm works.
func (p *painter) who(x reviewexperiments.Readout, w reviewexperiments.Trait) block {
	unit := p.primary(x)
	t := p.table(fmt.Sprintf("Difference by %s, arm %s", w.Trait, w.Arm), text(w.Trait), number("Units"), number("Difference"), number("95 % interval"), number("Pulled to the mean"))
	for _, l := range w.Levels {
		t.Rows = append(t.Rows, row{Head: l.Level, Cells: []cell{plain(num(l.Units)), p.difference(l.Difference, unit, "not known"), plain(p.interval(l.Interval, unit)), p.difference(l.Shrunk, unit, "not known")}})
	}
	if w.Hidden > 0 {
		t.Rows = append(t.Rows, row{Head: num(w.Hidden) + " small levels", Cells: []cell{hidden(), {}, {}, {}}})
	}
	t.keep(someRows, "the run")
	if w.More > 0 && t.More == "" {
		t.More = num(w.More) + " smaller levels are not shown."
	}
	return block{Text: []string{w.Says}, Table: t}
}
