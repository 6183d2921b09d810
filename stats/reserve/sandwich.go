package reserve

import (
	"cmp"
	"errors"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// group is the cells of a cluster that have the same covariates.
type group struct {
	cluster, pattern int
	atRisk, redeemed float64
}

// gather returns the groups by cluster; of is the pattern of each cell, or -1.
// Where all cells are of one cluster each is one of its own.
func gather(cells []Cell, of []int) []group {
	groups := make([]group, 0, len(cells))
	one := true
	for i, k := range of {
		if k < 0 {
			continue
		}
		groups = append(groups, group{cells[i].Cluster, k, cells[i].AtRisk, cells[i].Redeemed})
		one = one && groups[0].cluster == cells[i].Cluster
	}
	if one {
		for i := range groups {
			groups[i].cluster = i
		}
		return groups
	}
	slices.SortStableFunc(groups, func(a, b group) int {
		return cmp.Or(cmp.Compare(a.cluster, b.cluster), cmp.Compare(a.pattern, b.pattern))
	})
	merged := groups[:0]
	for _, g := range groups {
		if n := len(merged); n > 0 && merged[n-1].cluster == g.cluster && merged[n-1].pattern == g.pattern {
			merged[n-1].atRisk += g.atRisk
			merged[n-1].redeemed += g.redeemed
			continue
		}
		merged = append(merged, g)
	}
	return merged
}

// sandwich fills in the covariance, the dispersion and the number of clusters.
func (h *Hazard) sandwich(groups []group, patterns []pattern, months map[int]*monthly, bread *mat.Cholesky) {
	kept := h.design.kept
	p := len(kept)
	meat := mat.NewSymDense(p, nil)
	s := mat.NewVecDense(p, nil)
	var squares, variance float64
	for k, g := range groups {
		q := patterns[g.pattern]
		m := months[q.month]
		r := g.redeemed - g.atRisk*q.mu
		net := r - g.atRisk*q.slope*m.score/m.info
		squares += net * net
		variance += g.atRisk * q.mu * (1 - q.mu)
		r *= q.slope / (q.mu * (1 - q.mu))
		for a, c := range kept {
			s.SetVec(a, s.AtVec(a)+r*q.x[c])
		}
		if k+1 == len(groups) || groups[k+1].cluster != g.cluster {
			h.Clusters++
			meat.SymRankOne(meat, 1, s)
			s.Zero()
		}
	}
	n := float64(len(groups))
	h.Dispersion = squares / variance * n / max(1, n-float64(p+len(months)))
	var half, full mat.Dense
	must(bread.SolveTo(&half, meat))
	must(bread.SolveTo(&full, half.T()))
	h.cov = mat.NewSymDense(p, nil)
	g := float64(h.Clusters)
	for i := range p {
		for j := i; j < p; j++ {
			h.cov.SetSym(i, j, (full.At(i, j)+full.At(j, i))/2*g/max(1, g-1))
		}
	}
}

// must ignores that a system that could be factorized is badly conditioned: its
// terms are scaled alike, and those that depend on others have been left out.
func must(err error) {
	var c mat.Condition
	if err != nil && !errors.As(err, &c) {
		panic(err)
	}
}
