package abtest

import (
	"errors"
	"math"

	"loyaltymcp/stats/dist"
)

var (
	// ErrStudies is returned for fewer than two results to combine, or one without a
	// standard error above 0.
	ErrStudies = errors.New("abtest: at least two results with a standard error above 0 are needed")
)

func chiSquareTail(x, df float64) float64 { return dist.ChiSquareSurvival(x, df) }

// Study is one result to combine: an estimate, such as the lift of a past test, and
// its standard error.
type Study struct {
	Estimate, SE float64
}

// Heterogeneity says how much results differ beyond their errors.
type Heterogeneity struct {
	// Q is Cochran's statistic Σ w (y - ȳ)², w = 1/SE², on DF degrees of freedom.
	Q  float64
	DF int
	P  float64
	// I2 is the share of the variation that is not error, max(0, 1 - DF/Q).
	I2 float64
}

// Heterogeneous tests that all results estimate the same effect: those of one
// experiment in its segments, or of several experiments. A segment whose effect
// differs deserves another look only when this test, not its own p-value, says so.
//
// See W. G. Cochran, Biometrics 10, 1954, and J. P. T. Higgins and S. G. Thompson,
// Statistics in Medicine 21, 2002.
//
// Heterogeneous returns ErrStudies.
func Heterogeneous(studies []Study) (Heterogeneity, error) {
	if err := checkStudies(studies); err != nil {
		return Heterogeneity{}, err
	}
	mean, _ := weighted(studies, 0)
	h := Heterogeneity{DF: len(studies) - 1}
	for _, s := range studies {
		d := (s.Estimate - mean) / s.SE
		h.Q += d * d
	}
	h.P = chiSquareTail(h.Q, float64(h.DF))
	if h.Q > 0 {
		h.I2 = math.Max(0, 1-float64(h.DF)/h.Q)
	}
	return h, nil
}

// MetaMethod is a way to estimate the variance between true effects.
type MetaMethod int

const (
	// REML is restricted maximum likelihood.
	REML MetaMethod = iota
	// DerSimonianLaird is the estimate of moments (Controlled Clinical Trials 7,
	// 1986).
	DerSimonianLaird
	// Fixed takes all true effects for equal.
	Fixed
)

// Meta is the combination of several results.
type Meta struct {
	// Mean is the mean true effect with its standard error and interval.
	Mean, SE, Low, High float64
	// Tau2 is the variance between the true effects, and I2 the share of the
	// variation of the estimates it makes up.
	Tau2, I2 float64
	Heterogeneity
}

// MetaAnalysis returns the mean of the true effects, weighted by 1/(SE²+Tau2). With
// knappHartung its standard error is estimated from the spread of the results and
// its interval is by Student's t, as it should be for the few tests a programme has
// (G. Knapp and J. Hartung, Statistics in Medicine 22, 2003).
//
// Prior{Mean, √Tau2} describes the effect to expect of the next test of the kind.
//
// See W. Viechtbauer, "Bias and efficiency of meta-analytic variance estimators in
// the random-effects model", Journal of Educational and Behavioral Statistics 30,
// 2005.
//
// MetaAnalysis returns ErrStudies.
func MetaAnalysis(studies []Study, method MetaMethod, knappHartung bool, confidence float64) (Meta, error) {
	checkProbability(confidence, "confidence")
	h, err := Heterogeneous(studies)
	if err != nil {
		return Meta{}, err
	}
	m := Meta{Heterogeneity: h, I2: h.I2}
	switch method {
	case REML:
		m.Tau2 = reml(studies)
	case DerSimonianLaird:
		m.Tau2 = dersimonian(studies, h)
	case Fixed:
	default:
		panic("abtest: unknown method")
	}
	var weight float64
	m.Mean, weight = weighted(studies, m.Tau2)
	m.SE = 1 / math.Sqrt(weight)
	if method != Fixed {
		m.I2 = m.Tau2 / (m.Tau2 + typical(studies))
	}
	z := -dist.NormalQuantile((1 - confidence) / 2)
	if knappHartung {
		var spread float64
		for _, s := range studies {
			d := s.Estimate - m.Mean
			spread += d * d / (s.SE*s.SE + m.Tau2)
		}
		df := float64(h.DF)
		m.SE *= math.Sqrt(spread / df)
		z = tValue(confidence, df)
	}
	m.Low, m.High = m.Mean-z*m.SE, m.Mean+z*m.SE
	return m, nil
}

// Shrink returns the estimates pulled to the mean by as much as their errors
// warrant,
//
//	(Tau2 y + SE² Mean)/(Tau2 + SE²),
//
// the best linear predictions of the true effects. The estimate of a winner, chosen
// because it was large, is too large on average; this one is not, if past tests were
// of the same kind. Dst has the length of studies or is nil.
func (m Meta) Shrink(dst []float64, studies []Study) []float64 {
	if dst == nil {
		dst = make([]float64, len(studies))
	}
	if len(dst) != len(studies) {
		panic("abtest: slice length mismatch")
	}
	for i, s := range studies {
		w := m.Tau2 / (m.Tau2 + s.SE*s.SE)
		dst[i] = w*s.Estimate + (1-w)*m.Mean
	}
	return dst
}

func checkStudies(studies []Study) error {
	if len(studies) < 2 {
		return ErrStudies
	}
	for _, s := range studies {
		if !(s.SE > 0) || math.IsInf(s.SE, 1) || math.IsNaN(s.Estimate) || math.IsInf(s.Estimate, 0) {
			return ErrStudies
		}
	}
	return nil
}

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
