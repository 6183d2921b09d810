package abtest

// cell is what a stratum comes down to: its number of members and the means of
// numerator and denominator of control and of treatment (a plain mean has the
// denominator 1) with the covariance of the estimates.
type cell struct {
	n float64
	y [4]float64
	v [4][4]float64
}

// combine returns the effect over the cells; plain has the degrees of freedom. It
// returns ErrZeroVariance when the variance left is 0 but for rounding, and ErrNotFinite
// when the effect is not finite.
func combine(cells []cell, plain Effect) (Effect, error) {
	var total float64
	for _, c := range cells {
		total += c.n
	}
	var mean [4]float64
	for _, c := range cells {
		for i, y := range c.y {
			mean[i] += c.n / total * y
		}
	}
	var cov [4][4]float64
	for _, c := range cells {
		w := c.n / total
		for i := range mean {
			for j := range mean {
				cov[i][j] += w*w*c.v[i][j] + w/total*(c.y[i]-mean[i])*(c.y[j]-mean[j])
			}
		}
	}
	rc, rt := mean[0]/mean[1], mean[2]/mean[3]
	control := [4]float64{1 / mean[1], -rc / mean[1], 0, 0}
	diff := [4]float64{-control[0], -control[1], 1 / mean[3], -rt / mean[3]}
	q := Quad{C: cov}
	e := Effect{
		N: plain.N, DF: plain.DF, LiftDF: plain.DF,
		Difference: rt - rc, Variance: q.form(diff, diff),
		Control: rc, ControlVariance: q.form(control, control), Covariance: q.form(diff, control),
	}
	if !finite(e.Difference, e.Variance, e.Control, e.ControlVariance, e.Covariance) {
		return Effect{}, ErrNotFinite
	}
	// Of equal parts of both arms, and of the squares of the means, rounding remains.
	if e.Variance <= 1e-13*e.ControlVariance || e.Variance <= 1e-30*(rc*rc+rt*rt) {
		return Effect{}, ErrZeroVariance
	}
	return e, nil
}

// regress returns the cell of a stratum whose first two variables are adjusted
// for the last two by least squares with common slopes, to the mean of the stratum;
// k is taken from the number of members for the residual covariance. A variable
// that does not vary is left out.
func regress(s Stratum[Quad], k int64) (cell, error) {
	n := s.Control.N + s.Treatment.N
	if s.Control.N < 2 || s.Treatment.N < 2 || n <= k {
		return cell{}, ErrStratum
	}
	var w [4][4]float64 // within arms
	for i := range w {
		for j := range w {
			w[i][j] = s.Control.C[i][j] + s.Treatment.C[i][j]
		}
	}
	inv := inverse2(w[2][2], w[2][3], w[3][3])
	var slope [2][2]float64 // of outcome j on covariate i
	for i := range slope {
		for j := range slope {
			slope[i][j] = inv[i][0]*w[2][j] + inv[i][1]*w[3][j]
		}
	}
	var residual [2][2]float64
	for i := range residual {
		for j := range residual {
			r := w[i][j] - slope[0][i]*w[2][j] - slope[1][i]*w[3][j]
			residual[i][j] = r / float64(n-k)
		}
	}
	both := s.Control.Merge(s.Treatment)
	c := cell{n: float64(n)}
	var off [2][2]float64 // of the arms' covariates from the stratum's mean
	for a, q := range []Quad{s.Control, s.Treatment} {
		for i := range off[a] {
			off[a][i] = q.Mean[2+i] - both.Mean[2+i]
		}
		for j := range 2 {
			c.y[2*a+j] = q.Mean[j] - slope[0][j]*off[a][0] - slope[1][j]*off[a][1]
		}
	}
	// The mean of the covariates is itself an estimate, common to both arms.
	var centre, common [2][2]float64
	trace := 0.0
	for i := range centre {
		for j := range centre {
			centre[i][j] = both.C[2+i][2+j] / (c.n * (c.n - 1))
			trace += inv[i][j] * centre[i][j]
		}
	}
	for i := range common {
		for j := range common {
			common[i][j] = trace * residual[i][j]
			for p := range 2 {
				for q := range 2 {
					common[i][j] += slope[p][i] * centre[p][q] * slope[q][j]
				}
			}
		}
	}
	arm := [2]float64{float64(s.Control.N), float64(s.Treatment.N)}
	for a := range 2 {
		for b := range 2 {
			h := 0.0
			for p := range 2 {
				for q := range 2 {
					h += off[a][p] * inv[p][q] * off[b][q]
				}
			}
			if a == b {
				h += 1 / arm[a]
			}
			for i := range 2 {
				for j := range 2 {
					c.v[2*a+i][2*b+j] = h*residual[i][j] + common[i][j]
				}
			}
		}
	}
	return c, nil
}

// inverse2 returns the inverse of a symmetric matrix with a and d on the
// diagonal, of its part that varies when it is singular.
func inverse2(a, b, d float64) [2][2]float64 {
	det := a*d - b*b
	switch {
	case det > 1e-12*a*d:
		return [2][2]float64{{d / det, -b / det}, {-b / det, a / det}}
	case a > 0:
		return [2][2]float64{{1 / a, 0}, {0, 0}}
	case d > 0:
		return [2][2]float64{{0, 0}, {0, 1 / d}}
	}
	return [2][2]float64{}
}
