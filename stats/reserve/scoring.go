package reserve

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// score fits the coefficients by Fisher scoring and leaves the fit in the
// patterns. It returns the factorized information.
func (d *design) score(patterns []pattern) ([]float64, *mat.Cholesky, error) {
	var atRisk, redeemed float64
	for _, p := range patterns {
		atRisk += p.atRisk
		redeemed += p.redeemed
	}
	d.keep(patterns)
	p := len(d.kept)
	beta := make([]float64, p)
	beta[0] = d.o.Link.start(redeemed / atRisk)
	deviance := d.apply(patterns, beta)
	info, rhs := mat.NewSymDense(p, nil), mat.NewVecDense(p, nil)
	chol, step := &mat.Cholesky{}, mat.NewVecDense(p, nil)
	next := make([]float64, p)
	for range 100 {
		d.normal(patterns, info, rhs)
		if !chol.Factorize(info) {
			return nil, nil, hazardError("the effects can't be told apart; use fewer knots, tiers or months")
		}
		must(chol.SolveVecTo(step, rhs))
		// The decrement is twice what the log quasi-likelihood can still gain.
		decrement := mat.Dot(step, rhs)
		if decrement < 1e-12*(1+deviance) {
			// One more step doubles the digits.
			for k := range beta {
				beta[k] += step.AtVec(k)
			}
			d.apply(patterns, beta)
			d.normal(patterns, info, rhs)
			if !chol.Factorize(info) {
				break
			}
			return beta, chol, nil
		}
		scale := 1.0
		for {
			for k := range next {
				next[k] = beta[k] + scale*step.AtVec(k)
			}
			v := d.apply(patterns, next)
			if v <= deviance*(1+1e-13) {
				deviance = v
				copy(beta, next)
				break
			}
			if scale /= 2; scale < 1e-8 {
				d.apply(patterns, beta)
				if decrement < 1e-9*(1+deviance) {
					return beta, chol, nil
				}
				return nil, nil, hazardError("the fit does not converge; use fewer knots, tiers or months")
			}
		}
	}
	return nil, nil, hazardError("the fit does not converge, some effect has no finite value; use fewer knots, tiers or months")
}

// apply sets the hazards of the patterns and returns the deviance.
func (d *design) apply(patterns []pattern, beta []float64) float64 {
	var deviance float64
	for i := range patterns {
		p := &patterns[i]
		var eta float64
		for k, c := range d.kept {
			eta += beta[k] * p.x[c]
		}
		p.mu, p.slope = d.o.Link.inverse(eta)
		deviance += p.deviance()
	}
	return deviance
}

// normal sets the information and the score.
func (d *design) normal(patterns []pattern, info *mat.SymDense, rhs *mat.VecDense) {
	info.Zero()
	rhs.Zero()
	raw, r := info.RawSymmetric(), rhs.RawVector().Data
	for i := range patterns {
		p := &patterns[i]
		v := p.mu * (1 - p.mu)
		w := p.atRisk * p.slope * p.slope / v
		s := (p.redeemed - p.atRisk*p.mu) * p.slope / v
		for a, c := range d.kept {
			xa := p.x[c]
			if xa == 0 {
				continue
			}
			r[a] += s * xa
			row := raw.Data[a*raw.Stride:]
			for b := a; b < len(d.kept); b++ {
				row[b] += w * xa * p.x[d.kept[b]]
			}
		}
	}
}

// keep chooses the columns that do not depend on those before them.
func (d *design) keep(patterns []pattern) {
	all := make([]int, d.width)
	for c := range all {
		all[c] = c
	}
	d.kept = all
	for i := range patterns {
		patterns[i].mu, patterns[i].slope = 0.5, 0.5
	}
	a, rhs := mat.NewSymDense(d.width, nil), mat.NewVecDense(d.width, nil)
	d.normal(patterns, a, rhs)
	var kept []int
	var factor [][]float64 // rows of the factor, of kept columns
	for c := range d.width {
		row := make([]float64, 0, len(kept)+1)
		pivot := a.At(c, c)
		for k, other := range kept {
			v := a.At(c, other)
			for i, f := range row {
				v -= f * factor[k][i]
			}
			v /= factor[k][k]
			row = append(row, v)
			pivot -= v * v
		}
		if pivot > 1e-9*a.At(c, c) && pivot > 0 {
			kept = append(kept, c)
			factor = append(factor, append(row, math.Sqrt(pivot)))
		}
	}
	d.kept = kept
}
