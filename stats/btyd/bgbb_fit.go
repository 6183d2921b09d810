package btyd

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

func (m BGBB) with(p []float64) Model { return BGBB{p[0], p[1], p[2], p[3]} }

// maxOpportunities bounds the work for one history.
const maxOpportunities = 1e5

func (m BGBB) check(d *Data) error {
	for _, g := range d.groups {
		for i := g.lo; i < g.hi; i++ {
			t, tx := d.t[i], d.tx[i]
			if t != math.Floor(t) || tx != math.Floor(tx) || float64(g.x) > tx || t > maxOpportunities {
				return ErrNotDiscrete
			}
		}
	}
	return checkTimes(d)
}

func (m BGBB) starts(*Data) [][]float64 {
	return [][]float64{{1, 1, 0.7, 3}, {0.5, 1.5, 0.5, 6}, {3, 3, 1, 1}}
}

func (m BGBB) limits(*Data) []limit {
	var all []limit
	switch sum := m.Alpha + m.Beta; {
	case sum > large:
		all = append(all, limit{"alpha and beta are large: all members buy with the same probability, only alpha/(alpha+beta) is identified", []int{0, 1}})
	case sum < 1/large:
		all = append(all, limit{"alpha and beta are both near 0: members buy always or never", []int{0, 1}})
	}
	switch p := m.Gamma / (m.Gamma + m.Delta); {
	case p < 1e-5:
		all = append(all, limit{"no dropout identified: gamma is negligible beside delta, so everyone counts as alive", []int{2, 3}})
	case m.Gamma > large:
		all = append(all, limit{"gamma and delta are both large: all members drop out with the same probability, only gamma/(gamma+delta) is identified", []int{2, 3}})
	case m.Gamma+m.Delta < 1/large:
		all = append(all, limit{"gamma and delta are both near 0: members drop out at once or never", []int{2, 3}})
	}
	return all
}

// eval implements Model. The likelihood is a sum of terms e^l; of its logarithm
// the gradient is the mean of those of l, and the Hessian the mean of those of
// l plus the covariance of the gradients.
func (m BGBB) eval(d *Data, g *[dim]float64, h *[dim][dim]float64) float64 {
	var ll float64
	for _, gr := range d.groups {
		_, a1, a2 := special.GammaDiff(m.Alpha, float64(gr.x))
		for n := gr.lo; n < gr.hi; n++ {
			w := d.w[n]
			var sum float64
			var first [dim]float64
			var second [dim][dim]float64
			ref := math.Inf(-1)
			m.ends(gr.x, int(d.tx[n]), int(d.t[n]), func(l float64, miss, stay int, alive bool) {
				if l > ref {
					c := math.Exp(ref - l)
					sum *= c
					for i := range dim {
						first[i] *= c
						for j := i; j < dim; j++ {
							second[i][j] *= c
						}
					}
					ref = l
				}
				v := math.Exp(l - ref)
				sum += v
				gone := 1
				if alive {
					gone = 0
				}
				_, b1, b2 := special.GammaDiff(m.Beta, float64(miss))
				_, ab1, ab2 := special.GammaDiff(m.Alpha+m.Beta, float64(gr.x+miss))
				_, c1, c2 := special.GammaDiff(m.Gamma, float64(gone))
				_, e1, e2 := special.GammaDiff(m.Delta, float64(stay))
				_, ce1, ce2 := special.GammaDiff(m.Gamma+m.Delta, float64(stay+gone))
				l1 := [dim]float64{a1 - ab1, b1 - ab1, c1 - ce1, e1 - ce1}
				l2 := [dim][dim]float64{{a2 - ab2, -ab2}, {0, b2 - ab2}, {0, 0, c2 - ce2, -ce2}, {0, 0, 0, e2 - ce2}}
				for i := range dim {
					first[i] += v * l1[i]
					for j := i; j < dim; j++ {
						second[i][j] += v * (l2[i][j] + l1[i]*l1[j])
					}
				}
			})
			ll += w * (ref + math.Log(sum))
			for i := range dim {
				g[i] += w * first[i] / sum
				for j := i; j < dim; j++ {
					h[i][j] += w * (second[i][j]/sum - first[i]/sum*(first[j]/sum))
				}
			}
		}
	}
	return ll
}

func (m BGBB) effects() (trans, life [dim]float64) { return trans, life }
