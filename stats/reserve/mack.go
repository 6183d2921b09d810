package reserve

import "math"

// SigmaRule is how the variance of the last factor is found, of which there is
// one observation only. It matters: Mack's rule and the regression differ by
// 0.1% to 1% of the standard error of the total.
type SigmaRule int

const (
	// MinRule is Mack's (1993): min(s⁴_{n-2}/s²_{n-3}, s²_{n-3}, s²_{n-2}).
	MinRule SigmaRule = iota
	// LogLinear extrapolates ln s_j by least squares on j.
	LogLinear
)

// TailFactor is development beyond the last age: the factor, its standard error,
// and the sigma of the amounts, in the unit of sigma of the triangle. Factor 0
// is no tail.
type TailFactor struct {
	Factor, SE, Sigma float64
}

// MackOptions are the choices of Mack. The zero value is Mack (1993).
type MackOptions struct {
	Average Average
	Sigma   SigmaRule
	Tail    TailFactor
	// Independence adds the product term of Murphy (1994) and Buchwalder et al.
	// (2006) to the error of the factors. It is very small.
	Independence bool
}

// OriginReserve is the reserve of one cohort: what is yet to come on top of
// Latest to make Ultimate, and its standard error, sqrt(Process² + Parameter²):
// what chance does if the model is true, and the error of the factors.
type OriginReserve struct {
	Latest, Ultimate, Reserve, Process, Parameter, SE float64
}

// MackFit is the chain ladder with Mack's standard errors.
type MackFit struct {
	// Factors by age, the tail's last if there is one, with their standard
	// errors and the sigma of the amounts.
	Factors, FactorSE, Sigma []float64
	Origins                  []OriginReserve
	Total                    OriginReserve
}

// Mack returns the chain-ladder reserves with standard errors that assume no
// distribution (Mack 1993, with the weights of Mack 1999):
//
//	f_j   = sum C_ij^a F_ij / sum C_ij^a, F_ij = C_i,j+1/C_ij
//	s_j²  = sum C_ij^a (F_ij - f_j)² / (n_j - 1)
//	Process²_j+1   = C^(2-a) s_j² + f_j² Process²_j
//	Parameter²_j+1 = C² s_j²/sum C_ij^a + f_j² Parameter²_j
//
// from the latest age on; in the total the cohorts' processes are independent
// and share the error of the factors.
//
// The chain ladder takes the past factors for the future's: it can't know the
// season. Valued just after a December peak it projects the peak again for every
// cohort. See CalendarTest, and Hazard for what to use instead.
//
// At least 4 ages are needed for the sigma of the last factor. A cohort without
// redemptions at an age and with some at the next contradicts the model.
func Mack(t *Triangle, o MackOptions) (*MackFit, error) {
	m := &MackFit{}
	var sums []float64 // of the weights
	var err error
	if m.Factors, m.Sigma, sums, err = t.development(o.Average, o.Sigma); err != nil {
		return nil, err
	}
	m.FactorSE = make([]float64, len(m.Factors))
	for j := range m.FactorSE {
		m.FactorSE[j] = m.Sigma[j] / math.Sqrt(sums[j])
	}
	if o.Tail.Factor != 0 {
		if !(o.Tail.Factor > 0) || !(o.Tail.SE >= 0) || !(o.Tail.Sigma >= 0) {
			return nil, triangleError("the tail needs a factor above 0 and standard errors that are not negative")
		}
		m.Factors = append(m.Factors, o.Tail.Factor)
		m.FactorSE = append(m.FactorSE, o.Tail.SE)
		m.Sigma = append(m.Sigma, o.Tail.Sigma)
	}
	m.project(t, o)
	return m, nil
}

