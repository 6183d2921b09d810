package renderdashboard

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// liability is what the program owes its members, and when it falls due.
func (p *painter) liability() section {
	s := section{ID: "liability", Title: "Point liability"}
	if p.health == nil {
		s.Missing = missing(run.DiagnoseHealth)
		return s
	}
	l := p.health.Liability
	if !diagnosis(&s, l.Diagnosis) {
		return s
	}
	s.Lead = strings.ToUpper(l.Statement[:min(1, len(l.Statement))]) + l.Statement[min(1, len(l.Statement)):] + "."
	if l.Spike != nil && *l.Spike {
		s.Blocks = append(s.Blocks, block{Badge: &badge{"crit", "liability spike"}, Text: []string{"Growth in the window is beyond " + p.show(l.SpikeOver, metric.Share) + "."}})
	}
	grid := block{Grid: true}
	if len(l.RollForward) > 0 {
		grid.Blocks = append(grid.Blocks, block{Title: "Roll-forward of points", Chart: p.bridge(l.RollForward)})
	}
	if len(l.Schedule) > 0 {
		grid.Blocks = append(grid.Blocks, block{Title: "Expiry calendar", Chart: p.calendar(l.Schedule)})
	}
	if len(l.Ages) > 0 {
		grid.Blocks = append(grid.Blocks, block{Title: "Age of outstanding points", Chart: p.ages(l.Ages)})
	}
	if l.Estimate != nil && len(l.Estimate.Sensitivity) > 0 {
		grid.Blocks = append(grid.Blocks, block{Title: "Sensitivity of the expected cost", Chart: p.sensitivity(l.Estimate.Sensitivity)})
	}
	s.Blocks = append(s.Blocks, block{Title: "Figures of the liability", Table: p.figures("Figures of the liability", l.Statement, l.Figures)}, grid)
	s.Blocks = append(s.Blocks, p.healthBreakdowns("health/liability/")...)
	for _, r := range l.Rolls {
		s.Blocks = append(s.Blocks, block{Fold: "Roll-forward by " + r.Dimension, Blocks: []block{{Table: p.rolls(r)}}})
	}
	if e := l.Estimate; e != nil {
		s.Blocks = append(s.Blocks, block{Fold: "How the estimate was made and tested", Blocks: []block{{Text: []string{e.Basis}}, {Table: p.backtests(e)}}})
	}
	return s
}

// exact is an exact amount of points, nil when unknown.
func exact(e *warehouse.Exact) *float64 {
	if e == nil {
		return nil
	}
	v := e.Float()
	return &v
}

// bridge is the roll-forward as a waterfall from the opening to the closing
// balance. A line that is unknown makes it a table.
func (p *painter) bridge(lines []diagnosehealth.Line) *chart {
	t := p.table("Roll-forward of points", text("Line"), number("Points"))
	t.Fixed = true
	var steps []step
	ends := map[string]*float64{}
	whole := true
	for _, l := range lines {
		v := exact(l.Points)
		t.Rows = append(t.Rows, row{Head: l.Line, Cells: []cell{p.value(v, metric.Points, "unknown in these data")}})
		switch {
		case l.Line == "opening", l.Line == "closing":
			ends[l.Line] = v
		case l.Line == "change": // is the sum of the others
		case v == nil:
			whole = false
		case *v != 0:
			steps = append(steps, step{Name: l.Line, Move: *v, Shown: p.moves(v, metric.Points), Says: l.Line + ": " + p.moves(v, metric.Points)})
		}
	}
	opening, closing := ends["opening"], ends["closing"]
	desc := fmt.Sprintf("From %s points at the start to %s at the end of the window.", p.show(opening, metric.Points), p.show(closing, metric.Points))
	end := func(name string, v *float64) step {
		return step{Name: name, Shown: p.show(v, metric.Points), Says: name + ": " + p.show(v, metric.Points)}
	}
	return p.draw("Roll-forward of points in the window", desc, barsHigh(len(steps)+2), []legend{{"up", "adds"}, {"down", "takes away"}}, t, func(c *canvas) error {
		if opening == nil || closing == nil || !whole {
			return errNothing
		}
		return waterfall(*opening, *closing, end("opening", opening), end("closing", closing), steps, metric.Points)(c)
	})
}

