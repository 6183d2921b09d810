package monitor

import (
	"fmt"
	"slices"
	"strings"

	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// Result is what monitor_loyalty returns: the essence of every stage.
type Result struct {
	run.Head
	Verdict     string                     `json:"verdict"`
	Stages      []StageStatus              `json:"stages"`
	Alerts      []pullmetrics.Alert        `json:"alerts"`
	DataAlarms  []diagnosehealth.DataAlarm `json:"data_alarms"`
	KPIs        []KPI                      `json:"kpis"`
	Diagnoses   []Diagnosis                `json:"diagnoses"`
	Health      []run.Figure               `json:"health"`
	TierMix     diagnosehealth.TierMix     `json:"tier_mix"`
	Segments    []Segment                  `json:"segments"`
	Experiments []Experiment               `json:"experiments"`
	Movements   []string                   `json:"movements,omitempty"` // anomalies, and what drove the KPIs that moved
	Breakdowns  []pullmetrics.Breakdown    `json:"breakdowns"`
	Plan        *Plan                      `json:"plan"` // null when the merge gate stayed closed
	Caveats     []string                   `json:"caveats"`
	Retries     []warehouse.Retry          `json:"retries,omitempty"` // pulls of data that were done again
	Truncated   *run.Truncated             `json:"truncated,omitempty"`
	Next        string                     `json:"next"`
}

// KPI is a KPI in short.
type KPI struct {
	ID       string      `json:"id"`
	Label    string      `json:"label"`
	Value    *float64    `json:"value"`
	Unit     metric.Unit `json:"unit"`
	Better   string      `json:"better"`
	Reason   string      `json:"reason,omitempty"`
	Previous *float64    `json:"previous"`
	Change   *float64    `json:"change"`
	Target   *float64    `json:"target,omitempty"`
	Interval *[2]float64 `json:"interval,omitempty"`
}

// Diagnosis is a diagnosis's verdict; those that no rule judged are left out.
type Diagnosis struct {
	Name   string `json:"name"`
	Health string `json:"health"`
	Says   string `json:"says"`
	Owner  string `json:"owner"`
}

// Segment is a segment in short.
type Segment struct {
	ID      string      `json:"id"`
	Label   string      `json:"label"`
	Play    string      `json:"play"`
	Members *float64    `json:"members"`
	Value   *float64    `json:"value"`
	Unit    metric.Unit `json:"value_unit,omitempty"`
	Urgency string      `json:"urgency"`
	Owner   string      `json:"owner"`
}

// Experiment is a readout in short.
type Experiment struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Decision string `json:"decision"`
	Says     string `json:"says"`
	// Results are the comparisons of the primary metric.
	Results []reviewexperiments.Comparison `json:"results"`
	Next    string                         `json:"next_test"`
}

// Plan is where the plan is and what it asks for.
type Plan struct {
	ID      string    `json:"plan_id"`
	Path    string    `json:"path"`
	Status  string    `json:"status"`
	Open    []string  `json:"open_checks"` // of review_plan; none when it may be distributed
	Backlog []Backlog `json:"backlog"`
}

// Backlog is a backlog item in short.
type Backlog struct {
	ID    string  `json:"id"`
	Title string  `json:"title"`
	Owner string  `json:"owner"`
	Due   string  `json:"due"`
	Score float64 `json:"score"`
}

// essential are the health figures that the short result keeps.
var essential = []string{diagnosehealth.PointLapseRate, diagnosehealth.PointOutstanding, diagnosehealth.PointGrowth,
	diagnosehealth.PointGross, diagnosehealth.PointExpiring, diagnosehealth.PointExpiredShare}

