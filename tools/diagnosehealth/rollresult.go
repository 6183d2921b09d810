package diagnosehealth

import (
	"fmt"
	"strings"

	"loyaltymcp/stats/reserve"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// Roll is the roll-forward by one dimension. Members are in the cell that they
// are in at the end of the window, for all of it.
type Roll struct {
	Dimension string     `json:"dimension"`
	Cells     []RollCell `json:"cells"`
}

// RollCell is the roll-forward of one cell: opening + issued + redeemed + expired
// + other = closing, signed as they add to the balance. Other is what was
// reversed, reimbursed, adjusted, transferred and unexplained.
type RollCell struct {
	Cell       string           `json:"cell"`
	Opening    *warehouse.Exact `json:"opening"`
	Issued     *warehouse.Exact `json:"issued"`
	Redeemed   *warehouse.Exact `json:"redeemed"`
	Expired    *warehouse.Exact `json:"expired"`
	Other      *warehouse.Exact `json:"other"`
	Closing    *warehouse.Exact `json:"closing"`
	Suppressed bool             `json:"suppressed,omitempty"`
}

func newRollCell(cell string, r reserve.RollForward[warehouse.Exact]) RollCell {
	redeemed, expired := -r.Redeemed, -r.Expired
	other := r.Closing - r.Opening - r.Issued + r.Redeemed + r.Expired
	return RollCell{Cell: cell, Opening: &r.Opening, Issued: &r.Issued, Redeemed: &redeemed, Expired: &expired, Other: &other, Closing: &r.Closing}
}

func (r Roll) points() []run.Point {
	var out []run.Point
	for _, c := range r.Cells {
		for _, line := range []struct {
			name   string
			points *warehouse.Exact
		}{{"opening", c.Opening}, {"issued", c.Issued}, {"redeemed", c.Redeemed}, {"expired", c.Expired}, {"other", c.Other}, {"closing", c.Closing}} {
			if line.points != nil {
				out = append(out, run.Point{ID: fmt.Sprintf("health/liability/roll_forward/%s{%s=%s}", line.name, r.Dimension, c.Cell), Value: line.points.Float(), Unit: metric.Points})
			}
		}
	}
	return out
}

func (r Roll) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "\n| %s | opening | issued | redeemed | expired | other | closing |\n|---|---|---|---|---|---|---|\n", run.Cell(r.Dimension))
	for _, c := range r.Cells {
		if c.Suppressed {
			fmt.Fprintf(b, "| %s | few | | | | | |\n", run.Cell(c.Cell))
			continue
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s |\n", run.Cell(c.Cell), c.Opening, c.Issued, c.Redeemed, c.Expired, c.Other, c.Closing)
	}
}
