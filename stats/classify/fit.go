package classify

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/special"
)

// Link relates the probability to the linear predictor.
type Link int

// Links. Logit coefficients are log odds ratios. With one row for each period
// that a member was at risk, and a level for each period, complementary log-log
// coefficients are log hazard ratios of the proportional-hazards model.
const (
	Logit   Link = iota // p = 1/(1 + exp(-η))
	CLogLog             // p = 1 - exp(-exp(η))
)

// FitOptions change what [Fit] does. The zero value is plain logistic
// regression.
type FitOptions struct {
	Link    Link
	Weight  []float64 // how often a row counts, 0 or more; nil: once
	Cluster []int     // rows with the same number belong together, for Robust; nil: each alone
	// Ridge is the penalty λ/2 Σ b² on the log-likelihood of all coefficients
	// but the constant, in the units given: standardise covariates first.
	// Coefficients are then drawn towards 0, and standard errors leave that out.
	Ridge float64
}

// Model is a fitted model of a probability.
type Model struct {
	Coef       []float64     // the constant first
	Cov        *mat.SymDense // H⁻¹ I H⁻¹ for the information I and H = I + penalty; without it I⁻¹
	Robust     *mat.SymDense // the same with squared scores of clusters in place of I; NaN for one cluster, too small for few
	LogLik     float64       // without penalty
	NullLogLik float64       // of the constant alone
	Iterations int
	link       Link
}

// Fit models the probability that y is 1 by maximum likelihood, with a row of x
// for each outcome and a constant added. Outcomes may be shares within [0, 1]
// when weights are the numbers they are shares of. x may be nil.
//
// It returns an error when all outcomes are alike, for values that are not
// finite, for covariates that are constant, and, without a penalty, for
// covariates that are combinations of others or separate the outcomes.
//
// Source: P. McCullagh and J. A. Nelder (1989), Generalized Linear Models; J. le
// Cessie and J. C. van Houwelingen (1992), Ridge estimators in logistic
// regression, Applied Statistics 41, 191-201; K.-Y. Liang and S. L. Zeger
// (1986) for Robust, without a factor for small samples.
func Fit(y []float64, x mat.Matrix, o FitOptions) (Model, error) {
	m, err := newProblem(y, x, o)
	if err != nil {
		return Model{}, err
	}
	b, err := m.maximise()
	if err != nil {
		return Model{}, err
	}
	p := len(b)
	out := Model{link: o.Link, LogLik: m.logLik, Iterations: m.iterations, Cov: mat.NewSymDense(p, nil), Robust: mat.NewSymDense(p, nil)}
	share := m.positive / m.total
	eta := linkOf(share, o.Link)
	for i, v := range y {
		out.NullLogLik += m.weight(i) * logLik(v, eta, o.Link)
	}
	// Back from standardised covariates.
	back := mat.NewDense(p, p, nil)
	back.Set(0, 0, 1)
	for j := 1; j < p; j++ {
		back.Set(0, j, -m.mean[j-1]/m.scale[j-1])
		back.Set(j, j, 1/m.scale[j-1])
	}
	var theta mat.VecDense
	theta.MulVec(back, mat.NewVecDense(p, b))
	out.Coef = theta.RawVector().Data
	for _, v := range []struct {
		to   *mat.SymDense
		meat mat.Symmetric
	}{{out.Cov, m.plain}, {out.Robust, m.squares(b)}} {
		var bread, cov mat.Dense
		bread.Mul(back, m.inverse)
		cov.Product(&bread, v.meat, bread.T())
		for i := range p {
			for j := i; j < p; j++ {
				v.to.SetSym(i, j, cov.At(i, j))
			}
		}
	}
	return out, nil
}

// SE returns the standard errors of the coefficients, from Cov.
func (m Model) SE() []float64 { return roots(m.Cov) }

// RobustSE returns the standard errors of the coefficients, from Robust.
func (m Model) RobustSE() []float64 { return roots(m.Robust) }