func (p *painter) calendar(months []diagnosehealth.Month) *chart {
	t := p.table("Expiry calendar", text("Month"), number("Points with an expiry in it"), number("Expected to be redeemed in it"), number("Expected to expire unused"), number("Deferred revenue recognised"))
	t.Fixed = true
	var groups []group
	for _, m := range months {
		t.Rows = append(t.Rows, row{Head: m.Month, Cells: []cell{p.value(m.Expiring, metric.Points, ""), p.value(m.Redeemed, metric.Points, ""), p.value(m.Breaking, metric.Points, ""), p.value(m.Revenue, metric.Money, "unknown")}})
		groups = append(groups, group{Name: m.Month, Values: []*float64{m.Expiring, m.Breaking, m.Redeemed},
			Says: fmt.Sprintf("%s: %s points expire, %s of them likely unused; %s are likely redeemed", m.Month, p.show(m.Expiring, metric.Points), p.show(m.Breaking, metric.Points), p.show(m.Redeemed, metric.Points))})
	}
	return p.draw("Points by month of expiry", "Outstanding points by the month in which they expire, with what is expected of them.", tall-4,
		[]legend{{"f0", "expiring"}, {"f1", "likely unused"}, {"f2", "likely redeemed in the month"}}, t, columns(groups, metric.Points))
}

func (p *painter) ages(ages []diagnosehealth.Age) *chart {
	t := p.table("Age of outstanding points", text("Age"), number("Points"), number("Share"))
	t.Fixed = true
	var rows []bar
	for _, a := range ages {
		t.Rows = append(t.Rows, row{Head: a.Age, Cells: []cell{p.value(a.Points, metric.Points, ""), p.value(a.Share, metric.Share, "")}})
		rows = append(rows, bar{Name: a.Age, Values: []*float64{a.Share}, Shown: p.show(a.Share, metric.Share), Says: a.Age + ": " + p.show(a.Points, metric.Points) + " points"})
	}
	return p.draw("Outstanding points by age", "Share of the outstanding points by how long ago they were issued.", barsHigh(len(rows)), nil, t, bars(rows, metric.Share))
}

func (p *painter) sensitivity(list []diagnosehealth.Sensitivity) *chart {
	t := p.table("Change of the expected cost", text("If"), number("Change"))
	var rows []bar
	for _, x := range list {
		t.Rows = append(t.Rows, row{Head: x.What, Cells: []cell{{Text: p.moves(x.Change, metric.Money)}}})
		rows = append(rows, bar{Name: x.What, Values: []*float64{x.Change}, Shown: p.moves(x.Change, metric.Money), Says: x.What + ": " + p.moves(x.Change, metric.Money)})
	}
	return p.draw("Change of the expected cost, "+p.currency, "By how much the expected cost of redemptions changes with its assumptions.", barsHigh(len(rows)), nil, t, bars(rows, metric.Money))
}

func (p *painter) rolls(r diagnosehealth.Roll) *table {
	t := p.table("Roll-forward by "+r.Dimension, text(r.Dimension), number("Opening"), number("Issued"), number("Redeemed"), number("Expired"), number("Other"), number("Closing"))
	for _, c := range r.Cells {
		out := row{Head: c.Cell}
		for _, v := range []*warehouse.Exact{c.Opening, c.Issued, c.Redeemed, c.Expired, c.Other, c.Closing} {
			if c.Suppressed {
				out.Cells = append(out.Cells, hidden())
			} else {
				out.Cells = append(out.Cells, p.value(exact(v), metric.Points, "unknown"))
			}
		}
		t.Rows = append(t.Rows, out)
	}
	return t.keep(manyRows, p.whole())
}

func (p *painter) backtests(e *diagnosehealth.Estimate) *table {
	t := p.table("The method held to past months", text("As of"), number("Expected points"), number("Actual points"), number("Actual / expected"))
	for _, b := range e.Backtests {
		t.Rows = append(t.Rows, row{Head: b.At, Cells: []cell{p.value(b.Expected, metric.Points, ""), p.value(b.Actual, metric.Points, ""), p.value(b.Ratio, metric.Share, "")}})
	}
	return t
}
