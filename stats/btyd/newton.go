package btyd

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// span is how far a log-parameter may move from where its search started.
const span = 16

// decrement is the Newton decrement gᵀ(-H)⁻¹g at which a search ends: the
// parameters are then within 1e-4 standard errors of the maximum.
const decrement = 1e-8

// optimum is where a search ended.
type optimum struct {
	theta, grad []float64
	hess        *mat.SymDense
	value       float64
	iterations  int
	converged   bool
	ends        []bool // the parameters that ran to the end of their span, nil for none
}

// maximize climbs from start to a maximum of f, which returns its value and
// sets its gradient and Hessian. Steps are Newton's, damped after Levenberg and
// Marquardt where they fail to climb or the Hessian is not negative definite.
func maximize(f func(theta, grad []float64, hess *mat.SymDense) float64, start []float64, tol float64) optimum {
	n := len(start)
	o := optimum{theta: append([]float64(nil), start...), grad: make([]float64, n), hess: mat.NewSymDense(n, nil)}
	o.value = f(o.theta, o.grad, o.hess)
	next := make([]float64, n)
	nextGrad, nextHess := make([]float64, n), mat.NewSymDense(n, nil)
	step := make([]float64, n)
	var damping float64
	for o.iterations = 0; o.iterations < 200; {
		free := freeParams(o.theta, start, o.grad)
		gain, ok := newtonStep(step, o.grad, o.hess, free, damping)
		if !ok {
			if damping > 1e12 {
				break
			}
			damping = math.Max(10*damping, 1e-3)
			continue
		}
		// Nor can a gain below the rounding of the value be seen.
		if damping <= 1e-3 && gain <= math.Max(tol, 1e-13*math.Abs(o.value)) {
			o.converged = true
			break
		}
		largest := 0.0
		for _, s := range step {
			largest = math.Max(largest, math.Abs(s))
		}
		scale := math.Min(1, 2/largest)
		for i := range next {
			next[i] = math.Min(math.Max(o.theta[i]+scale*step[i], start[i]-span), start[i]+span)
		}
		o.iterations++
		value := f(next, nextGrad, nextHess)
		// At the floor of rounding a step cannot be seen to climb.
		if value >= o.value-1e-14*math.Abs(o.value) && !math.IsInf(value, 0) {
			damping /= 10
			if damping < 1e-6 {
				damping = 0
			}
			o.theta, next = next, o.theta
			o.grad, nextGrad = nextGrad, o.grad
			o.hess, nextHess = nextHess, o.hess
			o.value = value
			continue
		}
		if damping > 1e12 {
			o.converged = gain <= 1e3*tol
			break
		}
		damping = math.Max(10*damping, 1e-3)
	}
	for i := range o.theta {
		if math.Abs(o.theta[i]-start[i]) >= span {
			if o.ends == nil {
				o.ends = make([]bool, n)
			}
			o.ends[i] = true
		}
	}
	return o
}

// freeParams returns the parameters that are not held at an end of their span.
func freeParams(theta, start, grad []float64) []int {
	var free []int
	for i := range theta {
		d := theta[i] - start[i]
		if d >= span && grad[i] > 0 || d <= -span && grad[i] < 0 {
			continue
		}
		free = append(free, i)
	}
	return free
}

// newtonStep sets step to (D-H)⁻¹g over the free parameters, 0 for the others,
// and returns gᵀ step. It reports whether the matrix was positive definite.
func newtonStep(step, grad []float64, hess *mat.SymDense, free []int, damping float64) (gain float64, ok bool) {
	clear(step)
	n := len(free)
	if n == 0 {
		return 0, true
	}
	a := mat.NewSymDense(n, nil)
	g := mat.NewVecDense(n, nil)
	// The damping is relative to the curvature of each parameter, or to its slope
	// where it has none.
	for i, p := range free {
		g.SetVec(i, grad[p])
		for j := i; j < n; j++ {
			a.SetSym(i, j, -hess.At(p, free[j]))
		}
		d := a.At(i, i)
		a.SetSym(i, i, d+damping*(math.Abs(d)+math.Abs(grad[p])+1e-12))
	}
	var chol mat.Cholesky
	if !chol.Factorize(a) {
		return 0, false
	}
	var s mat.VecDense
	if err := chol.SolveVecTo(&s, g); err != nil {
		if _, bad := err.(mat.Condition); !bad {
			return 0, false
		}
	}
	for i, p := range free {
		v := s.AtVec(i)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, false
		}
		step[p] = v
		gain += v * grad[p]
	}
	return gain, true
}