func roots(v *mat.SymDense) []float64 {
	se := make([]float64, v.SymmetricDim())
	for i := range se {
		se[i] = math.Sqrt(v.At(i, i))
	}
	return se
}

// P returns the two-sided normal P that a coefficient is 0, for its standard error.
func P(coef, se float64) float64 { return special.NormalTwoSided(coef / se) }

// AIC returns Akaike's criterion, 2 (number of coefficients) - 2 LogLik.
func (m Model) AIC() float64 { return 2*float64(len(m.Coef)) - 2*m.LogLik }

// Predict returns the probability for covariates x.
func (m Model) Predict(x ...float64) float64 {
	if len(x) != len(m.Coef)-1 {
		panic("classify: one value a covariate is needed")
	}
	return probability(m.Coef[0]+floats.Dot(m.Coef[1:], x), m.link)
}

// problem is a fit in progress, with standardised covariates after a constant.
type problem struct {
	y           []float64
	o           FitOptions
	z           *mat.Dense
	mean, scale []float64
	penalty     []float64
	positive    float64
	total       float64
	logLik      float64
	iterations  int
	plain       *mat.SymDense // information
	inverse     *mat.SymDense // of the penalised information
}

func (m *problem) weight(i int) float64 {
	if m.o.Weight == nil {
		return 1
	}
	return m.o.Weight[i]
}

func newProblem(y []float64, x mat.Matrix, o FitOptions) (*problem, error) {
	n, p := len(y), 0
	if x != nil {
		var rows int
		if rows, p = x.Dims(); rows != n {
			panic("classify: one row of covariates an outcome is needed")
		}
	}
	if o.Weight != nil && len(o.Weight) != n || o.Cluster != nil && len(o.Cluster) != n {
		panic("classify: one weight and one cluster an outcome is needed")
	}
	if !(o.Ridge >= 0) || math.IsInf(o.Ridge, 0) {
		return nil, fmt.Errorf("classify: penalty is %v; it is finite and not negative", o.Ridge)
	}
	m := &problem{y: y, o: o, penalty: make([]float64, p+1)}
	for i, v := range y {
		if !(v >= 0 && v <= 1) {
			return nil, fmt.Errorf("classify: outcome %d is %v; outcomes are 0 or 1, or shares", i, v)
		}
		w := m.weight(i)
		if !(w >= 0) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("classify: weight %d is %v; weights are finite and not negative", i, w)
		}
		m.total += w
		m.positive += w * v
	}
	if m.total > 1e140 {
		return nil, fmt.Errorf("classify: weights sum to %v; take another unit", m.total)
	}
	if !(m.positive > 0 && m.positive < m.total) {
		return nil, errors.New("classify: all outcomes are alike; a longer window or another outcome is needed")
	}
	m.z, m.mean, m.scale = mat.NewDense(n, p+1, nil), make([]float64, p), make([]float64, p)
	for i := range n {
		m.z.Set(i, 0, 1)
	}
	for j := range p {
		if err := m.standardise(x, j); err != nil {
			return nil, err
		}
		m.penalty[j+1] = o.Ridge / (m.scale[j] * m.scale[j])
	}
	return m, nil
}

// standardise sets column j+1 to covariate j with mean 0 and deviation 1.
func (m *problem) standardise(x mat.Matrix, j int) error {
	total, mean, ss := 0.0, 0.0, 0.0
	for i := range m.y {
		v := x.At(i, j)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("classify: covariate %d of row %d is %v; leave the row out or fill it in", j, i, v)
		}
		if w := m.weight(i); w > 0 {
			total += w
			delta := v - mean
			mean += delta * w / total
			ss += w * delta * (v - mean)
		}
	}
	scale := math.Sqrt(ss / total)
	if !(scale > 1e-13*math.Abs(mean)) || math.IsInf(scale, 0) {
		return fmt.Errorf("classify: covariate %d is constant or out of range; leave it out", j)
	}
	m.mean[j], m.scale[j] = mean, scale
	for i := range m.y {
		m.z.Set(i, j+1, (x.At(i, j)-mean)/scale)
	}
	return nil
}
