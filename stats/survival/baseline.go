package survival

import "math"

// Baseline is the cumulative hazard of one stratum where all covariates are 0.
type Baseline struct {
	Stratum int
	Time    []float64 // of events, ascending
	Hazard  []float64
}

// Baselines returns the cumulative baseline hazards by stratum, with ties
// treated as in the fit. Where 0 is far from the data, shift the covariates
// first.
//
// Source: Breslow (1974), and Efron (1977) for his ties.
func (f CoxFit) Baselines() []Baseline {
	shift := 0.0
	for j, b := range f.b {
		shift += b * f.mean[j] / f.scale[j]
	}
	var out []Baseline
	for s, t := range f.paths() {
		b := Baseline{Stratum: f.r.d.stratum(f.r.strata[s].byStop[0]), Time: t.time, Hazard: t.hazard[1:]}
		for i := range b.Hazard {
			b.Hazard[i] *= math.Exp(-shift)
		}
		out = append(out, b)
	}
	return out
}

// Survival returns the share without event after time t among those with
// hazard exp(x'b) times the baseline.
func (b Baseline) Survival(t, relative float64) float64 {
	i := through(b.Time, t)
	if i == 0 {
		return 1
	}
	return math.Exp(-b.Hazard[i-1] * relative)
}
