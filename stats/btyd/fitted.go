package btyd

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Fitted is a model fitted by maximum likelihood.
type Fitted[M any] struct {
	Model M
	// LogLik is the log-likelihood of the data at the maximum. Between models
	// it can be compared when both were fitted to the same data in the same
	// unit of time.
	LogLik  float64
	Members float64 // sum of the weights

	Names  []string
	Params []float64
	SE     []float64     // standard errors, NaN for what the data do not determine
	Cov    *mat.SymDense // covariance of Params, nil if the data do not determine all of them

	Gradient   float64 // largest derivative of LogLik by a log-parameter, 0 at a maximum
	Condition  float64 // of the Hessian by the log-parameters: beyond 1e6 some are hardly told apart
	Iterations int     // steps of Newton's method to the maximum
	Converged  bool    // whether the search ended at a maximum
	Starts     int     // points the search was started from
	Agreeing   int     // how many of them led to this maximum
	// Boundary says what the data do not tell when the likelihood is highest at
	// an end of the range of parameters, all of them, and is empty otherwise. The
	// values of the parameters named mean nothing by themselves then, and their
	// standard errors are NaN; what the model says of members stays valid.
	Boundary string

	theta  []float64  // the parameters on the scale of the search
	root   *mat.Dense // root rootᵀ is the covariance of theta in the directions determined
	ends   []bool     // parameters at an end of the range of the search, nil for none
	linear int        // parameters from this one on were not logarithms
	build  func(params []float64) M
}

// AIC returns Akaike's information criterion, 2 parameters - 2 LogLik.
func (f *Fitted[M]) AIC() float64 { return 2*float64(len(f.Params)) - 2*f.LogLik }

// BIC returns the Bayesian information criterion with the number of members.
func (f *Fitted[M]) BIC() float64 {
	return math.Log(f.Members)*float64(len(f.Params)) - 2*f.LogLik
}

// finish fills f from the optimum.
func (f *Fitted[M]) finish(o optimum) error {
	if math.IsNaN(o.value) || math.IsInf(o.value, 0) {
		return ErrNoMaximum
	}
	n := len(o.theta)
	f.theta = o.theta
	f.LogLik = o.value
	f.Iterations = o.iterations
	f.Converged = o.converged
	for _, g := range o.grad {
		f.Gradient = math.Max(f.Gradient, math.Abs(g))
	}
	f.Params = f.natural(o.theta)
	f.Model = f.build(f.Params)
	f.SE = make([]float64, n)
	f.covariance(o.hess)
	f.ends = o.ends
	if f.root == nil {
		f.Boundary = "the search did not end at a maximum of the likelihood"
	}
	return nil
}

// flat is the curvature of the log-likelihood by the logarithms of the
// parameters below which a direction counts as not determined: a standard error
// of 5, a factor of 150.
const flat = 1. / 25

// covariance sets Cov, SE, Condition and what Draw needs from the Hessian at
// the optimum. Cov stays nil unless all directions are determined.
func (f *Fitted[M]) covariance(hess *mat.SymDense) {
	n := len(f.Params)
	f.Condition = math.Inf(1)
	for i := range f.SE {
		f.SE[i] = math.NaN()
	}
	var neg mat.SymDense
	neg.ScaleSym(-1, hess)
	var eig mat.EigenSym
	if !eig.Factorize(&neg, true) {
		return
	}
	values := eig.Values(nil)
	if !(values[0] > -flat) {
		return // not a maximum
	}
	if values[0] > 0 {
		f.Condition = values[n-1] / values[0]
	}
	var vectors mat.Dense
	eig.VectorsTo(&vectors)
	// Columns of root are the determined directions in standard errors; lost is
	// how much of a parameter is in the others.
	root := mat.NewDense(n, n, nil)
	lost := make([]float64, n)
	full := true
	for k, v := range values {
		for i := range n {
			if c := vectors.At(i, k); v > flat {
				root.Set(i, k, c/math.Sqrt(v))
			} else {
				lost[i] += c * c
				full = false
			}
		}
	}
	f.root = root
	cov := mat.NewSymDense(n, nil)
	cov.SymOuterK(1, root)
	for i := range n {
		for j := i; j < n; j++ {
			cov.SetSym(i, j, f.scale(i)*f.scale(j)*cov.At(i, j))
		}
		if lost[i] < 1e-6 {
			f.SE[i] = math.Sqrt(cov.At(i, i))
		}
	}
	if full {
		f.Cov = cov
	}
}

// scale is the derivative of parameter i by what the search moves.
func (f *Fitted[M]) scale(i int) float64 {
	if i < f.linear {
		return f.Params[i]
	}
	return 1
}

// natural returns the parameters at theta.
func (f *Fitted[M]) natural(theta []float64) []float64 {
	p := make([]float64, len(theta))
	for i, v := range theta {
		if i < f.linear {
			v = math.Exp(v)
		}
		p[i] = v
	}
	return p
}
