package btyd

import (
	"errors"
	"math"
)

// ErrNoMaximum is returned when a search ended without a maximum.
var ErrNoMaximum = errors.New("btyd: the search for the maximum of the likelihood failed")

// thinned are the sizes of the samples on which a fit to many histories looks
// for a start.
var thinned = [...]int{4096, 16384, 65536}

// Fit fits the family of m, of which the parameters are not read, to the data
// by maximum likelihood:
//
//	fit, err := btyd.Fit(btyd.MBGNBD{}, data)
//
// Newton's method with the exact gradient and Hessian, in the logarithms of the
// parameters, starts from three points, on a sample first if there are many
// histories, and goes on from the best.
//
// Fit returns ErrNoRepeat, ErrNoTime, ErrNoGaps or ErrNotDiscrete if the data
// cannot answer and ErrNoMaximum if no start led to a maximum.
func Fit[M Model](m M, d *Data) (*Fitted[M], error) {
	if err := m.check(d); err != nil {
		return nil, err
	}
	starts := m.starts(d)
	var first []optimum
	sample := d.thin(thinned[0])
	for _, p := range starts {
		o := maximize(objective(m, plain(sample)), logs(p), 1e-4)
		if !math.IsNaN(o.value) && !math.IsInf(o.value, 0) {
			first = append(first, o)
		}
	}
	best, agree := -1, 0
	for i, o := range first {
		if best < 0 || o.value > first[best].value {
			best = i
		}
	}
	if best < 0 {
		return nil, ErrNoMaximum
	}
	for _, o := range first {
		if first[best].value-o.value <= 1e-3 {
			agree++
		}
	}
	o := first[best]
	steps := o.iterations
	for _, n := range thinned[1:] {
		if len(d.t) > 2*n {
			o = maximize(objective(m, plain(d.thin(n))), o.theta, 1e-2)
			steps += o.iterations
		}
	}
	o = maximize(objective(m, plain(d)), o.theta, decrement)
	o.iterations += steps
	f := &Fitted[M]{
		Members: d.members, Names: m.Names(), Starts: len(starts), Agreeing: agree,
		linear: dim,
		build:  func(p []float64) M { return m.with(p).(M) },
	}
	if err := f.finish(o); err != nil {
		return nil, err
	}
	f.bound(any(f.Model).(Model).limits(d))
	return f, nil
}

func logs(p []float64) []float64 {
	l := make([]float64, len(p))
	for i, v := range p {
		l[i] = math.Log(v)
	}
	return l
}
