package abtest

import (
	"math"
	"slices"

	"loyaltymcp/stats/internal/special"
)

// Best returns for each of several arms, control among them, the probability that
// its mean is the best, given independent normal estimates of the means: the integral
// of its density times the others' probabilities to be worse, to some 1e-10. They sum
// to 1. Prefer says whether the largest or the smallest mean is best.
//
// The probabilities are the shares of members that Thompson sampling would give the
// arms next.
//
// Best returns ErrNoMembers without arms and ErrStudies when an arm has no standard
// error above 0.
func Best(arms []Study, prefer Preference) ([]float64, error) {
	if len(arms) == 0 {
		return nil, ErrNoMembers
	}
	sign := 1.0
	if prefer == Decrease {
		sign = -1
	}
	for _, a := range arms {
		if !(a.SE > 0) || math.IsInf(a.SE, 1) || math.IsNaN(a.Estimate) || math.IsInf(a.Estimate, 0) {
			return nil, ErrStudies
		}
	}
	best := make([]float64, len(arms))
	const nodes = 16
	var x, w [nodes]float64
	special.GaussLegendre(x[:], w[:])
	var total float64
	var cuts []float64
	for i, a := range arms {
		cuts = panels(cuts[:0], arms, i, sign)
		for c := range len(cuts) - 1 {
			half := (cuts[c+1] - cuts[c]) / 2
			mid := cuts[c] + half
			for k, g := range x {
				d := mid + half*g
				v := math.Exp(-0.5*(d/a.SE)*(d/a.SE)) / math.Sqrt(2*math.Pi)
				for j, o := range arms {
					if j != i {
						// The other is worse: below, after the sign.
						v *= special.NormalSurvival((sign*(o.Estimate-a.Estimate) - d) / o.SE)
					}
				}
				best[i] += half / a.SE * w[k] * v
			}
		}
		total += best[i]
	}
	for i := range best {
		best[i] /= total
	}
	return best, nil
}

// panels appends the ends of the panels to integrate arm i over, as distances from its
// estimate, to dst: one standard error wide, and within reach of the estimate of an arm
// with a smaller one, where the product steps, one of that.
func panels(dst []float64, arms []Study, i int, sign float64) []float64 {
	const reach = 9
	a := arms[i]
	limit := reach * a.SE
	for k := -reach; k <= reach; k++ {
		dst = append(dst, float64(k)*a.SE)
	}
	for j, o := range arms {
		if j == i || o.SE >= a.SE {
			continue
		}
		for k := -reach; k <= reach; k++ {
			if d := sign*(o.Estimate-a.Estimate) + float64(k)*o.SE; d > -limit && d < limit {
				dst = append(dst, d)
			}
		}
	}
	slices.Sort(dst)
	return dst
}

// TopTwo returns the shares of members that top-two Thompson sampling gives the arms
// next, from the probabilities of Best: half of the members go to an arm drawn by them
// and half to a second, different one drawn in the same way,
//
//	p/2 (1 + Σ over others q/(1-q)).
//
// It spends more than Thompson sampling on telling the best two apart. One arm gets
// all.
//
// See D. Russo, "Simple Bayesian algorithms for best-arm identification", Operations
// Research 68, 2020.
func TopTwo(best []float64) []float64 {
	shares := make([]float64, len(best))
	for i, p := range best {
		if len(best) == 1 {
			shares[i] = 1
			break
		}
		var odds, rest float64
		for j, q := range best {
			if j == i {
				continue
			}
			var other float64 // 1 - q without cancellation
			for k, v := range best {
				if k != j {
					other += v
				}
			}
			if other > 0 {
				odds += q * (p / other) // p is part of other: no overflow
			} else {
				rest += q / float64(len(best)-1) // q is certain: any other is second
			}
		}
		shares[i] = 0.5*(p+odds) + 0.5*rest
	}
	return shares
}
