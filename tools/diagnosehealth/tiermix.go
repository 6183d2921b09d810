package diagnosehealth

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// place is where a count or balance was taken: period 0 is the end of the
// window, 1 its start.
type place struct {
	period          int64
	dimension, cell string
}

// balance is one row of balances.sql.
type balance struct{ outstanding, below, holders warehouse.Exact }

// tierMix tells how open members spread over the tiers now, at the start of the
// window and a year ago; who moved; where that leads; and whose tier is reviewed
// next.
func (d *doctor) tierMix(ctx context.Context) error {
	mix := &d.result.TierMix
	if !slices.Contains(d.snapshot.Dimensions(), "tier") {
		mix.Status, mix.Reason = unavailable, "neither the members feed nor a tier_history feed tells tiers"
		return nil
	}
	if reason := run.CutsMonth(d.snapshot.Catalog, "members", d.run.Window.End); reason != "" {
		mix.Status, mix.Reason = unavailable, reason
		return nil
	}
	mix.Status = ok
	order, err := breakdown.TierOrder(ctx, d.snapshot, queries)
	if err != nil {
		return err
	}
	if err := d.tiersNow(ctx, order); err != nil {
		return err
	}
	if d.qualification, err = breakdown.Qualify(ctx, d.snapshot, queries); err != nil {
		return err
	}
	var reasons []string
	moves, err := d.migrations(ctx, order)
	if err != nil {
		return err
	}
	reviews, err := d.reviews(ctx, order)
	if err != nil {
		return err
	}
	for _, reason := range []string{moves, reviews} {
		if reason != "" {
			reasons = append(reasons, reason)
		}
	}
	if len(reasons) > 0 {
		mix.Status, mix.Reason = partial, strings.Join(reasons, "; ")
	}
	d.judgeTierMix()
	return nil
}

// tiersNow states the mix, weighed by members, sales and points.
func (d *doctor) tiersNow(ctx context.Context, order map[string]float64) error {
	mix, c := &d.result.TierMix, d.snapshot.Catalog
	groupings := breakdown.Groupings(c, []string{"tier"})
	mix.Basis = "tier at each moment, from tier_history"
	if !groupings[1].History {
		mix.Basis = breakdown.TierBasis(c)
	}
	span := d.span(groupings)
	yearAgo := d.run.Window.End.AddDate(-1, 0, 0)
	span.Periods = append(span.Periods, breakdown.Period{Index: 2, End: yearAgo})
	members := map[place]warehouse.Exact{}
	err := d.snapshot.Query(ctx, queries, "mix", span, func(row warehouse.Row) error {
		var p place
		var n warehouse.Exact
		err := row.Scan(&p.period, &p.dimension, &p.cell, &n)
		members[p] = n
		return err
	})
	if err != nil {
		return err
	}
	balances, err := d.balances(ctx, groupings)
	if err != nil {
		return err
	}
	sales, err := d.tierSales(ctx, groupings[1])
	if err != nil {
		return err
	}
	var sold, points warehouse.Exact
	for _, v := range sales {
		sold += v
	}
	points = balances[place{0, "", ""}].outstanding
	total, before, then := members[place{0, "", ""}], members[place{1, "", ""}], members[place{2, "", ""}]
	if run.CutsMonth(c, "members", d.run.Window.Start) != "" {
		before = 0
	}
	// A year ago the tiers were known if their history reaches as far.
	if first := d.firstTier(); run.CutsMonth(c, "members", yearAgo) != "" || groupings[1].History && (first.IsZero() || first.After(yearAgo)) {
		then = 0
	}
	share := func(part, whole warehouse.Exact) *float64 {
		if whole <= 0 {
			return nil
		}
		return run.Round(part.Float() / whole.Float())
	}
	for p, n := range members {
		if p.period != 0 || p.dimension != "tier" {
			continue
		}
		f := run.Proportion("", "", int64(n/warehouse.ExactOne), int64(total/warehouse.ExactOne))
		t := Tier{name: p.cell, Members: run.Round(n.Float()), Share: f.Value, Interval: f.Interval,
			ShareBefore: share(members[place{1, "tier", p.cell}], before), ShareYearAgo: share(members[place{2, "tier", p.cell}], then),
			SalesShare: share(sales[p.cell], sold)}
		if b, ok := balances[place{0, "tier", p.cell}]; ok {
			t.Points, t.PointsShare = run.Round(b.outstanding.Float()), share(b.outstanding, points)
		}
		mix.Tiers = append(mix.Tiers, t)
		// For the verdict, which goes by all tiers above the lowest.
		if rank, ok := order[p.cell]; ok && rank > lowest(order) {
			d.above.now += n
			d.above.before += members[place{1, "tier", p.cell}]
		}
	}
	d.above.known = before > 0
	slices.SortFunc(mix.Tiers, func(a, b Tier) int {
		return cmp.Or(cmp.Compare(order[a.name], order[b.name]), cmp.Compare(a.name, b.name))
	})
	// A tier is hidden when few members are in it at an end; its points when few
	// hold them.
	minimum := float64(d.desk.Config.Privacy.MinMembers)
	hide := func(size func(t Tier) float64) []bool {
		cells := make([]breakdown.Cell, len(mix.Tiers))
		for i, t := range mix.Tiers {
			cells[i].N = size(t)
		}
		return breakdown.Suppress(cells, minimum)
	}
	few := hide(func(t Tier) float64 { return *t.Members })
	fewThen := hide(func(t Tier) float64 { return members[place{1, "tier", t.name}].Float() })
	fewYear := hide(func(t Tier) float64 { return members[place{2, "tier", t.name}].Float() })
	fewHold := hide(func(t Tier) float64 { return balances[place{0, "tier", t.name}].holders.Float() })
	for i := range mix.Tiers {
		t := &mix.Tiers[i]
		t.Tier = run.Label(t.name)
		if few[i] {
			*t = Tier{name: t.name, Tier: t.Tier, Suppressed: true}
		}
		if fewThen[i] {
			t.ShareBefore = nil
		}
		if fewYear[i] {
			t.ShareYearAgo = nil
		}
		if fewHold[i] {
			t.Points, t.PointsShare = nil, nil
		}
	}
	return nil
}

