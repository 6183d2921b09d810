package reviewexperiments

import (
	"context"
	"maps"
	"slices"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/stats/proportion"
	"loyaltymcp/tools/metric"
	"loyaltymcp/warehouse"
)

// outcome is one metric's sufficient statistics by arm.
type outcome struct {
	unit   metric.Unit
	binary bool   // every value is 0 or 1
	ready  bool   // it came ready-made
	again  int64  // units with several ready-made rows
	broken string // why it can't be compared, "" when it can
	arms   map[string]abtest.Sample
	counts map[string]proportion.Count // where binary
}

// outcomes are the metrics of an experiment by name.
type outcomes map[string]*outcome

func (o outcomes) of(name string, unit metric.Unit, binary bool) *outcome {
	if o[name] == nil {
		o[name] = &outcome{unit: unit, binary: binary, arms: map[string]abtest.Sample{}, counts: map[string]proportion.Count{}}
	}
	return o[name]
}

// add puts an arm's sums in. Sums so large against their spread that the
// variance is lost spoil the metric: a difference tested with it would be
// wrong.
func (o *outcome) add(arm string, n int64, sum, squares float64) {
	sample, err := abtest.FromSums(n, sum, squares)
	if err != nil {
		o.broken = "its values are too large, or vary too little against their size, to be compared exactly"
		return
	}
	o.arms[arm] = sample
	if o.binary {
		o.counts[arm] = proportion.Count{Successes: int64(sum + 0.5), N: n}
	}
}

// names returns the metrics, sorted.
func (o outcomes) names() []string { return slices.Sorted(maps.Keys(o)) }

// measure computes what the feeds allow for the experiment. Ready-made
// outcomes win over computed ones of the same name.
func measure(ctx context.Context, s *warehouse.Snapshot, data subject) (outcomes, error) {
	out := outcomes{}
	if s.Has("orders", "member_id") && (!data.Started.IsZero() || s.Has("assignments", "assigned_at")) {
		if err := fromOrders(ctx, s, data, out); err != nil {
			return nil, err
		}
	}
	if s.Has("points") && (!data.Started.IsZero() || s.Has("assignments", "assigned_at")) {
		if err := fromPoints(ctx, s, data, out); err != nil {
			return nil, err
		}
	}
	if s.Has("outcomes") {
		return out, readyMade(ctx, s, data, out)
	}
	return out, nil
}

func fromOrders(ctx context.Context, s *warehouse.Snapshot, data subject, out outcomes) error {
	return s.Query(ctx, queries, "orders", data, func(row warehouse.Row) error {
		var arm string
		var n, buyers int64
		var net, net2, orders, orders2 float64
		if err := row.Scan(&arm, &n, &net, &net2, &orders, &orders2, &buyers); err != nil {
			return err
		}
		out.of("revenue_per_member", metric.Money, false).add(arm, n, net, net2)
		out.of("orders_per_member", metric.Score, false).add(arm, n, orders, orders2)
		out.of("conversion", metric.Share, true).add(arm, n, float64(buyers), float64(buyers))
		return nil
	})
}

func fromPoints(ctx context.Context, s *warehouse.Snapshot, data subject, out outcomes) error {
	return s.Query(ctx, queries, "points", data, func(row warehouse.Row) error {
		var arm string
		var n, redeemers int64
		var earned, earned2, redeemed, redeemed2 float64
		if err := row.Scan(&arm, &n, &earned, &earned2, &redeemed, &redeemed2, &redeemers); err != nil {
			return err
		}
		out.of("points_earned_per_member", metric.Points, false).add(arm, n, earned, earned2)
		out.of("points_redeemed_per_member", metric.Points, false).add(arm, n, redeemed, redeemed2)
		out.of("redeemed_rate", metric.Share, true).add(arm, n, float64(redeemers), float64(redeemers))
		return nil
	})
}

func readyMade(ctx context.Context, s *warehouse.Snapshot, data subject, out outcomes) error {
	type armSums struct {
		arm              string
		n, again, binary int64
		sum, squares     float64
	}
	found := map[string][]armSums{}
	err := s.Query(ctx, queries, "outcomes", data, func(row warehouse.Row) error {
		var name string
		var a armSums
		err := row.Scan(&name, &a.arm, &a.n, &a.again, &a.sum, &a.squares, &a.binary)
		found[name] = append(found[name], a)
		return err
	})
	if err != nil {
		return err
	}
	for name, arms := range found {
		binary := !slices.ContainsFunc(arms, func(a armSums) bool { return a.binary != a.n })
		unit := metric.Score
		if binary {
			unit = metric.Share
		}
		delete(out, name)
		o := out.of(name, unit, binary)
		o.ready = true
		for _, a := range arms {
			o.add(a.arm, a.n, a.sum, a.squares)
			o.again += a.again
		}
	}
	return nil
}
