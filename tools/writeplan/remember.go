package writeplan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"loyaltymcp/tools/run"
)

// liabilitySpike is the subject of an escalation over the liability; of all others
// it is the KPI.
const liabilitySpike = "liability_spike"

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
// be mended; one whose figure is back inside is closed, with the time that took; one
// that the run can't judge stays open.
func (b *builder) remember(p, earlier *Plan) {
	if earlier == nil {
		return
	}
	took, closed := 0.0, 0
	for _, before := range earlier.Escalations {
		if before.ClosedAt != nil || before.At.After(p.CreatedAt) {
			continue
		}
		if now := find(p.Escalations, before.subject()); now != nil {
			now.At, now.Due = before.At, before.Due
			if day, err := time.Parse(time.DateOnly, before.Due); err == nil && day.AddDate(0, 0, 1).Before(b.now) {
				now.Remediation += "; the day it was due by is past"
			}
			continue
		}
		before.Subject = before.subject()
		if reason := b.unjudged(before.Subject); reason != "" {
			before.Remediation = reason
			p.Escalations = append(p.Escalations, before)
			continue
		}
		at := p.CreatedAt
		days := at.Sub(before.At).Hours() / 24
		before.ClosedAt, before.RemediationDays = &at, run.Round(days)
		took, closed = took+days, closed+1
		p.Escalations = append(p.Escalations, before)
		p.ChangeLog = append(p.ChangeLog, Change{At: at, By: Name, What: fmt.Sprintf("escalation closed: %s; back inside %.1f days after it was opened", before.Trigger, days),
			Before: "open since " + run.Day(before.At), After: "closed"})
	}
	m := &p.SuccessMetrics.RemediationTime
	if then := earlier.SuccessMetrics.RemediationTime; then.Actual != nil {
		m.Baseline = then.Actual
	} else {
		m.Baseline = then.Baseline
	}
	if closed > 0 {
		m.Actual, m.Reason = run.Round(took/float64(closed)), ""
	}
}

func find(escalations []Escalation, subject string) *Escalation {
	for i := range escalations {
		if escalations[i].subject() == subject {
			return &escalations[i]
		}
	}
	return nil
}

// unjudged says why the run can't tell whether a figure is back inside; "" when it
// can.
func (b *builder) unjudged(subject string) string {
	const unknown = "The figure is unknown in this run, so nobody can say whether it is back inside: make it known"
	if subject == liabilitySpike {
		if b.health == nil || b.health.Liability.Spike == nil {
			return unknown
		}
		return ""
	}
	if _, ok := b.points["metrics/"+subject]; !ok {
		return unknown
	}
	if !slices.ContainsFunc(b.run.Bands, func(band run.Band) bool { return band.KPI == subject }) {
		return "This run has no band for the figure, so it can't be said to be back inside: run it with the threshold"
	}
	return ""
}
