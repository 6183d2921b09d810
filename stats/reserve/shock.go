package reserve

import (
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// monthly is what the residuals of all cells of a calendar month say of a shock
// that hit them all, a campaign or a holiday: the score u and the information
// of a common shift of the linear predictor, and what such a shift does to the
// score of the coefficients.
type monthly struct {
	score, info float64
	pull        []float64
}

// months sums the patterns by calendar month.
func (d *design) months(patterns []pattern) map[int]*monthly {
	out := map[int]*monthly{}
	for _, p := range patterns {
		m := out[p.month]
		if m == nil {
			m = &monthly{pull: make([]float64, len(d.kept))}
			out[p.month] = m
		}
		v := p.mu * (1 - p.mu)
		w := p.atRisk * p.slope * p.slope / v
		m.score += (p.redeemed - p.atRisk*p.mu) * p.slope / v
		m.info += w
		for a, c := range d.kept {
			m.pull[a] += w * p.x[c]
		}
	}
	return out
}

// shock returns the standard deviation of the shocks of the months beyond what
// chance explains, by the equation of Paule and Mandel (1982),
//
//	sum over months of s²/(shock² + dispersion/info) = months - terms of the season - 1,
//
// s = score/info. It is 0 where the months vary no more than by chance, or where
// there are less than 3 beyond those the season takes to fit.
func (d *design) shock(months map[int]*monthly, dispersion float64) float64 {
	season := 0
	for _, c := range d.kept {
		if c >= d.width-max(0, len(d.seasons)-1) {
			season++
		}
	}
	free := float64(len(months) - season - 1)
	if free < 3 {
		return 0
	}
	// Terms in a fixed order, so that the sum does not depend on the map's.
	type term struct{ s2, v float64 }
	var terms []term
	for _, k := range slices.Sorted(maps.Keys(months)) {
		m := months[k]
		if m.info > 0 {
			s := m.score / m.info
			terms = append(terms, term{s * s, dispersion / m.info})
		}
	}
	excess := func(t2 float64) float64 {
		var q float64
		for _, t := range terms {
			if t.s2 > 0 {
				q += t.s2 / (t2 + t.v)
			}
		}
		return q - free
	}
	if !(excess(0) > 0) {
		return 0
	}
	high := 1.0
	for excess(high) > 0 && high < 1e6 {
		high *= 4
	}
	low := 0.0
	for range 80 {
		mid := (low + high) / 2
		if excess(mid) > 0 {
			low = mid
		} else {
			high = mid
		}
	}
	return math.Sqrt(high)
}

// shake adds to the covariance what shocks of the months fitted do to the
// coefficients: shock² A⁻¹ (sum of pull pull') A⁻¹.
func (h *Hazard) shake(months map[int]*monthly, bread *mat.Cholesky) {
	if h.Shock == 0 {
		return
	}
	p := len(h.design.kept)
	var x mat.VecDense
	for _, k := range slices.Sorted(maps.Keys(months)) {
		must(bread.SolveVecTo(&x, mat.NewVecDense(p, months[k].pull)))
		h.cov.SymRankOne(h.cov, h.Shock*h.Shock, &x)
	}
}
