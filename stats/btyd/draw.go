package btyd

import (
	"errors"
	"math/rand/v2"
	"sort"

	"gonum.org/v1/gonum/stat"
)

// ErrNoCovariance is returned for draws from a fit that did not end at a
// maximum, of which the curvature says nothing.
var ErrNoCovariance = errors.New("btyd: the fit is not at a maximum of the likelihood, so there are no intervals")

// Draw returns n models with parameters drawn from the normal approximation to
// their distribution, on the scale of the search: the logarithms of the
// parameters (for covariates, the coefficients) around the maximum, with the
// inverse of the negative Hessian for covariance. Directions in which the
// likelihood is flat, those of the Boundary, are held: what the data say nothing
// about makes no difference to what the model says of members like them. The
// same seed gives the same draws.
//
// Draw returns ErrNoCovariance if the fit did not end at a maximum.
func (f *Fitted[M]) Draw(n int, seed uint64) ([]M, error) {
	if f.root == nil {
		return nil, ErrNoCovariance
	}
	rnd := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	draws := make([]M, n)
	z := make([]float64, len(f.theta))
	theta := make([]float64, len(f.theta))
	for k := range draws {
		for i := range z {
			z[i] = rnd.NormFloat64()
		}
		for i := range theta {
			theta[i] = f.theta[i]
			for j := range z {
				theta[i] += f.root.At(i, j) * z[j]
			}
		}
		draws[k] = f.build(f.natural(theta))
	}
	return draws, nil
}

// Interval returns the central interval that holds the share level of the
// values of f over the draws. What f computes is a property of the model, such
// as the value of a member: the interval says how well the data determine it,
// not how much the future varies. It is about the draws: at a small level, or where f
// is at its largest at the fit, it need not hold the value of the fitted model itself.
//
// Interval panics if there are no draws or level is outside (0, 1).
func Interval[M any](draws []M, level float64, f func(m M) float64) (low, high float64) {
	if len(draws) == 0 || !(level > 0 && level < 1) {
		panic("btyd: no draws or level outside (0, 1)")
	}
	v := make([]float64, len(draws))
	for i, m := range draws {
		v[i] = f(m)
	}
	sort.Float64s(v)
	tail := (1 - level) / 2
	return stat.Quantile(tail, stat.LinInterp, v, nil), stat.Quantile(1-tail, stat.LinInterp, v, nil)
}
