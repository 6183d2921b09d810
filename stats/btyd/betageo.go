package btyd

import (
	"math"

	"loyaltymcp/stats/internal/special"
)

// betaGeo is what BGNBD, MBGNBD and MBGCNBD have in common. While alive a member
// completes phases at the rate λ ~ Gamma(r, alpha), every k-th of them a
// purchase; after each purchase, and with atZero = 1 after the first one too,
// the member drops out with probability p ~ Beta(a, b).
type betaGeo struct {
	k, atZero      int
	r, alpha, a, b float64
}

// phases returns the logarithm of the sum over the phases j completed since the
// last purchase, relative to j = 0 of which the factor is
// Γ(R)/(α+T)^R with R = r + k x:
//
//	Σ_{j<k} Γ(R+j)/Γ(R) ((T-tx)/(α+T))^j / j!,
//
// with its derivatives by r and alpha.
func phases(k int, rr, alpha, gap, t float64) (s, sr, sa, srr, sra, saa float64) {
	i := 1 / (alpha + t)
	q := gap * i
	term, sum := 1.0, 1.0
	// d1, d2 are the first two derivatives of ln Γ(R+j)/Γ(R); the m are
	// weighted sums.
	var d1, d2, m1, mj, m2, m11, m1j, mjj float64
	for j := 1; j < k; j++ {
		f := rr + float64(j-1)
		d1 += 1 / f
		d2 -= 1 / (f * f)
		c := float64(j)
		term *= f * q / c
		sum += term
		m1 += term * d1
		mj += term * c
		m2 += term * d2
		m11 += term * d1 * d1
		m1j += term * d1 * c
		mjj += term * c * c
	}
	m1, mj, m2, m11, m1j, mjj = m1/sum, mj/sum, m2/sum, m11/sum, m1j/sum, mjj/sum
	s = math.Log(sum)
	sr, sa = m1, -mj*i
	srr = m2 + m11 - m1*m1
	sra = -(m1j - m1*mj) * i
	saa = (mj + mjj - mj*mj) * i * i
	return s, sr, sa, srr, sra, saa
}

// constant returns the part of the log-likelihood that only the number of
// purchases enters, and the logarithm of the odds of having dropped out after
// the last purchase without its part from the times.
func (m *betaGeo) constant(x int) (c, odds float64) {
	n := float64(x)
	buys, _, _ := special.GammaDiff(m.r, float64(m.k)*n)
	stay, _, _ := special.GammaDiff(m.b, n+float64(m.atZero))
	all, _, _ := special.GammaDiff(m.a+m.b, n+float64(m.atZero))
	lk, _ := math.Lgamma(float64(m.k))
	c = buys + stay - all - n*lk
	if m.dropout(x) {
		odds = math.Log(m.a) - math.Log(m.b+n-1+float64(m.atZero))
	}
	return c, odds
}

// dropout reports whether a member with x purchases may have dropped out.
func (m *betaGeo) dropout(x int) bool { return x > 0 || m.atZero == 1 }

// logOdds returns the logarithm of the odds of having dropped out, -Inf where
// that is impossible, and the log-likelihood of the times for members alive.
func (m *betaGeo) logOdds(h History, odds float64) (z, alive float64) {
	rr := m.r + float64(m.k*h.X)
	gap := h.T - h.TX
	// r ln α - R ln(α+T), with no difference of large terms
	alive = -m.r*math.Log1p(h.T/m.alpha) - float64(m.k*h.X)*math.Log(m.alpha+h.T)
	var s float64
	if m.k > 1 {
		s, _, _, _, _, _ = phases(m.k, rr, m.alpha, gap, h.T)
	}
	if !m.dropout(h.X) {
		return math.Inf(-1), alive + s
	}
	return odds + rr*math.Log1p(gap/(m.alpha+h.TX)) - s, alive + s
}

func (m *betaGeo) logLik(h History) float64 {
	c, odds := m.constant(h.X)
	z, alive := m.logOdds(h, odds)
	return c + alive + softplus(z) + float64(m.k-1)*h.LogGaps
}

func (m *betaGeo) pAlive(h History) float64 {
	_, odds := m.constant(h.X)
	z, _ := m.logOdds(h, odds)
	return 1 / (1 + math.Exp(z))
}

// softplus returns ln(1 + e^z).
func softplus(z float64) float64 {
	return math.Max(z, 0) + math.Log1p(math.Exp(-math.Abs(z)))
}
