package survival

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Ties says how [Cox] treats events at the same time.
type Ties int

// The treatments of ties. Efron's is closer to the truth when times are rounded
// (whole months); with Breslow's a weight counts exactly as repetition.
const (
	Efron Ties = iota
	Breslow
)

// riskSet walks through the events of proportional-hazards data with the
// weighted moments of the covariates of those at risk.
type riskSet struct {
	d      Data
	x      *mat.Dense // rows of d by covariates
	ties   Ties
	strata []order
	risk   []float64 // weight exp(x'b) of each row
}

// draw is one of the tied events at a time, in Efron's sense, or all of them in
// Breslow's. The slices are reused from one draw to the next.
type draw struct {
	stratum int
	time    float64
	died    []int   // the rows with an event then, at every draw
	first   bool    // of the time
	share   float64 // how much of the dead is no longer in the risk set
	weight  float64 // of the draw
	total   float64 // S0: the risk of those in the risk set
	mean    []float64
	cov     []float64 // p by p; nil unless asked for
}

// walk visits the draws, from the last time to the first within each stratum.
func (r *riskSet) walk(withCov bool, visit func(draw)) {
	_, p := r.x.Dims()
	all, dead := newMoments(p, withCov), newMoments(p, withCov)
	e := draw{mean: make([]float64, p)}
	if withCov {
		e.cov = make([]float64, p*p)
	}
	for s, rows := range r.strata {
		all.clear()
		e.stratum = s
		rows.descend(func(now float64, stopped, left []int) {
			dead.clear()
			weight := 0.0
			e.died = e.died[:0]
			for _, row := range stopped {
				all.add(r.x.RawRowView(row), r.risk[row])
				if r.d.Event[row] > 0 && r.d.weight(row) > 0 {
					dead.add(r.x.RawRowView(row), r.risk[row])
					weight += r.d.weight(row)
					e.died = append(e.died, row)
				}
			}
			for _, row := range left {
				all.add(r.x.RawRowView(row), -r.risk[row])
			}
			draws := len(e.died)
			if r.ties == Breslow {
				draws = min(draws, 1)
			}
			for k := range draws {
				e.time, e.first, e.weight, e.share = now, k == 0, weight/float64(draws), float64(k)/float64(draws)
				e.total = all.less(dead, e.share, e.mean, e.cov)
				visit(e)
			}
		})
	}
}

// moments are sums of risk, risk x and risk x x' over rows.
type moments struct {
	s0     float64
	s1, s2 []float64
}

func newMoments(p int, withCov bool) *moments {
	m := &moments{s1: make([]float64, p)}
	if withCov {
		m.s2 = make([]float64, p*p)
	}
	return m
}

func (m *moments) clear() {
	m.s0 = 0
	clear(m.s1)
	clear(m.s2)
}

func (m *moments) add(x []float64, risk float64) {
	m.s0 += risk
	for i, v := range x {
		m.s1[i] += risk * v
	}
	if m.s2 == nil {
		return
	}
	p := len(x)
	for i, v := range x {
		for j := 0; j <= i; j++ {
			m.s2[i*p+j] += risk * v * x[j]
		}
	}
}

// less sets mean and cov to those of m without a share of the dead, and
// returns the risk that is left.
func (m *moments) less(dead *moments, share float64, mean, cov []float64) float64 {
	s0 := m.s0 - share*dead.s0
	p := len(mean)
	for i := range mean {
		mean[i] = (m.s1[i] - share*dead.s1[i]) / s0
	}
	if cov == nil {
		return s0
	}
	for i := range p {
		for j := 0; j <= i; j++ {
			c := (m.s2[i*p+j]-share*dead.s2[i*p+j])/s0 - mean[i]*mean[j]
			cov[i*p+j], cov[j*p+i] = c, c
		}
	}
	return s0
}

// weigh sets the risks for coefficients b. It reports false when one is not
// finite.
func (r *riskSet) weigh(b []float64) bool {
	for i := range r.risk {
		eta := 0.0
		for j, v := range r.x.RawRowView(i) {
			eta += b[j] * v
		}
		r.risk[i] = r.d.weight(i) * math.Exp(eta)
		if math.IsInf(r.risk[i], 0) || math.IsNaN(r.risk[i]) {
			return false
		}
	}
	return true
}
