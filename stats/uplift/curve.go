package uplift

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Curve is what treating the members with the highest scores gains, by how
// many: the points are at the ends of runs of equal scores, after 0.
type Curve struct {
	N    []float64
	Gain []float64 // N times the difference of the arms' means among them
	Qini []float64 // the treated's sum less the control's, scaled to as many as treated
}

// Curve returns the curve of the score.
//
// Source: N. J. Radcliffe (2007), Using control groups to target on predicted
// lift, Direct Marketing Analytics Journal 14-21, for Qini; P. Gutierrez and
// J.-Y. Gérardy (2017), Causal inference and uplift modelling, PMLR 67, for
// Gain.
func (t Trial) Curve() (Curve, error) {
	if err := t.check(); err != nil {
		return Curve{}, err
	}
	return t.curve(rank(t.Score), nil), nil
}

// curve takes each member as often as count says; nil is once.
func (t Trial) curve(r ranking, count []float64) Curve {
	var c Curve
	t.draw(&c, r, count)
	return c
}

// draw is curve in the memory of another.
func (t Trial) draw(c *Curve, r ranking, count []float64) {
	for _, s := range []*[]float64{&c.N, &c.Gain, &c.Qini} {
		*s = append(slices.Grow((*s)[:0], len(r.ends)+1), 0)
	}
	var treated, control arm
	first := 0
	for _, end := range r.ends {
		for _, row := range r.rows[first:end] {
			times := 1.0
			if count != nil {
				times = count[row]
			}
			if t.Treated[row] {
				treated.add(t.Outcome[row], times)
			} else {
				control.add(t.Outcome[row], times)
			}
		}
		first = end
		n := treated.n + control.n
		c.N, c.Gain = append(c.N, n), append(c.Gain, n*(treated.mean-control.mean))
		c.Qini = append(c.Qini, treated.n*(treated.mean-control.mean))
	}
}

// area returns the area between a curve and the straight line to its end.
func area(x, y []float64) float64 {
	sum := 0.0
	for i := 1; i < len(x); i++ {
		sum += (x[i] - x[i-1]) * (y[i] + y[i-1]) / 2
	}
	last := len(x) - 1
	return sum - x[last]*y[last]/2
}

// AUUC returns the area between the gain curve and the line of treating at
// random, as a share of that of a ranking that knows the outcomes. 0 is
// chance, and values far below 1 are good: no score knows the outcomes. With
// few members or lopsided arms that ranking is not the best there is, and the
// share may be above 1. It takes outcomes of 0 and 1.
func (t Trial) AUUC() (float64, error) {
	p, err := t.prepare()
	if err != nil {
		return 0, err
	}
	return p.auuc(nil), nil
}

// Qini returns the same of the Qini curve, against a ranking with treated
// successes first and control successes last.
func (t Trial) Qini() (float64, error) {
	p, err := t.prepare()
	if err != nil {
		return 0, err
	}
	return p.qini(nil), nil
}

// QiniWithoutHarm returns the Qini area as a share of that of a ranking that
// is perfect if treatment harms nobody: the extra successes of the treated
// come first. It is NaN without such extra successes.
func (t Trial) QiniWithoutHarm() (float64, error) {
	if _, err := t.prepare(); err != nil {
		return 0, err
	}
	c := t.curve(rank(t.Score), nil)
	// Counted, so that arms which do just as well have no extra success from
	// rounding.
	var successes, members [2]float64
	for i, y := range t.Outcome {
		arm := 0
		if t.Treated[i] {
			arm = 1
		}
		successes[arm] += y
		members[arm]++
	}
	extra, n := (successes[1]*members[0]-successes[0]*members[1])/members[0], members[0]+members[1]
	if !(extra > 0) {
		return math.NaN(), nil
	}
	return area(c.N, c.Qini) / area([]float64{0, extra, n}, []float64{0, extra, extra}), nil
}

// prepared holds the rankings that areas need.
type prepared struct {
	t                        Trial
	score, perfect, bestQini ranking
	drawn, best              *Curve // memory for one resample after the other
}

