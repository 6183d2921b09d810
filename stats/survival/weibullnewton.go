package survival

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// weibull holds the data by log time.
type weibull struct {
	d           Data
	z           *mat.Dense // nil without covariates
	stop, start []float64  // logarithms
	shift       float64
}

// maximise finds the coefficients by Newton's method with halved steps, from
// the given ones.
func (m weibull) maximise(b []float64) (float64, *mat.SymDense, error) {
	p := len(b)
	next, step, grad, info := make([]float64, p), make([]float64, p), make([]float64, p), mat.NewSymDense(p, nil)
	lik := m.evaluate(b, grad, info)
	for range 200 {
		// Late entry can bend the likelihood the wrong way far from its top.
		var ch mat.Cholesky
		ridge := 0.0
		for !ch.Factorize(info) {
			if ridge = 10*ridge + 1e-6; ridge > 1e12 {
				return 0, nil, errNoEstimate
			}
			for i := range p {
				info.SetSym(i, i, info.At(i, i)+ridge*(1+math.Abs(info.At(i, i))))
			}
		}
		if ch.Cond() > 1e13 {
			return 0, nil, errNoEstimate
		}
		if err := ch.SolveVecTo(mat.NewVecDense(p, step), mat.NewVecDense(p, grad)); err != nil {
			return 0, nil, fmt.Errorf("survival: solve for the coefficients: %w", err)
		}
		gain := floats.Dot(grad, step)
		if gain < 1e-18*(1+math.Abs(lik)) && ridge == 0 {
			cov := mat.NewSymDense(p, nil)
			if err := ch.InverseTo(cov); err != nil {
				return 0, nil, fmt.Errorf("survival: invert the information: %w", err)
			}
			if flat(cov) {
				break
			}
			floats.Add(b, step) // what is left, too little to judge by lik
			return lik, cov, nil
		}
		better := math.Inf(-1)
		for range 60 {
			floats.AddTo(next, b, step)
			if next[p-1] > 0 {
				if better = m.evaluate(next, grad, info); better >= lik-1e-13*math.Abs(lik) {
					break
				}
			}
			floats.Scale(0.5, step)
		}
		copy(b, next)
		lik = better
		if b[p-1] > 1e6 || floats.Norm(b[:p-1], math.Inf(1)) > 1e6 || math.IsInf(lik, 0) {
			break
		}
	}
	return 0, nil, errNoEstimate
}

// evaluate returns the log-likelihood and sets its gradient and information.
func (m weibull) evaluate(b, grad []float64, info *mat.SymDense) float64 {
	clear(grad)
	info.Zero()
	p := len(b)
	shape, lik := b[p-1], 0.0
	feature := make([]float64, p)
	feature[0] = 1
	add := func(hazard float64) {
		for i, v := range feature {
			grad[i] -= hazard * v
			for j := i; j < p; j++ {
				info.SetSym(i, j, info.At(i, j)+hazard*v*feature[j])
			}
		}
		lik -= hazard
	}
	for i, u := range m.stop {
		w := m.d.weight(i)
		if w == 0 {
			continue
		}
		if m.z != nil {
			copy(feature[1:p-1], m.z.RawRowView(i))
		}
		feature[p-1] = u - m.shift
		eta := floats.Dot(b, feature)
		add(w * math.Exp(eta))
		if m.d.Event[i] > 0 {
			lik += w * (eta + math.Log(shape) - u)
			floats.AddScaled(grad, w, feature)
			grad[p-1] += w / shape
			info.SetSym(p-1, p-1, info.At(p-1, p-1)+w/(shape*shape))
		}
		if !math.IsInf(m.start[i], -1) {
			feature[p-1] = m.start[i] - m.shift
			add(-w * math.Exp(floats.Dot(b, feature)))
		}
	}
	if math.IsNaN(lik) {
		return math.Inf(-1)
	}
	return lik
}
