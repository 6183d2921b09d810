package writeplan

import (
	"fmt"
	"strings"
	"time"

	"loyaltymcp/tools/run"
)

// liabilitySpike is the subject of an escalation over the liability; of all others
// it is the KPI.
const liabilitySpike = "liability_spike"

// overdue is what is added to a remediation whose day is past.
const overdue = "; the day it was due by is past"

// subject is what the escalation is about. Plans of older versions say it in the
// trigger only.
func (e Escalation) subject() string {
	if e.Subject != "" {
		return e.Subject
	}
	if strings.HasPrefix(e.Trigger, "liability spike") {
		return liabilitySpike
	}
	kpi, _, _ := strings.Cut(e.Trigger, " in band ")
	return kpi
}

// remember carries the earlier plan's open escalations on: one whose trigger is
// still there keeps the time at which it was opened and the day by which it was to
// be mended; one whose figure is back inside the band that was breached is closed,
// with the time that took; any other stays open.
func (b *builder) remember(p, earlier *Plan) {
	if earlier == nil {
		return
	}
	took, closed := 0.0, 0
	for _, before := range earlier.Escalations {
		if before.ClosedAt != nil || before.At.After(p.CreatedAt) {
			continue
		}
		if now := find(p.Escalations, before); now != nil {
			b.carry(now, before, earlier)
			if day, err := time.Parse(time.DateOnly, before.Due); err == nil && day.AddDate(0, 0, 1).Before(b.now) {
				now.Remediation = strings.TrimSuffix(now.Remediation, overdue) + overdue
			}
			continue
		}
		before.Subject = before.subject()
		if reason := b.unjudged(before, p, earlier); reason != "" {
			if !before.Stated {
				before.Remediation = reason
			}
			p.Escalations = append(p.Escalations, before)
			continue
		}
		at := p.CreatedAt
		days := at.Sub(before.At).Hours() / 24
		before.ClosedAt, before.RemediationDays = &at, run.Round(days)
		took, closed = took+days, closed+1
		p.Escalations = append(p.Escalations, before)
		p.ChangeLog = append(p.ChangeLog, Change{At: at, By: Name, What: fmt.Sprintf("escalation closed: %s; back inside %.1f days after it was opened", before.Trigger, days),
			Before: "open since " + run.Day(before.At), After: "closed", Revision: p.Revision})
	}
	m := &p.SuccessMetrics.RemediationTime
	m.carry(earlier.SuccessMetrics.RemediationTime, earlier.Run.AsOf)
	if closed > 0 {
		m.Actual, m.Reason = run.Round(took/float64(closed)), ""
	}
}

// carry takes over what an earlier plan said of an escalation that goes on: since
// when and until when, the highest rung and what stops there, and what is done about
// it, as long as that is true of this run too and no higher rung has to answer.
func (b *builder) carry(now *Escalation, before Escalation, earlier *Plan) {
	now.At, now.Due = before.At, before.Due
	if before.WindowDays != 0 {
		now.WindowDays = before.WindowDays
	}
	climbed := now.Rung > before.Rung
	if before.Rung > now.Rung {
		now.Rung, now.Owner = before.Rung, before.Owner
	}
	if before.RipCord && !now.RipCord {
		now.RipCord, now.Stops = true, before.Stops
	}
	if !before.Stated {
		return
	}
	now.Remediation, now.Stated = before.Remediation, !climbed
	if b.quote("remediation", before.Remediation, nil) != nil {
		now.Remediation, now.Stated = fmt.Sprintf("As of %s it was: %s", earlier.Run.AsOf, before.Remediation), false
	}
}

// again takes over what was said of escalations in the newest plan of the very same
// day: a run done again must not lose what people have answered.
func (b *builder) again(p *Plan, folder *Folder) error {
	twin, err := folder.of(p.Program, p.Run.AsOf)
	if err != nil || twin == nil {
		return err
	}
	for _, before := range twin.Escalations {
		if now := find(p.Escalations, before); now != nil && before.Stated && before.ClosedAt == nil && now.ClosedAt == nil {
			b.carry(now, before, twin)
		}
	}
	return nil
}

// find returns the escalation over the same trigger, or else over the same subject:
// a KPI may be in two bands at once, and the band of a run may be worded anew.
func find(escalations []Escalation, like Escalation) *Escalation {
	var same *Escalation
	for i := range escalations {
		switch e := &escalations[i]; {
		case e.Trigger == like.Trigger:
			return e
		case same == nil && e.subject() == like.subject():
			same = e
		}
	}
	return same
}

// unjudged says why an escalation stays open: its figure is unknown now, of a window
// of another length, or still in the very band that was breached, whatever band this
// run asks for; "" when it is back inside.
func (b *builder) unjudged(e Escalation, p, earlier *Plan) string {
	const unknown = "The figure is unknown in this run, so nobody can say whether it is back inside: make it known"
	opened := e.WindowDays
	if opened == 0 {
		opened = earlier.Window.Days
	}
	if p.Window.Days-opened > 3 || opened-p.Window.Days > 3 {
		return fmt.Sprintf("This run's window is not of the %d days in which it was opened, so it can't be said to be back inside: run such a window", opened)
	}
	if e.Subject == liabilitySpike {
		if b.health == nil || b.health.Liability.Spike == nil {
			return unknown
		}
		return ""
	}
	value, ok := b.points["metrics/"+e.Subject]
	_, text, named := strings.Cut(e.Trigger, " in band ")
	band, err := run.ParseBand("threshold", text, b.desk.Metrics)
	if !ok || !named || err != nil {
		return unknown
	}
	var change *float64
	if moved, ok := b.points["metrics/"+e.Subject+"/change"]; ok {
		change = &moved.Value
	}
	switch {
	case band.Op == "change" && change == nil:
		return unknown
	case band.Breached(&value.Value, change):
		return "Still in the band, which this run does not ask for: bring the figure back inside it"
	}
	return ""
}
