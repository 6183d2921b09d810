package survival

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// maximise finds the coefficients by Newton's method with halved steps and
// returns the inverse information.
func (f *CoxFit) maximise() (*mat.SymDense, error) {
	const most, far = 60, 25.0
	p := len(f.b)
	b, step := make([]float64, p), make([]float64, p)
	grad, info := make([]float64, p), mat.NewSymDense(p, nil)
	lik := f.evaluate(b, grad, info)
	f.NullLogLik = lik
	var ch mat.Cholesky
	for f.Iterations = 0; ; f.Iterations++ {
		if !ch.Factorize(info) || ch.Cond() > 1e13 {
			return nil, errNoEstimate
		}
		if err := ch.SolveVecTo(mat.NewVecDense(p, step), mat.NewVecDense(p, grad)); err != nil {
			return nil, fmt.Errorf("survival: solve for the coefficients: %w", err)
		}
		gain := floats.Dot(grad, step)
		if f.Iterations == 0 {
			f.Score = gain
		}
		if gain < 1e-20*math.Abs(lik)+1e-20 {
			break
		}
		if f.Iterations == most {
			return nil, errNoEstimate
		}
		floats.AddTo(f.b, b, step)
		next := f.evaluate(f.b, grad, info)
		for range 40 {
			if next >= lik-1e-12*math.Abs(lik) {
				break
			}
			floats.Scale(0.5, step)
			floats.AddTo(f.b, b, step)
			next = f.evaluate(f.b, grad, info)
		}
		copy(b, f.b)
		if floats.Norm(b, math.Inf(1)) > far {
			return nil, errNoEstimate
		}
		// A step that gains less than rounding is the last.
		done := next-lik <= 1e-14*math.Abs(lik) && gain < 1e-12*math.Abs(lik)
		lik = next
		if done {
			if !ch.Factorize(info) {
				return nil, errNoEstimate
			}
			break
		}
	}
	copy(f.b, b)
	f.LogLik = lik
	cov := mat.NewSymDense(p, nil)
	if err := ch.InverseTo(cov); err != nil {
		return nil, fmt.Errorf("survival: invert the information: %w", err)
	}
	if flat(cov) {
		return nil, errNoEstimate
	}
	return cov, nil
}

var errNoEstimate = errors.New("survival: no finite estimate: a covariate is a combination of others, does not vary among those at risk, or separates those with events from the others; leave it out or merge its levels")

// flat reports whether the likelihood hardly depends on one of the
// standardised coefficients, which happens as it goes to infinity: of such a one,
// a standard error of 100 says nothing.
func flat(cov *mat.SymDense) bool {
	for i := range cov.SymmetricDim() {
		if !(cov.At(i, i) < 1e4) {
			return true
		}
	}
	return false
}

// evaluate returns the log-likelihood of coefficients of the standardised
// covariates, -Inf where it overflows, and sets its gradient and information.
func (f *CoxFit) evaluate(b, grad []float64, info *mat.SymDense) float64 {
	clear(grad)
	info.Zero()
	if !f.r.weigh(b) {
		return math.Inf(-1)
	}
	upper := info.RawSymmetric().Data // as cov, p by p
	lik := 0.0
	f.r.walk(true, func(e draw) {
		if e.first {
			for _, row := range e.died {
				w, x := f.r.d.weight(row), f.r.x.RawRowView(row)
				lik += w * floats.Dot(b, x)
				floats.AddScaled(grad, w, x)
			}
		}
		lik -= e.weight * math.Log(e.total)
		floats.AddScaled(grad, -e.weight, e.mean)
		floats.AddScaled(upper, e.weight, e.cov)
	})
	if math.IsNaN(lik) {
		return math.Inf(-1)
	}
	return lik
}
