package survival

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// WeibullFit is a proportional-hazards model with the cumulative hazard
//
//	H(t | x) = t^Shape exp(Coef[0] + Coef[1] x_0 + ...).
//
// A Shape below 1 means that the hazard falls with time: those who stayed long
// leave less.
type WeibullFit struct {
	Coef   []float64 // the constant first
	Shape  float64
	Cov    *mat.SymDense // of Coef and then Shape
	LogLik float64
}

// Weibull fits the model by maximum likelihood, with a row of x for each row of
// the data; x may be nil for no covariates. Times are positive, and rows that
// start later count from then on. Strata and clusters are not used.
//
// Being parametric it answers beyond the data, where it is as good as the
// assumption: compare it with [KaplanMeier] within the data first.
//
// It returns an error for data that Cox has one for, for times that are not
// positive, and when events are so alike in time that the shape is unbounded
// (the message then speaks of no finite estimate).
//
// Source: J. D. Kalbfleisch and R. L. Prentice (1980), The Statistical Analysis
// of Failure Time Data, section 3.5.
func Weibull(d Data, x mat.Matrix) (WeibullFit, error) {
	if err := d.check(1); err != nil {
		return WeibullFit{}, err
	}
	n := len(d.Stop)
	for i, stop := range d.Stop {
		if stop <= 0 {
			return WeibullFit{}, fmt.Errorf("survival: row %d stops at %v; times are positive, counted from the beginning", i, stop)
		}
	}
	m := weibull{d: d, stop: make([]float64, n), start: make([]float64, n)}
	p := 0
	var mean, scale []float64
	if x != nil {
		rows, columns := x.Dims()
		if rows != n {
			panic("survival: one row of covariates a row of data is needed")
		}
		var err error
		if m.z, mean, scale, err = standardise(x, d); err != nil {
			return WeibullFit{}, err
		}
		p = columns
	}
	events, weights, exposure := 0.0, 0.0, 0.0
	for i := range n {
		w := d.weight(i)
		m.stop[i], m.start[i] = math.Log(d.Stop[i]), math.Log(math.Max(0, d.start(i)))
		weights += w
		m.shift += w * m.stop[i]
		exposure += w * (d.Stop[i] - math.Max(0, d.start(i)))
		if d.Event[i] > 0 {
			events += w
		}
	}
	m.shift /= weights
	b := make([]float64, p+2)
	b[0], b[p+1] = math.Log(events/exposure)+m.shift, 1
	lik, cov, err := m.maximise(b)
	if err != nil {
		return WeibullFit{}, err
	}
	// Back from standardised covariates and shifted log times.
	back := mat.NewDense(p+2, p+2, nil)
	back.Set(0, 0, 1)
	back.Set(0, p+1, -m.shift)
	back.Set(p+1, p+1, 1)
	for j := range p {
		back.Set(0, j+1, -mean[j]/scale[j])
		back.Set(j+1, j+1, 1/scale[j])
	}
	var theta mat.VecDense
	theta.MulVec(back, mat.NewVecDense(p+2, b))
	var half, full mat.Dense
	half.Mul(back, cov)
	full.Mul(&half, back.T())
	out := WeibullFit{Coef: make([]float64, p+1), Shape: theta.AtVec(p + 1), Cov: mat.NewSymDense(p+2, nil), LogLik: lik}
	for i := range p + 2 {
		if i <= p {
			out.Coef[i] = theta.AtVec(i)
		}
		for j := i; j < p+2; j++ {
			out.Cov.SetSym(i, j, full.At(i, j))
		}
	}
	return out, nil
}

// Survival returns the share without event after time t for covariates x.
func (f WeibullFit) Survival(t float64, x ...float64) float64 {
	if len(x) != len(f.Coef)-1 {
		panic("survival: one value a covariate is needed")
	}
	if t <= 0 {
		return 1
	}
	return math.Exp(-math.Exp(f.Coef[0] + floats.Dot(f.Coef[1:], x) + f.Shape*math.Log(t)))
}

// Accelerated returns the same model as log time: ln T = b[0] + b[1] x_0 + ...
// + scale W, for W the logarithm of a standard exponential variable.
func (f WeibullFit) Accelerated() (b []float64, scale float64) {
	b = make([]float64, len(f.Coef))
	for i, c := range f.Coef {
		b[i] = -c / f.Shape
	}
	return b, 1 / f.Shape
}