// NewResult shortens a report.
func NewResult(r *Report) *Result {
	out := &Result{Head: r.Run.Head(), Stages: r.Stages, Alerts: r.Metrics.Alerts, Caveats: r.Metrics.Caveats, Retries: r.Retries}
	for _, k := range r.Metrics.KPIs {
		if k.Headline || k.Target != nil {
			out.KPIs = append(out.KPIs, KPI{k.ID, k.Label, k.Value, k.Unit, k.Better, k.Reason, k.Previous, k.Change, k.Target, k.Interval})
		}
	}
	out.Movements = append(r.Metrics.Anomalies(), r.Metrics.Movements()...)
	slices.SortStableFunc(out.KPIs, func(a, b KPI) int { return out.weight(a.ID) - out.weight(b.ID) })
	for _, b := range r.Metrics.Breakdowns {
		if out.has(b.KPI) {
			out.Breakdowns = append(out.Breakdowns, b)
		}
	}
	if r.Feeds != nil {
		out.Caveats = append(slices.Clone(out.Caveats), r.Feeds.Caveats()...)
	}
	out.TierMix = diagnosehealth.TierMix{Diagnosis: diagnosehealth.Diagnosis{Status: "unavailable", Reason: "diagnose_health failed or was not asked for", Health: diagnosehealth.Unknown}}
	if r.Health != nil {
		out.TierMix = r.Health.TierMix.Mix()
		out.DataAlarms = r.Health.DataAlarms
		for _, d := range r.Health.Openings() {
			if d.Health != diagnosehealth.Unknown {
				out.Diagnoses = append(out.Diagnoses, Diagnosis{d.Name, d.Health, d.Says, d.Owner})
			}
		}
		for _, point := range essential {
			if f := r.Health.Figure(point); f != nil {
				out.Health = append(out.Health, *f)
			}
		}
	}
	if r.Insights != nil {
		for _, s := range r.Insights.Segments {
			out.Segments = append(out.Segments, Segment{s.ID, s.Label, s.Play, s.Members, s.Value, s.ValueUnit, s.Urgency, s.Owner})
		}
	}
	if r.Experiments != nil {
		for _, x := range r.Experiments.Experiments {
			short := Experiment{ID: x.ID, Name: x.Name, Decision: x.Decision, Says: x.Says, Next: x.NextTest.Says}
			for _, c := range x.Results {
				if c.Role == "primary" {
					short.Results = append(short.Results, c.Short())
				}
			}
			out.Experiments = append(out.Experiments, short)
		}
	}
	out.Verdict = r.Metrics.Verdict
	if r.Alone != "" {
		says := ""
		for _, s := range r.Stages {
			if s.Stage == r.Alone {
				says = s.Says
			}
		}
		out.Verdict = fmt.Sprintf("Orchestration not needed: %s alone answers this. %s", r.Alone, says)
		out.Next = fmt.Sprintf("For all of it call %s with this run_id. A plan needs the other stages too.", r.Alone)
		return out
	}
	if r.Plan == nil {
		out.Verdict += " No plan was written: a stage failed and is not waived."
		out.Next = "Mend the cause and call again, or pass waivers [{stage, reason}] for the failed stage."
		return out
	}
	out.Plan = &Plan{ID: r.Plan.ID, Path: r.Path, Status: r.Plan.Status, Open: r.Plan.Review.OpenIDs()}
	for _, i := range r.Plan.Backlog {
		out.Plan.Backlog = append(out.Plan.Backlog, Backlog{i.ID, i.Title, i.Owner, i.Due, i.Score})
	}
	out.Next = "Detail of a stage: call its tool with this run_id. The plan is not for distribution until review_plan finds no check open."
	return out
}

// leading are the KPIs to keep longest, in order; those in alert come before
// them all.
var leading = []string{"revenue", "members_open", "active_rate", "redemption_rate", "churn_explicit", "csat", "outstanding_points"}

// weight orders the KPIs by how long they are kept.
func (r *Result) weight(kpi string) int {
	if slices.ContainsFunc(r.Alerts, func(a pullmetrics.Alert) bool { return a.KPI == kpi }) {
		return -1
	}
	if i := slices.Index(leading, kpi); i >= 0 {
		return i
	}
	return len(leading)
}

func (r *Result) has(kpi string) bool {
	return slices.ContainsFunc(r.KPIs, func(k KPI) bool { return k.ID == kpi })
}

