package diagnosehealth

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"loyaltymcp/stats/reserve"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/diagnosehealth/liabilitymodel"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// noModel is what a figure says that needs the model of redemptions, and doesn't
// have it.
func noModel(reason string) string {
	return reason + "; gross is an upper bound of what will be redeemed"
}

// estimate values the open points by what is expected to be redeemed of them. It
// returns why it can't, "" when it can.
func (d *doctor) estimate(ctx context.Context) (reason string, err error) {
	book, err := d.book(ctx)
	if err != nil {
		return "", err
	}
	d.broken(book)
	e, err := liabilitymodel.New(book)
	if err != nil {
		if !errors.Is(err, liabilitymodel.ErrTooLittle) {
			return "", err
		}
		d.noEstimate(err.Error())
		return err.Error(), nil
	}
	d.lots = e
	l, program := &d.result.Liability, d.desk.Config.Program
	rate := run.Number(PointRate, "Share of the outstanding points that will be redeemed", metric.Share, e.Rate())
	points := run.Number(PointRedemptions, "Outstanding points that will be redeemed", metric.Points, math.Round(e.Redeemed))
	points.Interval = interval(math.Round(e.Low), math.Round(e.High))
	if e.Points > 0 {
		rate.Interval = interval(e.Low/e.Points, e.High/e.Points)
	}
	l.Figures = append(l.Figures, points, rate)
	cost := run.Unknown(PointExpectedCost, "Expected cost of future redemptions", metric.Money, "program.cost_per_point is not set in loyalty.yaml")
	if c := program.CostPerPoint; c != nil {
		cost = run.Number(PointExpectedCost, cost.Label, metric.Money, cents(e.Redeemed**c))
		cost.Interval = interval(cents(e.Low**c), cents(e.High**c))
	}
	l.Figures = append(l.Figures, cost)
	deferred, err := d.deferred(ctx, e)
	if err != nil {
		return "", err
	}
	l.Estimate = newEstimate(e, book, d.desk.Config.Health.Liability.Lots, program)
	l.Schedule, l.Ages = schedule(e, book.Closing, deferred), ages(e, book.Closing)
	return "", nil
}

// noEstimate says of every figure of the model why it is unknown.
func (d *doctor) noEstimate(reason string) {
	reason = noModel(reason)
	d.result.Liability.Figures = append(d.result.Liability.Figures,
		run.Unknown(PointRedemptions, "Outstanding points that will be redeemed", metric.Points, reason),
		run.Unknown(PointExpectedCost, "Expected cost of future redemptions", metric.Money, reason),
		run.Unknown(PointDeferred, deferredLabel, metric.Money, reason))
}

const deferredLabel = "Deferred revenue (IFRS 15, ASC 606)"

// deferred states the deferred revenue, and returns its schedule, nil where it is
// unknown.
func (d *doctor) deferred(ctx context.Context, e *liabilitymodel.Estimate) ([]float64, error) {
	l, value := &d.result.Liability, d.desk.Config.Program.PointValue
	unknown := func(reason string) {
		l.Figures = append(l.Figures, run.Unknown(PointDeferred, deferredLabel, metric.Money, reason))
	}
	if reason := d.snapshot.Missing("orders", "member_id"); reason != "" {
		unknown("the price that points are a part of is unknown: " + reason)
		return nil, nil
	}
	if value == nil {
		unknown("program.point_value is not set in loyalty.yaml")
		return nil, nil
	}
	sales, err := warehouse.Collect(ctx, d.snapshot, queries, "sales", lotSpan{End: d.run.Window.End}, func(row warehouse.Row) (s liabilitymodel.Sales, err error) {
		var month int64
		var net, earned warehouse.Exact
		err = row.Scan(&month, &net, &earned)
		return liabilitymodel.Sales{Month: monthOfDays(month), Net: net.Float(), Earned: earned.Float()}, err
	})
	if err != nil {
		return nil, err
	}
	deferral, err := e.Defer(sales, *value)
	if errors.Is(err, reserve.ErrDeferral) || err == nil && deferral.Allocated == 0 {
		unknown("no month has both sales to members and points earned by them")
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f := run.Number(PointDeferred, deferredLabel, metric.Money, cents(deferral.Deferred))
	f.Interval = interval(cents(deferral.Low), cents(deferral.High))
	l.Figures = append(l.Figures, f)
	return deferral.ByMonth, nil
}

// cents rounds an estimated amount of money: more digits would be none.
func cents(x float64) float64 { return math.Round(x*100) / 100 }

func interval(low, high float64) *[2]float64 {
	a, b := run.Round(low), run.Round(high)
	if a == nil || b == nil {
		return nil
	}
	return &[2]float64{*a, *b}
}

// basisOf says in a sentence how the estimate was come by.
func basisOf(e *liabilitymodel.Estimate, lots string) string {
	order := map[string]string{
		config.FirstIn:        "points are spent first in, first out",
		config.EarliestExpiry: "points that expire first are spent first",
		config.NamedLot:       "lines that name a lot take from it, all others first in, first out",
	}[lots]
	text := "monthly hazard of redemption by age of the points and nearness of expiry"
	if e.Seasonal {
		text += " and calendar month"
	}
	text += ", of points issued from " + monthName(e.From)
	if e.Since > e.From {
		text += ", in the months from " + monthName(e.Since)
	}
	return text + " (" + order + ")"
}

// methodsDisagree says, of the checks that may be used, whether they lie outside
// the interval, and "" where they don't.
func methodsDisagree(e *liabilitymodel.Estimate, checks []liabilitymodel.Check) string {
	var outside []string
	for _, c := range checks {
		if c.Reason == "" && c.Refused == "" && (c.Redeemed < e.Low || c.Redeemed > e.High) {
			outside = append(outside, c.Method)
		}
	}
	if len(outside) == 0 {
		return ""
	}
	return fmt.Sprintf("%s lies outside the interval: it knows neither seasons nor how near the points are to expiry", strings.Join(outside, " and "))
}
