package diagnosehealth

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

const countUnit = metric.Count

// reviewDays is how far ahead reviews of tiers are looked at.
const reviewDays = 90

// daysInMonth is the mean length of a month.
const daysInMonth = 365.25 / 12

// reviews states whose tier is reviewed next, and who of them will keep it at
// their pace, by the tiers' order. It returns why it can't, "" when it can.
func (d *doctor) reviews(ctx context.Context, order map[string]float64) (reason string, err error) {
	mix, q := &d.result.TierMix, d.qualification
	if q.Missing != "" {
		return "requalification: " + q.Missing, nil
	}
	since := d.desk.Config.Definitions.TierReview == config.SinceTier
	if since && !d.snapshot.Has("tier_history") {
		return "requalification: without a tier_history feed nobody knows since when a member is in a tier", nil
	}
	period := int(math.Round(float64(q.Months) * daysInMonth))
	data := tierSpan{Tier: breakdown.Groupings(d.snapshot.Catalog, []string{"tier"})[1], End: d.run.Window.End, Basis: q.Basis,
		SinceTier: since, PeriodDays: period, Ahead: reviewDays}
	type row struct {
		tier                  string
		due, secured, keeping int64
	}
	rows, err := warehouse.Collect(ctx, d.snapshot, queries, "reviews", data, func(r warehouse.Row) (v row, err error) {
		err = r.Scan(&v.tier, &v.due, &v.secured, &v.keeping)
		return v, err
	})
	if err != nil {
		return "", err
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(order[a.tier], order[b.tier]), cmp.Compare(a.tier, b.tier))
	})
	anchor := "their enrolment"
	if since {
		anchor = "when they reached the tier"
	}
	out := &Reviews{Days: reviewDays, Tiers: []ReviewedTier{}, Basis: fmt.Sprintf("reviewed every %d months from %s on; what counts is %s in the %d months before; pace is that of the last %d months",
		q.Months, anchor, measures[q.Basis], q.Months, q.Months)}
	var due, secured, keeping int64
	least := int64(d.desk.Config.Privacy.MinMembersForRates)
	for _, r := range rows {
		due, secured, keeping = due+r.due, secured+r.secured, keeping+r.keeping
	}
	hidden := d.hiddenReviews(len(rows), func(i int) int64 { return rows[i].due })
	for i, r := range rows {
		t := ReviewedTier{Tier: run.Label(r.tier)}
		if hidden[i] || r.due < least {
			t.Suppressed = true
		} else {
			share := run.Proportion("", "", r.keeping, r.due)
			t.Due, t.Secured, t.Keeping, t.Share, t.Interval = run.Round(float64(r.due)), run.Round(float64(r.secured)), run.Round(float64(r.keeping)), share.Value, share.Interval
		}
		out.Tiers = append(out.Tiers, t)
	}
	out.Figures = []run.Figure{
		run.Number("health/tier_mix/reviews_due", fmt.Sprintf("Members whose tier is reviewed within %d days", reviewDays), metric.Count, float64(due)),
		run.Proportion("health/tier_mix/keeping", "Of those, will keep it at their pace", keeping, due),
	}
	if due > 0 && due < least {
		few := fmt.Sprintf("fewer than %d members", least)
		out.Figures = []run.Figure{run.Unknown(out.Figures[0].Point, out.Figures[0].Label, metric.Count, few), run.Unknown(out.Figures[1].Point, out.Figures[1].Label, metric.Share, few)}
	}
	mix.Reviews = out
	return "", nil
}

// measures names what qualifies for a tier.
var measures = map[string]string{"spend": "net sales", "orders": "orders", "earned": "points earned"}

// hiddenReviews returns which of n cells are hidden by their sizes.
func (d *doctor) hiddenReviews(n int, size func(int) int64) []bool {
	cells := make([]breakdown.Cell, n)
	for i := range cells {
		cells[i].N = float64(size(i))
	}
	return breakdown.Suppress(cells, float64(d.desk.Config.Privacy.MinMembersForRates))
}
