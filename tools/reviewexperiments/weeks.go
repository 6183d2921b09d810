package reviewexperiments

import (
	"context"
	"errors"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/metric"
	"loyaltymcp/warehouse"
)

// mostWeeks bounds the weeks by which an effect is told.
const mostWeeks = 26

// byWeek reads a quantity by week since the start of units, for units for which
// the week is over. Index: week, from 0.
func (r *reader) byWeek(ctx context.Context, x experiment, e *entries, q quantity) ([]map[string]abtest.Sample, error) {
	out := r.question(x)
	out.bounds(e, 0)
	out.Dated = true
	w := newWriter(out, r.measurer.supply)
	sources := q.top.Measures()
	for _, m := range sources {
		if m.Source != sources[0].Source {
			return nil, nil // of several sources: no series
		}
	}
	out.Source = w.source(sources[0].Source)
	out.Weekly = weighed(q.top, func(m metric.Measure) string {
		return counted(m, "coalesce(p."+out.Source.sum(m, always)+", 0)")
	})
	type sum struct{ total, squares float64 }
	found := map[string]map[int64]sum{}
	err := r.snapshot.Query(ctx, queries, "weeks", out, func(row warehouse.Row) error {
		var arm string
		var week int64
		var s sum
		if err := row.Scan(&arm, &week, &s.total, &s.squares); err != nil {
			return err
		}
		if found[arm] == nil {
			found[arm] = map[int64]sum{}
		}
		found[arm][week] = s
		return nil
	})
	if err != nil {
		return nil, err
	}
	last := dayNumber(out.End.In(r.asOf.Location()))
	var weeks []map[string]abtest.Sample
	for week := range int64(mostWeeks) {
		samples := map[string]abtest.Sample{}
		for arm, days := range e.byDay {
			var n int64
			for day, units := range days {
				over := day + 7*int(week) + 7
				if day >= 0 && (x.window > 0 && 7*int(week)+7 <= x.window || x.window == 0 && over <= last) {
					n += units
				}
			}
			s := found[arm][week]
			if sample, err := abtest.FromSums(n, s.total, s.squares); err == nil && n >= minUnits {
				samples[arm] = sample
			}
		}
		if len(samples) < 2 {
			break
		}
		weeks = append(weeks, samples)
	}
	return weeks, nil
}

// byChannel reads what units spent by channel of the order: sums and sums of
// squares over units, by channel and arm.
func (r *reader) byChannel(ctx context.Context, x experiment, e *entries) (map[string]map[string]abtest.Sample, error) {
	if !r.snapshot.Has("orders", "member_id", "channel") || !r.timed(x) {
		return nil, nil
	}
	out := r.question(x)
	out.bounds(e, 0)
	out.Dated = true
	w := newWriter(out, r.measurer.supply)
	out.Source = w.source("orders")
	for _, column := range []string{"net", "channel"} {
		out.Source.want(metric.Measure{Aggregate: metric.SumColumn, Source: "orders", Column: column}, "orders")
	}
	found := map[string]map[string]abtest.Sample{}
	err := r.snapshot.Query(ctx, queries, "channels", out, func(row warehouse.Row) error {
		var arm, channel string
		var total, squares float64
		if err := row.Scan(&arm, &channel, &total, &squares); err != nil {
			return err
		}
		sample, err := abtest.FromSums(e.units[arm], total, squares)
		if err != nil && !errors.Is(err, abtest.ErrPrecision) {
			return nil // a channel that can't be compared is left out
		}
		if found[channel] == nil {
			found[channel] = map[string]abtest.Sample{}
			for other, n := range e.units { // who bought nothing there spent nothing there
				found[channel][other], _ = abtest.FromSums(n, 0, 0)
			}
		}
		found[channel][arm] = sample
		return nil
	})
	return found, err
}
