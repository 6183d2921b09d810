package diagnosehealth

import (
	"fmt"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// spikeDays is the window that the configured liability_spike is about; for
// other lengths it is scaled.
const spikeDays = 30

// judgeLiability decides whether the outstanding points spiked, once for all
// who ask: the diagnosis and the plan's rip-cord. Every data alarm is of the
// ledger, and so puts the points in doubt. Where their growth is unknown, a doubt
// is still a reason to look, but nothing is healthy.
func (d *doctor) judgeLiability() {
	l, doubts := &d.result.Liability, len(d.result.DataAlarms)
	over := d.desk.Config.LiabilitySpike * float64(d.run.Window.Days()) / spikeDays
	rule := fmt.Sprintf("act when the outstanding points grow by more than %s in %d days (liability_spike), watch when by more than half of it or when a data alarm puts them in doubt.",
		run.Show(&over, metric.Share, ""), d.run.Window.Days())
	var doubt string
	if doubts > 0 {
		doubt = fmt.Sprintf(" Data alarms that put them in doubt: %d.", doubts)
	}
	growth := d.result.Figure(PointGrowth)
	if growth == nil || growth.Value == nil {
		if doubts > 0 {
			l.decide(rule, "How the outstanding points changed is unknown."+doubt, false, true, PointOutstanding)
		}
		return
	}
	spike := *growth.Value > over
	l.SpikeOver, l.Spike = run.Round(over), &spike
	says := fmt.Sprintf("The outstanding points changed by %s in %d days.", run.Show(growth.Value, metric.Share, ""), d.run.Window.Days())
	l.decide(rule, says+doubt, spike, *growth.Value > over/2 || doubts > 0, PointGrowth, PointOutstanding)
}
