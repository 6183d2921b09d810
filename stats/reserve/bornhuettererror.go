package reserve

import "math"

// BornhuetterOptions are the choices of Bornhuetter.
type BornhuetterOptions struct {
	// Exposure is the points issued by each origin, above 0.
	Exposure []float64
	// Rate is the redemption rate expected of each origin beforehand, from other data
	// than the triangle, such as a Hazard fit. Nil is Cape Cod, the rates of the
	// triangle itself with Decay (1 where it is 0).
	Rate  []float64
	Decay float64
	// RateSE are the standard errors of Rate, nil for rates that are known, and
	// Correlation that between the errors of two origins, 0 to 1: near 1 where all
	// rates come from one fit. Without Rate they must not be given.
	RateSE      []float64
	Correlation float64
}

// BornhuetterFit is the method of Bornhuetter and Ferguson, or of Cape Cod, with
// standard errors. Rate and RateSE are the prior, given or found. The Parameter error
// of an origin is that of the pattern and the prior together.
type BornhuetterFit struct {
	// Dispersion is phi, estimated with DF degrees of freedom. They are few in a small
	// triangle: take limits by Student's t, reserve ± t SE.
	Dispersion   float64
	DF           int
	Rate, RateSE []float64
	Origins      []OriginReserve
	Total        OriginReserve
}

// Bornhuetter returns the reserves of BornhuetterFerguson with the chain ladder's
// pattern, and their standard errors in the over-dispersed Poisson model of ODP (Alai,
// Merz and Wüthrich 2010): with g_j the part redeemed at age j, and e_i and q_i the
// exposure and the rate of origin i, whose reserve is R_i = e_i q_i sum g_j over the
// ages to come,
//
//	Process²   = phi R_i
//	Parameter² = e_i² se(q_i)² (sum g_j)² + e_i² q_i² sum Cov(g_j, g_l).
//
// The covariance of the pattern is phi times the inverse information given what the
// origins redeemed in all, so that an origin without redemptions so far tells nothing
// of it and does no harm. In the total the pattern is shared, and the priors covary as
// told.
//
// Cape Cod's rate is a mean of C_k, of variance phi times their mean, over a sum of
// e_k/CDF_k, which moves with the pattern: its errors follow by the delta method. They
// hold where the origins have the rate in common (with Decay near 1, that of their
// neighbourhood); that they differ is no part of them, nor is the choice of Decay.
//
// The errors are of one step, not of Benktander's.
//
// Bornhuetter returns an error for an exposure or a rate that is not above 0, a
// standard error that is negative, and a triangle that ODP can't have. It panics when
// lengths differ.
func Bornhuetter(t *Triangle, o BornhuetterOptions) (*BornhuetterFit, error) {
	if err := o.check(t); err != nil {
		return nil, err
	}
	p, err := newRunoff(t)
	if err != nil {
		return nil, err
	}
	fit := &BornhuetterFit{Dispersion: p.dispersion, DF: p.df, Rate: o.Rate, RateSE: make([]float64, t.Origins())}
	copy(fit.RateSE, o.RateSE)
	prior := &capeCod{t: t, p: p, exposure: o.Exposure, decay: o.Decay}
	if o.Decay == 0 {
		prior.decay = 1
	}
	if o.Rate == nil {
		if fit.Rate, err = t.CapeCod(p.cdf, o.Exposure, prior.decay); err != nil {
			return nil, err
		}
		prior.rate = fit.Rate
	}
	var total bornhuetterSum
	for i, c := range t.Latest() {
		open := p.open(t.Age(i))
		one := bornhuetterSum{reserve: o.Exposure[i] * fit.Rate[i] * open}
		one.pattern = make([]float64, len(p.share))
		p.addOpen(one.pattern, t.Age(i), o.Exposure[i]*fit.Rate[i])
		if o.Rate == nil {
			one.level = make([]float64, t.Origins())
			rate := bornhuetterSum{pattern: make([]float64, len(p.share)), level: make([]float64, t.Origins())}
			prior.add(&rate, i, 1)
			fit.RateSE[i] = math.Sqrt(rate.parameter2(p, prior.variance))
			prior.add(&one, i, o.Exposure[i]*open)
		} else {
			one.prior = o.Exposure[i] * fit.RateSE[i] * open
			one.prior2 = one.prior * one.prior
		}
		total.add(one)
		fit.Origins = append(fit.Origins, one.result(c, p, prior.variance, 0))
	}
	var latest float64
	for _, c := range t.Latest() {
		latest += c
	}
	fit.Total = total.result(latest, p, prior.variance, o.Correlation)
	return fit, nil
}