// project runs every cohort from its age to the last factor.
func (m *MackFit) project(t *Triangle, o MackOptions) {
	n := t.Origins()
	level := t.Latest()
	m.Origins = make([]OriginReserve, n)
	for i, c := range level {
		m.Origins[i].Latest = c
	}
	var total OriginReserve
	var shared float64 // squared parameter error of the total
	for j, f := range m.Factors {
		// The last origins are at age j now; process and parameter hold
		// squares until the end.
		se2, s2 := m.FactorSE[j]*m.FactorSE[j], m.Sigma[j]*m.Sigma[j]
		var sum float64
		for i := n - 1; i >= 0 && t.Age(i) <= j; i-- {
			r, c := &m.Origins[i], level[i]
			sum += c
			r.Process = o.Average.variance(c)*s2 + f*f*r.Process
			p := c*c*se2 + f*f*r.Parameter
			if o.Independence {
				p += se2 * r.Parameter
			}
			r.Parameter = p
			level[i] = c * f
		}
		p := sum*sum*se2 + f*f*shared
		if o.Independence {
			p += se2 * shared
		}
		shared = p
	}
	for i := range m.Origins {
		r := &m.Origins[i]
		r.Ultimate = level[i]
		r.Reserve = r.Ultimate - r.Latest
		total.Latest += r.Latest
		total.Ultimate += r.Ultimate
		total.Process += r.Process
		r.SE = math.Sqrt(r.Process + r.Parameter)
		r.Process, r.Parameter = math.Sqrt(r.Process), math.Sqrt(r.Parameter)
	}
	total.Reserve = total.Ultimate - total.Latest
	total.SE = math.Sqrt(total.Process + shared)
	total.Process, total.Parameter = math.Sqrt(total.Process), math.Sqrt(shared)
	m.Total = total
}

// development returns factors, sigmas and the sums of the weights by age.
func (t *Triangle) development(a Average, rule SigmaRule) (f, sigma, sums []float64, err error) {
	if f, err = t.Factors(a, 0); err != nil {
		return nil, nil, nil, err
	}
	sigma = make([]float64, len(f))
	sums = make([]float64, len(f))
	var missing []int
	for j := range f {
		var ss float64
		n := 0
		for i, row := range t.cum[:t.reaching(j+1)] {
			c := row[j]
			if c == 0 {
				if row[j+1] != 0 {
					return nil, nil, nil, triangleError("origin %d has nothing redeemed at age %d and something at the next, which no factor explains; start the triangle at a later age, use wider periods, or the hazard", i, j)
				}
				continue
			}
			w := a.weight(c)
			d := row[j+1]/c - f[j]
			ss += w * d * d
			sums[j] += w
			n++
		}
		if n < 2 {
			missing = append(missing, j)
			continue
		}
		sigma[j] = math.Sqrt(ss / float64(n-1))
	}
	if err := extrapolate(sigma, missing, rule); err != nil {
		return nil, nil, nil, err
	}
	return f, sigma, sums, nil
}

// extrapolate fills in the sigmas that are missing at the end.
func extrapolate(sigma []float64, missing []int, rule SigmaRule) error {
	for k, j := range missing {
		if j != len(sigma)-len(missing)+k {
			return triangleError("only one origin has redemptions at age %d, too few for a variance", j)
		}
		if rule == MinRule {
			if j < 2 {
				return triangleError("%d ages are too few for the variance of the last factor, 4 are needed", len(sigma)+1)
			}
			p, q := sigma[j-2]*sigma[j-2], sigma[j-1]*sigma[j-1]
			v := min(p, q)
			if p > 0 {
				v = min(v, q*q/p)
			}
			sigma[j] = math.Sqrt(v)
			continue
		}
		var n, sx, sy, sxx, sxy float64
		for i, s := range sigma[:len(sigma)-len(missing)] {
			if s > 0 {
				x, y := float64(i), math.Log(s)
				n++
				sx += x
				sy += y
				sxx += x * x
				sxy += x * y
			}
		}
		if n < 2 {
			return triangleError("%g variances above 0 are too few for a regression, 2 are needed", n)
		}
		slope := (n*sxy - sx*sy) / (n*sxx - sx*sx)
		sigma[j] = math.Exp((sy-slope*sx)/n + slope*float64(j))
	}
	return nil
}
