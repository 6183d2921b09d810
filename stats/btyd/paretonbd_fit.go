package btyd

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// legendre is the 10-point Gauss-Legendre rule on [0, 1]. It resolves panels of
// four e-folds to rounding.
var legendre = func() (r struct{ x, w [10]float64 }) {
	special.GaussLegendre(r.x[:], r.w[:])
	for i := range r.x {
		r.x[i] = 0.5 + 0.5*r.x[i]
		r.w[i] *= 0.5
	}
	return r
}()

// moments are means over the time u of dropout of a member known to have
// dropped out: of l = ln((α+u)/(α+tx)), i = 1/(α+u), and of the same for β,
// and of their products.
type moments struct {
	l, i, k, j             float64 // k and j are those of β
	ll, li, lk, lj, ii     float64
	ik, ij, kk, kj, jj, n0 float64
}

// logOdds returns the logarithm of the odds of having dropped out, -Inf where
// that is impossible, and the moments of the time of dropout.
func (m ParetoNBD) logOdds(x int, tx, t float64) (z float64, e moments) {
	gap := t - tx
	if gap <= 0 {
		return math.Inf(-1), e
	}
	r := m.R + float64(x)
	ax, bx := m.Alpha+tx, m.Beta+tx
	least := math.Min(m.Alpha, m.Beta)
	toA, toB := m.Alpha-least, m.Beta-least
	// The integrand (α+u)^-R (β+u)^-(S+1), relative to that at tx, over
	// v = least + u on a logarithmic scale. It decays at the rate
	decay := func(v float64) float64 { return r*v/(toA+v) + (m.S+1)*v/(toB+v) }
	least0, end := least+tx, least+t
	for v := least0; v < end; {
		// which grows with v: take that at the end of the panel.
		width := math.Min(4/decay(v), 2)
		width = math.Min(4/decay(v*math.Exp(width)), width)
		rest := math.Log(end / v)
		if rest <= 1.2*width {
			width = rest
		}
		var f float64
		low := math.Log(v / least0)
		for q, y := range legendre.x {
			y *= width
			u := v * math.Exp(y)
			a, b := toA+u, toB+u
			// One of the two is u itself.
			la, lb := low+y, low+y
			if toA > 0 {
				la = math.Log(a / ax)
			} else if toB > 0 {
				lb = math.Log(b / bx)
			}
			f = math.Exp(-r*la - (m.S+1)*lb)
			e.add(f*u*width*legendre.w[q], la, 1/a, lb, 1/b)
		}
		if width == rest {
			break
		}
		v *= math.Exp(width)
		if f*(end-v) <= 1e-16*e.n0 {
			break
		}
	}
	z = math.Log(m.S/bx) + r*math.Log1p(gap/ax) + m.S*math.Log1p(gap/bx) + math.Log(e.n0)
	e.normalize()
	return z, e
}

func (e *moments) add(w, l, i, k, j float64) {
	e.n0 += w
	wl, wi, wk, wj := w*l, w*i, w*k, w*j
	e.l += wl
	e.i += wi
	e.k += wk
	e.j += wj
	e.ll += wl * l
	e.li += wl * i
	e.lk += wl * k
	e.lj += wl * j
	e.ii += wi * i
	e.ik += wi * k
	e.ij += wi * j
	e.kk += wk * k
	e.kj += wk * j
	e.jj += wj * j
}

func (e *moments) normalize() {
	c := 1 / e.n0
	for _, v := range []*float64{&e.l, &e.i, &e.k, &e.j, &e.ll, &e.li, &e.lk, &e.lj, &e.ii, &e.ik, &e.ij, &e.kk, &e.kj, &e.jj} {
		*v *= c
	}
}

// eval implements Model.
func (m ParetoNBD) eval(d *Data, g *[dim]float64, h *[dim][dim]float64) float64 {
	var ll float64
	logAlpha, logBeta := math.Log(m.Alpha), math.Log(m.Beta)
	for _, gr := range d.groups {
		d0, d1, d2 := special.GammaDiff(m.R, float64(gr.x))
		r := m.R + float64(gr.x)
		for n := gr.lo; n < gr.hi; n++ {
			w := d.w[n]
			tx, t := d.tx[n], d.t[n]
			ia, ib := 1/(m.Alpha+t), 1/(m.Beta+t)
			la, lb := math.Log(m.Alpha+t), math.Log(m.Beta+t)
			ll += w * (d0 + m.R*logAlpha + m.S*logBeta - r*la - m.S*lb)
			// Of the logarithm of the likelihood of being alive.
			first := [dim]float64{d1 + logAlpha - la, m.R/m.Alpha - r*ia, logBeta - lb, m.S/m.Beta - m.S*ib}
			second := [dim][dim]float64{
				{d2, 1/m.Alpha - ia, 0, 0},
				{0, r*ia*ia - m.R/(m.Alpha*m.Alpha), 0, 0},
				{0, 0, 0, 1/m.Beta - ib},
				{0, 0, 0, m.S*ib*ib - m.S/(m.Beta*m.Beta)},
			}
			if z, e := m.logOdds(gr.x, tx, t); !math.IsInf(z, -1) {
				ll += w * softplus(z)
				p := 1 / (1 + math.Exp(-z))
				dz, dzz := m.derivatives(r, tx, t, &e)
				mix(p, &dz, &dzz, &first, &second)
			}
			for i := range dim {
				g[i] += w * first[i]
				for j := i; j < dim; j++ {
					h[i][j] += w * second[i][j]
				}
			}
		}
	}
	return ll
}

// derivatives returns those of the log-odds of having dropped out.
func (m ParetoNBD) derivatives(r, tx, t float64, e *moments) (dz [dim]float64, dzz [dim][dim]float64) {
	ia, ib := 1/(m.Alpha+t), 1/(m.Beta+t)
	gap := t - tx
	s1 := m.S + 1
	dz = [dim]float64{
		math.Log1p(gap/(m.Alpha+tx)) - e.l,
		r * (ia - e.i),
		1/m.S + math.Log1p(gap/(m.Beta+tx)) - e.k,
		m.S*ib - s1*e.j,
	}
	// Means of the second derivatives plus covariances of the first.
	dzz = [dim][dim]float64{
		{e.ll - e.l*e.l, ia - e.i + r*(e.li-e.l*e.i), e.lk - e.l*e.k, s1 * (e.lj - e.l*e.j)},
		{0, r*(e.ii-ia*ia) + r*r*(e.ii-e.i*e.i), r * (e.ik - e.i*e.k), r * s1 * (e.ij - e.i*e.j)},
		{0, 0, -1/(m.S*m.S) + e.kk - e.k*e.k, ib - e.j + s1*(e.kj-e.k*e.j)},
		{0, 0, 0, s1*e.jj - m.S*ib*ib + s1*s1*(e.jj-e.j*e.j)},
	}
	return dz, dzz
}

// mix adds to the derivatives of the log-likelihood of being alive those of
// softplus(z), where p is the probability of having dropped out.
func mix(p float64, dz *[dim]float64, dzz *[dim][dim]float64, first *[dim]float64, second *[dim][dim]float64) {
	for i := range dim {
		first[i] += p * dz[i]
		for j := i; j < dim; j++ {
			second[i][j] += p*dzz[i][j] + p*(1-p)*dz[i]*dz[j]
		}
	}
}
