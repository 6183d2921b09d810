package reserve

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// runoff is the chain ladder's pattern of redemption with its precision, as the over-
// dispersed Poisson model has it given what every origin has redeemed in all.
type runoff struct {
	cdf, share []float64 // factors to ultimate, and parts redeemed at each age
	dispersion float64
	df         int
	chol       mat.Cholesky // of the information by ln share, from age 1 on
	x, g       *mat.VecDense
}

func newRunoff(t *Triangle) (*runoff, error) {
	f, err := t.Factors(Volume, 0)
	if err != nil {
		return nil, err
	}
	ages := t.Ages()
	if ages < 2 {
		return nil, triangleError("1 age has no pattern of redemption; 2 at least are needed")
	}
	r := &runoff{cdf: ToUltimate(f, 1), share: make([]float64, ages), x: mat.NewVecDense(ages-1, nil), g: mat.NewVecDense(ages-1, nil)}
	for j, c := range r.cdf {
		r.share[j] = 1 / c
		if j > 0 {
			r.share[j] -= 1 / r.cdf[j-1]
		}
		if !(r.share[j] > 0) || math.IsInf(r.share[j], 0) {
			return nil, triangleError("age %d has no redemptions above 0 in sum, which the model can't have", j)
		}
	}
	info := mat.NewSymDense(ages-1, nil)
	var pearson float64
	cells := 0
	for _, row := range t.cum {
		sum := row[len(row)-1]
		if sum == 0 && len(row) > 1 {
			for _, c := range row {
				if c != 0 {
					return nil, triangleError("an origin has taken back all that it had redeemed, which the model can't have; leave it out")
				}
			}
		}
		if sum == 0 {
			continue // tells nothing of the pattern
		}
		known := 1 / r.cdf[len(row)-1]
		var before float64
		for j, c := range row {
			mu := sum * r.share[j] / known
			d := c - before - mu
			pearson += d * d / mu
			before = c
			for k := 1; k <= j; k++ {
				info.SetSym(k-1, j-1, info.At(k-1, j-1)-mu*r.share[k]/known)
			}
			if j > 0 {
				info.SetSym(j-1, j-1, info.At(j-1, j-1)+mu)
			}
		}
		cells += len(row) - 1
	}
	if cells <= ages-1 {
		return nil, triangleError("%d increments after the first of their origin are too few for the %d parameters of the pattern", cells, ages-1)
	}
	r.df = cells - (ages - 1)
	r.dispersion = pearson / float64(r.df)
	if !r.chol.Factorize(info) {
		return nil, triangleError("the information on the pattern is singular")
	}
	return r, nil
}

// open returns what is redeemed after the age.
func (r *runoff) open(age int) float64 { return 1 - 1/r.cdf[age] }

// addOpen adds c times the derivatives of open by ln share, the shares being scaled
// to add up to 1.
func (r *runoff) addOpen(to []float64, age int, c float64) {
	open := r.open(age)
	for j, v := range r.share {
		d := -open
		if j > age {
			d++
		}
		to[j] += c * v * d
	}
}

// variance returns that of what has the derivatives by ln share.
func (r *runoff) variance(gradient []float64) float64 {
	for j, v := range gradient[1:] {
		r.g.SetVec(j, v)
	}
	must(r.chol.SolveVecTo(r.x, r.g))
	return r.dispersion * math.Max(0, mat.Dot(r.g, r.x))
}