func (o BornhuetterOptions) check(t *Triangle) error {
	n := t.Origins()
	if len(o.Exposure) != n || o.Rate != nil && len(o.Rate) != n || o.RateSE != nil && len(o.RateSE) != n {
		panic("reserve: lengths differ from those of the triangle")
	}
	if o.Rate == nil && (o.RateSE != nil || o.Correlation != 0) {
		return triangleError("standard errors or a correlation of rates are given without the rates")
	}
	if !(o.Correlation >= 0 && o.Correlation <= 1) {
		return triangleError("the correlation of the rates is %g; it must be 0 to 1", o.Correlation)
	}
	for i, e := range o.Exposure {
		if !(e > 0) || math.IsInf(e, 1) {
			return triangleError("the exposure of origin %d is %g; it must be finite and above 0", i, e)
		}
		if o.Rate != nil && (!(o.Rate[i] > 0) || math.IsInf(o.Rate[i], 1)) {
			return triangleError("the rate of origin %d is %g; it must be finite and above 0", i, o.Rate[i])
		}
		if o.RateSE != nil && (!(o.RateSE[i] >= 0) || math.IsInf(o.RateSE[i], 1)) {
			return triangleError("the standard error of the rate of origin %d is %g; it must be finite and not negative", i, o.RateSE[i])
		}
	}
	return nil
}

// bornhuetterSum is a reserve, or a sum of them, with what its error is made of: its
// derivatives by the logarithms of the pattern and by what the origins have redeemed,
// and the sum and the sum of squares of the errors of given priors.
type bornhuetterSum struct {
	reserve, prior, prior2 float64
	pattern, level         []float64
}

func (s *bornhuetterSum) add(o bornhuetterSum) {
	s.reserve += o.reserve
	s.prior += o.prior
	s.prior2 += o.prior2
	if s.pattern == nil {
		s.pattern, s.level = make([]float64, len(o.pattern)), make([]float64, len(o.level))
	}
	for j, v := range o.pattern {
		s.pattern[j] += v
	}
	for k, v := range o.level {
		s.level[k] += v
	}
}

// parameter2 returns the squared error but for that of given priors.
func (s *bornhuetterSum) parameter2(p *runoff, variance func(k int) float64) float64 {
	sum := p.variance(s.pattern)
	for k, v := range s.level {
		if v != 0 {
			sum += v * v * variance(k)
		}
	}
	return sum
}

func (s *bornhuetterSum) result(latest float64, p *runoff, variance func(k int) float64, correlation float64) OriginReserve {
	process := p.dispersion * s.reserve
	parameter := s.parameter2(p, variance) + (1-correlation)*s.prior2 + correlation*s.prior*s.prior
	return OriginReserve{
		Latest: latest, Reserve: s.reserve, Ultimate: latest + s.reserve,
		Process: math.Sqrt(process), Parameter: math.Sqrt(parameter), SE: math.Sqrt(process + parameter),
	}
}

// capeCod has the derivatives of the rates of Cape Cod.
type capeCod struct {
	t              *Triangle
	p              *runoff
	exposure, rate []float64
	decay          float64
}

// add adds c times the derivatives of the rate of origin i.
func (m *capeCod) add(to *bornhuetterSum, i int, c float64) {
	var used float64
	weight := func(k int) float64 { return math.Pow(m.decay, math.Abs(float64(i-k))) }
	for k, e := range m.exposure {
		used += weight(k) * e / m.p.cdf[m.t.Age(k)]
	}
	for k, e := range m.exposure {
		to.level[k] += c * weight(k) / used
		// The exposure used falls by what is open.
		m.p.addOpen(to.pattern, m.t.Age(k), c*m.rate[i]*weight(k)*e/used)
	}
}

// variance returns that of what origin k has redeemed.
func (m *capeCod) variance(k int) float64 {
	return m.p.dispersion * m.exposure[k] * m.rate[k] / m.p.cdf[m.t.Age(k)]
}
