package abtest

import "math"

// BenjaminiHochberg keeps the expected share of false rejections among the
// rejected, for independent or positively dependent tests (Y. Benjamini and Y.
// Hochberg, Journal of the Royal Statistical Society B 57, 1995): with the k-th
// smallest of m, min over j >= k of p(j) m/j.
func BenjaminiHochberg(p []float64) []float64 {
	return steps(p, false, func(v float64, k, m int) float64 { return v * float64(m) / float64(k+1) })
}

// BenjaminiYekutieli is BenjaminiHochberg for any dependence, with the further
// factor 1 + 1/2 + ... + 1/m (Annals of Statistics 29, 2001).
func BenjaminiYekutieli(p []float64) []float64 {
	return steps(p, false, func(v float64, k, m int) float64 {
		var h float64
		for j := 1; j <= m; j++ {
			h += 1 / float64(j)
		}
		return v * float64(m) * h / float64(k+1)
	})
}

// TwoStageBH is BenjaminiHochberg with the number of true hypotheses estimated by a
// first pass of it at level alpha, m less its rejections (Y. Benjamini, A. M.
// Krieger and D. Yekutieli, Biometrika 93, 2006, section 6). When the first pass
// rejects all or none the p-values are those of the first pass. Unlike other
// corrections the adjusted p-values hold for the one alpha given.
func TwoStageBH(p []float64, alpha float64) []float64 {
	return twoStage(p, alpha, 1)
}

// TwoStageBKY is the definition 6 of the same paper, which is proved to keep its
// level for independent tests: the first pass is at alpha/(1+alpha), and the
// p-values are multiplied by 1+alpha.
func TwoStageBKY(p []float64, alpha float64) []float64 {
	return twoStage(p, alpha, 1+alpha)
}

func twoStage(p []float64, alpha, factor float64) []float64 {
	checkProbability(alpha, "alpha")
	first := BenjaminiHochberg(p)
	m, rejected := 0, 0
	for _, v := range first {
		if math.IsNaN(v) {
			continue
		}
		m++
		if v <= alpha/factor {
			rejected++
		}
	}
	share := 1.0
	if rejected > 0 && rejected < m {
		share = float64(m-rejected) / float64(m)
	}
	for i, v := range first {
		first[i] = math.Min(1, v*factor*share)
	}
	return first
}
