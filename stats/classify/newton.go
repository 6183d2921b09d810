package classify

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

var errNoEstimate = errors.New("classify: no finite estimate: a covariate is a combination of others or separates the outcomes; leave it out, merge its levels, or use a ridge penalty")

// probability is the inverse of the link.
func probability(eta float64, l Link) float64 {
	if l == CLogLog {
		return -math.Expm1(-math.Exp(eta))
	}
	return 1 / (1 + math.Exp(-eta))
}

func linkOf(p float64, l Link) float64 {
	if l == CLogLog {
		return math.Log(-math.Log1p(-p))
	}
	return math.Log(p) - math.Log1p(-p)
}

// logLik is y ln p + (1-y) ln(1-p).
func logLik(y, eta float64, l Link) float64 {
	if l == CLogLog {
		h := math.Exp(eta)
		if y == 0 {
			return -h
		}
		return y*math.Log(-math.Expm1(-h)) - (1-y)*h
	}
	if eta > 0 {
		return -(1-y)*eta - math.Log1p(math.Exp(-eta))
	}
	return y*eta - math.Log1p(math.Exp(eta))
}

// slope returns the derivative of the log-likelihood by η, and the expected
// information.
func slope(y, eta float64, l Link) (gradient, information float64) {
	p := probability(eta, l)
	if l == Logit {
		return y - p, p * probability(-eta, l)
	}
	h := math.Exp(eta)
	if h == 0 {
		return y, 0
	}
	if math.IsInf(h, 1) {
		return -(1 - y) * h, 0
	}
	return (y - p) * h / p, h * h * math.Exp(-h) / p
}

// maximise finds the coefficients by Fisher scoring with halved steps.
func (m *problem) maximise() ([]float64, error) {
	const most, far = 200, 30.0
	_, p := m.z.Dims()
	b, next, step := make([]float64, p), make([]float64, p), make([]float64, p)
	b[0] = linkOf(m.positive/m.total, m.o.Link)
	grad, info := make([]float64, p), mat.NewSymDense(p, nil)
	value := m.evaluate(b, grad, info)
	for ; m.iterations < most; m.iterations++ {
		var ch mat.Cholesky
		if !ch.Factorize(m.penalised(info)) || ch.Cond() > 1e13 {
			return nil, errNoEstimate
		}
		if ch.SolveVecTo(mat.NewVecDense(p, step), mat.NewVecDense(p, grad)) != nil {
			return nil, errNoEstimate
		}
		gain := floats.Dot(grad, step)
		if gain < 1e-18*(1+math.Abs(value)) {
			m.plain, m.inverse = info, mat.NewSymDense(p, nil)
			if ch.InverseTo(m.inverse) != nil {
				return nil, errNoEstimate
			}
			for i := range p {
				if !(m.inverse.At(i, i) < 1e6) {
					return nil, errNoEstimate
				}
			}
			floats.Add(b, step) // what is left, too little to judge by the value
			return b, nil
		}
		better := math.Inf(-1)
		for range 60 {
			floats.AddTo(next, b, step)
			if better = m.evaluate(next, grad, info); better >= value-1e-13*math.Abs(value) {
				break
			}
			floats.Scale(0.5, step)
		}
		copy(b, next)
		value = better
		if floats.Norm(b[1:], math.Inf(1)) > far || math.IsInf(value, 0) {
			break
		}
	}
	return nil, errNoEstimate
}

func (m *problem) penalised(info *mat.SymDense) *mat.SymDense {
	h := mat.NewSymDense(len(m.penalty), nil)
	h.CopySym(info)
	for j, v := range m.penalty {
		h.SetSym(j, j, h.At(j, j)+v)
	}
	return h
}

// evaluate returns the penalised log-likelihood and sets its gradient, and the
// information without the penalty.
func (m *problem) evaluate(b, grad []float64, info *mat.SymDense) float64 {
	clear(grad)
	info.Zero()
	upper, p := info.RawSymmetric().Data, len(b)
	m.logLik = 0
	for i, y := range m.y {
		w, z := m.weight(i), m.z.RawRowView(i)
		if w == 0 {
			continue
		}
		eta := floats.Dot(b, z)
		g, h := slope(y, eta, m.o.Link)
		m.logLik += w * logLik(y, eta, m.o.Link)
		for j, v := range z {
			grad[j] += w * g * v
			for k := j; k < p; k++ {
				upper[j*p+k] += w * h * v * z[k]
			}
		}
	}
	value := m.logLik
	for j, v := range m.penalty {
		value -= v * b[j] * b[j] / 2
		grad[j] -= v * b[j]
	}
	if math.IsNaN(value) {
		return math.Inf(-1)
	}
	return value
}

// squares sums the squared scores of clusters at b. It is NaN where all rows with
// weight are of one cluster: how clusters differ is then unknown.
func (m *problem) squares(b []float64) *mat.SymDense {
	_, p := m.z.Dims()
	place := make(map[int]int)
	var sums []float64
	first, several := -1, false
	for i, y := range m.y {
		c := i
		if m.o.Cluster != nil {
			c = m.o.Cluster[i]
		}
		k, ok := place[c]
		if !ok {
			k = len(place)
			place[c] = k
			sums = append(sums, make([]float64, p)...)
		}
		if m.weight(i) > 0 && k != first {
			if first >= 0 {
				several = true
			}
			first = k
		}
		z := m.z.RawRowView(i)
		g, _ := slope(y, floats.Dot(b, z), m.o.Link)
		floats.AddScaled(sums[k*p:(k+1)*p], m.weight(i)*g, z)
	}
	out := mat.NewSymDense(p, nil)
	if !several {
		for i := range p {
			for j := i; j < p; j++ {
				out.SetSym(i, j, math.NaN())
			}
		}
		return out
	}
	out.SymOuterK(1, mat.NewDense(len(place), p, sums).T())
	return out
}
