package diagnosehealth

import (
	"context"
	"fmt"
	"time"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// lapse is one row of lapse.sql.
type lapse struct {
	dimension, cell                               string
	ever, lapsed, never, going, newly, gone, back warehouse.Exact
}

// lapses counts members by the program's lapse definition: no qualifying event
// for lapse_days. It is an observation, not a prediction. It returns why it
// can't be told, "" when it can.
func (d *doctor) lapses(ctx context.Context) (reason string, err error) {
	c := &d.result.Churn
	data := d.span(d.groupings())
	if reason := d.cannotLapse(data); reason != "" {
		return reason, nil
	}
	rows, err := warehouse.Collect(ctx, d.snapshot, queries, "lapse", data, func(row warehouse.Row) (l lapse, err error) {
		err = row.Scan(&l.dimension, &l.cell, &l.ever, &l.lapsed, &l.never, &l.going, &l.newly, &l.gone, &l.back)
		return l, err
	})
	if err != nil {
		return "", err
	}
	for _, feed := range breakdown.ActivityFeeds(d.snapshot.Catalog, data.Activity) {
		if d.snapshot.Grain(feed) == warehouse.GrainMonth {
			d.result.Caveats = append(d.result.Caveats, "Activity is known by month only; it counts as of the month's last day, so lapsed members are a lower bound.")
		}
	}
	whole := func(e warehouse.Exact) int64 { return int64(e / warehouse.ExactOne) }
	for _, l := range rows {
		if l.dimension != "" {
			continue
		}
		days := c.LapseDays
		c.Figures = append(c.Figures,
			run.Proportion(PointLapseRate, fmt.Sprintf("Lapsed at the end: no qualifying event for %d days, of open members ever active", days), whole(l.lapsed), whole(l.ever)),
			run.Number(pointLapsed, "Lapsed members", metric.Count, l.lapsed.Float()),
			run.Proportion(PointNewlyLapsed, "Newly lapsed in the window, of those going at its start", whole(l.newly), whole(l.going)),
			run.Proportion(pointReactivation, "Active again in the window, of those lapsed at its start", whole(l.back), whole(l.gone)),
			run.Number(pointNeverActive, fmt.Sprintf("Open members enrolled over %d days ago who were never active", days), metric.Count, l.never.Float()))
	}
	for _, dimension := range d.run.Dimensions {
		b := Breakdown{Figure: PointLapseRate, Dimension: dimension, Unit: metric.Share}
		for _, l := range rows {
			if l.dimension == dimension && l.ever > 0 {
				n := whole(l.ever)
				b.Cells = append(b.Cells, Cell{Cell: run.Label(l.cell), Value: run.Round(l.lapsed.Float() / l.ever.Float()), N: &n})
			}
		}
		sortCells(b.Cells)
		d.hide(&b, true)
		d.result.Breakdowns = append(d.result.Breakdowns, b)
	}
	return "", nil
}

// cannotLapse says why lapsing can't be told, "" when it can: the data must
// reach back a lapse before the window.
func (d *doctor) cannotLapse(data span) string {
	if reason := d.snapshot.Missing("members"); reason != "" {
		return reason
	}
	feeds := breakdown.ActivityFeeds(d.snapshot.Catalog, data.Activity)
	if len(feeds) == 0 {
		return "no mapped feed holds a qualifying event"
	}
	for _, feed := range append([]string{"members"}, feeds...) {
		for _, at := range []time.Time{d.run.Window.End, d.run.Window.Start} {
			if reason := run.CutsMonth(d.snapshot.Catalog, feed, at); reason != "" {
				return reason
			}
		}
	}
	before := run.Window{Start: data.LineStart, End: d.run.Window.Start}
	reason := ""
	for _, feed := range feeds {
		state := d.run.Feed(feed)
		if state != nil && state.First != nil && !before.Start.Before(*state.First) {
			return ""
		}
		reason = fmt.Sprintf("telling who has lapsed needs events from %s on (%d days before the window), and the %s feed starts later",
			run.Day(before.Start), d.result.Churn.LapseDays, feed)
	}
	return reason
}
