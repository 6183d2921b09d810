package diagnosehealth

import (
	"context"
	"fmt"

	"loyaltymcp/stats/reserve"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// liability values the outstanding points and rolls the ledger forward.
func (d *doctor) liability(ctx context.Context) error {
	l := &d.result.Liability
	l.Statement = Statement
	if d.snapshot.Has("points_monthly") {
		return d.monthly(ctx)
	}
	if reason := d.snapshot.Missing("points"); reason != "" {
		l.Status, l.Reason = unavailable, reason
		return nil
	}
	l.Status = ok
	roll, err := d.rollForward(ctx)
	if err != nil {
		return err
	}
	l.RollForward = lines(roll)
	d.transfers(roll)
	balances, err := d.balances(ctx, d.groupings())
	if err != nil {
		return err
	}
	d.outstandingBy(balances)
	if err := d.rolls(ctx); err != nil {
		return err
	}
	d.value(roll, balances[place{0, "", ""}])
	reason, err := d.estimate(ctx)
	if err != nil {
		return err
	}
	if reason != "" {
		l.Status, l.Reason = partial, reason
	}
	if err := d.expiring(ctx); err != nil {
		return err
	}
	if err := d.claims(ctx); err != nil {
		return err
	}
	return d.judgeLiability(ctx)
}

// value states the outstanding points and what they are worth.
func (d *doctor) value(roll reserve.RollForward[warehouse.Exact], closing balance) {
	l, program := &d.result.Liability, d.desk.Config.Program
	outstanding := closing.outstanding.Float()
	l.Figures = append(l.Figures, run.Number(PointOutstanding, "Outstanding points", metric.Points, outstanding))
	growth := run.Unknown(PointGrowth, "Growth of outstanding points in the window", metric.Share, "nothing was outstanding at its start")
	if roll.Opening > 0 {
		growth = run.Number(PointGrowth, growth.Label, metric.Share, (roll.Closing-roll.Opening).Float()/roll.Opening.Float())
	}
	l.Figures = append(l.Figures, growth)
	label := "Gross liability: outstanding points at their redemption value"
	if program.PointValue != nil {
		l.Figures = append(l.Figures, run.Number(PointGross, label, metric.Money, outstanding**program.PointValue))
	} else {
		l.Figures = append(l.Figures, run.Unknown(PointGross, label, metric.Money, "program.point_value is not set in loyalty.yaml"))
	}
	label = "Gross cost: outstanding points at the program's cost per point"
	if program.CostPerPoint != nil {
		l.Figures = append(l.Figures, run.Number(pointGrossCost, label, metric.Money, outstanding**program.CostPerPoint))
	} else {
		l.Figures = append(l.Figures, run.Unknown(pointGrossCost, label, metric.Money, "program.cost_per_point is not set in loyalty.yaml"))
	}
	if closing.below < 0 {
		f := run.Number("health/liability/negative_balances", "Negative balances, which lower the outstanding points", metric.Points, closing.below.Float())
		d.result.DataAlarms = append(d.result.DataAlarms, DataAlarm{ID: "negative_balances", Severity: "warning",
			Says: fmt.Sprintf("Members with negative balances take %s points off the outstanding sum.", -closing.below), Figures: []run.Figure{f}})
	}
}

// monthly states the movements of a program without a ledger. Balances from
// before its first month are not in the data, so no balance is known.
func (d *doctor) monthly(ctx context.Context) error {
	l := &d.result.Liability
	if reason := d.run.Unknown(d.snapshot.Catalog, "points_monthly", d.run.Window); reason != "" {
		l.Status, l.Reason = unavailable, reason
		return nil
	}
	const reason = "points_monthly holds movements, not balances: what was outstanding before its first month is not in the data"
	l.Status, l.Reason = partial, reason
	var issued, redeemed, expired, adjusted warehouse.Exact
	if err := d.snapshot.One(ctx, queries, "months", d.span(nil), &issued, &redeemed, &expired, &adjusted); err != nil {
		return err
	}
	change := issued - redeemed - expired + adjusted
	l.RollForward = []Line{{Line: "opening", Point: "health/liability/roll_forward/opening"},
		line("issued", issued), line("redeemed", -redeemed)}
	for _, column := range []struct {
		name, line string
		points     warehouse.Exact
	}{{"expired", "expired", -expired}, {"adjusted", "adjusted", adjusted}} {
		if d.snapshot.Has("points_monthly", column.name) {
			l.RollForward = append(l.RollForward, line(column.line, column.points))
		}
	}
	l.RollForward = append(l.RollForward, line("change", change), Line{Line: "closing", Point: "health/liability/roll_forward/closing"})
	l.Figures = append(l.Figures, run.Unknown(PointOutstanding, "Outstanding points", metric.Points, reason),
		run.Unknown(PointGross, "Gross liability", metric.Money, reason))
	d.noEstimate(reason)
	if value := d.desk.Config.Program.PointValue; value != nil {
		l.Figures = append(l.Figures, run.Number("health/liability/gross_change", "Change of the gross liability in the window", metric.Money, change.Float()**value))
	}
	return nil
}

// expiring states which points expire next, by the earliest-expiry rule.
func (d *doctor) expiring(ctx context.Context) error {
	if reason := d.snapshot.Missing("points", "expires_at"); reason != "" {
		d.result.Liability.Figures = append(d.result.Liability.Figures, run.Unknown(PointExpiring, "Points that expire within 30 days", metric.Points, reason))
		return nil
	}
	var overdue, soon30, soon60, soon90, holders, lasting warehouse.Exact
	if err := d.snapshot.One(ctx, queries, "expiring", d.span(nil), &overdue, &soon30, &soon60, &soon90, &holders, &lasting); err != nil {
		return err
	}
	if n := holders.Float(); n > 0 && n < float64(d.desk.Config.Privacy.MinMembers) {
		d.result.Liability.Figures = append(d.result.Liability.Figures, run.Unknown(PointExpiring, "Points that expire within 30 days", metric.Points,
			fmt.Sprintf("fewer than %d members hold them", d.desk.Config.Privacy.MinMembers)))
		return d.overdue(overdue)
	}
	d.result.Liability.Figures = append(d.result.Liability.Figures,
		run.Number(PointExpiring, "Points that expire within 30 days", metric.Points, soon30.Float()),
		run.Number(pointExpiring60, "Points that expire within 60 days", metric.Points, soon60.Float()),
		run.Number(pointExpiring90, "Points that expire within 90 days", metric.Points, soon90.Float()),
		run.Number(pointExpiringMembers, "Members with points that expire within 30 days", metric.Count, holders.Float()))
	return d.overdue(overdue)
}

// overdue raises an alarm for points that should have expired already.
func (d *doctor) overdue(overdue warehouse.Exact) error {
	if overdue > 0 {
		f := run.Number("health/liability/overdue_points", "Points past their expiry that the ledger has not expired", metric.Points, overdue.Float())
		d.result.DataAlarms = append(d.result.DataAlarms, DataAlarm{ID: "overdue_points", Severity: "warning",
			Says: fmt.Sprintf("%s points are past their expiry, but the ledger has not expired them; the outstanding sum holds them.", overdue), Figures: []run.Figure{f}})
	}
	return nil
}

// claims compares the ledger's redemptions with the redemptions feed.
func (d *doctor) claims(ctx context.Context) error {
	if !d.snapshot.Has("redemptions") || d.run.Unknown(d.snapshot.Catalog, "redemptions", d.run.Window) != "" {
		return nil
	}
	var ledger, claims warehouse.Exact
	if err := d.snapshot.One(ctx, queries, "claims", d.span(nil), &ledger, &claims); err != nil {
		return err
	}
	if ledger != claims {
		f := run.Number("health/liability/unclaimed_points", "Points redeemed by the ledger less those of the redemptions feed", metric.Points, (ledger - claims).Float())
		d.result.DataAlarms = append(d.result.DataAlarms, DataAlarm{ID: "claims_differ", Severity: "critical",
			Says: fmt.Sprintf("The ledger redeems %s points in the window, the redemptions feed %s.", ledger, claims), Figures: []run.Figure{f}})
	}
	return nil
}