func (t Trial) prepare() (prepared, error) {
	if err := t.check(); err != nil {
		return prepared{}, err
	}
	if !t.binary() {
		return prepared{}, errors.New("uplift: outcomes are not all 0 or 1; use the curve, groups or doubly robust scores for amounts")
	}
	gains, losses := 0, 0 // control successes, treated failures
	for i, y := range t.Outcome {
		switch {
		case y == 1 && !t.Treated[i]:
			gains++
		case y == 0 && t.Treated[i]:
			losses++
		}
	}
	best, qini := make([]float64, len(t.Score)), make([]float64, len(t.Score))
	for i, y := range t.Outcome {
		arm := 0.0
		if t.Treated[i] {
			arm = 1
		}
		if y == arm {
			best[i] = 2
		}
		if gains > losses {
			best[i] += y
		} else {
			best[i] += arm
		}
		qini[i] = y * (2*arm - 1)
	}
	p := prepared{t, rank(t.Score), rank(best), rank(qini), new(Curve), new(Curve)}
	gain, harm := t.curve(p.perfect, nil), t.curve(p.bestQini, nil)
	nothing := 1e-12 * float64(len(t.Score)) * float64(len(t.Score)) // an area of nothing but rounding
	if !(area(gain.N, gain.Gain) > nothing) || !(area(harm.N, harm.Qini) > nothing) {
		return prepared{}, errors.New("uplift: no ranking could do better than chance with these outcomes; too few of them differ")
	}
	return p, nil
}

func (p prepared) auuc(count []float64) float64 {
	p.t.draw(p.drawn, p.score, count)
	p.t.draw(p.best, p.perfect, count)
	return area(p.drawn.N, p.drawn.Gain) / area(p.best.N, p.best.Gain)
}

func (p prepared) qini(count []float64) float64 {
	p.t.draw(p.drawn, p.score, count)
	p.t.draw(p.best, p.bestQini, count)
	return area(p.drawn.N, p.drawn.Qini) / area(p.best.N, p.best.Qini)
}

// Range is an estimate with the limits of its interval.
type Range struct {
	Value, Low, High float64
}

// Interval returns AUUC and Qini with the percentile intervals of so many
// resamples of members, at least 100 and better 1000, at a level such as 0.95.
// The same source of random numbers gives the same limits. Being percentiles, they
// need not hold the value itself where the areas of resamples lean to one side, as
// they do with few members. Resamples that lack an arm are left out.
func (t Trial) Interval(level float64, resamples int, random *rand.Rand) (auuc, qini Range, err error) {
	if !(level > 0 && level < 1) {
		panic("uplift: level must be between 0 and 1")
	}
	if resamples < 100 {
		return Range{}, Range{}, fmt.Errorf("uplift: %d resamples; limits take at least 100", resamples)
	}
	p, err := t.prepare()
	if err != nil {
		return Range{}, Range{}, err
	}
	var a, q []float64
	resample(len(t.Score), resamples, random, func(count []float64) {
		a, q = append(a, p.auuc(count)), append(q, p.qini(count))
	})
	auuc, qini = limits(a, level), limits(q, level)
	auuc.Value, qini.Value = p.auuc(nil), p.qini(nil)
	return auuc, qini, nil
}

// resample calls with how often each member is drawn.
func resample(n, times int, random *rand.Rand, visit func(count []float64)) {
	count := make([]float64, n)
	for range times {
		clear(count)
		for range n {
			count[random.IntN(n)]++
		}
		visit(count)
	}
}

// limits returns the percentile interval of resampled values.
func limits(values []float64, level float64) Range {
	values = slices.DeleteFunc(values, math.IsNaN)
	if len(values) == 0 {
		return Range{math.NaN(), math.NaN(), math.NaN()}
	}
	slices.Sort(values)
	at := func(p float64) float64 {
		k := p * float64(len(values)-1)
		i := int(k)
		if i+1 >= len(values) {
			return values[len(values)-1]
		}
		return values[i] + (k-float64(i))*(values[i+1]-values[i])
	}
	return Range{Low: at((1 - level) / 2), High: at((1 + level) / 2)}
}
