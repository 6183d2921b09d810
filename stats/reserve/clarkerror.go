package reserve

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// finish takes the errors at the maximum.
func (c *clark) finish(x []float64) (*ClarkFit, error) {
	fit := &ClarkFit{Growth: c.o.Growth, Omega: math.Exp(x[0]), Theta: math.Exp(x[1]), LogLik: -c.negLogLik(x)}
	var u []float64
	u, fit.Rate = c.levels(fit.Omega, fit.Theta)
	n := c.t.Origins()
	p := 3
	level := func(int) int { return 2 } // the parameter of the level of an origin
	if c.o.Exposure == nil {
		p = n + 2
		level = func(i int) int { return 2 + i }
	}
	info, cells, chi := c.information(fit, u, p, level)
	if cells <= p {
		return nil, triangleError("%d cells are too few for the %d parameters of the curve", cells, p)
	}
	var chol mat.Cholesky
	if !chol.Factorize(info) {
		return nil, triangleError("the curve is not determined by the data")
	}
	fit.Dispersion = chi / float64(cells-p)
	end, endW, endT := c.o.Growth.at(c.limit-0.5, fit.Omega, fit.Theta)
	grad, total, sol := mat.NewVecDense(p, nil), mat.NewVecDense(p, nil), mat.NewVecDense(p, nil)
	fit.Origins = make([]OriginReserve, n)
	for i := range fit.Origins {
		g, gw, gt := c.o.Growth.at(float64(c.t.Age(i))+0.5, fit.Omega, fit.Theta)
		r := OriginReserve{Latest: c.latest[i], Reserve: u[i] * (end - g)}
		r.Ultimate = r.Latest + r.Reserve
		grad.Zero()
		grad.SetVec(0, u[i]*(endW-gw))
		grad.SetVec(1, u[i]*(endT-gt))
		grad.SetVec(level(i), r.Reserve)
		total.AddVec(total, grad)
		if err := c.errors(fit, &r, &chol, grad, sol); err != nil {
			return nil, err
		}
		fit.Origins[i] = r
		fit.Total.Latest += r.Latest
		fit.Total.Ultimate += r.Ultimate
		fit.Total.Reserve += r.Reserve
	}
	return fit, c.errors(fit, &fit.Total, &chol, total, sol)
}

func (c *clark) errors(fit *ClarkFit, r *OriginReserve, chol *mat.Cholesky, grad, sol *mat.VecDense) error {
	if err := chol.SolveVecTo(sol, grad); err != nil {
		return fmt.Errorf("%w: the curve is hardly determined by the data: %w", ErrTriangle, err)
	}
	process, parameter := fit.Dispersion*r.Reserve, fit.Dispersion*max(0, mat.Dot(grad, sol))
	r.Process, r.Parameter, r.SE = math.Sqrt(process), math.Sqrt(parameter), math.Sqrt(process+parameter)
	return nil
}

// information returns the observed information by ln w, ln theta and the logs of
// the levels, with the number of cells and Pearson's chi-square. Second
// derivatives of the curve are central differences of its first.
func (c *clark) information(fit *ClarkFit, u []float64, p int, level func(int) int) (*mat.SymDense, int, float64) {
	const h = 1e-5
	ages := c.t.Ages()
	type slope struct{ g, w, t, ww, wt, tt float64 }
	steps := make([]slope, ages) // of G(a_j) - G(a_j-1)
	var before slope
	for j := range steps {
		x := float64(j) + 0.5
		var s slope
		s.g, s.w, s.t = c.o.Growth.at(x, fit.Omega, fit.Theta)
		_, wp, tp := c.o.Growth.at(x, fit.Omega*math.Exp(h), fit.Theta)
		_, wm, tm := c.o.Growth.at(x, fit.Omega*math.Exp(-h), fit.Theta)
		_, _, up := c.o.Growth.at(x, fit.Omega, fit.Theta*math.Exp(h))
		_, _, um := c.o.Growth.at(x, fit.Omega, fit.Theta*math.Exp(-h))
		s.ww, s.wt, s.tt = (wp-wm)/(2*h), (tp-tm)/(2*h), (up-um)/(2*h)
		steps[j] = slope{s.g - before.g, s.w - before.w, s.t - before.t, s.ww - before.ww, s.wt - before.wt, s.tt - before.tt}
		before = s
	}
	info := mat.NewSymDense(p, nil)
	add := func(i, j int, v float64) { info.SetSym(i, j, info.At(i, j)+v) }
	var chi float64
	cells := 0
	for i, row := range c.increase {
		k := level(i)
		for j, v := range row {
			s := steps[j]
			mu := u[i] * s.g
			d := v - mu
			if mu > 0 {
				chi += d * d / mu
			}
			cells++
			// -d²l of v ln mu - mu, mu = e^level dG.
			r := v / s.g
			add(k, k, mu)
			add(0, k, u[i]*s.w)
			add(1, k, u[i]*s.t)
			add(0, 0, r/s.g*s.w*s.w-(r-u[i])*s.ww)
			add(0, 1, r/s.g*s.w*s.t-(r-u[i])*s.wt)
			add(1, 1, r/s.g*s.t*s.t-(r-u[i])*s.tt)
		}
	}
	return info, cells, chi
}
