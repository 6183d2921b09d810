package reviewexperiments

import (
	"cmp"
	"context"
	"math"
	"slices"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// bins is how many bins a spread has on each side of zero; their width is near a
// 64th of the mean, so they reach some 256 times as far.
const bins = 16384

// bin is the units of an arm whose values are in it.
type bin struct {
	at             int64
	n              int64
	sum, squares   float64
	least, largest float64
}

// spread is how the values of a quantity are spread, by arm.
type spread struct {
	width float64
	arms  map[string][]bin // ascending
}

// valuesOf is the question for the values of one quantity.
func (r *reader) valuesOf(x experiment, e *entries, q quantity) *question {
	out := r.question(x)
	out.bounds(e, 0)
	out.Dated = true
	w := newWriter(out, r.measurer.supply)
	w.variable(w.amount(q.top, spans(0, 0, 0).during))
	out.Bins = bins
	return out
}

// spreadOf reads how the values of a computed quantity are spread.
func (r *reader) spreadOf(ctx context.Context, x experiment, e *entries, m *measured) (*spread, error) {
	var mean float64
	var n int64
	for _, c := range m.cells {
		n += c.pair.N
		mean += c.pair.MeanY * float64(c.pair.N)
	}
	if mean = math.Abs(mean / float64(n)); n == 0 || !(mean > 0) || math.IsInf(mean, 0) {
		return nil, nil
	}
	q := r.valuesOf(x, e, m.quantity)
	// A power of two scales without rounding, so that every engine sees the same
	// bins.
	width := math.Exp2(math.Floor(math.Log2(mean / 64)))
	q.PerWidth = 1 / width
	out := &spread{width: width, arms: map[string][]bin{}}
	err := r.snapshot.Query(ctx, queries, "spread", q, func(row warehouse.Row) error {
		var arm string
		var b bin
		err := row.Scan(&arm, &b.at, &b.n, &b.sum, &b.squares, &b.least, &b.largest)
		out.arms[arm] = append(out.arms[arm], b)
		return err
	})
	return out, err
}

// limit returns the value that at least the share level of all units do not
// exceed: the upper edge of the bin in which that quantile lies.
func (s *spread) limit(level float64) float64 {
	var all []bin
	var n int64
	for _, bs := range s.arms {
		for _, b := range bs {
			all, n = append(all, b), n+b.n
		}
	}
	slices.SortFunc(all, func(a, b bin) int { return cmp.Compare(a.at, b.at) })
	need, seen := int64(math.Ceil(level*float64(n))), int64(0)
	for _, b := range all {
		if seen += b.n; seen >= need {
			if b.at == bins {
				return b.largest
			}
			return float64(b.at+1) * s.width
		}
	}
	return math.Inf(1)
}

// capped returns an arm's values with those above limit, an edge of bins, counting
// as limit.
func (s *spread) capped(arm string, limit float64) (abtest.Sample, error) {
	var n int64
	var sum, squares float64
	for _, b := range s.arms[arm] {
		n += b.n
		if b.least >= limit {
			sum, squares = sum+float64(b.n)*limit, squares+float64(b.n)*limit*limit
		} else {
			sum, squares = sum+b.sum, squares+b.squares
		}
	}
	return abtest.FromSums(n, sum, squares)
}

// rank is an order statistic that a quantile takes.
type rank struct{ low, value, high float64 } // the places, from 0, between order statistics

// quantiles turns a quantity into the quantile of its values in each arm, from the
// bins and then the values in those that matter.
func (r *reader) quantiles(ctx context.Context, x experiment, e *entries, m *measured, s *spread) error {
	q := r.valuesOf(x, e, m.quantity)
	q.PerWidth = 1 / s.width
	m.samples = map[string]abtest.Sample{}
	before := map[string]map[int64]int64{} // units in lower bins, by arm and bin
	ranks := map[string]rank{}
	for arm, bs := range s.arms {
		var n int64
		before[arm] = map[int64]int64{}
		for _, b := range bs {
			before[arm][b.at] = n
			n += b.n
		}
		low, high, err := abtest.QuantileLevels(n, m.quantile)
		if err != nil {
			m.broken = "an arm has too few units for this quantile; use one nearer the middle, or wait"
			return nil
		}
		last := float64(n - 1)
		ranks[arm] = rank{low * last, m.quantile * last, high * last}
		for _, place := range []float64{ranks[arm].low, ranks[arm].value, ranks[arm].high} {
			for _, at := range []float64{math.Floor(place), math.Ceil(place)} {
				i := slices.IndexFunc(bs, func(b bin) bool { return int64(at) < before[arm][b.at]+b.n })
				if w := (wanted{arm, bs[i].at}); !slices.Contains(q.Wanted, w) {
					q.Wanted = append(q.Wanted, w)
				}
			}
		}
	}
	slices.SortFunc(q.Wanted, func(a, b wanted) int { return cmp.Or(cmp.Compare(a.Arm, b.Arm), cmp.Compare(a.Bin, b.Bin)) })
	type value struct {
		from, to int64 // places of the units with it
		value    float64
	}
	found := map[string][]value{}
	err := r.snapshot.Query(ctx, queries, "ranked", q, func(row warehouse.Row) error {
		var arm string
		var v float64
		var n int64
		if err := row.Scan(&arm, &v, &n); err != nil {
			return err
		}
		at := int64(math.Max(-bins, math.Min(bins, math.Floor(v/s.width))))
		from := before[arm][at]
		if have := found[arm]; len(have) > 0 && have[len(have)-1].to > from {
			from = have[len(have)-1].to
		}
		found[arm] = append(found[arm], value{from, from + n, v})
		return nil
	})
	if err != nil {
		return err
	}
	for arm, bs := range s.arms {
		var n int64
		for _, b := range bs {
			n += b.n
		}
		at := func(place float64) float64 {
			order := func(k int64) float64 {
				i := slices.IndexFunc(found[arm], func(v value) bool { return v.from <= k && k < v.to })
				if i < 0 {
					return math.NaN()
				}
				return found[arm][i].value
			}
			i := math.Floor(place)
			a, b := order(int64(i)), order(int64(math.Ceil(place)))
			return a + (place-i)*(b-a)
		}
		sample, err := abtest.Quantile{N: n, Nu: m.quantile, Value: at(ranks[arm].value), Low: at(ranks[arm].low), High: at(ranks[arm].high)}.Sample()
		if err != nil {
			m.broken = "the quantile stands on values that many units share, so its error can't be told; compare the share of units above a value instead"
			return nil
		}
		m.samples[arm] = sample
	}
	return nil
}

// compare compares the arms, unadjusted, with the values above the quantile 0.999
// of all counted as that quantile.
func (s *spread) compare(control, arm string) (limit float64, capped abtest.Difference, err error) {
	limit = s.limit(0.999)
	c, err := s.capped(control, limit)
	if err != nil {
		return limit, capped, err
	}
	t, err := s.capped(arm, limit)
	if err != nil {
		return limit, capped, err
	}
	capped, err = abtest.Welch(c, t, run.Confidence)
	return limit, capped, err
}
