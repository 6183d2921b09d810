package diagnosehealth

import (
	"fmt"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// spikeDays is the window that the configured liability_spike is about; for
// other lengths it is scaled.
const spikeDays = 30

// liabilityAlarms are the data alarms that put the outstanding points in doubt.
var liabilityAlarms = map[string]bool{"unexplained_points": true, "negative_balances": true, "overdue_points": true, "claims_differ": true}

// judgeLiability decides whether the outstanding points spiked, once for all
// who ask: the diagnosis and the plan's rip-cord.
func (d *doctor) judgeLiability() {
	l := &d.result.Liability
	over := d.desk.Config.LiabilitySpike * float64(d.run.Window.Days()) / spikeDays
	growth := d.result.Figure(PointGrowth)
	if growth == nil || growth.Value == nil {
		return
	}
	spike := *growth.Value > over
	l.SpikeOver, l.Spike = run.Round(over), &spike
	doubts := 0
	for _, a := range d.result.DataAlarms {
		if liabilityAlarms[a.ID] {
			doubts++
		}
	}
	half := over / 2
	rule := fmt.Sprintf("act when the outstanding points grow by more than %s in %d days (liability_spike), watch when by more than half of it or when a data alarm puts them in doubt",
		run.Show(&over, metric.Share, ""), d.run.Window.Days())
	says := fmt.Sprintf("The outstanding points changed by %s in %d days.", run.Show(growth.Value, metric.Share, ""), d.run.Window.Days())
	if doubts > 0 {
		says += fmt.Sprintf(" Data alarms that put them in doubt: %d.", doubts)
	}
	l.decide(rule, says, spike, *growth.Value > half || doubts > 0, PointGrowth, PointOutstanding)
}
