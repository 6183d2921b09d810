package reserve

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// ODPFit is the over-dispersed Poisson model of a triangle. Its Total holds the
// sum of Latest over the origins, as the other fits do.
type ODPFit struct {
	Dispersion float64
	Origins    []OriginReserve
	Total      OriginReserve
}

// ODP fits increments with mean exp(c + a_i + b_j), origin and age as factors,
// and variance in proportion to the mean (Renshaw and Verrall 1998; England and
// Verrall 1999). The reserves are those of the chain ladder; the errors are
//
//	SE² = phi sum mu + phi m' (X'WX)⁻¹ m, m the sum of mu x over the future,
//
// phi being Pearson's chi-square over the degrees of freedom. Negative
// increments are allowed as long as every origin and age sums above 0. A fit has
// as many parameters as origins and ages, so that it needs a triangle of 3 by 3.
func ODP(t *Triangle) (*ODPFit, error) {
	f, err := t.Factors(Volume, 0)
	if err != nil {
		return nil, err
	}
	n, ages := t.Origins(), t.Ages()
	cdf := ToUltimate(f, 1)
	ultimate := t.ChainLadder(cdf)
	weight := make([]float64, ages) // what an origin redeems at each age
	for j, c := range cdf {
		weight[j] = 1 / c
		if j > 0 {
			weight[j] -= 1 / cdf[j-1]
		}
		if !(weight[j] > 0) || math.IsInf(weight[j], 0) {
			return nil, triangleError("age %d has no redemptions above 0 in sum, which the model can't have", j)
		}
	}
	p := n + ages - 1
	info := mat.NewSymDense(p, nil)
	column := func(j int) int { return n + j - 1 } // of age j above 0
	add := func(m *mat.SymDense, i, j int, mu float64) {
		m.SetSym(i, i, m.At(i, i)+mu)
		if j > 0 {
			c := column(j)
			m.SetSym(c, c, m.At(c, c)+mu)
			m.SetSym(i, c, m.At(i, c)+mu)
		}
	}
	var pearson float64
	cells := 0
	for i, row := range t.cum {
		if !(ultimate[i] > 0) {
			return nil, triangleError("origin %d has no redemptions, which the model can't have; leave it out", i)
		}
		var before float64
		for j, c := range row {
			mu := ultimate[i] * weight[j]
			d := c - before - mu
			pearson += d * d / mu
			add(info, i, j, mu)
			before = c
			cells++
		}
	}
	if cells <= p {
		return nil, triangleError("%d cells are too few for the %d parameters of the model", cells, p)
	}
	var chol mat.Cholesky
	if !chol.Factorize(info) {
		return nil, triangleError("the model's information is singular")
	}
	fit := &ODPFit{Dispersion: pearson / float64(cells-p), Origins: make([]OriginReserve, n)}
	m, total, x := mat.NewVecDense(p, nil), mat.NewVecDense(p, nil), mat.NewVecDense(p, nil)
	for i, c := range t.Latest() {
		m.Zero()
		r := OriginReserve{Latest: c, Ultimate: ultimate[i]}
		for j := t.Age(i) + 1; j < ages; j++ {
			mu := ultimate[i] * weight[j]
			r.Reserve += mu
			m.SetVec(i, m.AtVec(i)+mu)
			m.SetVec(column(j), mu)
		}
		total.AddVec(total, m)
		if err := fit.errors(&r, &chol, m, x); err != nil {
			return nil, err
		}
		fit.Origins[i] = r
		fit.Total.Latest += r.Latest
		fit.Total.Ultimate += r.Ultimate
		fit.Total.Reserve += r.Reserve
	}
	if err := fit.errors(&fit.Total, &chol, total, x); err != nil {
		return nil, err
	}
	return fit, nil
}

// errors fills in the standard errors of r, whose future sums m; x is scratch.
func (fit *ODPFit) errors(r *OriginReserve, chol *mat.Cholesky, m, x *mat.VecDense) error {
	if err := chol.SolveVecTo(x, m); err != nil {
		return triangleError("the model's information is near singular: %v", err)
	}
	process, parameter := fit.Dispersion*r.Reserve, fit.Dispersion*mat.Dot(m, x)
	r.Process, r.Parameter = math.Sqrt(max(0, process)), math.Sqrt(max(0, parameter))
	r.SE = math.Sqrt(max(0, process) + max(0, parameter))
	return nil
}
