package diagnosehealth

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"loyaltymcp/stats/reserve"
	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// rollForward sums the ledger by kind. The closing balance is the sum of all
// lines, whatever their kind; what the known kinds don't explain is an alarm.
func (d *doctor) rollForward(ctx context.Context) (reserve.RollForward[warehouse.Exact], error) {
	var roll reserve.RollForward[warehouse.Exact]
	var inside warehouse.Exact
	var unknown []string
	err := d.snapshot.Query(ctx, queries, "movements", d.span(nil), func(row warehouse.Row) error {
		var kind string
		var before, in warehouse.Exact
		if err := row.Scan(&kind, &before, &in); err != nil {
			return err
		}
		roll.Opening += before
		inside += in
		if !enter(&roll, kind, in) {
			unknown = append(unknown, run.Label(kind))
		}
		return nil
	})
	if err != nil {
		return roll, err
	}
	roll.Closing = roll.Opening + inside
	if rest := roll.Unexplained(); rest != 0 {
		d.result.DataAlarms = append(d.result.DataAlarms, DataAlarm{ID: "unexplained_points", Severity: "critical",
			Says: fmt.Sprintf("The roll-forward leaves %s points unexplained: lines of kinds outside the contract (%s).", rest, strings.Join(unknown, ", "))})
	}
	return roll, nil
}

// lines writes a roll-forward as it adds up.
func lines(r reserve.RollForward[warehouse.Exact]) []Line {
	var out []Line
	for _, l := range []struct {
		name   string
		points warehouse.Exact
	}{
		{"opening", r.Opening}, {"issued", r.Issued}, {"reversed", -r.Reversed}, {"redeemed", -r.Redeemed}, {"reimbursed", r.Reimbursed},
		{"expired", -r.Expired}, {"adjusted", r.Adjusted}, {"transferred", r.Transferred}, {"unexplained", r.Unexplained()}, {"closing", r.Closing},
	} {
		out = append(out, line(l.name, l.points))
	}
	return out
}

func line(name string, points warehouse.Exact) Line {
	return Line{Line: name, Points: &points, Point: "health/liability/roll_forward/" + name}
}

// enter adds a line of the ledger to the movement of its kind, and reports
// whether the contract knows the kind.
func enter(roll *reserve.RollForward[warehouse.Exact], kind string, points warehouse.Exact) bool {
	switch kind {
	case "earn", "bonus":
		roll.Issued += points
	case "reverse_earn":
		roll.Reversed -= points
	case "redeem":
		roll.Redeemed -= points
	case "reimburse":
		roll.Reimbursed += points
	case "expire":
		roll.Expired -= points
	case "adjust":
		roll.Adjusted += points
	case "transfer_in", "transfer_out":
		roll.Transferred += points
	default:
		return false
	}
	return true
}

// transfers raises an alarm for transfers of which only one leg was entered: what
// some give, others get.
func (d *doctor) transfers(roll reserve.RollForward[warehouse.Exact]) {
	if roll.Transferred == 0 {
		return
	}
	f := run.Number("health/liability/transfers_apart", "Points transferred in, less those transferred out", metric.Points, roll.Transferred.Float())
	d.result.DataAlarms = append(d.result.DataAlarms, DataAlarm{ID: "transfers_apart", Severity: "critical",
		Says: fmt.Sprintf("Transfers in and out differ by %s points in the window: a leg is missing.", roll.Transferred), Figures: []run.Figure{f}})
}

// rolls rolls the ledger forward by the run's dimensions, with every member where
// they belong at the end: then each cell adds up, and nobody moves between cells.
func (d *doctor) rolls(ctx context.Context) error {
	var groupings []breakdown.Grouping
	for _, g := range d.groupings() {
		if g.Dimension != "" {
			groupings = append(groupings, g)
		}
	}
	if len(groupings) == 0 {
		return nil
	}
	type cell struct{ dimension, cell string }
	rolls, sizes := map[cell]*reserve.RollForward[warehouse.Exact]{}, map[cell]int64{}
	err := d.snapshot.Query(ctx, queries, "rolls", d.span(groupings), func(row warehouse.Row) error {
		var c cell
		var kind string
		var before, in warehouse.Exact
		var members int64
		if err := row.Scan(&c.dimension, &c.cell, &kind, &before, &in, &members); err != nil {
			return err
		}
		// At least so many members are in the cell.
		sizes[c] = max(sizes[c], members)
		if rolls[c] == nil {
			rolls[c] = &reserve.RollForward[warehouse.Exact]{}
		}
		rolls[c].Opening += before
		rolls[c].Closing += before + in
		enter(rolls[c], kind, in)
		return nil
	})
	if err != nil {
		return err
	}
	for _, dimension := range d.run.Dimensions {
		r := Roll{Dimension: dimension, Cells: []RollCell{}}
		var counts []breakdown.Cell
		var cells []cell
		for c := range rolls {
			if c.dimension == dimension {
				cells = append(cells, c)
			}
		}
		slices.SortFunc(cells, func(a, b cell) int { return cmp.Compare(a.cell, b.cell) })
		for _, c := range cells {
			r.Cells = append(r.Cells, newRollCell(run.Label(c.cell), *rolls[c]))
			counts = append(counts, breakdown.Cell{N: float64(sizes[c])})
		}
		for i, hidden := range breakdown.Suppress(counts, float64(d.desk.Config.Privacy.MinMembers)) {
			if hidden {
				r.Cells[i] = RollCell{Cell: r.Cells[i].Cell, Suppressed: true}
			}
		}
		d.result.Liability.Rolls = append(d.result.Liability.Rolls, r)
	}
	return nil
}
