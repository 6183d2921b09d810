package survival

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/dist"
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
// proportional.
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
// Cov and Robust, and its P. It is NaN for a singular V (fewer clusters than
// coefficients).
func (f CoxFit) Wald(v *mat.SymDense) (chi2, p float64) {
	chi2, ok := quadratic(v, f.Coef)
	if !ok {
		return math.NaN(), math.NaN()
	}
	return chi2, dist.ChiSquareSurvival(chi2, float64(len(f.Coef)))
}

// LikelihoodRatio returns twice the gain in log-likelihood over all
// coefficients being 0, and its P.
func (f CoxFit) LikelihoodRatio() (chi2, p float64) {
	chi2 = math.Max(0, 2*(f.LogLik-f.NullLogLik))
	return chi2, dist.ChiSquareSurvival(chi2, float64(len(f.Coef)))
}

// quadratic returns u'V⁻¹u.
func quadratic(v *mat.SymDense, u []float64) (float64, bool) {
	var ch mat.Cholesky
	if !ch.Factorize(v) {
		return 0, false
	}
	b, s := mat.NewVecDense(len(u), u), mat.NewVecDense(len(u), nil)
	if err := ch.SolveVecTo(s, b); err != nil {
		return 0, false
	}
	return mat.Dot(b, s), true
}

// standardise returns the covariates with mean 0 and standard deviation 1.
func standardise(x mat.Matrix, d Data) (z *mat.Dense, mean, scale []float64, err error) {
	n, p := x.Dims()
	z, mean, scale = mat.NewDense(n, p, nil), make([]float64, p), make([]float64, p)
	for j := range p {
		total, ss := 0.0, 0.0
		for i := range n {
			v := x.At(i, j)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, nil, nil, fmt.Errorf("survival: covariate %d of row %d is %v; leave the row out or fill it in", j, i, v)
			}
			w := d.weight(i)
			if w == 0 {
				continue
			}
			total += w
			delta := v - mean[j]
			mean[j] += delta * w / total
			ss += w * delta * (v - mean[j])
		}
		scale[j] = math.Sqrt(ss / total)
		if !(scale[j] > 1e-13*math.Abs(mean[j])) || math.IsInf(scale[j], 0) {
			return nil, nil, nil, fmt.Errorf("survival: covariate %d is constant or out of range; leave it out", j)
		}
		for i := range n {
			z.Set(i, j, (x.At(i, j)-mean[j])/scale[j])
		}
	}
	return z, mean, scale, nil
}

// maximise finds the coefficients by Newton's method with halved steps and
// returns the inverse information.
func (f *CoxFit) maximise() (*mat.SymDense, error) {
	const most, far = 60, 25.0
	p := len(f.b)
	b, step := make([]float64, p), make([]float64, p)
	grad, info := make([]float64, p), mat.NewSymDense(p, nil)
	lik := f.evaluate(b, grad, info)
	f.NullLogLik = lik
	var ch mat.Cholesky
	for f.Iterations = 0; ; f.Iterations++ {
		if !ch.Factorize(info) || ch.Cond() > 1e13 {
			return nil, errNoEstimate
		}
		if err := ch.SolveVecTo(mat.NewVecDense(p, step), mat.NewVecDense(p, grad)); err != nil {
			return nil, fmt.Errorf("survival: solve for the coefficients: %w", err)
		}
		gain := floats.Dot(grad, step)
		if f.Iterations == 0 {
			f.Score = gain
		}
		if gain < 1e-20*math.Abs(lik)+1e-20 {
			break
		}
		if f.Iterations == most {
			return nil, errNoEstimate
		}
		floats.AddTo(f.b, b, step)
		next := f.evaluate(f.b, grad, info)
		for range 40 {
			if next >= lik-1e-12*math.Abs(lik) {
				break
			}
			floats.Scale(0.5, step)
			floats.AddTo(f.b, b, step)
			next = f.evaluate(f.b, grad, info)
		}
		copy(b, f.b)
		if floats.Norm(b, math.Inf(1)) > far {
			return nil, errNoEstimate
		}
		// A step that gains less than rounding is the last.
		done := next-lik <= 1e-14*math.Abs(lik) && gain < 1e-12*math.Abs(lik)
		lik = next
		if done {
			if !ch.Factorize(info) {
				return nil, errNoEstimate
			}
			break
		}
	}
	copy(f.b, b)
	f.LogLik = lik
	cov := mat.NewSymDense(p, nil)
	if err := ch.InverseTo(cov); err != nil {
		return nil, fmt.Errorf("survival: invert the information: %w", err)
	}
	if flat(cov) {
		return nil, errNoEstimate
	}
	return cov, nil
}

var errNoEstimate = errors.New("survival: no finite estimate: a covariate is a combination of others, does not vary among those at risk, or separates those with events from the others; leave it out or merge its levels")

// flat reports whether the likelihood hardly depends on one of the
// standardised coefficients, which happens as it goes to infinity.
func flat(cov *mat.SymDense) bool {
	for i := range cov.SymmetricDim() {
		if !(cov.At(i, i) < 1e6) {
			return true
		}
	}
	return false
}

// evaluate returns the log-likelihood of coefficients of the standardised
// covariates, -Inf where it overflows, and sets its gradient and information.
func (f *CoxFit) evaluate(b, grad []float64, info *mat.SymDense) float64 {
	clear(grad)
	info.Zero()
	if !f.r.weigh(b) {
		return math.Inf(-1)
	}
	upper := info.RawSymmetric().Data // as cov, p by p
	lik := 0.0
	f.r.walk(true, func(e draw) {
		if e.first {
			for _, row := range e.died {
				w, x := f.r.d.weight(row), f.r.x.RawRowView(row)
				lik += w * floats.Dot(b, x)
				floats.AddScaled(grad, w, x)
			}
		}
		lik -= e.weight * math.Log(e.total)
		floats.AddScaled(grad, -e.weight, e.mean)
		floats.AddScaled(upper, e.weight, e.cov)
	})
	if math.IsNaN(lik) {
		return math.Inf(-1)
	}
	return lik
}
