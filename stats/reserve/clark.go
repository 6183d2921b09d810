package reserve

import (
	"math"

	"gonum.org/v1/gonum/optimize"
)

// ClarkOptions are the choices of Clark.
type ClarkOptions struct {
	Growth Growth
	// Exposure is the points issued by each origin. With it the method is Cape
	// Cod, one redemption rate for all origins; without, the LDF method, a free
	// level for each, which has many more parameters and larger errors.
	Exposure []float64
	// Limit is the age in periods at which development ends, 0 for never.
	Limit float64
}

// ClarkFit is a growth curve fitted to a triangle. Omega and Theta (in periods)
// are those of the curve, Rate the redemption rate of the Cape Cod method.
type ClarkFit struct {
	Growth       Growth
	Omega, Theta float64
	Rate         float64
	Dispersion   float64
	LogLik       float64 // sum of c ln mu - mu
	Origins      []OriginReserve
	Total        OriginReserve
}

// Clark fits a growth curve to the increments of a triangle, taken as
// over-dispersed Poisson (Clark 2003): with mu_ij = U_i (G(a_j) - G(a_j-1)), a_j
// = j + 1/2 the average age of points issued through the first period,
//
//	l = sum c_ij ln mu_ij - mu_ij,
//	sigma² = sum (c_ij - mu_ij)²/mu_ij / (cells - parameters),
//	Process² = sigma² R, Parameter² = sigma² grad' I⁻¹ grad,
//
// I being the observed information. R_i = U_i (G(limit) - G(a_i)): the curve goes
// on beyond the triangle, which is its use for points that never expire and its
// danger, since nothing in the data holds it there. Compare both curves.
//
// The triangle must have 3 ages or more and redeem at more than one of them.
func Clark(t *Triangle, o ClarkOptions) (*ClarkFit, error) {
	c, err := newClark(t, o)
	if err != nil {
		return nil, err
	}
	start := []float64{math.Log(1.2), math.Log(float64(t.Ages()) / 3)}
	best := math.Inf(1)
	var at []float64
	for _, shift := range [][2]float64{{0, 0}, {-0.4, 1}, {0.5, -0.7}} {
		x := []float64{start[0] + shift[0], start[1] + shift[1]}
		r, err := optimize.Minimize(optimize.Problem{Func: c.negLogLik}, x,
			&optimize.Settings{MajorIterations: 2000, Converger: &optimize.FunctionConverge{Absolute: 1e-12, Relative: 1e-15, Iterations: 60}},
			&optimize.NelderMead{})
		if err == nil && r.F < best {
			best, at = r.F, r.X
		}
	}
	if at == nil || math.Abs(at[0]) > 6 || math.Abs(at[1]) > 12 {
		return nil, triangleError("no growth curve fits; redemptions end too soon or do not slow down with age")
	}
	return c.finish(at)
}

// clark is a triangle in the form the likelihood needs.
type clark struct {
	t        *Triangle
	o        ClarkOptions
	latest   []float64
	sum      float64   // of latest
	column   []float64 // sum of the increments by age
	limit    float64
	increase [][]float64
}

func newClark(t *Triangle, o ClarkOptions) (*clark, error) {
	if o.Exposure != nil && len(o.Exposure) != t.Origins() {
		panic("reserve: one exposure is needed for every origin")
	}
	c := &clark{t: t, o: o, latest: t.Latest(), column: make([]float64, t.Ages()), limit: math.Inf(1)}
	if o.Limit != 0 {
		if !(o.Limit >= float64(t.Ages())) {
			return nil, triangleError("the limit is %g periods, below the %d of the triangle", o.Limit, t.Ages())
		}
		c.limit = o.Limit
	}
	for i, row := range t.cum {
		if o.Exposure != nil && !(o.Exposure[i] > 0) {
			return nil, triangleError("the exposure of origin %d is not above 0", i)
		}
		if o.Exposure == nil && c.latest[i] == 0 {
			return nil, triangleError("origin %d has no redemptions, so that it has no level; leave it out or give the exposure", i)
		}
		inc := make([]float64, len(row))
		var before float64
		for j, v := range row {
			inc[j] = v - before
			before = v
			c.column[j] += inc[j]
		}
		c.sum += before
		c.increase = append(c.increase, inc)
	}
	active := 0
	for _, v := range c.column {
		if v > 0 {
			active++
		}
	}
	if active < 2 || t.Ages() < 3 {
		return nil, triangleError("redemptions at %d of %d ages are too few for a growth curve", active, t.Ages())
	}
	return c, nil
}

// levels returns the ultimate of every origin, and the rate, at the maximum of
// the likelihood for a given curve.
func (c *clark) levels(w, theta float64) (u []float64, rate float64) {
	u = make([]float64, len(c.latest))
	var exposed float64
	for i, latest := range c.latest {
		g, _, _ := c.o.Growth.at(float64(c.t.Age(i))+0.5, w, theta)
		if c.o.Exposure == nil {
			u[i] = latest / g
			continue
		}
		exposed += c.o.Exposure[i] * g
	}
	if c.o.Exposure != nil {
		rate = c.sum / exposed
		for i, e := range c.o.Exposure {
			u[i] = e * rate
		}
	}
	return u, rate
}

func (c *clark) negLogLik(x []float64) float64 {
	w, theta := math.Exp(x[0]), math.Exp(x[1])
	u, _ := c.levels(w, theta)
	var l, before float64
	for j, v := range c.column {
		g, _, _ := c.o.Growth.at(float64(j)+0.5, w, theta)
		if v != 0 {
			l += v * math.Log(g-before)
		}
		before = g
	}
	for i, latest := range c.latest {
		if latest != 0 {
			l += latest * math.Log(u[i])
		}
	}
	// The means add up to the redemptions, whatever the curve.
	l -= c.sum
	if math.IsNaN(l) {
		return math.Inf(1)
	}
	return -l
}
