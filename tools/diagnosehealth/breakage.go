package diagnosehealth

import (
	"context"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// breakage states what share of the points that could expire by now did so
// unused. Points still alive are left out: counting them would call them lost.
func (d *doctor) breakage(ctx context.Context) error {
	b := &d.result.Breakage
	if reason := d.snapshot.Missing("points", "expires_at", "lot_id"); reason != "" {
		b.Status, b.Reason = unavailable, reason
		return nil
	}
	var issued, lots, expired warehouse.Exact
	if err := d.snapshot.One(ctx, queries, "breakage", d.span(nil), &issued, &lots, &expired); err != nil {
		return err
	}
	if issued <= 0 {
		b.Status, b.Reason = unavailable, "no points issued have reached their expiry yet"
		return nil
	}
	b.Status = ok
	n := int64(lots / warehouse.ExactOne)
	share := run.Number(PointExpiredShare, "Expired unused, of points issued whose expiry has passed", metric.Share, expired.Float()/issued.Float())
	share.N = &n
	b.Figures = append(b.Figures, share,
		run.Number("health/breakage/matured_points", "Points issued whose expiry has passed", metric.Points, issued.Float()),
		run.Unknown("health/breakage/ultimate_redemption_rate", "Ultimate redemption rate", metric.Share, notYet))
	return nil
}
