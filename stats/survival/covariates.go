package survival

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// standardise returns the covariates with mean 0 and standard deviation 1.
func standardise(x mat.Matrix, d Data) (z *mat.Dense, mean, scale []float64, err error) {
	n, p := x.Dims()
	z, mean, scale = mat.NewDense(n, p, nil), make([]float64, p), make([]float64, p)
	for j := range p {
		total, ss := 0.0, 0.0
		for i := range n {
			v := x.At(i, j)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, nil, nil, fmt.Errorf("survival: covariate %d of row %d is %v; leave the row out or fill it in", j, i, v)
			}
			w := d.weight(i)
			if w == 0 {
				continue
			}
			total += w
			delta := v - mean[j]
			mean[j] += delta * w / total
			ss += w * delta * (v - mean[j])
		}
		scale[j] = math.Sqrt(ss / total)
		if !(scale[j] > 1e-13*math.Abs(mean[j])) || math.IsInf(scale[j], 0) {
			return nil, nil, nil, fmt.Errorf("survival: covariate %d is constant or out of range; leave it out", j)
		}
		for i := range n {
			z.Set(i, j, (x.At(i, j)-mean[j])/scale[j])
		}
	}
	return z, mean, scale, nil
}

// quadratic returns u'V⁻¹u.
func quadratic(v *mat.SymDense, u []float64) (float64, bool) {
	var ch mat.Cholesky
	if !ch.Factorize(v) {
		return 0, false
	}
	b, s := mat.NewVecDense(len(u), u), mat.NewVecDense(len(u), nil)
	if err := ch.SolveVecTo(s, b); err != nil {
		return 0, false
	}
	return mat.Dot(b, s), true
}
