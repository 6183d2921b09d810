package btyd

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// eval implements Model.eval. Per history it takes three logarithms and an
// exponential at most; whatever only the number of purchases enters is done once a
// group.
func (m *betaGeo) eval(d *Data, g *[dim]float64, h *[dim][dim]float64) float64 {
	ll := float64(m.k-1) * d.gaps
	for _, gr := range d.groups {
		ll += m.evalGroup(gr, d.tx[gr.lo:gr.hi], d.t[gr.lo:gr.hi], d.w[gr.lo:gr.hi], g, h)
	}
	return ll
}

// evalGroup is eval for the histories with gr.x purchases. The log-likelihood
// of one is
//
//	c + r ln α - R ln(α+T) + s + softplus(z)
//
// with c and the odds entered in z from constant, s from phases, and
//
//	z = odds + R ln((α+T)/(α+tx)) - s.
func (m *betaGeo) evalGroup(gr group, tx, t, w []float64, g *[dim]float64, h *[dim][dim]float64) float64 {
	c, odds := m.constant(gr.x)
	x := float64(m.k * gr.x)
	rr := m.r + x
	alpha := m.alpha
	var n, ll, gr1, ga, hrr, hra, haa float64
	var p, q, qr, qa float64 // sums of P(dropped out), its variance, and that times the derivatives of z
	tx, w = tx[:len(t)], w[:len(t)]
	logAlpha := math.Log(alpha)
	if m.dropout(gr.x) {
		lx, ix := logAlpha, 1/alpha // where tx is 0, without a purchase
		for i, ti := range t {
			wi := w[i]
			at := alpha + ti
			if gr.x > 0 {
				ax := alpha + tx[i]
				lx, ix = math.Log(ax), 1/ax
			}
			it := 1 / at
			u := math.Log(at)
			l := u - lx
			z := odds + rr*l
			zr, za := l, rr*(it-ix)
			zra, zaa := it-ix, rr*(ix*ix-it*it)
			var zrr float64
			br, ba := -u, -rr*it
			bra, baa := -it, rr*it*it
			var brr, s float64
			if m.k > 1 {
				var sr, sa, srr, sra, saa float64
				s, sr, sa, srr, sra, saa = phases(m.k, rr, alpha, ti-tx[i], ti)
				z -= s
				zr, za = zr-sr, za-sa
				zrr, zra, zaa = -srr, zra-sra, zaa-saa
				br, ba = br+sr, ba+sa
				brr, bra, baa = srr, bra+sra, baa+saa
			}
			e := math.Exp(-math.Abs(z))
			plus := 1 + e
			pi := 1 / plus
			sp := math.Log(plus)
			qi := e * pi * pi
			if z > 0 {
				sp += z
			} else {
				pi *= e
			}
			n += wi
			ll += wi * (s - rr*u + sp)
			gr1 += wi * (br + pi*zr)
			ga += wi * (ba + pi*za)
			hrr += wi * (brr + pi*zrr + qi*zr*zr)
			hra += wi * (bra + pi*zra + qi*zr*za)
			haa += wi * (baa + pi*zaa + qi*za*za)
			p += wi * pi
			qi *= wi
			q += qi
			qr += qi * zr
			qa += qi * za
		}
	} else {
		for i, ti := range t {
			wi := w[i]
			at := alpha + ti
			it := 1 / at
			u := math.Log(at)
			n += wi
			ll -= wi * rr * u
			gr1 -= wi * u
			ga -= wi * rr * it
			hra -= wi * it
			haa += wi * rr * it * it
			if m.k > 1 {
				s, sr, sa, srr, sra, saa := phases(m.k, rr, alpha, ti, ti)
				ll += wi * s
				gr1 += wi * sr
				ga += wi * sa
				hrr += wi * srr
				hra += wi * sra
				haa += wi * saa
			}
		}
	}

	// What all histories of the group share: c + r ln α, and z by a and b.
	_, r1, r2 := special.GammaDiff(m.r, x)
	stay := float64(gr.x + m.atZero)
	_, b1, b2 := special.GammaDiff(m.b, stay)
	_, s1, s2 := special.GammaDiff(m.a+m.b, stay)
	ll += n * (c + m.r*logAlpha)
	g[0] += gr1 + n*(r1+logAlpha)
	g[1] += ga + n*m.r/alpha
	g[2] -= n * s1
	g[3] += n * (b1 - s1)
	h[0][0] += hrr + n*r2
	h[0][1] += hra + n/alpha
	h[1][1] += haa - n*m.r/(alpha*alpha)
	h[2][2] -= n * s2
	h[2][3] -= n * s2
	h[3][3] += n * (b2 - s2)
	if m.dropout(gr.x) {
		za, zb := 1/m.a, -1/(m.b+stay-1)
		g[2] += p * za
		g[3] += p * zb
		h[2][2] += (q - p) * za * za
		h[2][3] += q * za * zb
		h[3][3] += (q + p) * zb * zb
		h[0][2] += qr * za
		h[0][3] += qr * zb
		h[1][2] += qa * za
		h[1][3] += qa * zb
	}
	return ll
}

func (m *betaGeo) starts(d *Data) [][]float64 {
	perTime := d.buys * float64(m.k) / d.time
	s := [][]float64{{0.5, 0, 0.5, 2}, {1.5, 0, 0.8, 1.5}, {0.3, 0, 0.3, 6}}
	for _, p := range s {
		p[1] = p[0] / (1.5 * perTime)
	}
	return s
}

func (m *betaGeo) check(d *Data) error { return checkTimes(d) }

func checkTimes(d *Data) error {
	switch {
	case !(d.time > 0):
		return ErrNoTime
	case !(d.buys > 0):
		return ErrNoRepeat
	}
	return nil
}

func (m *betaGeo) limits() []limit {
	all := sameRate(m.r, m.alpha, "r", "alpha", 0)
	switch p := m.a / (m.a + m.b); {
	case p < 1e-5:
		all = append(all, limit{"no dropout identified: a is negligible beside b, so everyone counts as alive", []int{2, 3}})
	case p > 1-1e-5:
		all = append(all, limit{"dropout after every purchase: b is negligible beside a", []int{2, 3}})
	case m.a > large:
		all = append(all, limit{"a and b are both large: all members drop out with the same probability, only a/(a+b) is identified", []int{2, 3}})
	case m.a < 1/large:
		all = append(all, limit{"a and b are both near 0: members drop out at once or never", []int{2, 3}})
	}
	return all
}
