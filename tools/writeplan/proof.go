package writeplan

import (
	"fmt"
	"math"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/surfaceinsights"
)

// The level and the power of the experiments that are proposed.
const alpha, power = 0.05, 0.80

// proofOf is the holdout that would show what an action on a segment adds.
func proofOf(s surfaceinsights.Segment) *Proof {
	if s.Case == nil || s.Case.Holdout == nil {
		return nil
	}
	h := s.Case.Holdout
	days := float64(s.Case.WindowDays)
	out := &Proof{Hypothesis: fmt.Sprintf("The action raises the share who buy among: %s.", s.Label), Metric: s.Metric,
		Control: "a random holdout of the segment", Units: h.Members, Detectable: s.Case.Uplift, Days: &days}
	if h.Shows != nil {
		out.Detectable = h.Shows
	}
	switch {
	case h.Members == nil:
		out.Detectable, out.Days = nil, nil
		out.Says = "Keep a random holdout; its size is not known: " + h.Reason
	default:
		out.Says = fmt.Sprintf("Hold out %s at random and compare who buys in %d days: it shows a lift of %.3g %% with a power of %.0f %%.",
			run.Show(h.Members, metric.Count, ""), s.Case.WindowDays, 100**out.Detectable, 100*power)
	}
	return out
}

// proofNext is the next test that a readout proposes.
func proofNext(x reviewexperiments.Readout) *Proof {
	n := x.NextTest
	out := &Proof{Hypothesis: n.Hypothesis, Metric: n.Metric, Control: "a control group drawn at random", Detectable: n.Effect, Says: n.Says}
	if n.Units != nil {
		units := float64(*n.Units)
		out.Units = &units
	}
	if n.Days != nil {
		days := float64(*n.Days)
		out.Days = &days
	}
	return out
}

// proof is the experiment that would prove an item by its KPI: half of the members
// concerned against the other half. How large a change that shows is known where
// the KPI is a share of units, whose spread the share itself tells.
func (f *facts) proof(it Item) *Proof {
	label := "the item's aim"
	if d, ok := f.desk.Metrics.Find(it.Metric); ok {
		label = d.Label
	}
	out := &Proof{Hypothesis: fmt.Sprintf("The action moves %s.", label), Metric: it.Metric, Control: "half of the members concerned, drawn at random"}
	var k *pullmetrics.KPI
	if f.metrics != nil && it.Metric != "" {
		k = f.metrics.KPI(it.Metric)
	}
	if k == nil || k.Unit != metric.Share || k.Value == nil || k.N == nil || k.Denominator == nil || *k.Denominator != float64(*k.N) {
		out.Says = "Act on a random half of the members concerned and compare; how many that takes hangs on how much members differ, which this run does not tell."
		return out
	}
	half := math.Floor(float64(*k.N) / 2)
	if !(*k.Value > 0 && *k.Value < 1 && half >= 2) {
		out.Says = "Act on a random half of the members concerned and compare; too few of them do or don't to size it."
		return out
	}
	least, err := abtest.MDEShares(*k.Value, half, alpha, power)
	if err != nil {
		out.Says = "Act on a random half of the members concerned and compare; no change could be told from chance with so few."
		return out
	}
	out.Units, out.Detectable = &half, run.Round(least / *k.Value - 1)
	out.Says = fmt.Sprintf("Act on a random half of the %s behind %s: it shows a change of %.3g %% with a power of %.0f %%; fewer members show less.",
		run.Show(k.Denominator, metric.Count, ""), label, 100**out.Detectable, 100*power)
	return out
}
