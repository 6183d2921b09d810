package btyd

// MBGNBD is the modified beta-geometric/NBD model: BGNBD with a chance to drop
// out right after the first purchase as well. It is the model to start with: it
// fits as fast, usually better, and knows lapsed one-time buyers.
//
// The log-likelihood is that of BGNBD with B(A,B+x+1) in place of B(A,B+x) and
// z = ln(A/(B+x)) + (R+x) ln((α+T)/(α+tx)) for every x.
//
// See E. P. Batislam, M. Denizel and A. Filiztekin, "Empirical validation and
// comparison of models for customer base analysis", International Journal of
// Research in Marketing 24(3), 2007.
type MBGNBD struct {
	R, Alpha float64 // shape and rate (in units of time) of the rate of purchase
	A, B     float64 // of the probability of dropout
}

func (m MBGNBD) core() *betaGeo {
	return &betaGeo{k: 1, atZero: 1, r: m.R, alpha: m.Alpha, a: m.A, b: m.B}
}

// LogLik implements Model.
func (m MBGNBD) LogLik(h History) float64 { return m.core().logLik(h) }

// PAlive implements Model.
func (m MBGNBD) PAlive(h History) float64 { return m.core().pAlive(h) }

// Expected implements Model, as BGNBD does with Beta(A, B+x+1).
func (m MBGNBD) Expected(h History, t float64) float64 { return m.core().expected(h, t) }

// PMF implements Model.
func (m MBGNBD) PMF(h History, n int, t float64) float64 { return m.core().pmf(h, n, t) }

// DERT implements Model.
func (m MBGNBD) DERT(h History, rate float64) float64 { return m.core().dert(h, rate) }

// Params implements Model.
func (m MBGNBD) Params() []float64 { return []float64{m.R, m.Alpha, m.A, m.B} }

// Names implements Model.
func (m MBGNBD) Names() []string { return []string{"r", "alpha", "a", "b"} }

func (m MBGNBD) with(p []float64) Model     { return MBGNBD{p[0], p[1], p[2], p[3]} }
func (m MBGNBD) check(d *Data) error        { return m.core().check(d) }
func (m MBGNBD) starts(d *Data) [][]float64 { return m.core().starts(d) }
func (m MBGNBD) limits(*Data) []limit       { return m.core().limits() }
func (m MBGNBD) eval(d *Data, g *[dim]float64, h *[dim][dim]float64) float64 {
	return m.core().eval(d, g, h)
}

// Covariates scale A, and so the odds A/B of dropout.
func (m MBGNBD) effects() (trans, life [dim]float64) {
	return [dim]float64{0, -1, 0, 0}, [dim]float64{0, 0, 1, 0}
}
