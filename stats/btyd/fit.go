package btyd

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// ErrNoMaximum is returned when a search ended without a maximum.
var ErrNoMaximum = errors.New("btyd: the search for the maximum of the likelihood failed")

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
	SE     []float64     // standard errors, NaN where Cov is nil
	Cov    *mat.SymDense // covariance of Params; nil where the data do not determine it

	Gradient   float64 // largest derivative of LogLik by a log-parameter, 0 at a maximum
	Condition  float64 // of the Hessian by the log-parameters: beyond 1e6 some are hardly told apart
	Iterations int     // steps of Newton's method to the maximum
	Converged  bool    // whether the search ended at a maximum
	Starts     int     // points the search was started from
	Agreeing   int     // how many of them led to this maximum
	// Boundary says what the data do not tell when the likelihood is highest at
	// an end of the range of a parameter, and is empty otherwise. The values of
	// the parameters named mean nothing by themselves then; what the model says
	// of members stays valid.
	Boundary string

	theta  []float64     // the parameters on the scale of the search
	cov    *mat.SymDense // covariance of theta, nil as Cov
	linear int           // parameters from this one on were not logarithms
	build  func(params []float64) M
}

// AIC returns Akaike's information criterion, 2 parameters - 2 LogLik.
func (f *Fitted[M]) AIC() float64 { return 2*float64(len(f.Params)) - 2*f.LogLik }

// BIC returns the Bayesian information criterion with the number of members.
func (f *Fitted[M]) BIC() float64 {
	return math.Log(f.Members)*float64(len(f.Params)) - 2*f.LogLik
}

// thinned are the sizes of the samples on which a fit to many histories looks
// for a start.
var thinned = [...]int{4096, 16384, 65536}

// Fit fits the family of m, of which the parameters are not read, to the data
// by maximum likelihood:
//
//	fit, err := btyd.Fit(btyd.MBGNBD{}, data)
//
// Newton's method with the exact gradient and Hessian, in the logarithms of the
// parameters, starts from three points, on a sample first if there are many
// histories, and goes on from the best.
//
// Fit returns ErrNoRepeat, ErrNoTime, ErrNoGaps or ErrNotDiscrete if the data
// cannot answer and ErrNoMaximum if no start led to a maximum.
func Fit[M Model](m M, d *Data) (*Fitted[M], error) {
	if err := m.check(d); err != nil {
		return nil, err
	}
	starts := m.starts(d)
	var first []optimum
	sample := d.thin(thinned[0])
	for _, p := range starts {
		o := maximize(objective(m, plain(sample)), logs(p), 1e-4)
		if !math.IsNaN(o.value) && !math.IsInf(o.value, 0) {
			first = append(first, o)
		}
	}
	best, agree := -1, 0
	for i, o := range first {
		if best < 0 || o.value > first[best].value {
			best = i
		}
	}
	if best < 0 {
		return nil, ErrNoMaximum
	}
	for _, o := range first {
		if first[best].value-o.value <= 1e-3 {
			agree++
		}
	}
	o := first[best]
	steps := o.iterations
	for _, n := range thinned[1:] {
		if len(d.t) > 2*n {
			o = maximize(objective(m, plain(d.thin(n))), o.theta, 1e-2)
			steps += o.iterations
		}
	}
	o = maximize(objective(m, plain(d)), o.theta, decrement)
	o.iterations += steps
	f := &Fitted[M]{
		Members: d.members, Names: m.Names(), Starts: len(starts), Agreeing: agree,
		linear: dim,
		build:  func(p []float64) M { return m.with(p).(M) },
	}
	if err := f.finish(o); err != nil {
		return nil, err
	}
	if s := any(f.Model).(Model).limits(d); s != "" {
		f.Boundary = s
	}
	return f, nil
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
	for i := range f.SE {
		f.SE[i] = math.NaN()
	}
	f.covariance(o)
	switch {
	case o.bound:
		f.Boundary = "a parameter ran to the end of its range; the data do not determine it"
	case f.cov == nil:
		f.Boundary = "the likelihood is flat in some direction; the data do not tell all parameters apart"
	default:
		for i := range n {
			if i < f.linear && math.Sqrt(f.cov.At(i, i)) > 5 {
				f.Boundary = fmt.Sprintf("the data hardly determine %s", f.Names[i])
			}
		}
	}
	return nil
}

// covariance sets Cov, SE and Condition from the Hessian at the optimum, unless
// it is not negative definite.
func (f *Fitted[M]) covariance(o optimum) {
	n := len(o.theta)
	f.Condition = math.Inf(1)
	neg := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			neg.SetSym(i, j, -o.hess.At(i, j))
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(neg, false) {
		return
	}
	values := eig.Values(nil)
	if !(values[0] > 1e-13*values[n-1]) {
		return
	}
	f.Condition = values[n-1] / values[0]
	var chol mat.Cholesky
	if !chol.Factorize(neg) {
		return
	}
	cov := mat.NewSymDense(n, nil)
	if err := chol.InverseTo(cov); err != nil {
		if _, bad := err.(mat.Condition); !bad {
			return
		}
	}
	f.cov = cov
	f.Cov = mat.NewSymDense(n, nil)
	scale := func(i int) float64 {
		if i < f.linear {
			return f.Params[i]
		}
		return 1
	}
	for i := range n {
		for j := i; j < n; j++ {
			f.Cov.SetSym(i, j, scale(i)*scale(j)*cov.At(i, j))
		}
		f.SE[i] = math.Sqrt(f.Cov.At(i, i))
	}
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

func logs(p []float64) []float64 {
	l := make([]float64, len(p))
	for i, v := range p {
		l[i] = math.Log(v)
	}
	return l
}
