package writeplan

import (
	"fmt"
	"slices"

	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/surfaceinsights"
)

// expectedOf prices the action on a segment by the lift that an experiment has
// shown. A lift that is only assumed is told as what it is.
func expectedOf(s surfaceinsights.Segment) Expected {
	c := s.Case
	switch {
	case c == nil || c.Incremental == nil:
		return Expected{Reason: "what these members would buy is not known, so neither is what the action adds"}
	case c.Interval == nil:
		return Expected{Reason: "no experiment of this program has shown what the action adds; the lift is an assumption",
			Assumed: c.Incremental, Assumption: "net sales before costs, if " + c.Assumption}
	}
	basis := fmt.Sprintf("net sales of %d days by the lift of %s", c.WindowDays, c.Source)
	if c.Cost != nil {
		basis += ", before a cost of " + run.Show(c.Cost, "money", "")
	}
	return Expected{Value: c.Incremental, Interval: c.Interval, Basis: basis}
}

// worthOf tells what the experiment showed its arm to bring, over the units of the
// test: had all of them been in the arm and none in control. To roll back saves
// what the arm loses.
func worthOf(x reviewexperiments.Readout) Expected {
	i := slices.IndexFunc(x.Worth, func(w reviewexperiments.Worth) bool { return w.Arm == x.Arm && w.Net != nil && w.NetInterval != nil })
	if i < 0 {
		return Expected{Reason: "the experiment does not tell what a unit brings and costs"}
	}
	w, units := x.Worth[i], 0.0
	for _, a := range x.Arms {
		units += float64(a.Units)
	}
	low, high, net, says := w.NetInterval[0], w.NetInterval[1], *w.Net, "less cost, had all"
	if x.Decision == reviewexperiments.RollBack {
		low, high, net, says = -high, -low, -net, "less cost that is saved, had all"
	}
	return Expected{Value: run.Round(units * net), Interval: &[2]float64{*run.Round(units * low), *run.Round(units * high)},
		Basis: fmt.Sprintf("%s %s %.0f units of the test been in %s, over the time it was measured", w.Counts, says, units, x.Arm)}
}
