package abtest

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/special"
)

// ErrCollinear is returned when the columns of a regression determine each other
// or there are not more rows than columns.
var ErrCollinear = errors.New("abtest: covariates determine each other or outnumber the members; leave some out")

// Robust is a way to estimate the covariance of the coefficients of a regression
// with unequal residual variances.
type Robust int

const (
	// Classical assumes equal variances.
	Classical Robust = iota
	// HC0 is the estimate of H. White, Econometrica 48, 1980.
	HC0
	// HC1 is HC0 times n/(n-k).
	HC1
	// HC2 divides each squared residual by 1-h, h being the row's leverage. For two
	// arms without covariates it is the variance of Welch. It is the one for
	// randomised experiments.
	HC2
	// HC3 divides by (1-h)² (J. G. MacKinnon and H. White, Journal of Econometrics 29,
	// 1985).
	HC3
)

// Regression is a fit by least squares.
type Regression struct {
	// Coef are the coefficients in the order of the columns.
	Coef []float64
	// N is the number of rows and DF that less the number of columns.
	N  int
	DF float64

	x        *mat.Dense
	residual []float64
	leverage []float64
	bread    *mat.Dense // (X'X)^-1
}

// Regress fits y to the columns of x, one row a member. A constant must be among
// the columns if one is wanted. x is kept, not copied.
//
// Regress returns ErrCollinear when the columns determine each other, and ErrNotFinite
// for a value that is NaN or infinite. It panics if
// the lengths differ.
func Regress(x *mat.Dense, y []float64) (*Regression, error) {
	n, k := x.Dims()
	if len(y) != n {
		panic("abtest: slice length mismatch")
	}
	if n <= k {
		return nil, ErrCollinear
	}
	for i, v := range y {
		if !finite(v) || !finite(x.RawRowView(i)...) {
			return nil, ErrNotFinite
		}
	}
	var qr mat.QR
	qr.Factorize(x)
	if qr.Cond() > 1e12 {
		return nil, ErrCollinear
	}
	r := &Regression{Coef: make([]float64, k), N: n, DF: float64(n - k), x: x, residual: make([]float64, n), leverage: make([]float64, n)}
	coef := mat.NewVecDense(k, r.Coef)
	if err := qr.SolveVecTo(coef, false, mat.NewVecDense(n, y)); err != nil {
		return nil, ErrCollinear
	}
	var upper, inv mat.Dense
	qr.RTo(&upper)
	if err := inv.Inverse(upper.Slice(0, k, 0, k)); err != nil {
		return nil, ErrCollinear
	}
	r.bread = mat.NewDense(k, k, nil)
	r.bread.Mul(&inv, inv.T())
	row := make([]float64, k)
	for i := range r.residual {
		mat.Row(row, i, x)
		fit := 0.0
		for j, v := range row {
			fit += v * r.Coef[j]
		}
		r.residual[i] = y[i] - fit
		// The leverage is |R'^-1 x|².
		for j := range k {
			var s float64
			for l := 0; l <= j; l++ {
				s += inv.At(l, j) * row[l]
			}
			r.leverage[i] += s * s
		}
	}
	return r, nil
}

// Covariance returns the covariance matrix of the coefficients.
func (r *Regression) Covariance(kind Robust) *mat.SymDense {
	k := len(r.Coef)
	cov := mat.NewSymDense(k, nil)
	if kind == Classical {
		var rss float64
		for _, e := range r.residual {
			rss += e * e
		}
		for i := range k {
			for j := i; j < k; j++ {
				cov.SetSym(i, j, r.bread.At(i, j)*rss/r.DF)
			}
		}
		return cov
	}
	meat := mat.NewSymDense(k, nil)
	row := make([]float64, k)
	for i, e := range r.residual {
		w := e * e
		switch kind {
		case HC1:
			w *= float64(r.N) / r.DF
		case HC2:
			w /= 1 - r.leverage[i]
		case HC3:
			w /= (1 - r.leverage[i]) * (1 - r.leverage[i])
		}
		if e == 0 || 1-r.leverage[i] < 1e-10 {
			w = 0 // a row that alone decides its fit has no residual
		}
		mat.Row(row, i, r.x)
		for a, va := range row {
			for b := a; b < k; b++ {
				meat.SetSym(a, b, meat.At(a, b)+w*va*row[b])
			}
		}
	}
	var half, full mat.Dense
	half.Mul(r.bread, meat)
	full.Mul(&half, r.bread)
	for i := range k {
		for j := i; j < k; j++ {
			cov.SetSym(i, j, full.At(i, j))
		}
		cov.SetSym(i, i, math.Max(0, full.At(i, i))) // rounding of an exact fit
	}
	return cov
}

// Coefficient returns the coefficient i as an Effect on the degrees of freedom of
// the residuals, with the coefficient control as what a relative change is
// relative to.
//
// Coefficient returns ErrZeroVariance when the fit leaves no residuals.
func (r *Regression) Coefficient(i, control int, kind Robust) (Effect, error) {
	cov := r.Covariance(kind)
	if !(cov.At(i, i) > 0) {
		return Effect{}, ErrZeroVariance
	}
	return Effect{
		N: int64(r.N), DF: r.DF, LiftDF: r.DF,
		Difference: r.Coef[i], Variance: cov.At(i, i),
		Control: r.Coef[control], ControlVariance: cov.At(control, control), Covariance: cov.At(i, control),
	}, nil
}

// WaldF is the outcome of a joint test of several coefficients: F on DF1 and DF2
// degrees of freedom and its p-value.
type WaldF struct {
	F, DF1, DF2, P float64
}

// Wald tests that all the coefficients with the given indices are 0.
//
// Wald returns ErrCollinear when their covariance is singular.
func (r *Regression) Wald(coefficients []int, kind Robust) (WaldF, error) {
	cov := r.Covariance(kind)
	q := len(coefficients)
	sub, b := mat.NewSymDense(q, nil), mat.NewVecDense(q, nil)
	for i, ci := range coefficients {
		b.SetVec(i, r.Coef[ci])
		for j := i; j < q; j++ {
			sub.SetSym(i, j, cov.At(ci, coefficients[j]))
		}
	}
	var chol mat.Cholesky
	var solved mat.VecDense
	if !chol.Factorize(sub) || chol.SolveVecTo(&solved, b) != nil {
		return WaldF{}, ErrCollinear
	}
	w := WaldF{F: mat.Dot(b, &solved) / float64(q), DF1: float64(q), DF2: r.DF}
	w.P = special.FSurvival(w.F, w.DF1, w.DF2)
	return w, nil
}