// lowest returns the rank of the lowest tier.
func lowest(order map[string]float64) float64 {
	least := math.Inf(1)
	for _, rank := range order {
		least = min(least, rank)
	}
	return least
}

// tierSales returns members' sales in the window by the tier at the time, empty
// without orders.
func (d *doctor) tierSales(ctx context.Context, tier breakdown.Grouping) (map[string]warehouse.Exact, error) {
	out := map[string]warehouse.Exact{}
	if !d.snapshot.Has("orders", "member_id") || d.run.Unknown(d.snapshot.Catalog, "orders", d.run.Window) != "" {
		return out, nil
	}
	data := tierSpan{Tier: tier, Start: d.run.Window.Start, End: d.run.Window.End}
	err := d.snapshot.Query(ctx, queries, "tier_sales", data, func(row warehouse.Row) error {
		var tier string
		var net warehouse.Exact
		err := row.Scan(&tier, &net)
		out[tier] = net
		return err
	})
	return out, err
}

// judgeTierMix takes the verdict: by how much the tiers above the lowest shrink,
// and by how many are about to lose their tier.
func (d *doctor) judgeTierMix() {
	mix, lines := &d.result.TierMix, d.desk.Config.Health.TierMix
	var rules, says, because []string
	act, watch := false, false
	if d.above.known && d.above.before > 0 {
		shrink := (1 - d.above.now.Float()/d.above.before.Float()) * 30 / float64(d.run.Window.Days())
		act, watch = shrink > lines.Shrinking.Act, shrink > lines.Shrinking.Watch
		f := run.Number(pointUpper, "Members above the lowest tier: change in the window", metric.Share, d.above.now.Float()/d.above.before.Float()-1)
		mix.Figures = append(mix.Figures, f)
		rules = append(rules, fmt.Sprintf("members above the lowest tier shrink in 30 days: watch above %s, act %s", percent(lines.Shrinking.Watch), percent(lines.Shrinking.Act)))
		says = append(says, fmt.Sprintf("members above the lowest tier changed by %s in %d days", run.Show(f.Value, metric.Share, ""), d.run.Window.Days()))
		because = append(because, pointUpper)
	}
	if mix.Reviews != nil {
		if keeping := mix.Reviews.Figures[1]; keeping.Value != nil {
			losing := 1 - *keeping.Value
			act, watch = act || losing > lines.Losing.Act, watch || losing > lines.Losing.Watch
			rules = append(rules, fmt.Sprintf("about to lose their tier at review: watch above %s, act %s", percent(lines.Losing.Watch), percent(lines.Losing.Act)))
			says = append(says, fmt.Sprintf("%s of the %s reviewed within %d days lose their tier at their pace", percent(losing), run.ShowCount(*keeping.N), reviewDays))
			because = append(because, keeping.Point)
		}
	}
	if len(rules) > 0 {
		mix.decide(sentence(strings.Join(rules, "; ")), sentence(strings.Join(says, "; ")), act, watch, because...)
	}
}

// balances returns the balances at both ends of the window, empty without a
// ledger.
func (d *doctor) balances(ctx context.Context, groupings []breakdown.Grouping) (map[place]balance, error) {
	out := map[place]balance{}
	if !d.snapshot.Has("points") {
		return out, nil
	}
	err := d.snapshot.Query(ctx, queries, "balances", d.span(groupings), func(row warehouse.Row) error {
		var p place
		var b balance
		err := row.Scan(&p.period, &p.dimension, &p.cell, &b.outstanding, &b.below, &b.holders)
		out[p] = b
		return err
	})
	return out, err
}

func sortCells(cells []Cell) {
	slices.SortFunc(cells, func(a, b Cell) int { return cmp.Compare(a.Cell, b.Cell) })
}

// outstandingBy breaks the outstanding points down by the run's dimensions.
func (d *doctor) outstandingBy(balances map[place]balance) {
	for _, dimension := range d.run.Dimensions {
		b := Breakdown{Figure: PointOutstanding, Dimension: dimension, Unit: metric.Points}
		for p, v := range balances {
			nobody := p.cell == "" && v.holders == 0 && v.outstanding == 0
			if p.period == 0 && p.dimension == dimension && !nobody {
				n := int64(v.holders / warehouse.ExactOne)
				b.Cells = append(b.Cells, Cell{Cell: run.Label(p.cell), Value: run.Round(v.outstanding.Float()), N: &n})
			}
		}
		sortCells(b.Cells)
		d.hide(&b, false)
		d.result.Breakdowns = append(d.result.Breakdowns, b)
	}
}
