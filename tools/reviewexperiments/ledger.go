package reviewexperiments

import (
	"strconv"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/metric"
)

func plainNumber(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// ledgerSums are the places of value and cost among the outputs of a question.
type ledgerSums struct {
	y, yy, x, xx, xy int
	q, qq            int
}

// askLedger asks what units bring and what their points cost, as far as the feeds
// and the config tell; nil where they don't.
func (r *reader) askLedger(w *writer, p phases, out *taken) *ledgerSums {
	if !r.snapshot.Has("orders", "member_id") {
		return nil
	}
	column := "net"
	if out.margin = r.snapshot.Has("orders", "margin"); out.margin {
		column = "margin"
	}
	value := w.variable(w.value(metric.Measure{Aggregate: metric.SumColumn, Source: "orders", Column: column}, p.during))
	s := &ledgerSums{y: w.sum(value), yy: w.product(value, value), x: -1, q: -1}
	out.value = &ledger{arms: map[string]abtest.Pair{}, later: map[string]abtest.Sample{}}
	cost := r.desk.Config.Program.CostPerPoint
	if cost != nil && r.snapshot.Has("points") && !r.snapshot.Has("points_monthly") {
		points := w.variable(w.value(metric.Measure{Aggregate: metric.SumColumn, Source: "points", Column: "issued"}, p.during))
		s.x, s.xx, s.xy = w.sum(points), w.product(points, points), w.product(points, value)
		out.value.points = true
	}
	if out.after > 0 {
		later := w.variable(w.value(metric.Measure{Aggregate: metric.SumColumn, Source: "orders", Column: "net"}, p.after))
		s.q, s.qq = w.sum(later), w.product(later, later)
		out.value.hasLater = true
	}
	return s
}

// read adds the units of a row.
func (s *ledgerSums) read(l *ledger, arm string, n int64, v []float64) {
	if s == nil {
		return
	}
	var x, xx, xy float64
	if s.x >= 0 {
		x, xx, xy = v[s.x], v[s.xx], v[s.xy]
	}
	// What was lost in the sums makes the variance 0, and then no interval.
	pair, _ := abtest.PairFromSums(n, x, xx, v[s.y], v[s.yy], xy)
	l.arms[arm] = l.arms[arm].Merge(pair)
	if s.q >= 0 {
		later, _ := abtest.FromSums(n, v[s.q], v[s.qq])
		l.later[arm] = l.later[arm].Merge(later)
	}
}
