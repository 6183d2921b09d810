package btyd

// MBGCNBD is MBGNBD for members who buy at regular intervals: the times between
// purchases are Erlang-K, K phases at the rate λ ~ Gamma(R, Alpha) each, so that
// the mean gap is K/λ. K = 1 is MBGNBD; the larger K, the more regular. Fit
// several K and compare the log-likelihoods.
//
// Histories need LogGaps. Expected, PMF and DERT are exact, not the
// approximation by MBGNBD with K Alpha that is common.
//
// See T. Reutterer, M. Platzer and N. Schröder, "Leveraging purchase regularity
// for predicting customer behavior the easy way", International Journal of
// Research in Marketing 38(1), 2021.
type MBGCNBD struct {
	K        int     // regularity, at least 1; 0 counts as 1
	R, Alpha float64 // shape and rate (in units of time) of the rate of phases
	A, B     float64 // of the probability of dropout
}

func (m MBGCNBD) core() *betaGeo {
	return &betaGeo{k: max(m.K, 1), atZero: 1, r: m.R, alpha: m.Alpha, a: m.A, b: m.B}
}

// LogLik implements Model.
func (m MBGCNBD) LogLik(h History) float64 { return m.core().logLik(h) }

// PAlive implements Model.
func (m MBGCNBD) PAlive(h History) float64 { return m.core().pAlive(h) }

// Expected implements Model, by the sum over purchases of the probability that
// each is reached.
func (m MBGCNBD) Expected(h History, t float64) float64 { return m.core().expected(h, t) }

// PMF implements Model.
func (m MBGCNBD) PMF(h History, n int, t float64) float64 { return m.core().pmf(h, n, t) }

// DERT implements Model.
func (m MBGCNBD) DERT(h History, rate float64) float64 { return m.core().dert(h, rate) }

// Params implements Model.
func (m MBGCNBD) Params() []float64 { return []float64{m.R, m.Alpha, m.A, m.B} }

// Names implements Model.
func (m MBGCNBD) Names() []string { return []string{"r", "alpha", "a", "b"} }

func (m MBGCNBD) check(d *Data) error {
	if m.K > 1 && !d.gapped && d.buys > 0 {
		return ErrNoGaps
	}
	return m.core().check(d)
}

func (m MBGCNBD) with(p []float64) Model     { return MBGCNBD{m.K, p[0], p[1], p[2], p[3]} }
func (m MBGCNBD) starts(d *Data) [][]float64 { return m.core().starts(d) }
func (m MBGCNBD) limits(*Data) []limit       { return m.core().limits() }
func (m MBGCNBD) eval(d *Data, g *[dim]float64, h *[dim][dim]float64) float64 {
	return m.core().eval(d, g, h)
}

// Covariates scale A, and so the odds A/B of dropout.
func (m MBGCNBD) effects() (trans, life [dim]float64) {
	return [dim]float64{0, -1, 0, 0}, [dim]float64{0, 0, 1, 0}
}
