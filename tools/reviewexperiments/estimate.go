package reviewexperiments

import (
	"errors"
	"math"
	"slices"
	"strings"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/stats/proportion"
)

// fewEvents is the number of events in an arm below which a share is compared by
// exact methods.
const fewEvents = 10

// leastStratum is how many units a stratum needs in each arm to be one.
const leastStratum = 20

// estimate is the difference between an arm and control in a quantity.
type estimate struct {
	control, treatment float64 // as they are, not adjusted
	nControl, nArm     int64
	effect             abtest.Effect
	plain              abtest.Effect       // without any adjustment
	counts             [2]proportion.Count // of a share: control, treatment
	binary, few        bool                // few: too few events for anything but exact methods
	how                []string            // what the difference was adjusted for
	strata             int                 // into which units were divided
	samples            [2]abtest.Sample    // of control and treatment, not adjusted
	flat               bool                // nothing varies, so that there is no error to measure by
}

// method names how the estimate was made.
func (e estimate) method() string {
	if e.few {
		return "exact"
	}
	if len(e.how) == 0 {
		return "unadjusted"
	}
	return strings.Join(e.how, ", ")
}

// reduction is the share of the variance that adjusting took away; 0 where nothing
// was adjusted.
func (e estimate) reduction() float64 {
	if len(e.how) == 0 || !(e.plain.Variance > 0) {
		return 0
	}
	return 1 - e.effect.Variance/e.plain.Variance
}

// stratum is what units of both arms in a stratum come to.
type stratum struct{ control, arm cell }

// strata returns the strata of both arms, those with few units put together.
func (m *measured) strata(control, arm string, keep func(cell) bool) []stratum {
	by := map[string]*stratum{}
	var names []string
	for _, c := range m.cells {
		if c.arm != control && c.arm != arm || keep != nil && !keep(c) {
			continue
		}
		s := by[c.stratum]
		if s == nil {
			s = &stratum{}
			by[c.stratum], names = s, append(names, c.stratum)
		}
		if c.arm == control {
			s.control = s.control.merge(c)
		} else {
			s.arm = s.arm.merge(c)
		}
	}
	slices.Sort(names)
	var out []stratum
	var rest stratum
	for _, name := range names {
		s := by[name]
		if s.control.units() < leastStratum || s.arm.units() < leastStratum {
			rest = stratum{rest.control.merge(s.control), rest.arm.merge(s.arm)}
			continue
		}
		out = append(out, *s)
	}
	switch {
	case rest.control.units()+rest.arm.units() == 0:
	case len(out) > 0 && (rest.control.units() < leastStratum || rest.arm.units() < leastStratum):
		out[0] = stratum{out[0].control.merge(rest.control), out[0].arm.merge(rest.arm)}
	default:
		out = append(out, rest)
	}
	return out
}

// errNobody is returned for an arm without units.
var errNobody = errors.New("an arm has too few units with this outcome")

// estimate compares an arm with control: adjusted for the units' values of before
// the start and weighted over strata, where there are such, both chosen before any
// outcome is looked at.
func (m *measured) estimate(control, arm string, keep func(cell) bool) (estimate, error) {
	if m.samples != nil {
		return m.quantiles(control, arm)
	}
	strata := m.strata(control, arm, keep)
	var all stratum
	for _, s := range strata {
		all = stratum{all.control.merge(s.control), all.arm.merge(s.arm)}
	}
	e := estimate{nControl: all.control.units(), nArm: all.arm.units(), binary: m.binary, strata: len(strata)}
	if e.nControl < minUnits || e.nArm < minUnits {
		return e, errNobody
	}
	e.control, e.treatment = m.mean(all.control), m.mean(all.arm)
	if m.ratio {
		return m.ratios(e, all, strata)
	}
	e.samples = [2]abtest.Sample{all.control.pair.Y(), all.arm.pair.Y()}
	var err error
	e.plain, err = abtest.Compare(e.samples[0], e.samples[1])
	if m.binary {
		for i, s := range e.samples {
			e.counts[i] = proportion.Count{Successes: int64(s.Mean*float64(s.N) + 0.5), N: s.N}
			e.few = e.few || e.counts[i].Successes < fewEvents || s.N-e.counts[i].Successes < fewEvents
		}
		if e.few {
			e.flat = err != nil
			e.effect = e.plain
			return e, nil
		}
	}
	if err != nil {
		return e, err
	}
	// One slope for all strata and both arms, so that neither arm's own noise
	// pulls at its mean; and each arm keeps its own variance.
	var xy, xx float64
	for _, s := range strata {
		for _, p := range []abtest.Pair{s.control.pair, s.arm.pair} {
			xy, xx = xy+p.CXY, xx+p.M2X
		}
	}
	slope := 0.0
	if m.before && xx > 0 {
		slope = xy / xx
		e.how = append(e.how, "CUPED")
	}
	centre := all.control.pair.Merge(all.arm.pair).MeanX
	adjusted := func(p abtest.Pair) abtest.Sample {
		return abtest.Sample{N: p.N, Mean: p.MeanY - slope*(p.MeanX-centre), M2: math.Max(0, p.M2Y-2*slope*p.CXY+slope*slope*p.M2X)}
	}
	if len(strata) < 2 {
		e.effect, err = abtest.Compare(adjusted(all.control.pair), adjusted(all.arm.pair))
		return e, err
	}
	var by []abtest.Stratum[abtest.Sample]
	for _, s := range strata {
		by = append(by, abtest.Stratum[abtest.Sample]{Control: adjusted(s.control.pair), Treatment: adjusted(s.arm.pair)})
	}
	e.how = append(e.how, "post-stratified")
	e.effect, err = abtest.PostStratify(by)
	return e, err
}

// ratios compares ratios of sums by the delta method.
func (m *measured) ratios(e estimate, all stratum, strata []stratum) (estimate, error) {
	during := func(c cell) abtest.Pair {
		q := c.quad
		return abtest.Pair{N: q.N, MeanX: q.Mean[1], MeanY: q.Mean[0], M2X: q.C[1][1], M2Y: q.C[0][0], CXY: q.C[0][1]}
	}
	control, err := abtest.Ratio(during(all.control))
	if err != nil {
		return e, err
	}
	arm, err := abtest.Ratio(during(all.arm))
	if err != nil {
		return e, err
	}
	e.samples = [2]abtest.Sample{control, arm}
	if e.plain, err = abtest.Compare(control, arm); err != nil {
		return e, err
	}
	e.effect = e.plain
	if len(strata) > 1 {
		var by []abtest.Stratum[abtest.Pair]
		for _, s := range strata {
			by = append(by, abtest.Stratum[abtest.Pair]{Control: during(s.control), Treatment: during(s.arm)})
		}
		if effect, err := abtest.PostStratifyRatio(by); err == nil {
			e.effect, e.how = effect, append(e.how, "post-stratified")
		}
		return e, nil
	}
	if m.before {
		if effect, _, err := abtest.CUPEDRatio(all.control.quad, all.arm.quad); err == nil {
			e.effect, e.how = effect, append(e.how, "CUPED")
		}
	}
	return e, nil
}

// quantiles compares quantiles.
func (m *measured) quantiles(control, arm string) (estimate, error) {
	c, t := m.samples[control], m.samples[arm]
	e := estimate{control: c.Mean, treatment: t.Mean, nControl: c.N, nArm: t.N, samples: [2]abtest.Sample{c, t}, strata: 1}
	if c.N < minUnits || t.N < minUnits {
		return e, errNobody
	}
	var err error
	e.plain, err = abtest.Compare(c, t)
	e.effect = e.plain
	return e, err
}
