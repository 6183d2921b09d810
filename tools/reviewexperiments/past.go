package reviewexperiments

import (
	"math"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/run"
)

// leastPast is how many other tests it takes to hold a lift against the past.
const leastPast = 3

// pastLift is the lift of an arm in the first primary metric, of a test that counts.
type pastLift struct {
	test, metric string
	effect       abtest.Effect // relative to control
	lower        bool
	place        int // among the results of its readout
	at           *Comparison
	usable       bool // ended, sound and random
}

// remember states, for every primary metric, the chance that it is better and what
// is lost if it is not; and, where the program has enough other tests of the same
// metric that were sound, random and have ended, the lift pulled to what those
// showed: of several tests that won, chance helped the winners.
func (r *Result) remember(lifts []pastLift) {
	for _, l := range lifts {
		var others []abtest.Study
		seen := map[string]bool{}
		for _, o := range lifts {
			if o.usable && o.metric == l.metric && o.test != l.test {
				others = append(others, abtest.Study{Estimate: o.effect.Difference, SE: math.Sqrt(o.effect.Variance)})
				seen[o.test] = true
			}
		}
		prior := abtest.Prior{SD: math.Inf(1)}
		known := false
		if len(seen) >= leastPast {
			if meta, err := abtest.MetaAnalysis(others, abtest.REML, false, run.Confidence); err == nil {
				if sd := math.Sqrt(meta.Tau2 + meta.SE*meta.SE); sd > 0 {
					prior, known = abtest.Prior{Mean: meta.Mean, SD: sd}, true
				}
			}
		}
		p, err := l.effect.Posterior(prior, run.Confidence)
		if err != nil {
			continue
		}
		win, loss := p.Win, p.RiskTreatment
		if l.lower {
			win, loss = 1-p.Win, p.RiskControl
		}
		// Nothing is certain to more digits than these.
		l.at.Chance, l.at.Loss = run.Round(min(0.9999, max(0.0001, win))), run.Round(loss)
		if known {
			l.at.LiftShrunk = run.Round(p.Mean)
		}
	}
	r.past(lifts)
}

// past sums up the lifts of the metric that most tests had.
func (r *Result) past(lifts []pastLift) {
	tests := map[string]map[string]bool{}
	for _, l := range lifts {
		if l.usable {
			if tests[l.metric] == nil {
				tests[l.metric] = map[string]bool{}
			}
			tests[l.metric][l.test] = true
		}
	}
	most := ""
	for _, name := range sortedKeys(tests) {
		if most == "" || len(tests[name]) > len(tests[most]) {
			most = name
		}
	}
	if len(tests[most]) < leastPast {
		return
	}
	var studies []abtest.Study
	for _, l := range lifts {
		if l.usable && l.metric == most {
			studies = append(studies, abtest.Study{Estimate: l.effect.Difference, SE: math.Sqrt(l.effect.Variance)})
		}
	}
	meta, err := abtest.MetaAnalysis(studies, abtest.REML, false, run.Confidence)
	if err != nil {
		return
	}
	r.Past = &Past{Metric: most, Tests: len(tests[most]), Mean: run.Round(meta.Mean), Spread: run.Round(math.Sqrt(meta.Tau2))}
}
