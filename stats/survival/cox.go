package survival

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/special"
)

// CoxFit is a fitted proportional-hazards model. A covariate that is higher by
// one multiplies the hazard by exp(Coef).
type CoxFit struct {
	Coef       []float64
	Cov        *mat.SymDense // inverse information
	Robust     *mat.SymDense // over clusters, by the infinitesimal jackknife
	LogLik     float64       // partial log-likelihood
	NullLogLik float64       // with all coefficients 0
	Score      float64       // score statistic of all coefficients being 0
	Iterations int

	r           *riskSet // with standardised covariates
	mean, scale []float64
	b           []float64 // coefficients of the standardised covariates
}

// Cox fits the proportional-hazards model
//
//	hazard(t | x) = baseline(t) exp(x'b)
//
// by partial likelihood, with a baseline of its own for each stratum. x has a
// row for each row of the data. Covariates that vary in time are given by
// cutting a member's time into several rows (start, stop], each with its
// values; use the number of the member as cluster then.
//
// Cov holds when the model does; Robust also for dependent rows of a cluster,
// for weights that are not repetitions, and roughly when hazards are not
// proportional. It takes many clusters: with few it is too small, and with a
// single one it is NaN.
//
// It returns an error without events, for values that are not finite, for a
// covariate that is constant or a combination of others, and for one that
// separates those with events from the others so that its coefficient is
// infinite.
//
// Source: D. R. Cox (1972), Regression models and life-tables, JRSS B 34,
// 187-220; B. Efron (1977), The efficiency of Cox's likelihood function, JASA
// 72, 557-565; N. Breslow (1974), Covariance analysis of censored survival
// data, Biometrics 30, 89-99; D. Y. Lin and L. J. Wei (1989), The robust
// inference for the Cox proportional hazards model, JASA 84, 1074-1078.
func Cox(d Data, x mat.Matrix, ties Ties) (CoxFit, error) {
	rows, p := x.Dims()
	if rows != len(d.Stop) {
		panic("survival: one row of covariates a row of data is needed")
	}
	if ties != Efron && ties != Breslow {
		panic("survival: unknown treatment of ties")
	}
	if err := d.check(1); err != nil {
		return CoxFit{}, err
	}
	f := CoxFit{Coef: make([]float64, p), b: make([]float64, p)}
	z, mean, scale, err := standardise(x, d)
	if err != nil {
		return CoxFit{}, err
	}
	f.mean, f.scale = mean, scale
	f.r = &riskSet{d: d, x: z, ties: ties, risk: make([]float64, rows)}
	for _, rows := range d.strata() {
		f.r.strata = append(f.r.strata, d.order(rows))
	}
	cov, err := f.maximise()
	if err != nil {
		return CoxFit{}, err
	}
	f.Robust = f.robust(cov)
	f.Cov = cov
	for i := range p {
		f.Coef[i] = f.b[i] / scale[i]
		for j := i; j < p; j++ {
			f.Cov.SetSym(i, j, f.Cov.At(i, j)/(scale[i]*scale[j]))
			f.Robust.SetSym(i, j, f.Robust.At(i, j)/(scale[i]*scale[j]))
		}
	}
	return f, nil
}

// SE returns the standard errors of the coefficients, from Cov.
func (f CoxFit) SE() []float64 { return roots(f.Cov) }

// RobustSE returns the standard errors of the coefficients, from Robust.
func (f CoxFit) RobustSE() []float64 { return roots(f.Robust) }

func roots(v *mat.SymDense) []float64 {
	se := make([]float64, v.SymmetricDim())
	for i := range se {
		se[i] = math.Sqrt(v.At(i, i))
	}
	return se
}

// Ratio returns the hazard ratio of coefficient i with its limits, for a
// standard error from [CoxFit.SE] or [CoxFit.RobustSE].
func (f CoxFit) Ratio(i int, se, level float64) (ratio, low, high float64) {
	z := normal(level)
	return math.Exp(f.Coef[i]), math.Exp(f.Coef[i] - z*se), math.Exp(f.Coef[i] + z*se)
}

// Wald returns the statistic b'V⁻¹b that all coefficients are 0, for V one of
// Cov and Robust, and its P. It is NaN for a singular V (no more clusters than
// coefficients).
func (f CoxFit) Wald(v *mat.SymDense) (chi2, p float64) {
	chi2, ok := quadratic(v, f.Coef)
	if !ok {
		return math.NaN(), math.NaN()
	}
	return chi2, special.ChiSquareSurvival(chi2, float64(len(f.Coef)))
}

// LikelihoodRatio returns twice the gain in log-likelihood over all
// coefficients being 0, and its P.
func (f CoxFit) LikelihoodRatio() (chi2, p float64) {
	chi2 = math.Max(0, 2*(f.LogLik-f.NullLogLik))
	return chi2, special.ChiSquareSurvival(chi2, float64(len(f.Coef)))
}
