package abtest

import "math"

// weighted returns the mean with the weights 1/(SE²+tau2) and their sum.
func weighted(studies []Study, tau2 float64) (mean, weight float64) {
	for _, s := range studies {
		w := 1 / (s.SE*s.SE + tau2)
		weight += w
		mean += w / weight * (s.Estimate - mean)
	}
	return mean, weight
}

// typical returns the typical error variance of Higgins and Thompson, (k-1) Σw/((Σw)² -
// Σw²).
func typical(studies []Study) float64 {
	w, products := precisions(studies)
	return float64(len(studies)-1) * (w / products)
}

// dersimonian returns (Q - DF)/(Σw - Σw²/Σw), not below 0.
func dersimonian(studies []Study, h Heterogeneity) float64 {
	w, products := precisions(studies)
	return math.Max(0, (h.Q-float64(h.DF))*(w/products))
}

// precisions returns Σw, w = 1/SE², and (Σw)² - Σw² as the sum of w times the others',
// which does not cancel when one outweighs all.
func precisions(studies []Study) (w, products float64) {
	for _, s := range studies {
		v := 1 / (s.SE * s.SE)
		products += 2 * v * w
		w += v
	}
	return w, products
}

// reml returns the restricted maximum likelihood estimate: the largest of the
// maxima found from a grid by golden sections, at most a hundred times the spread.
func reml(studies []Study) float64 {
	loglik := func(tau2 float64) float64 {
		mean, weight := weighted(studies, tau2)
		l := -0.5 * math.Log(weight)
		for _, s := range studies {
			v := s.SE*s.SE + tau2
			d := s.Estimate - mean
			l -= 0.5 * (math.Log(v) + d*d/v)
		}
		return l
	}
	var all Sample
	least := math.Inf(1)
	for _, s := range studies {
		all = all.Merge(Sample{N: 1, Mean: s.Estimate})
		least = math.Min(least, s.SE*s.SE)
	}
	if all.M2 == 0 {
		return 0
	}
	top := 100 * all.Variance()
	best, at := loglik(0), 0.0
	const steps = 60
	// The grid is even in the logarithm of tau2 plus the least error variance.
	point := func(i float64) float64 { return least * math.Expm1(math.Log1p(top/least)*i/steps) }
	for i := 1.0; i < steps; i++ {
		if l := loglik(point(i)); l > best {
			best, at = l, i
		}
	}
	lo, hi := math.Max(0, at-1), math.Min(steps, at+1)
	// The slope changes sign at the maximum: bisection finds it to all digits where
	// values of the likelihood would give half of them.
	slope := func(tau2 float64) float64 {
		mean, weight := weighted(studies, tau2)
		var g, w2 float64
		for _, s := range studies {
			w := 1 / (s.SE*s.SE + tau2)
			d := s.Estimate - mean
			g += w * (w*d*d - 1)
			w2 += w * w
		}
		return g + w2/weight
	}
	a, b := point(lo), point(hi)
	if slope(a) <= 0 {
		return a
	}
	for range 200 {
		mid := a + (b-a)/2
		if mid <= a || mid >= b {
			break
		}
		if slope(mid) > 0 {
			a = mid
		} else {
			b = mid
		}
	}
	return b
}
