package writeplan

import (
	"fmt"
	"slices"

	"loyaltymcp/tools/run"
)

// remediationDays is how long a rung has to bring a trigger back inside.
const remediationDays = 14

// alerts carries the run's alerts over from the earlier plan: a KPI that was
// in a band then and is in one now has breached once more. Without an earlier
// plan the window before counts. Twice in a row, or a liability spike, pulls the
// rip-cord.
func (b *builder) alerts(p *Plan, earlier *Plan) {
	p.Alerts, p.DataAlarms, p.Escalations = []Alert{}, []DataAlarm{}, []Escalation{}
	if b.metrics != nil {
		for _, a := range b.metrics.Alerts {
			alert := Alert{KPI: a.KPI, Severity: a.Severity, Threshold: a.Band, Value: a.Value, Unit: a.Unit, Point: a.Point,
				Source: a.Source, BreachCount: 1, FirstBreach: b.metrics.AsOf, State: "open"}
			if earlier == nil {
				// The data remember where no plan does; but nobody was told of the
				// windows before, so they count as one breach.
				alert.BreachCount = min(a.Windows, 2)
			} else {
				if i := slices.IndexFunc(earlier.Alerts, func(e Alert) bool { return sameBreach(e, alert, earlier.Window, p.Window) }); i >= 0 {
					alert.BreachCount += earlier.Alerts[i].BreachCount
					alert.FirstBreach = earlier.Alerts[i].FirstBreach
				}
			}
			p.Alerts = append(p.Alerts, alert)
			b.escalate(p, a.KPI, fmt.Sprintf("%s in band %s", a.KPI, a.Band), b.stops(a.KPI), alert.BreachCount, false)
		}
	}
	if b.health != nil {
		for _, a := range b.health.DataAlarms {
			p.DataAlarms = append(p.DataAlarms, DataAlarm{ID: a.ID, Severity: a.Severity, Says: a.Says, Owner: b.desk.Config.Owners.Data})
		}
	}
	p.DataAlarms = append(p.DataAlarms, b.alarmed...)
	if growth, ok := b.growth(); ok && b.health != nil && b.health.Liability.Spike != nil && *b.health.Liability.Spike {
		b.escalate(p, liabilitySpike, fmt.Sprintf("liability spike: outstanding points grew by %s in %d days, more than %s",
			run.Show(&growth.Value, growth.Unit, ""), b.run.Window.Days(), run.Show(b.health.Liability.SpikeOver, growth.Unit, "")), stopEarning, 1, true)
	}
}

// sameBreach reports whether an earlier plan's alert is a breach of the same
// kind: the same band (or both of the operator's bands of the KPI) over a
// window of about the same length.
func sameBreach(before, now Alert, then, window run.HeadSpan) bool {
	if before.KPI != now.KPI || then.Days-window.Days > 3 || window.Days-then.Days > 3 {
		return false
	}
	return before.Threshold == now.Threshold || before.Source == "config" && now.Source == "config"
}

const stopEarning = "New earn campaigns and bonus offers, until the owner releases them"

// stops says what a rip-cord over the KPI stops.
func (b *builder) stops(kpi string) string {
	definition, _ := b.desk.Metrics.Find(kpi)
	switch definition.Group {
	case "points":
		return stopEarning
	case "engagement":
		return "New message campaigns to the members concerned, until the owner releases them"
	case "satisfaction":
		return "The roll-out of changes that members have felt in the window, until the owner releases it"
	}
	return "Changes to journeys and offers that went live in the window, until the owner releases them"
}

// escalate puts a trigger on the rung that its number of breaches calls for.
func (b *builder) escalate(p *Plan, subject, trigger, stops string, breaches int, spike bool) {
	ladder := b.desk.Config.Ladder
	rung := min(breaches, len(ladder))
	ripCord := spike || breaches >= 2
	if spike {
		rung = min(max(rung, 2), len(ladder))
	}
	e := Escalation{Subject: subject, Trigger: trigger, Rung: rung, Owner: ladder[rung-1], At: p.CreatedAt, RipCord: ripCord, WindowDays: b.run.Window.Days(),
		Remediation: "State the cause and the action, and bring the figure back inside its band", Due: run.Day(b.now.Add(days(remediationDays)))}
	if ripCord {
		e.Stops = stops
	}
	p.Escalations = append(p.Escalations, e)
}
