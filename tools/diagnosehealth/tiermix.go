package diagnosehealth

import (
	"cmp"
	"context"
	"slices"

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

// tierMix spreads open members over the tiers, now and at the start.
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
	groupings := breakdown.Groupings(d.snapshot.Catalog, []string{"tier"})
	mix.Status, mix.Basis = ok, "tier at each moment, from tier_history"
	if !groupings[1].History {
		mix.Basis = breakdown.TierBasis(d.snapshot.Catalog)
	}
	members := map[place]warehouse.Exact{}
	err := d.snapshot.Query(ctx, queries, "mix", d.span(groupings), func(row warehouse.Row) error {
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
	order, err := breakdown.TierOrder(ctx, d.snapshot, queries)
	if err != nil {
		return err
	}
	total, before := members[place{0, "", ""}], members[place{1, "", ""}]
	for p, n := range members {
		if p.period != 0 || p.dimension != "tier" {
			continue
		}
		f := run.Proportion("", "", int64(n/warehouse.ExactOne), int64(total/warehouse.ExactOne))
		t := Tier{Tier: p.cell, Members: run.Round(n.Float()), Share: f.Value, Interval: f.Interval}
		if before > 0 && run.CutsMonth(d.snapshot.Catalog, "members", d.run.Window.Start) == "" {
			t.ShareBefore = run.Round(members[place{1, "tier", p.cell}].Float() / before.Float())
		}
		if b, ok := balances[place{0, "tier", p.cell}]; ok {
			t.Points = run.Round(b.outstanding.Float())
		}
		mix.Tiers = append(mix.Tiers, t)
	}
	slices.SortFunc(mix.Tiers, func(a, b Tier) int {
		return cmp.Or(cmp.Compare(order[a.Tier], order[b.Tier]), cmp.Compare(a.Tier, b.Tier))
	})
	// A tier is hidden when few members are in it at either end; its points
	// when few hold them.
	minimum := float64(d.desk.Config.Privacy.MinMembers)
	var now, then, holding []breakdown.Cell
	for _, t := range mix.Tiers {
		now = append(now, breakdown.Cell{N: *t.Members})
		then = append(then, breakdown.Cell{N: members[place{1, "tier", t.Tier}].Float()})
		holding = append(holding, breakdown.Cell{N: balances[place{0, "tier", t.Tier}].holders.Float()})
	}
	few, fewThen, fewHold := breakdown.Suppress(now, minimum), breakdown.Suppress(then, minimum), breakdown.Suppress(holding, minimum)
	for i := range mix.Tiers {
		t := &mix.Tiers[i]
		t.Tier = run.Label(t.Tier)
		if few[i] {
			*t = Tier{Tier: t.Tier, Suppressed: true}
		}
		if fewThen[i] {
			t.ShareBefore = nil
		}
		if fewHold[i] {
			t.Points = nil
		}
	}
	return nil
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
