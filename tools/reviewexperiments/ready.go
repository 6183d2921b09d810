package reviewexperiments

import (
	"context"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/metric"
	"loyaltymcp/warehouse"
)

// readyMade reads the outcomes that come ready-made; they win over computed ones
// of the same name.
func (r *reader) readyMade(ctx context.Context, x experiment, e *entries, stratified bool, out *taken) error {
	q := r.question(x)
	q.bounds(e, 0)
	r.place(q, stratified)
	found := map[string][]readyRow{}
	err := r.snapshot.Query(ctx, queries, "outcomes", q, func(from warehouse.Row) error {
		var name string
		var o readyRow
		err := from.Scan(&name, &o.arm, &o.stratum, &o.traits[0], &o.traits[1], &o.traits[2], &o.n, &o.again, &o.binary, &o.pre, &o.denominators,
			&o.v, &o.vv, &o.x, &o.xx, &o.vx, &o.d, &o.dd, &o.vd)
		found[name] = append(found[name], o)
		return err
	})
	if err != nil {
		return err
	}
	for name, rows := range found {
		m := &measured{quantity: quantity{name: name, unit: metric.Score}, ready: true, before: true}
		if known := r.measurer.quantity(name); known.top != nil { // the name says in what and which way it counts
			m.unit, m.lower = known.unit, known.lower
		}
		m.binary, m.ratio = true, true
		for _, o := range rows {
			m.binary = m.binary && o.binary == o.n
			m.ratio = m.ratio && o.denominators == o.n
			m.before = m.before && o.pre == o.n
			m.again += o.again
		}
		if m.ratio {
			m.binary, m.before = false, false
		}
		if m.binary {
			m.unit = metric.Share
		}
		whole := map[string]*readyRow{}
		for _, o := range rows {
			var err error
			o.cell, err = o.read(m)
			m.lost(err)
			m.cells = append(m.cells, o.cell)
			if whole[o.arm] == nil {
				whole[o.arm] = &readyRow{}
			}
			whole[o.arm].add(o)
		}
		for _, o := range whole {
			if _, err := o.read(m); err != nil {
				m.broken = inexact
			}
		}
		out.measured[name] = m
	}
	return nil
}

// readyRow is a row of ready-made outcomes.
type readyRow struct {
	cell
	n, again, binary, pre, denominators int64
	v, vv, x, xx, vx, d, dd, vd         float64
}

func (r *readyRow) add(o readyRow) {
	r.n += o.n
	for _, s := range []struct {
		to   *float64
		from float64
	}{{&r.v, o.v}, {&r.vv, o.vv}, {&r.x, o.x}, {&r.xx, o.xx}, {&r.vx, o.vx}, {&r.d, o.d}, {&r.dd, o.dd}, {&r.vd, o.vd}} {
		*s.to += s.from
	}
}

// read turns the row's sums into its cell.
func (r *readyRow) read(m *measured) (c cell, err error) {
	c = r.cell
	switch {
	case m.ratio:
		c.quad, err = abtest.QuadFromSums(r.n, [4]float64{r.v, r.d}, [4][4]float64{{r.vv, r.vd}, {0, r.dd}})
	case m.before:
		c.pair, err = abtest.PairFromSums(r.n, r.x, r.xx, r.v, r.vv, r.vx)
	default:
		c.pair, err = abtest.PairFromSums(r.n, 0, 0, r.v, r.vv, 0)
	}
	return c, err
}