// Trim implements tools.Trimmer: the last breakdowns go first, then backlog
// lines beyond five, KPIs beyond six, segments beyond three, the comparisons of
// experiments, and at last figures of health and caveats.
func (r *Result) Trim() bool {
	if r.Truncated == nil {
		r.Truncated = &run.Truncated{What: "breakdowns, backlog lines, KPIs, segments, comparisons, figures or caveats", How: "call the stage's tool with this run_id"}
		if r.Plan != nil {
			r.Truncated.How += ", or read plan://" + r.Plan.ID
		}
	}
	switch n := len(r.Breakdowns); {
	case n > 0:
		r.Breakdowns = r.Breakdowns[:n-1]
	case r.Plan != nil && len(r.Plan.Backlog) > 5:
		r.Plan.Backlog = r.Plan.Backlog[:len(r.Plan.Backlog)-1]
	case len(r.KPIs) > 6:
		r.KPIs = r.KPIs[:len(r.KPIs)-1]
	case len(r.Segments) > 3:
		r.Segments = r.Segments[:len(r.Segments)-1]
	default:
		i := slices.IndexFunc(r.Experiments, func(x Experiment) bool { return len(x.Results) > 0 })
		switch {
		case i >= 0:
			r.Experiments[i].Results = nil
		case len(r.Movements) > 1:
			r.Movements = r.Movements[:len(r.Movements)-1]
		case len(r.Health) > 3:
			r.Health = r.Health[:len(r.Health)-1]
		case len(r.Movements) > 0:
			r.Movements = nil
		case len(r.Caveats) > 2:
			r.Caveats = r.Caveats[:len(r.Caveats)-1]
		case len(r.KPIs) > 4:
			r.KPIs = r.KPIs[:len(r.KPIs)-1]
		case len(r.Segments) > 2:
			r.Segments = r.Segments[:len(r.Segments)-1]
		case len(r.Health) > 0:
			r.Health = r.Health[:len(r.Health)-1] // what the diagnoses say has them
		case len(r.TierMix.Tiers) > 0:
			r.TierMix.Tiers = []diagnosehealth.Tier{}
		case r.Plan != nil && len(r.Plan.Backlog) > 3:
			r.Plan.Backlog = r.Plan.Backlog[:len(r.Plan.Backlog)-1]
		default:
			return false
		}
	}
	r.Truncated.Dropped++
	return true
}

// Markdown implements tools.View.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**, %s..%s. %s\n\n| KPI | value | change |\n|---|---|---|\n", run.Cell(r.Program), r.Window.Start, r.Window.End, r.Verdict)
	for _, k := range r.KPIs {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", k.Label, run.Show(k.Value, k.Unit, r.Currency), run.ShowChange(k.Change))
	}
	for _, a := range r.Alerts {
		fmt.Fprintf(&b, "\n- **alert (%s)** %s in band %s", a.Severity, a.KPI, a.Band)
	}
	for _, a := range r.DataAlarms {
		fmt.Fprintf(&b, "\n- **data alarm (%s)** %s", a.Severity, run.Cell(a.Says))
	}
	for _, d := range r.Diagnoses {
		fmt.Fprintf(&b, "\n- %s: **%s**. %s", d.Name, d.Health, run.Cell(d.Says))
	}
	for _, f := range r.Health {
		fmt.Fprintf(&b, "\n- %s: %s", f.Label, run.Show(f.Value, f.Unit, r.Currency))
	}
	for _, s := range r.Segments {
		fmt.Fprintf(&b, "\n- %s (%s): %s members", s.Label, s.Play, run.Show(s.Members, metric.Count, ""))
	}
	for _, x := range r.Experiments {
		fmt.Fprintf(&b, "\n- experiment %s: **%s**. %s", run.Cell(x.Name), x.Decision, run.Cell(x.Says))
	}
	for _, again := range r.Retries {
		fmt.Fprintf(&b, "\n- done again: %s", again)
	}
	if r.Plan != nil {
		b.WriteString("\n\n| # | action | owner | due |\n|---|---|---|---|\n")
		for _, i := range r.Plan.Backlog {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", i.ID, run.Cell(i.Title), run.Cell(i.Owner), i.Due)
		}
		fmt.Fprintf(&b, "\nPlan: %s\n", r.Plan.Path)
	}
	fmt.Fprintf(&b, "\nRun `%s`. %s\n", r.RunID, r.Next)
	return b.String()
}
