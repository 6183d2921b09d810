package pullmetrics

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"loyaltymcp/stats/proportion"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// interval returns the interval that a definition asks for in a place, nil
// where it asks for none or the data can't give it.
func (e evaluator) interval(d metric.Definition, p place) *[2]float64 {
	s := spanOf(d)
	switch d.Interval {
	case metric.Wilson:
		count := proportion.Count{Successes: int64(e.sum(d.Top(), s, p)), N: int64(e.sum(d.Bottom(), s, p))}
		if i, err := proportion.Wilson(count, run.Confidence); err == nil {
			return &[2]float64{*run.Round(i.Low), *run.Round(i.High)}
		}
	case metric.NPS:
		count := func(x metric.Expression) int64 {
			return int64(e.sum(metric.Expression{{Factor: 1, Measure: x[0].Measure}}, s, p))
		}
		promoters, detractors := count(d.Top()[:1]), count(d.Top()[1:])
		if i, err := proportion.NPS(promoters, count(d.Bottom())-promoters-detractors, detractors, run.Confidence); err == nil {
			return &[2]float64{*run.Round(i.Low), *run.Round(i.High)}
		}
	case metric.Delta:
		if low, high, ok := e.delta(d, p); ok {
			return &[2]float64{*run.Round(low), *run.Round(high)}
		}
	}
	return nil
}

// delta returns the interval of a ratio of sums R = A/B over members, by the
// delta method: members are drawn independently, member i adds a_i to A and
// b_i to B, and
//
//	var R = n/(n-1) * sum (a_i - R b_i)^2 / B^2
//
// over the n members who add to B (Cochran, Sampling Techniques, 3rd edition,
// 6.4), with the quantile of Student's t of n-1 degrees. The sum is expanded
// into those of a_i^2, a_i b_i and b_i^2, which the engine returns. Where B
// counts members of another source, each of them has b_i = 1. Where B sums
// another source, who adds to both is not known: then the sum of a_i b_i is taken
// as 0, the least that amounts of one sign come to, so that the interval is too
// wide rather than too narrow.
func (e evaluator) delta(d metric.Definition, p place) (low, high float64, ok bool) {
	s := spanOf(d)
	f := e.found.at(s, p)
	top, bottom := d.Top(), d.Bottom()
	a, b := e.sum(top, s, p), e.sum(bottom, s, p)
	counted := bottom[0].Measure
	n := 0.0 // where several sums make the bottom, the least that it can be
	for _, t := range bottom {
		n = math.Max(n, e.behind(t.Measure, s, p))
	}
	if b <= 0 || n < 2 {
		return 0, 0, false
	}
	product := func(x, y metric.Expression) float64 {
		total := 0.0
		for _, i := range x {
			for _, j := range y {
				pair := [2]string{i.Measure.String(), j.Measure.String()}
				if pair[0] > pair[1] {
					pair[0], pair[1] = pair[1], pair[0]
				}
				total += i.Factor * j.Factor * f.products[pair]
			}
		}
		return total
	}
	aa, ab, bb := product(top, top), product(top, bottom), product(bottom, bottom)
	if top[0].Measure.Source != counted.Source {
		if source, _ := e.sources.Find(counted.Source); !source.Person || len(bottom) > 1 || counted.Aggregate == metric.SumColumn {
			ab = 0 // who adds to both is not known
		} else {
			ab, bb = a, b
		}
	}
	r := a / b
	variance := n / (n - 1) * math.Max(0, aa-2*r*ab+r*r*bb) / (b * b)
	half := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(1-(1-run.Confidence)/2) * math.Sqrt(variance)
	return r - half, r + half, true
}
