package writeplan

import (
	"fmt"
	"maps"
	"slices"

	"loyaltymcp/tools/run"
)

// remediationDays is how long a rung has to bring a trigger back inside.
const remediationDays = 14

// alerts carries the run's alerts over from the earlier plan: a KPI that was
// in a band then and is in one now has breached once more. Twice in a row, or
// a liability spike, pulls the rip-cord.
func (b *builder) alerts(p *Plan, earlier *Plan) {
	p.Alerts, p.DataAlarms, p.Escalations = []Alert{}, []DataAlarm{}, []Escalation{}
	if b.metrics != nil {
		for _, a := range b.metrics.Alerts {
			alert := Alert{KPI: a.KPI, Severity: a.Severity, Threshold: a.Band, Value: a.Value, Unit: a.Unit, Point: a.Point,
				BreachCount: 1, FirstBreach: b.metrics.AsOf, State: "open"}
			if earlier != nil {
				if i := slices.IndexFunc(earlier.Alerts, func(e Alert) bool { return e.KPI == a.KPI }); i >= 0 {
					alert.BreachCount += earlier.Alerts[i].BreachCount
					alert.FirstBreach = earlier.Alerts[i].FirstBreach
				}
			}
			p.Alerts = append(p.Alerts, alert)
			b.escalate(p, fmt.Sprintf("%s in band %s", a.KPI, a.Band), alert.BreachCount, false)
		}
	}
	if b.health != nil {
		for _, a := range b.health.DataAlarms {
			p.DataAlarms = append(p.DataAlarms, DataAlarm{ID: a.ID, Severity: a.Severity, Says: a.Says, Owner: b.desk.Config.Owners.Data})
		}
	}
	if growth, ok := b.growth(); ok && growth.Value > b.desk.Config.LiabilitySpike {
		b.escalate(p, fmt.Sprintf("liability spike: outstanding points grew by %s in the window, more than %s",
			run.Show(&growth.Value, growth.Unit, ""), run.Show(&b.desk.Config.LiabilitySpike, growth.Unit, "")), 1, true)
	}
}

// escalate puts a trigger on the rung that its number of breaches calls for.
func (b *builder) escalate(p *Plan, trigger string, breaches int, spike bool) {
	ladder := b.desk.Config.Ladder
	rung := min(breaches, len(ladder))
	ripCord := spike || breaches >= 2
	if spike {
		rung = min(max(rung, 2), len(ladder))
	}
	e := Escalation{Trigger: trigger, Rung: rung, Owner: ladder[rung-1], At: p.CreatedAt, RipCord: ripCord,
		Remediation: "State the cause and the action, and bring the figure back inside its band", Due: run.Day(b.now.Add(days(remediationDays)))}
	if ripCord {
		e.Stops = "New earn campaigns and offers that add to the trigger, until the owner releases them"
	}
	p.Escalations = append(p.Escalations, e)
}

// changes lists what changed since the earlier plan and makes figures hard to
// compare.
func changes(p, earlier *Plan) []Change {
	var out []Change
	add := func(what, before, after string) {
		if before != after {
			out = append(out, Change{At: p.CreatedAt, By: "write_plan", What: what + " since " + earlier.ID, Before: before, After: after})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.Definitions)) {
		if before, ok := earlier.Definitions[id]; ok {
			add("definition of "+id+" changed", before, p.Definitions[id])
		} else {
			add("metric "+id+" added", "", p.Definitions[id])
		}
	}
	add("loyalty.yaml changed", earlier.Run.Config, p.Run.Config)
	add("engine changed", earlier.Run.Engine, p.Run.Engine)
	add("program version changed", earlier.Run.Version, p.Run.Version)
	return out
}
