package survival

import (
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/special"
)

// Test is a chi-squared test.
type Test struct {
	ChiSquare float64
	DF        int
	P         float64
}

// ProportionalHazards tests, for each term and for all of them, whether
// coefficients change with time: the score test of adding x g(t) to the model,
// for g one less the Kaplan-Meier curve just before t. A term is a set of
// columns that are judged together, such as the levels of a tier; without
// terms each column is one. A small P says that the hazard ratio is an average
// over the time observed, and that other follow-up would give another.
//
// It returns an error when all events are at one time, so that nothing can
// change.
//
// Source: P. M. Grambsch and T. M. Therneau (1994), Proportional hazards tests
// and diagnostics based on weighted residuals, Biometrika 81, 515-526, with the
// exact information in place of its average.
func (f CoxFit) ProportionalHazards(terms ...[]int) (each []Test, global Test, err error) {
	p := len(f.b)
	if len(terms) == 0 {
		for j := range p {
			terms = append(terms, []int{j})
		}
	}
	clock, err := f.clock()
	if err != nil {
		return nil, Test{}, err
	}
	u, info := make([]float64, p), mat.NewSymDense(2*p, nil)
	f.r.weigh(f.b)
	f.r.walk(true, func(e draw) {
		g := clock(e.time)
		if e.first {
			for _, row := range e.died {
				floats.AddScaled(u, g*f.r.d.weight(row), f.r.x.RawRowView(row))
			}
		}
		floats.AddScaled(u, -g*e.weight, e.mean)
		for i := range p {
			for j := range p {
				c := e.weight * e.cov[i*p+j]
				info.SetSym(i, p+j, info.At(i, p+j)+g*c)
				if i <= j {
					info.SetSym(i, j, info.At(i, j)+c)
					info.SetSym(p+i, p+j, info.At(p+i, p+j)+g*g*c)
				}
			}
		}
	})
	all := make([]int, p)
	for j := range all {
		all[j] = j
	}
	for i, term := range append(slices.Clone(terms), all) {
		size := p + len(term)
		v, s := mat.NewSymDense(size, nil), make([]float64, size)
		place := append(slices.Clone(all), term...)
		for k := p; k < size; k++ {
			if place[k] < 0 || place[k] >= p {
				panic(fmt.Sprintf("survival: column %d of %d", place[k], p))
			}
			s[k] = u[place[k]]
			place[k] += p
		}
		for a := range size {
			for b := a; b < size; b++ {
				v.SetSym(a, b, info.At(place[a], place[b]))
			}
		}
		chi2, ok := quadratic(v, s)
		if !ok {
			return nil, Test{}, errors.New("survival: too few distinct times of events to see a change of the coefficients")
		}
		t := Test{ChiSquare: chi2, DF: len(term), P: special.ChiSquareSurvival(chi2, float64(len(term)))}
		if i == len(terms) {
			return each, t, nil
		}
		each = append(each, t)
	}
	panic("unreachable")
}

// clock returns g(t), centred over the events.
func (f CoxFit) clock() (func(float64) float64, error) {
	d := f.r.d
	d.Weight = nil
	if f.r.d.Weight != nil {
		// Rows of weight 0 are not there.
		d.Event = slices.Clone(d.Event)
		for i, w := range f.r.d.Weight {
			if w == 0 {
				d.Event[i] = 0
			}
		}
	}
	km, err := KaplanMeier(d)
	if err != nil {
		return nil, err
	}
	before := func(t float64) float64 {
		if i := through(km.Time, t); i > 1 {
			return 1 - km.Survival[i-2]
		}
		return 0
	}
	mean, n := 0.0, 0.0
	for i, t := range d.Stop {
		if d.Event[i] > 0 {
			n++
			mean += (before(t) - mean) / n
		}
	}
	return func(t float64) float64 { return before(t) - mean }, nil
}
