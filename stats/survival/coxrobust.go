package survival

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// path holds, for the event times of a stratum ascending, what those at risk
// gather: hazard and hazard times the mean covariates, cumulative; and at each
// time what the tied dead are spared of it.
type path struct {
	time         []float64
	hazard       []float64   // cumulative, 0 before the first
	mean         [][]float64 // cumulative
	spared       []float64   // at the time: Σ share hazard
	sparedMean   []float64   // the times' vectors, one after the other
	meanOfDraws  []float64   // the mean over the draws of their means
	covariateLen int
}

// paths walks the risk sets at the fitted coefficients.
func (f CoxFit) paths() []path {
	p := len(f.b)
	out := make([]path, len(f.r.strata))
	type atTime struct {
		time, hazard, spared float64
		draws                int
		mean, sparedMean     []float64 // Σ hazard mean, Σ share hazard mean
		plain                []float64 // Σ mean
	}
	times := make([][]atTime, len(out))
	f.r.weigh(f.b)
	f.r.walk(false, func(e draw) {
		t := times[e.stratum]
		if e.first {
			t = append(t, atTime{time: e.time, mean: make([]float64, p), sparedMean: make([]float64, p), plain: make([]float64, p)})
		}
		now := &t[len(t)-1]
		h := e.weight / e.total
		now.hazard += h
		now.spared += e.share * h
		now.draws++
		floats.AddScaled(now.mean, h, e.mean)
		floats.AddScaled(now.sparedMean, e.share*h, e.mean)
		floats.Add(now.plain, e.mean)
		times[e.stratum] = t
	})
	for s, t := range times {
		o := path{covariateLen: p, hazard: []float64{0}, mean: [][]float64{make([]float64, p)}}
		for i := len(t) - 1; i >= 0; i-- {
			k := len(o.hazard) - 1
			sum := make([]float64, p)
			floats.AddTo(sum, o.mean[k], t[i].mean)
			floats.Scale(1/float64(t[i].draws), t[i].plain)
			o.time = append(o.time, t[i].time)
			o.hazard = append(o.hazard, o.hazard[k]+t[i].hazard)
			o.mean = append(o.mean, sum)
			o.spared = append(o.spared, t[i].spared)
			o.sparedMean = append(o.sparedMean, t[i].sparedMean...)
			o.meanOfDraws = append(o.meanOfDraws, t[i].plain...)
		}
		out[s] = o
	}
	return out
}

// robust returns the sum over clusters of the squared influences D = U V, for
// the weighted score residuals U and the inverse information V, or NaN when but
// one cluster was at risk of an event.
func (f CoxFit) robust(cov *mat.SymDense) *mat.SymDense {
	p := len(f.b)
	groups := newClusters(f.r.d)
	u, out := mat.NewDense(len(groups.sum), p, nil), mat.NewSymDense(p, nil)
	paths := f.paths()
	score := make([]float64, p)
	for s, rows := range f.r.strata {
		for _, row := range rows.byStop {
			w := f.r.d.weight(row)
			if w == 0 {
				continue
			}
			if !f.scoreResidual(paths[s], row, score) {
				continue
			}
			groups.add(row, w, 0)
			floats.AddScaled(u.RawRowView(groups.of[row]), w, score)
		}
	}
	if groups.alone() {
		for i := range p {
			for j := i; j < p; j++ {
				out.SetSym(i, j, math.NaN())
			}
		}
		return out
	}
	var influence mat.Dense
	influence.Mul(u, cov)
	out.SymOuterK(1, influence.T())
	return out
}

// scoreResidual sets u to the row's part of the gradient, by unit of weight. It
// reports false for a row that was at risk of no event.
func (f CoxFit) scoreResidual(t path, row int, u []float64) bool {
	d, x := f.r.d, f.r.x.RawRowView(row)
	clear(u)
	last, first := through(t.time, d.Stop[row]), through(t.time, d.start(row))
	if first >= last {
		return false
	}
	risk := f.r.risk[row] / d.weight(row)
	h := t.hazard[last] - t.hazard[first]
	p, at := t.covariateLen, last-1
	event := d.Event[row] > 0
	if event {
		h -= t.spared[at]
	}
	for j := range u {
		m := t.mean[last][j] - t.mean[first][j]
		if event {
			m -= t.sparedMean[at*p+j]
			u[j] = x[j] - t.meanOfDraws[at*p+j]
		}
		u[j] -= risk * (x[j]*h - m)
	}
	return true
}
