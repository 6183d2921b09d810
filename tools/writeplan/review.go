package writeplan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"loyaltymcp/tools/run"
)

// Review is the checklist that stands between a plan and those it is for.
type Review struct {
	Checks []Check `json:"checks"`
	Open   int     `json:"open"` // of them
	// Distribution is Distribute when no check is open, else Hold.
	Distribution string `json:"distribution"`
}

// Whether a plan may be handed on.
const (
	Distribute = "for distribution"
	Hold       = "not for distribution"
)

// Check is one point of the checklist.
type Check struct {
	ID     string `json:"id"`
	Status string `json:"status"` // passed or open
	Says   string `json:"says"`   // what was looked at; for an open one what is missing and what to do
}

// OpenIDs are the ids of the open checks.
func (r *Review) OpenIDs() []string {
	ids := []string{}
	for _, c := range r.Checks {
		if c.Status == "open" {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// keeps is for how many days the figures of a plan are fresh.
const keeps = 14

// Inspect goes through the checklist as of now. It reads nothing but the plan.
func (p *Plan) Inspect(now time.Time, sealed bool) *Review {
	r := &Review{Distribution: Distribute}
	for _, c := range []struct {
		id   string
		look func() (passed, open string)
	}{
		{"pattern", p.patternSaid},
		{"tasks", p.tasksCovered},
		{"dependencies", p.dependenciesHold},
		{"merge_gate", p.gatePassed},
		{"feeds", func() (string, string) { return p.feedsFresh(now) }},
		{"data", p.dataSound},
		{"evidence", p.itemsComplete},
		{"criteria", p.criteriaMet},
		{"escalations", func() (string, string) { return p.escalationsAnswered(now) }},
		{"untouched", func() (string, string) {
			if !sealed {
				if p.unsealed() {
					return "", "It was written by an older version and bears no seal, so nobody can tell: write a new plan"
				}
				return "", "The file was changed by hand, so nobody has held its figures against the run: change it by write_plan, which sets the edit aside"
			}
			return "as the tools wrote it", ""
		}},
		{"approvals", p.approved},
	} {
		passed, open := c.look()
		check := Check{ID: c.id, Status: "passed", Says: passed}
		if open != "" {
			check.Status, check.Says = "open", open
			r.Open++
			r.Distribution = Hold
		}
		r.Checks = append(r.Checks, check)
	}
	return r
}

// tasks are the plan's tasks in their order.
func (p *Plan) tasks() []Task {
	var all []Task
	for _, s := range p.Stages {
		all = append(all, s.Tasks...)
	}
	return all
}

func (p *Plan) patternSaid() (passed, open string) {
	parallel := slices.ContainsFunc(p.Header.Segments, func(s Segment) bool { return s.Name == "branches" && s.Execution == "parallel" })
	switch {
	case p.Header.Pattern != p.Strategy:
		return "", fmt.Sprintf("The header says %s and the strategy %s: write the plan again", p.Header.Pattern, p.Strategy)
	case parallel != (p.Header.Pattern == "diamond"):
		return "", "The header's pattern is not how its segments ran: write the plan again"
	case parallel && len(p.Header.MergeGates) == 0:
		return "", "A diamond names its merge gate: write the plan again"
	}
	return "ran as a " + p.Header.Pattern, ""
}

func (p *Plan) tasksCovered() (passed, open string) {
	var missing []string
	for _, t := range p.tasks() {
		switch {
		case t.Agent == "" || len(t.Tools) == 0:
			missing = append(missing, t.ID+" lacks an agent or a tool")
		case p.FallbackAgents[t.Agent] == "":
			missing = append(missing, fmt.Sprintf("%s has no fallback for %s", t.ID, t.Agent))
		}
	}
	if len(missing) > 0 {
		return "", strings.Join(missing, "; ") + ": name them under fallback_agents in loyalty.yaml and write the plan again"
	}
	return fmt.Sprintf("%d tasks, each with agent, tools and fallback", len(p.tasks())), ""
}

func (p *Plan) dependenciesHold() (passed, open string) {
	if err := p.acyclic(); err != nil {
		return "", err.Error()
	}
	return "known, without a cycle, and covered by the parallel groups", ""
}

func (p *Plan) gatePassed() (passed, open string) {
	for _, g := range p.Header.MergeGates {
		for _, stage := range g.WaitsFor {
			waived := slices.ContainsFunc(g.Waived, func(w Waiver) bool { return w.Stage == stage && w.Reason != "" })
			if !slices.Contains(g.Passed, stage) && !waived {
				return "", stage + " neither passed the merge gate nor is waived: run it and write the plan again"
			}
		}
		for _, w := range g.Waived {
			passed += fmt.Sprintf("; %s is waived: %s", w.Stage, w.Reason)
		}
	}
	return "every branch passed or is waived" + passed, ""
}

func (p *Plan) feedsFresh(now time.Time) (passed, open string) {
	var late []string
	for _, f := range p.Feeds {
		if f.Status == "stale" {
			late = append(late, fmt.Sprintf("%s ends on %s", f.Name, f.Last))
		}
	}
	if len(late) > 0 {
		return "", strings.Join(late, ", ") + ": load the missing days and run again"
	}
	asOf, err := time.Parse(time.DateOnly, p.Run.AsOf)
	if age := int(now.Sub(asOf).Hours() / 24); err != nil || age > keeps {
		return "", fmt.Sprintf("The figures are as of %s, %d days ago, and fresh for %d: run again", p.Run.AsOf, age, keeps)
	}
	return "as of " + p.Run.AsOf, ""
}

func (p *Plan) dataSound() (passed, open string) {
	looked := slices.ContainsFunc(p.tasks(), func(t Task) bool { return slices.Contains(t.Tools, run.DiagnoseHealth) && t.Status == "done" })
	if !looked {
		return "", "Nobody has looked: diagnose_health did not run. Run it and write the plan again"
	}
	for _, a := range p.DataAlarms {
		if a.Severity == "critical" {
			return "", fmt.Sprintf("%s (%s): mend the data and run again", strings.TrimSuffix(a.Says, "."), a.Owner)
		}
	}
	return fmt.Sprintf("no critical data alarm, %d of less weight", len(p.DataAlarms)), ""
}

func (p *Plan) itemsComplete() (passed, open string) {
	for _, it := range p.Backlog {
		switch {
		case len(it.Evidence) == 0:
			return "", it.ID + " rests on no evidence: cite a data point, or drop it"
		case it.Owner == "" || it.Due == "" || it.Metric == "":
			return "", it.ID + " lacks an owner, a day or a metric: add it by write_plan"
		}
	}
	return fmt.Sprintf("%d items, each with evidence of the run, owner, day and metric", len(p.Backlog)), ""
}

// criteriaMet: what is wrong is acted upon, so that the plan can reach its goal.
func (p *Plan) criteriaMet() (passed, open string) {
	for _, a := range p.Alerts {
		acts := slices.ContainsFunc(p.Backlog, func(it Item) bool { return it.Metric == a.KPI })
		said := slices.ContainsFunc(p.Escalations, func(e Escalation) bool { return e.subject() == a.KPI && e.ClosedAt == nil && e.Stated })
		if !acts && !said {
			return "", fmt.Sprintf("Nothing is done about the alert on %s: add an item with that metric, or state the remediation of its escalation", a.KPI)
		}
	}
	known := 0
	for _, m := range []Measure{p.SuccessMetrics.Retention, p.SuccessMetrics.Liability, p.SuccessMetrics.EngagementLift, p.SuccessMetrics.RemediationTime} {
		if m.Actual != nil {
			known++
		}
	}
	return fmt.Sprintf("every alert has an item or a stated remediation; %d of 4 success metrics are known, the others say why not", known), ""
}

func (p *Plan) escalationsAnswered(now time.Time) (passed, open string) {
	waiting := 0
	for _, e := range p.Escalations {
		if e.ClosedAt != nil {
			continue
		}
		waiting++
		switch {
		case e.RipCord && !e.Stated:
			return "", fmt.Sprintf("The rip-cord over %s waits for %s to say what is done: remediations of write_plan", e.subject(), e.Owner)
		case e.Due < run.Day(now):
			return "", fmt.Sprintf("The escalation over %s was due on %s: state a remediation with a new day", e.subject(), e.Due)
		}
	}
	return fmt.Sprintf("%d open, none overdue, every rip-cord answered", waiting), ""
}

func (p *Plan) approved() (passed, open string) {
	var waiting, by []string
	for _, a := range p.Approvals {
		switch a.Status {
		case "approved":
			by = append(by, a.Role)
		case "rejected":
			return "", fmt.Sprintf("%s rejected it: %s", a.Role, a.Reason)
		default:
			waiting = append(waiting, a.Role)
		}
	}
	if len(waiting) > 0 {
		return "", "Waits for " + strings.Join(waiting, " and ")
	}
	return "by " + strings.Join(by, " and "), ""
}
