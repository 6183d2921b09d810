package uplift

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Projection regresses scores on covariates by least squares, with a constant
// added: whom the effect depends on, as far as a line tells. Standard errors
// are HC3, right for scores of any spread.
//
// The constant comes first in the result.
//
// It returns an error for covariates that are constant or combinations of
// others, for one that tells a single member from all others, whose own error
// nothing tells of, and for values that are not finite.
//
// Source: V. Semenova and V. Chernozhukov (2021), Debiased machine learning of
// conditional average treatment effects and other causal functions,
// Econometrics Journal 24, 264-289; J. G. MacKinnon and H. White (1985), Journal
// of Econometrics 29, 305-325.
func Projection(scores []float64, x mat.Matrix) ([]Effect, error) {
	n, p := x.Dims()
	if n != len(scores) {
		panic("uplift: one row of covariates a score is needed")
	}
	design := mat.NewDense(n, p+1, nil)
	for i := range n {
		design.Set(i, 0, 1)
		for j := range p {
			design.Set(i, j+1, x.At(i, j))
			if v := x.At(i, j); !(math.Abs(v) <= hugest) {
				return nil, fmt.Errorf("uplift: covariate %d of member %d is %v; leave the member out", j, i, v)
			}
		}
		if v := scores[i]; !(math.Abs(v) <= hugest) {
			return nil, fmt.Errorf("uplift: score %d is %v; leave the member out", i, v)
		}
	}
	var qr mat.QR
	if n <= p+1 {
		return nil, errors.New("uplift: too few members for as many covariates")
	}
	qr.Factorize(design)
	var b mat.VecDense
	var inverse, r mat.Dense
	qr.RTo(&r)
	square := r.Slice(0, p+1, 0, p+1)
	err := inverse.Inverse(square)
	if err != nil || qr.SolveVecTo(&b, false, mat.NewVecDense(n, scores)) != nil {
		return nil, errors.New("uplift: a covariate is constant or a combination of others, or far out of scale; leave one out")
	}
	// Rows of q are x R⁻¹, their squared lengths the leverages.
	var q mat.Dense
	q.Mul(design, &inverse)
	meat := mat.NewSymDense(p+1, nil)
	upper, coefficients := meat.RawSymmetric().Data, b.RawVector().Data
	for i, v := range scores {
		row := q.RawRowView(i)
		leverage := floats.Dot(row, row)
		if leverage > 1-1e-9 {
			return nil, fmt.Errorf("uplift: member %d alone sets a coefficient, so that it has no error; leave the covariate out or merge its levels", i)
		}
		residual := (v - floats.Dot(design.RawRowView(i), coefficients)) / (1 - leverage)
		for j, a := range row {
			for k := j; k <= p; k++ {
				upper[j*(p+1)+k] += residual * residual * a * row[k]
			}
		}
	}
	var cov mat.Dense
	cov.Product(&inverse, meat, inverse.T())
	out := make([]Effect, p+1)
	for j := range out {
		out[j] = Effect{b.AtVec(j), math.Sqrt(cov.At(j, j))}
	}
	return out, nil
}
