package diagnosehealth

import (
	"context"
	"fmt"
	"math"

	"loyaltymcp/tools/diagnosehealth/liabilitymodel"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// breakage tells the points that nobody redeems, each of the usual meanings by
// its own name: what expired of the points that could have by now, what is not
// redeemed to date, and what never will be.
func (d *doctor) breakage(ctx context.Context) error {
	b := &d.result.Breakage
	if reason := d.snapshot.Missing("points"); reason != "" {
		b.Status, b.Reason = unavailable, reason
		return nil
	}
	reason, err := d.expired(ctx)
	if err != nil {
		return err
	}
	b.Status = ok
	switch e := d.lots; {
	case e == nil && reason != "":
		b.Status, b.Reason = unavailable, reason+"; no model of redemptions: "+d.result.Liability.Reason
		return nil
	case e == nil:
		b.Status, b.Reason = partial, "no model of redemptions: "+d.result.Liability.Reason
		b.Figures = append(b.Figures, run.Unknown(PointUltimate, ultimateLabel, metric.Share, noModel(d.result.Liability.Reason)))
		return nil
	case reason != "":
		b.Status, b.Reason = partial, reason
	}
	d.ultimate(d.lots)
	return nil
}

const ultimateLabel = "Ultimate redemption rate, of all points issued"

// expired states what share of the points that could expire by now did so unused.
// Points still alive are left out: counting them would call them lost. It returns
// why it can't, "" when it can.
func (d *doctor) expired(ctx context.Context) (reason string, err error) {
	b := &d.result.Breakage
	if reason := d.snapshot.Missing("points", "expires_at", "lot_id"); reason != "" {
		return reason, nil
	}
	var issued, lots, expired warehouse.Exact
	if err := d.snapshot.One(ctx, queries, "breakage", d.span(nil), &issued, &lots, &expired); err != nil {
		return "", err
	}
	if issued <= 0 {
		return "no points issued have reached their expiry yet", nil
	}
	n := int64(lots / warehouse.ExactOne)
	share := run.Number(PointExpiredShare, "Expired unused, of points issued whose expiry has passed", metric.Share, expired.Float()/issued.Float())
	share.N = &n
	b.Figures = append(b.Figures, share, run.Number("health/breakage/matured_points", "Points issued whose expiry has passed", metric.Points, issued.Float()))
	return "", nil
}

// ultimate states what the model of redemptions makes of all points issued, and by
// cohort of issue.
func (d *doctor) ultimate(e *liabilitymodel.Estimate) {
	b, value := &d.result.Breakage, d.desk.Config.Program.PointValue
	var issued, spent float64
	for _, l := range e.Lots {
		issued, spent = issued+l.Points, spent+l.Spent
	}
	if issued <= 0 {
		b.Status, b.Reason = unavailable, "no points were issued"
		return
	}
	low, high := (spent+e.Low)/issued, (spent+e.High)/issued
	rate := run.Number(PointUltimate, ultimateLabel, metric.Share, e.Ultimate())
	rate.Interval = interval(low, high)
	breakage := run.Number(PointBreakage, "Ultimate breakage: never redeemed, of all points issued", metric.Share, 1-e.Ultimate())
	breakage.Interval = interval(1-high, 1-low)
	b.Figures = append(b.Figures, rate, breakage,
		run.Number("health/breakage/unredeemed_to_date", "Not redeemed to date, of all points issued, with those that still will be", metric.Share, 1-spent/issued))
	if expired := d.windowExpired(); expired != nil {
		income := run.Unknown("health/breakage/released", "Gross liability released by points that expired in the window", metric.Money, "program.point_value is not set in loyalty.yaml")
		if value != nil {
			income = run.Number(income.Point, income.Label, metric.Money, *expired**value)
		}
		b.Figures = append(b.Figures, income)
	}
	if d.snapshot.Has("points", "expires_at") {
		var soon float64
		for i := range min(3, len(e.Breaks)) {
			soon += e.Breaks[i]
		}
		b.Figures = append(b.Figures, run.Number("health/breakage/breaking_3_months", "Outstanding points expected to expire unused by the end of the next two calendar months", metric.Points, math.Round(soon)))
	}
	b.Cohorts = cohorts(e)
	lines := d.desk.Config.Health.Breakage
	share := 1 - e.Ultimate()
	b.decide(fmt.Sprintf("Never redeemed, of points issued: watch above %s, act above %s.", percent(lines.Watch), percent(lines.Act)),
		fmt.Sprintf("%s of the points issued will never be redeemed (95 %%: %s to %s).", percent(share), percent(1-high), percent(1-low)),
		share > lines.Act, share > lines.Watch, PointBreakage, PointUltimate)
}

// windowExpired returns the points that expired in the window, nil where they are
// unknown.
func (d *doctor) windowExpired() *float64 {
	for _, l := range d.result.Liability.RollForward {
		if l.Line == "expired" && l.Points != nil {
			points := -l.Points.Float()
			return &points
		}
	}
	return nil
}

// cohorts sums the lots by month of issue.
func cohorts(e *liabilitymodel.Estimate) []Cohort {
	out := []Cohort{}
	for _, l := range e.Lots {
		name := monthName(l.Issued)
		if n := len(out); n == 0 || out[n-1].Issued != name {
			out = append(out, Cohort{Issued: name})
		}
		c := &out[len(out)-1]
		c.points += l.Points
		c.spent += l.Spent
		c.future += l.Future
		c.open += l.Open
		for _, v := range l.Expired {
			c.expired += v
		}
	}
	relative := 0.0
	if e.Redeemed > 0 {
		relative = e.SE / e.Redeemed
	}
	for i := range out {
		c := &out[i]
		if c.points <= 0 {
			continue
		}
		c.Points, c.Redeemed, c.Expired, c.Open = run.Round(c.points), run.Round(c.spent), run.Round(c.expired), run.Round(c.open)
		c.Rate = run.Round((c.spent + c.future) / c.points)
		if c.future > 0 {
			half := z95 * relative * c.future
			c.Interval = interval((c.spent+max(0, c.future-half))/c.points, (c.spent+min(c.open, c.future+half))/c.points)
		}
	}
	return out
}

// z95 is the quantile of the normal distribution for intervals of 95 %.
const z95 = 1.959963984540054
