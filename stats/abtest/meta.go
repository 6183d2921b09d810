package abtest

import (
	"errors"
	"math"

	"loyaltymcp/stats/internal/special"
)

// ErrStudies is returned for fewer than two results to combine, or one without a
// standard error above 0.
var ErrStudies = errors.New("abtest: at least two results with a standard error above 0, from 1e-70 to 1e70, are needed")

// ErrHomogeneous is returned when the error of a mean is to be estimated from the spread
// of results that have none.
var ErrHomogeneous = errors.New("abtest: the results are all the same, their spread says nothing of the error; combine them without Knapp and Hartung's")

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
// The spread of results that agree by chance is small, and so is that standard error:
// it may be below the one without knappHartung, which then is the safer one to report.
//
// MetaAnalysis returns ErrStudies, and ErrHomogeneous with knappHartung when all results
// are the same, for the standard error would be 0.
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
	z := -special.NormalQuantile((1 - confidence) / 2)
	if knappHartung {
		var spread float64
		for _, s := range studies {
			d := s.Estimate - m.Mean
			spread += d * d / (s.SE*s.SE + m.Tau2)
		}
		if !(spread > 0) || homogeneous(studies) {
			return Meta{}, ErrHomogeneous
		}
		df := float64(h.DF)
		m.SE *= math.Sqrt(spread / df)
		z = tValue(confidence, df)
	}
	m.Low, m.High = m.Mean-z*m.SE, m.Mean+z*m.SE
	if !finite(m.Mean, m.SE, m.Low, m.High, m.Tau2, m.I2) {
		return Meta{}, ErrStudies
	}
	return m, nil
}

// homogeneous reports whether all estimates are the same.
func homogeneous(studies []Study) bool {
	for _, s := range studies {
		if s.Estimate != studies[0].Estimate {
			return false
		}
	}
	return true
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
