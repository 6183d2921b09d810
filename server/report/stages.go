package report

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/monitor"

	"loyaltymcp/tools/run"
	"loyaltymcp/tools/writeplan"
)

func (p *page) health(r *monitor.Report) {
	h := r.Health
	p.section("Health")
	p.paragraph("  ", h.Verdict)
	for _, d := range h.Openings() {
		fmt.Fprintln(p)
		p.paragraph("  ", judged(d))
		if d.Name == diagnosehealth.TierMixName {
			p.tiers(h.TierMix.Tiers)
		}
		rows := []string{}
		for _, f := range d.Figures {
			if f.Value == nil {
				continue
			}
			value := run.Show(f.Value, f.Unit, p.currency)
			if f.Interval != nil {
				value += fmt.Sprintf("  (95 %%: %s to %s)", run.Show(&f.Interval[0], f.Unit, p.currency), run.Show(&f.Interval[1], f.Unit, p.currency))
			}
			rows = append(rows, f.Label+"\t"+value)
		}
		p.table(rows)
		if d.Reason != "" {
			p.paragraph("  ", "Unknown, at least in part: "+d.Reason+".")
		}
	}
	if len(h.Liability.RollForward) > 0 {
		p.section("Points, rolled forward")
		var rows []string
		for _, l := range h.Liability.RollForward {
			points := "unknown"
			if l.Points != nil {
				value := l.Points.Float()
				points = run.Show(&value, metric.Points, "")
			}
			rows = append(rows, l.Line+"\t"+points)
		}
		p.table(rows)
		p.paragraph("  ", "Liability: "+h.Liability.Statement+".")
	}
}

func (p *page) insights(r *monitor.Report) {
	p.section("Members worth an action")
	rows := []string{"segment\tplay\turgency\tmembers\tcounted once\tcontactable\tat stake\tpays from\towner"}
	for _, s := range r.Insights.Segments {
		members, stake, pays := run.Show(s.Members, metric.Count, ""), "", ""
		if s.Suppressed {
			members = "(few)"
		}
		if s.Stake != nil {
			stake = run.Show(s.Stake.Value, metric.Money, p.currency)
		}
		if s.Case != nil && s.Case.BreakEven != nil {
			pays = "+" + run.Show(s.Case.BreakEven, metric.Share, "")
		}
		rows = append(rows, strings.Join([]string{s.Label, s.Play, s.Urgency, members, run.Show(s.Unique, metric.Count, ""), run.Show(s.Contactable, metric.Count, ""),
			stake, pays, s.Owner}, "\t"))
	}
	p.table(rows)
	if e := r.Insights.Everyone; e != nil && e.Value != nil {
		p.paragraph("  ", fmt.Sprintf("At stake: net sales expected in %d days if nothing is done; of all open members %s. Pays from: the lift of purchases at which an action earns its cost.",
			e.Days, run.Show(e.Value, metric.Money, p.currency)))
	} else if e != nil && e.Reason != "" {
		p.paragraph("  ", "What is at stake is unknown: "+e.Reason+".")
	}
	if l := r.Insights.Lifecycle; len(l.States) > 0 {
		var parts []string
		for _, s := range l.States {
			if s.Members != nil && s.State != "cancelled" {
				parts = append(parts, fmt.Sprintf("%s %s (before: %s)", s.State, run.Show(s.Members, metric.Count, ""), run.Show(s.Before, metric.Count, "")))
			}
		}
		p.paragraph("  ", "Lifecycle: "+strings.Join(parts, ", ")+".")
	}
	for _, u := range r.Insights.Unavailable {
		p.paragraph("  ", u.ID+" is unknown: "+u.Reason+".")
	}
}

func (p *page) experiments(r *monitor.Report) {
	p.section("Experiments")
	for _, x := range r.Experiments.Experiments {
		p.paragraph("  ", fmt.Sprintf("%s (%s): %s. %s", x.Name, x.Status, strings.ToUpper(strings.ReplaceAll(x.Decision, "_", " ")), x.Says))
		for _, c := range x.Results {
			if c.Difference != nil && (c.Role == "primary" || c.Role == "guardrail") {
				p.paragraph("    ", c.Line(p.currency))
			}
		}
		p.paragraph("    ", "Next: "+x.NextTest.Says)
	}
	for _, u := range r.Experiments.Unavailable {
		p.paragraph("  ", u.ID+": "+u.Reason+".")
	}
}

func (p *page) backlog(r *monitor.Report) {
	p.section("Backlog")
	rows := []string{"#\taction\towner\tdue\tscore"}
	for _, i := range r.Plan.Backlog {
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s\t%s\t%.2f", i.ID, run.Clean(i.Title, 56), i.Owner, i.Due, i.Score))
	}
	p.table(rows)
	p.escalations(r.Plan.Escalations)
}

func (p *page) escalations(all []writeplan.Escalation) {
	for _, e := range all {
		text := fmt.Sprintf("Escalation to %s (rung %d): %s, due %s", e.Owner, e.Rung, e.Trigger, e.Due)
		if e.ClosedAt != nil && e.RemediationDays != nil {
			p.paragraph("  ", fmt.Sprintf("Escalation closed after %.1f days: %s", *e.RemediationDays, e.Trigger))
			continue
		}
		if e.RipCord {
			text += "; RIP-CORD, stops: " + e.Stops
		}
		if e.Stated {
			text += "; remediation: " + e.Remediation
		}
		p.paragraph("  ", text)
	}
}

func (p *page) tiers(tiers []diagnosehealth.Tier) {
	if len(tiers) == 0 {
		return
	}
	rows := []string{"tier\tmembers\tshare\tat the start\tpoints outstanding"}
	for _, t := range tiers {
		if t.Suppressed {
			rows = append(rows, t.Tier+"\t(few)")
			continue
		}
		rows = append(rows, strings.Join([]string{t.Tier, run.Show(t.Members, metric.Count, ""), run.Show(t.Share, metric.Share, ""),
			run.Show(t.ShareBefore, metric.Share, ""), run.Show(t.Points, metric.Points, "")}, "\t"))
	}
	p.table(rows)
}

// judged is a diagnosis's verdict in words.
func judged(d diagnosehealth.Opening) string {
	if d.Health == diagnosehealth.Unknown {
		return strings.TrimSpace(d.Name + " (not judged). " + d.Says)
	}
	return strings.TrimSpace(d.Name + ": " + strings.ToUpper(d.Health) + ". " + d.Says)
}
