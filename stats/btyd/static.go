package btyd

import (
	"errors"
	"fmt"
	"math"
)

// Static is a model whose parameters depend on covariates of the member that do
// not change, such as the channel of enrolment or the tier at the start. With
// the covariates z of purchase and y of dropout the member's model is Base with
//
//	Alpha exp(-Trans·z), so that the rate of purchase is exp(Trans·z) times that of Base,
//
// and with exp(Life·y) times the rate of dropout (ParetoNBD: Beta exp(-Life·y)),
// times the odds of dropout (MBGNBD, MBGCNBD: A exp(Life·y)), or, for BGNBD, as
// is usual there, times both A and B.
//
// See P. S. Fader and B. G. S. Hardie, "Incorporating time-invariant covariates
// into the Pareto/NBD and BG/NBD models", 2007 (note 19).
type Static[M Model] struct {
	Base        M
	Trans, Life []float64
}

// For returns the model of a member with the covariates. It panics if their
// numbers are not those of the fit.
func (s Static[M]) For(trans, life []float64) M {
	p := s.Base.Params()
	t, l := s.Base.effects()
	a, b := dot(s.Trans, trans), dot(s.Life, life)
	for i := range p {
		p[i] *= math.Exp(t[i]*a + l[i]*b)
	}
	return s.Base.with(p).(M)
}

func dot(a, b []float64) float64 {
	if len(a) != len(b) {
		panic("btyd: slice length mismatch")
	}
	var s float64
	for i, v := range a {
		s += v * b[i]
	}
	return s
}

// ErrNoCovariates is returned for a model that has no covariates.
var ErrNoCovariates = errors.New("btyd: the model has no static covariates")

// FitStatic fits the family of m with static covariates by maximum likelihood.
// Trans and life hold the covariates of each history, rows of equal length; nil
// stands for none. Members with the same covariates are fitted as one group, so
// that few distinct covariates make for a fast fit.
//
// The parameters are those of Base, then Trans, then Life. A covariate that is
// the same for all members cannot be told from Base: the Boundary says so.
//
// FitStatic returns the errors of NewData and Fit, ErrNoCovariates, or an error
// that names the first covariate that is not finite. It panics if lengths differ.
func FitStatic[M Model](m M, h []History, weights []float64, trans, life [][]float64) (*Fitted[Static[M]], error) {
	if t, _ := m.effects(); t == [dim]float64{} {
		return nil, ErrNoCovariates
	}
	d, err := NewData(h, weights)
	if err != nil {
		return nil, err
	}
	base, err := Fit(m, d)
	if err != nil {
		return nil, err
	}
	nt, nl := width(trans, len(h)), width(life, len(h))
	segments, err := covariateSegments(m, h, weights, trans, life, nt, nl)
	if err != nil {
		return nil, err
	}
	start := make([]float64, dim+nt+nl)
	copy(start, base.theta)
	o := maximize(objective(m, segments), start, decrement)
	o.iterations += base.Iterations
	f := &Fitted[Static[M]]{
		Members: d.members, Names: append([]string(nil), base.Names...),
		Starts: base.Starts, Agreeing: base.Agreeing, linear: dim,
		build: func(p []float64) Static[M] {
			return Static[M]{Base: m.with(p[:dim]).(M), Trans: p[dim : dim+nt], Life: p[dim+nt:]}
		},
	}
	for i := range nt {
		f.Names = append(f.Names, fmt.Sprintf("trans.%d", i+1))
	}
	for i := range nl {
		f.Names = append(f.Names, fmt.Sprintf("life.%d", i+1))
	}
	if err := f.finish(o); err != nil {
		return nil, err
	}
	f.bound(f.Model.Base.limits(d))
	return f, nil
}

// width returns the number of covariates in the n rows of z.
func width(z [][]float64, n int) int {
	if z == nil {
		return 0
	}
	if len(z) != n {
		panic("btyd: slice length mismatch")
	}
	w := 0
	if n > 0 {
		w = len(z[0])
	}
	for _, r := range z {
		if len(r) != w {
			panic("btyd: slice length mismatch")
		}
	}
	return w
}

// covariateSegments returns a segment for each set of covariates, in the order
// in which they come first.
func covariateSegments(m Model, h []History, weights []float64, trans, life [][]float64, nt, nl int) ([]segment, error) {
	type rows struct {
		z []float64
		h []History
		w []float64
	}
	index := make(map[string]int)
	var sets []rows
	z := make([]float64, nt+nl)
	for i := range h {
		if nt > 0 {
			copy(z, trans[i])
		}
		if nl > 0 {
			copy(z[nt:], life[i])
		}
		for j, v := range z {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("btyd: covariate %d of history %d is not finite", j, i)
			}
		}
		w := weightAt(weights, len(h), i)
		if w == 0 {
			continue
		}
		key := fmt.Sprint(z)
		at, ok := index[key]
		if !ok {
			at = len(sets)
			index[key] = at
			sets = append(sets, rows{z: append([]float64(nil), z...)})
		}
		sets[at].h = append(sets[at].h, h[i])
		sets[at].w = append(sets[at].w, w)
	}
	t, l := m.effects()
	segments := make([]segment, len(sets))
	for i, r := range sets {
		d, err := NewData(r.h, r.w)
		if err != nil {
			return nil, err
		}
		s := segment{data: d}
		for p := range s.design {
			row := make([]float64, dim+nt+nl)
			row[p] = 1
			for j, v := range r.z {
				if j < nt {
					row[dim+j] = t[p] * v
				} else {
					row[dim+j] = l[p] * v
				}
			}
			s.design[p] = row
		}
		segments[i] = s
	}
	return segments, nil
}
