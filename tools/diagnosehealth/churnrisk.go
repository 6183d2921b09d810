package diagnosehealth

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/diagnosehealth/churnmodel"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

const (
	// leastHoldout and leastCalibration are the days that a backtest takes: to
	// predict, and before that to fit to.
	leastHoldout, leastCalibration = 28, 90
	// apartDays is how much earlier than the first order the first member may
	// be while both feeds count as starting together.
	apartDays = 31
)

// observation is from when on, and how finely, purchases are looked at.
type observation struct {
	fromEnrolment bool
	since         time.Time // members who enrolled before are left out; zero for none
	first         time.Time // when the feeds begin
	step          int       // days
}

// historySpan is what the templates of purchase histories read.
type historySpan struct {
	breakdown.Query
	Until, End, Since               time.Time
	Step                            int
	FromEnrolment, OpenOnly, ByYear bool
}

// historySpan returns the span of histories observed up to a moment.
func (d *doctor) historySpan(o observation, until time.Time, groupings []breakdown.Grouping) historySpan {
	return historySpan{Query: breakdown.Query{Groupings: groupings}, Until: until, End: d.run.Window.End, Since: o.since,
		Step: o.step, FromEnrolment: o.fromEnrolment}
}

// risk tells from the model of purchases who is alive and what is at risk. It
// returns why it can't, "" when it can.
func (d *doctor) risk(ctx context.Context) (reason string, err error) {
	p, err := ExpectPurchases(ctx, d.desk, d.run, d.snapshot)
	if err != nil {
		return "", err
	}
	c := &d.result.Churn
	if p.test != nil {
		c.Backtest = newBacktest(p.test, p.start, p.days, d.desk.Config.Privacy.MinMembersForRates)
	}
	if p.fits != nil {
		c.Model = newModel(p.fits, p.test, p.o, p.Horizon)
	}
	if p.Reason != "" {
		if c.Model != nil {
			c.Model.Used, c.Model.Refused = "", strings.TrimSuffix(p.Reason, "; the lapse rates stand alone")
		}
		return p.Reason, nil
	}
	return "", d.weigh(ctx, p)
}

// observe says how purchases are looked at, or why they can't be.
func (d *doctor) observe() (o observation, reason string) {
	if reason := d.snapshot.Missing("orders", "member_id"); reason != "" {
		return o, reason
	}
	if d.snapshot.Grain("orders") == warehouse.GrainMonth {
		return o, "the orders feed knows only months, and the models need days"
	}
	orders, members := d.run.Feed("orders"), d.run.Feed("members")
	if orders == nil || orders.First == nil {
		return o, "the orders feed has no dated row"
	}
	zone := d.run.Window.End.Location()
	o.first = orders.First.In(zone)
	o.fromEnrolment = d.snapshot.Has("members") && d.snapshot.Grain("members") == warehouse.GrainDay && members != nil && members.First != nil
	few := orders.Rows <= manyOrders
	if o.fromEnrolment {
		few = few || members.Rows <= manyMembers
		enrolled := members.First.In(zone)
		if run.DayNumber(o.first)-run.DayNumber(enrolled) > apartDays {
			o.since = time.Date(o.first.Year(), o.first.Month(), o.first.Day(), 0, 0, 0, 0, zone)
		} else if enrolled.Before(o.first) {
			o.first = enrolled
		}
	}
	o.step = 1
	if !few {
		o.step = 7
	}
	return o, ""
}

// holdout returns the start of the backtest: that of the window, or later where
// the history is short, so that two thirds of it are before.
func (d *doctor) holdout(o observation) (start time.Time, reason string) {
	end := d.run.Window.End
	history := run.DayNumber(end) - run.DayNumber(o.first)
	days := min(max(d.run.Window.Days(), leastHoldout), max(history/3, leastHoldout))
	if history-days < leastCalibration {
		return start, fmt.Sprintf("a model must be tested before it is used, which takes %d days of orders, and there are %d up to %s",
			leastHoldout+leastCalibration, max(history, 0), run.Day(end))
	}
	return end.AddDate(0, 0, -days), ""
}

// agreement is how far apart, relative to the one used, models may put the
// revenue at risk without a word.
const agreement = 0.1

// vague is the half width of the interval of P(alive) beyond which the likelihood
// is no bell: standard errors are then largest near the truth and smaller to
// both sides of it, and intervals made of them too narrow.
const vague = 0.05

// The sizes from which on histories are binned by week, and the most rows of
// histories that are read; where there are more, bins are widened.
const (
	manyOrders, manyMembers = 100_000, 10_000
	mostHistories           = 250_000
)

// histories returns members by purchase history up to a moment, binned finely
// enough for what they are, and no finer than can be read.
func (d *doctor) histories(ctx context.Context, o *observation, until time.Time) ([]churnmodel.Row, error) {
	for {
		var rows []churnmodel.Row
		n := 0
		err := d.eachHistory(ctx, d.historySpan(*o, until, []breakdown.Grouping{{}}), func(_, _ string, r churnmodel.Row) {
			if n++; n <= mostHistories {
				rows = append(rows, r)
			}
		})
		if err != nil || n <= mostHistories {
			return rows, err
		}
		o.step = max(7, 2*o.step)
	}
}

