package btyd

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/special"
)

// FitSpend fits GammaGamma by maximum likelihood to the members with a purchase
// of a value above 0; the others are left out. Weights are as for NewData.
//
// FitSpend returns ErrNoSpend if there is none, ErrNoMaximum if no start led to a
// maximum, and an error that names the first weight or spend that can't be. It panics if the lengths differ.
func FitSpend(s []Spend, weights []float64) (*Fitted[GammaGamma], error) {
	rows := make([]spendRow, 0, len(s))
	var n, mean float64
	for i, v := range s {
		w := weightAt(weights, len(s), i)
		if !(w >= 0) || math.IsInf(w, 1) {
			return nil, fmt.Errorf("btyd: weight %d is %v; weights are finite and not negative", i, w)
		}
		if math.IsNaN(v.Mean) || math.IsInf(v.Mean, 0) {
			return nil, fmt.Errorf("btyd: the mean spend %d is %v; look for missing or overflowing values", i, v.Mean)
		}
		if v.X <= 0 || !(v.Mean > 0) || w == 0 {
			continue
		}
		rows = append(rows, spendRow{x: v.X, mean: v.Mean, w: w})
		n += w
		mean += w / n * (v.Mean - mean)
	}
	if len(rows) == 0 {
		return nil, ErrNoSpend
	}
	slices.SortStableFunc(rows, func(a, b spendRow) int { return a.x - b.x })
	f := &Fitted[GammaGamma]{
		Members: n, Names: []string{"p", "q", "gamma"}, linear: 3,
		build: func(p []float64) GammaGamma { return GammaGamma{p[0], p[1], p[2]} },
	}
	var best optimum
	var values []float64
	for _, pq := range [][2]float64{{5, 3}, {1, 6}, {20, 2}} {
		start := []float64{pq[0], pq[1], mean * (pq[1] - 1) / pq[0]}
		o := maximize(spendObjective(rows), logs(start), decrement)
		f.Starts++
		if math.IsNaN(o.value) || math.IsInf(o.value, 0) {
			continue
		}
		if len(values) == 0 || o.value > best.value {
			best = o
		}
		values = append(values, o.value)
	}
	if len(values) == 0 {
		return nil, ErrNoMaximum
	}
	for _, v := range values {
		if best.value-v <= 1e-3 {
			f.Agreeing++
		}
	}
	if err := f.finish(best); err != nil {
		return nil, err
	}
	var limits []limit
	if f.Model.P > large {
		limits = append(limits, limit{"p is large: a member spends the same every time", []int{0, 2}})
	}
	if f.Model.Q > large {
		limits = append(limits, limit{"q and gamma are both large: members do not differ in what they spend, only gamma/q is identified", []int{1, 2}})
	}
	f.bound(limits)
	return f, nil
}

type spendRow struct {
	x       int
	mean, w float64
}

// spendObjective returns the log-likelihood of rows, sorted by x, as a function
// of ln p, ln q and ln gamma.
func spendObjective(rows []spendRow) func(theta, grad []float64, hess *mat.SymDense) float64 {
	return func(theta, grad []float64, hess *mat.SymDense) float64 {
		p, q, c := math.Exp(theta[0]), math.Exp(theta[1]), math.Exp(theta[2])
		var ll, gp, gq, gc, hpp, hpq, hqq, hpc, hqc, hcc float64
		for lo := 0; lo < len(rows); {
			hi := lo
			var n, sumLog, sumLogY, sumLogRest, a1, i1, iq, i2 float64
			x := float64(rows[lo].x)
			px := p * x
			for ; hi < len(rows) && rows[hi].x == rows[lo].x; hi++ {
				m, w := rows[hi].mean, rows[hi].w
				y := m * x
				i := 1 / (c + y)
				n += w
				sumLog += w * math.Log(m)
				sumLogY += w * math.Log1p(y/c)    // ln((γ+y)/γ)
				sumLogRest += w * math.Log1p(c/y) // ln((γ+y)/y)
				a1 += w * x * (q*m - p*c) / c * i // q/γ - (px+q)/(γ+y)
				i1 += w * i
				iq += w * y / c * i
				i2 += w * i * i * (q*y/c*(2+y/c) - px)
			}
			lo = hi
			lg, _ := math.Lgamma(px)
			d0, d1, d2 := special.GammaDiff(q, px)
			s1, s2 := special.Polygamma(px)
			t1, t2 := special.Polygamma(px + q)
			ll += -q*sumLogY - sumLog - px*sumLogRest + n*(d0-lg)
			gp += -x*sumLogRest + n*x*(t1-s1)
			gq += -sumLogY + n*d1
			gc += a1
			hpp += n * x * x * (t2 - s2)
			hpq += n * x * t2
			hqq += n * d2
			hpc -= x * i1
			hqc += iq
			hcc -= i2
		}
		grad[0], grad[1], grad[2] = p*gp, q*gq, c*gc
		hess.SetSym(0, 0, p*p*hpp+p*gp)
		hess.SetSym(0, 1, p*q*hpq)
		hess.SetSym(1, 1, q*q*hqq+q*gq)
		hess.SetSym(0, 2, p*c*hpc)
		hess.SetSym(1, 2, q*c*hqc)
		hess.SetSym(2, 2, c*c*hcc+c*gc)
		return ll
	}
}
