package reviewexperiments

import (
	"errors"

	"loyaltymcp/stats/abtest"
)

// cell is what the units of an arm that were alike before their start come to, in
// one quantity.
type cell struct {
	arm, stratum string
	traits       [3]string
	pair         abtest.Pair // X before the start, Y during the experiment
	quad         abtest.Quad // of a ratio: numerator and denominator during it, and before the start
	change       abtest.Sample
}

// merge adds the units of another cell.
func (c cell) merge(o cell) cell {
	c.pair, c.quad, c.change = c.pair.Merge(o.pair), c.quad.Merge(o.quad), c.change.Merge(o.change)
	return c
}

func (c cell) units() int64 { return max(c.pair.N, c.quad.N) }

// measured is a quantity as the units of an experiment have it.
type measured struct {
	quantity
	cells  []cell
	ratio  bool
	before bool    // values of before the start are known
	ready  bool    // it came ready-made
	again  int64   // units with several ready-made rows
	broken string  // why it can't be compared, "" when it can
	cap    float64 // above which values were capped, 0 for none
	// samples are, of a quantile, the arms' values with its error.
	samples map[string]abtest.Sample
}

// sums reports whether the quantity is a sum of what a unit did, not ready-made and
// no share or ratio: such as has a spread that can be read.
func (m *measured) sums() bool {
	return !m.ready && !m.ratio && !m.quantity.binary && m.broken == "" && m.top != nil
}

// of returns the merged cells of an arm for which keep is true.
func (m *measured) of(arm string, keep func(cell) bool) cell {
	out := cell{arm: arm}
	for _, c := range m.cells {
		if c.arm == arm && (keep == nil || keep(c)) {
			out = out.merge(c)
		}
	}
	return out
}

// mean returns the mean of the quantity in the cell, the ratio for a ratio.
func (m *measured) mean(c cell) float64 {
	if m.ratio {
		return c.quad.Mean[0] / c.quad.Mean[1]
	}
	return c.pair.MeanY
}

// sums are the places of a quantity's sums among the outputs of a question.
type sums struct {
	ratio     bool
	y, yy     int
	x, xx, xy int // -1 where nothing is known of before
	w, ww, n  int // of the change from the early to the late half; -1 where not asked
	one       [4]int
	two       [4][4]int
	depth     int // how many of the four variables of a ratio are there
}

// ask lays out what a quantity takes: sums and products of its value during the
// experiment and before it, and of its change from the first half to the second.
func (w *writer) ask(q quantity, p phases, before, halves bool, cap string) sums {
	s := sums{x: -1, xx: -1, xy: -1, w: -1, ww: -1, n: -1}
	if q.bottom != nil {
		s.ratio = true
		v := []string{w.variable(w.amount(q.top, p.during)), w.variable(w.amount(q.bottom, p.during))}
		if before {
			v = append(v, w.variable(w.amount(q.top, p.before)), w.variable(w.amount(q.bottom, p.before)))
		}
		s.depth = len(v)
		for i := range v {
			s.one[i] = w.sum(v[i])
			for j := i; j < len(v); j++ {
				s.two[i][j] = w.product(v[i], v[j])
			}
		}
		return s
	}
	value := w.amount(q.top, p.during)
	if cap != "" {
		value = "least(CAST(" + value + " AS double precision), " + cap + ")"
	}
	y := w.variable(value)
	s.y, s.yy = w.sum(y), w.product(y, y)
	if before {
		x := w.variable(w.amount(q.top, p.before))
		s.x, s.xx, s.xy = w.sum(x), w.product(x, x), w.product(x, y)
	}
	if halves {
		late := w.variable("(" + w.amount(q.top, p.late) + ") - (" + w.amount(q.top, p.early) + ")")
		watched := w.variable("CASE WHEN " + w.watched() + " THEN 1 ELSE 0 END")
		s.w, s.ww, s.n = w.product(late, watched), w.output("coalesce(sum(k."+late+" * k."+late+" * k."+watched+"), 0)"), w.sum(watched)
	}
	return s
}

// read turns the sums of a row into a cell of the quantity. An error says that the
// variance was lost in them.
func (s sums) read(c cell, n int64, v []float64) (cell, error) {
	var err error
	if s.ratio {
		var one [4]float64
		var two [4][4]float64
		for i := range s.depth {
			one[i] = v[s.one[i]]
			for j := i; j < s.depth; j++ {
				two[i][j] = v[s.two[i][j]]
			}
		}
		c.quad, err = abtest.QuadFromSums(n, one, two)
		return c, err
	}
	var x, xx, xy float64
	if s.x >= 0 {
		x, xx, xy = v[s.x], v[s.xx], v[s.xy]
	}
	c.pair, err = abtest.PairFromSums(n, x, xx, v[s.y], v[s.yy], xy)
	if s.w >= 0 && v[s.n] > 0 && (err == nil || errors.Is(err, abtest.ErrPrecision)) {
		var changed error
		if c.change, changed = abtest.FromSums(int64(v[s.n]+0.5), v[s.w], v[s.ww]); changed != nil && !errors.Is(changed, abtest.ErrPrecision) {
			err = changed
		}
	}
	return c, err
}