func (d *doctor) eachHistory(ctx context.Context, data historySpan, use func(dimension, cell string, r churnmodel.Row)) error {
	return d.snapshot.Query(ctx, queries, "histories", data, func(row warehouse.Row) error {
		var dimension, cell string
		var x, recency, age, open, later, members int64
		var spend warehouse.Exact
		if err := row.Scan(&dimension, &cell, &x, &recency, &age, &open, &later, &members, &spend); err != nil {
			return err
		}
		use(dimension, cell, churnmodel.Row{X: int(x), TX: int(recency), T: int(age), Open: open == 1, Later: int(later), Members: float64(members), Spend: spend.Float()})
		return nil
	})
}

// weigh tells of the open members, and of each cell of them, what the chosen fit
// says.
func (d *doctor) weigh(ctx context.Context, p *Purchases) error {
	c, total := &d.result.Churn, p.Total
	c.Model.spend(p.spend)
	if e := total.Alive(); e.High-e.Low > 2*vague {
		d.result.Caveats = append(d.result.Caveats, "The purchases say little of when members leave: such intervals of P(alive) and of revenue at risk held the truth in about 90 of 100 simulated programs, not in 95.")
	}
	// The interval holds if the model does: what the other says is told too.
	for i, f := range p.fits {
		own := total.AtRisk().Value
		switch other := p.others[i]; {
		case math.IsNaN(other):
		case f.Name == p.chosen.Name:
			c.Model.Candidates[i].RevenueAtRisk = run.Round(own)
		default:
			value := run.Round(other)
			if c.Model.Candidates[i].RevenueAtRisk = value; value != nil && math.Abs(*value-own) > agreement*own {
				d.result.Caveats = append(d.result.Caveats, fmt.Sprintf("Revenue at risk depends on the model: %s by %s, %s by %s. Its interval holds for the model used.",
					run.Show(&own, metric.Money, d.run.Currency), p.chosen.Name, run.Show(value, metric.Money, d.run.Currency), f.Name))
			}
		}
	}
	c.Figures = append(c.Figures, riskFigures(&total, p.Worth(), p.Horizon)...)
	if len(d.run.Dimensions) == 0 {
		return nil
	}
	cells, valuer := map[[2]string]*churnmodel.Tally{}, p.Valuer()
	span := d.historySpan(p.o, d.run.Window.End, d.groupings()[1:])
	span.OpenOnly = true
	err := d.eachHistory(ctx, span, func(dimension, cell string, r churnmodel.Row) {
		at := [2]string{dimension, cell}
		if cells[at] == nil {
			cells[at] = &churnmodel.Tally{}
		}
		valuer.Add(cells[at], r)
	})
	if err != nil {
		return err
	}
	for _, dimension := range d.run.Dimensions {
		d.riskBy(dimension, cells, p.Worth())
	}
	return nil
}

// riskFigures are what a tally says of the program.
func riskFigures(t *churnmodel.Tally, worth bool, days int) []run.Figure {
	n := int64(t.Members)
	estimate := func(point, label string, unit metric.Unit, e churnmodel.Estimate) run.Figure {
		f := run.Number(point, label, unit, e.Value)
		f.N = &n
		if low, high := run.Round(e.Low), run.Round(e.High); f.Value != nil && low != nil && high != nil {
			f.Interval = &[2]float64{*low, *high}
		}
		return f
	}
	ahead := fmt.Sprintf("in the next %d days", days)
	figures := []run.Figure{
		estimate(PointAlive, "Open members likely still alive (mean P(alive))", metric.Share, t.Alive()),
		estimate(PointPurchases, "Purchases expected of open members "+ahead, metric.Count, t.Purchases()),
	}
	const unpriced = "no member spent anything, so purchases have no worth"
	for _, money := range []struct {
		point, label string
		unit         metric.Unit
		value        func() churnmodel.Estimate
	}{
		{PointRevenue, "Net sales expected of them " + ahead, metric.Money, t.Revenue},
		{PointAtRisk, "Revenue at risk: what open members likely gone would have brought " + ahead, metric.Money, t.AtRisk},
		{PointAtRiskShare, "Revenue at risk, of what all open members would bring", metric.Share, t.AtRiskShare},
	} {
		if worth {
			figures = append(figures, estimate(money.point, money.label, money.unit, money.value()))
		} else {
			figures = append(figures, run.Unknown(money.point, money.label, money.unit, unpriced))
		}
	}
	return figures
}

// riskBy breaks what tallies say down by a dimension.
func (d *doctor) riskBy(dimension string, cells map[[2]string]*churnmodel.Tally, worth bool) {
	kinds := []struct {
		point string
		unit  metric.Unit
		value func(t *churnmodel.Tally) churnmodel.Estimate
	}{{PointAlive, metric.Share, (*churnmodel.Tally).Alive}, {PointPurchases, metric.Count, (*churnmodel.Tally).Purchases}, {PointAtRisk, metric.Money, (*churnmodel.Tally).AtRisk}}
	if !worth {
		kinds = kinds[:2]
	}
	for _, kind := range kinds {
		b := Breakdown{Figure: kind.point, Dimension: dimension, Unit: kind.unit}
		for at, t := range cells {
			if at[0] != dimension {
				continue
			}
			n, e := int64(t.Members), kind.value(t)
			cell := Cell{Cell: run.Label(at[1]), Value: run.Round(e.Value), N: &n}
			if low, high := run.Round(e.Low), run.Round(e.High); low != nil && high != nil {
				cell.Interval = &[2]float64{*low, *high}
			}
			b.Cells = append(b.Cells, cell)
		}
		sortCells(b.Cells)
		d.hide(&b, true)
		d.result.Breakdowns = append(d.result.Breakdowns, b)
	}
}
