package btyd

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// segment is data that share one set of parameters, whose logarithms are linear
// in those of the fit: design has a row for each parameter of the model.
type segment struct {
	data   *Data
	design [dim][]float64
}

// plain returns the one segment of a fit without covariates.
func plain(d *Data) []segment {
	s := segment{data: d}
	for i := range s.design {
		s.design[i] = make([]float64, dim)
		s.design[i][i] = 1
	}
	return []segment{s}
}

// params sets p to the parameters of the model in the segment.
func (s *segment) params(theta, p []float64) {
	for i := range p {
		var l float64
		for j, c := range s.design[i] {
			l += c * theta[j]
		}
		p[i] = math.Exp(l)
	}
}

// objective returns the log-likelihood of the segments under m as a function of
// the log-parameters of the fit.
func objective(m Model, segments []segment) func(theta, grad []float64, hess *mat.SymDense) float64 {
	p := make([]float64, dim)
	return func(theta, grad []float64, hess *mat.SymDense) float64 {
		clear(grad)
		hess.Zero()
		var sum float64
		for i := range segments {
			s := &segments[i]
			s.params(theta, p)
			var g [dim]float64
			var h [dim][dim]float64
			sum += m.with(p).eval(s.data, &g, &h)
			s.add(p, &g, &h, grad, hess)
		}
		return sum
	}
}

// add adds to grad and hess what the derivatives g and h by the parameters p
// are by the log-parameters of the fit.
func (s *segment) add(p []float64, g *[dim]float64, h *[dim][dim]float64, grad []float64, hess *mat.SymDense) {
	for i := range dim {
		g[i] *= p[i]
		for j := i; j < dim; j++ {
			h[i][j] *= p[i] * p[j]
			if i == j {
				h[i][i] += g[i]
			}
			h[j][i] = h[i][j]
		}
	}
	for k := range grad {
		for i := range dim {
			grad[k] += s.design[i][k] * g[i]
		}
		for l := k; l < len(grad); l++ {
			v := hess.At(k, l)
			for i := range dim {
				if s.design[i][k] == 0 {
					continue
				}
				for j := range dim {
					v += s.design[i][k] * h[i][j] * s.design[j][l]
				}
			}
			hess.SetSym(k, l, v)
		}
	}
}
