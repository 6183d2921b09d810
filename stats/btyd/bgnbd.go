package btyd

// BGNBD is the beta-geometric/NBD model: while alive a member buys at the rate
// λ ~ Gamma(R, Alpha), and after each repeat purchase drops out with
// probability p ~ Beta(A, B). With p known the log-likelihood is that of λ
// integrated out,
//
//	ln Γ(R+x)/Γ(R) + R ln(α/(α+T)) - x ln(α+T) + ln B(A,B+x)/B(A,B) + softplus(z)
//
// where z = ln(A/(B+x-1)) + (R+x) ln((α+T)/(α+tx)) are the log-odds of having
// dropped out, for x > 0. Whoever never bought again has no purchase to drop out
// after and counts as alive for sure: for churn or win-back use MBGNBD.
//
// See P. S. Fader, B. G. S. Hardie and K. L. Lee, "Counting your customers the
// easy way", Marketing Science 24(2), 2005.
type BGNBD struct {
	R, Alpha float64 // shape and rate (in units of time) of the rate of purchase
	A, B     float64 // of the probability of dropout
}

func (m BGNBD) core() *betaGeo {
	return &betaGeo{k: 1, r: m.R, alpha: m.Alpha, a: m.A, b: m.B}
}

// LogLik implements Model.
func (m BGNBD) LogLik(h History) float64 { return m.core().logLik(h) }

// PAlive implements Model.
func (m BGNBD) PAlive(h History) float64 { return m.core().pAlive(h) }

// Expected implements Model: P(alive) times the mean over p ~ Beta(A, B+x) of
//
//	(1 - (1 + p t/(α+T))^-(R+x)) / p.
//
// That is the closed form of the paper without its overflow, its cancellation
// and its singularity at A = 1.
func (m BGNBD) Expected(h History, t float64) float64 { return m.core().expected(h, t) }

// PMF implements Model.
func (m BGNBD) PMF(h History, n int, t float64) float64 { return m.core().pmf(h, n, t) }

// DERT implements Model.
func (m BGNBD) DERT(h History, rate float64) float64 { return m.core().dert(h, rate) }

// Params implements Model.
func (m BGNBD) Params() []float64 { return []float64{m.R, m.Alpha, m.A, m.B} }

// Names implements Model.
func (m BGNBD) Names() []string { return []string{"r", "alpha", "a", "b"} }

func (m BGNBD) with(p []float64) Model     { return BGNBD{p[0], p[1], p[2], p[3]} }
func (m BGNBD) check(d *Data) error        { return m.core().check(d) }
func (m BGNBD) starts(d *Data) [][]float64 { return m.core().starts(d) }
func (m BGNBD) limits(*Data) []limit       { return m.core().limits() }
func (m BGNBD) eval(d *Data, g *[dim]float64, h *[dim][dim]float64) float64 {
	return m.core().eval(d, g, h)
}

// Covariates scale both A and B, as in note 19 of Fader and Hardie: members
// differ more or less in their probability of dropout, its mean stays.
func (m BGNBD) effects() (trans, life [dim]float64) {
	return [dim]float64{0, -1, 0, 0}, [dim]float64{0, 0, 1, 1}
}
