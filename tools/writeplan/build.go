package writeplan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/basis"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/surfaceinsights"
	"loyaltymcp/warehouse"
)

// builder makes one plan of a run's stages.
type builder struct {
	facts
	run     *run.Run
	kept    map[string]*run.Kept
	waivers []Waiver
	retries []warehouse.Retry
	basis   *basis.Basis // nil for a run that kept none

	checked     *Span
	alarmed     []DataAlarm // by check_feeds
	health      *diagnosehealth.Result
	insights    *surfaceinsights.Result
	experiments *reviewexperiments.Result
}

// load reads the run's stages and holds the merge gate: every stage has run,
// or is waived with a reason.
func load(d *run.Desk, r *run.Run, waivers []Waiver) (*builder, error) {
	b := &builder{facts: facts{desk: d, now: d.Now().In(d.Config.Zone()), currency: r.Currency, bands: r.Bands}, run: r, kept: map[string]*run.Kept{}, waivers: waivers}
	var missing []string
	for _, stage := range run.Stages() {
		kept, err := d.Store.Stage(r.ID, stage)
		if err != nil {
			return nil, err
		}
		if kept != nil {
			b.kept[stage] = kept
		} else if !slices.ContainsFunc(waivers, func(w Waiver) bool { return w.Stage == stage }) {
			missing = append(missing, stage)
		}
	}
	if len(missing) > 0 {
		return nil, fault.New(fault.Invalid, "run_id", "run %s has no result of %s, so the merge gate is closed", r.ID, strings.Join(missing, ", ")).
			Then("Call them with this run_id, or waive each: waivers [{\"stage\":%q,\"reason\":\"...\"}]", missing[0])
	}
	var err error
	if b.points, err = d.Store.Points(r.ID); err != nil {
		return nil, err
	}
	if b.retries, err = d.Store.Retries(r); err != nil {
		return nil, err
	}
	if b.basis, err = d.Store.Basis(r.ID); err != nil {
		return nil, err
	}
	if b.metrics, err = result[pullmetrics.Result](d, r, run.PullMetrics); err != nil {
		return nil, err
	}
	if b.health, err = result[diagnosehealth.Result](d, r, run.DiagnoseHealth); err != nil {
		return nil, err
	}
	if b.insights, err = result[surfaceinsights.Result](d, r, run.SurfaceInsights); err != nil {
		return nil, err
	}
	b.experiments, err = result[reviewexperiments.Result](d, r, run.ReviewExperiments)
	return b, err
}

// result reads a stage's whole result, nil when it was waived.
func result[R any](d *run.Desk, r *run.Run, stage string) (*R, error) {
	var out R
	ok, err := d.Store.Into(r.ID, stage, &out)
	if !ok || err != nil {
		return nil, err
	}
	return &out, nil
}

// The agents that run the stages.
const analyst, strategist = "member-insights-analyst", "loyalty-strategist"

var purposes = map[string]string{
	run.PullMetrics:       "Pull the KPIs of the window",
	run.DiagnoseHealth:    "Diagnose tier mix, churn, liability and breakage",
	run.SurfaceInsights:   "Find the members worth an action",
	run.ReviewExperiments: "Read every experiment",
}

// build puts the plan together with the backlog that the run's findings call for;
// its id is set by the writer.
func (b *builder) build(objective string, earlier *Plan) *Plan {
	r, c := b.run, b.desk.Config
	head := r.Head()
	p := &Plan{
		Revision: 1, Status: "draft", CreatedAt: b.now.UTC().Truncate(time.Second),
		Objective: orElse(objective, fmt.Sprintf("Keep %s healthy: act on what the window %s shows", r.Program, r.Window.Dates())),
		ErrorHandling: ErrorHandling{RetryStrategy: "immediate", MaxRetries: warehouse.MaxRetries, Waits: waits(), Retries: append([]warehouse.Retry{}, b.retries...),
			Fallback:   "A stage that fails is waived with a reason, or the plan is not written",
			Escalation: c.Ladder[min(1, len(c.Ladder)-1)]},
		ContextPassing:  ContextPassing{Method: "state-file", Location: "run://" + r.ID},
		SuccessCriteria: "No open alert, the point ledger reconciles, and every backlog item is measured against a holdout by its due date",
		Deliverables:    []string{"dashboard snapshot with drilldowns", "risk and opportunity list", "experiment readouts with next tests", "plan entry with backlog and owners"},
		Program:         r.Program, Currency: r.Currency,
		Run:    RunRef{ID: r.ID, AsOf: head.AsOf, Zone: r.Zone, Engine: r.Engine, Generation: r.Generation, Config: r.Config, Version: r.Version},
		Window: head.Window, Dimensions: append([]string{}, r.Dimensions...),
		SuccessMetrics: b.measures(earlier), Backlog: []Item{}, ScoreFormula: ScoreFormula,
		Ladder: slices.Clone(c.Ladder), FallbackAgents: c.FallbackAgents,
		Definitions: map[string]string{}, Basis: b.basis,
	}
	for _, role := range []string{c.Ladder[min(1, len(c.Ladder)-1)], c.Owners.Finance} {
		if !slices.ContainsFunc(p.Approvals, func(a Approval) bool { return a.Role == role }) {
			p.Approvals = append(p.Approvals, Approval{Role: role, Status: "open"})
		}
	}
	for _, it := range b.draft() {
		b.finish(&it)
		p.Backlog = append(p.Backlog, it)
	}
	p.Backlog = place(p.Backlog)
	identify(p.Backlog, nil)
	for _, d := range b.desk.Metrics {
		p.Definitions[d.ID] = d.Hash()
	}
	if b.metrics != nil {
		for _, k := range b.metrics.KPIs {
			p.KPIs = append(p.KPIs, basis.Figure{KPI: k.ID, Definition: k.Definition, Value: k.Value})
		}
	}
	b.pattern(p)
	b.feeds(p)
	b.alerts(p, earlier)
	p.ChangeLog = []Change{{At: p.CreatedAt, By: "write_plan", What: "plan written", Before: "", After: "revision 1", Revision: 1}}
	b.remember(p, earlier)
	if earlier != nil {
		p.ChangeLog = append(p.ChangeLog, changes(p, earlier)...)
	}
	return p
}

func waits() []int64 {
	var ms []int64
	for _, w := range warehouse.Waits() {
		ms = append(ms, w.Milliseconds())
	}
	return ms
}

// pattern records how the stages really ran: a diamond when the three that
// follow the pull overlapped in time, a pipeline otherwise.
func (b *builder) pattern(p *Plan) {
	branches := run.Stages()[1:]
	p.Header.Pattern, p.Strategy = "pipeline", "pipeline"
	execution := "sequential"
	if b.overlapped(branches) {
		p.Header.Pattern, p.Strategy, execution = "diamond", "diamond", "parallel"
	}
	gate := Gate{Name: "merge", WaitsFor: branches, Passed: []string{}, Waived: append([]Waiver{}, b.waivers...)}
	pull := Stage{ID: "1", Name: "data pull", Execution: "sequential"}
	middle := Stage{ID: "2", Name: "diagnostics, insights and experiment review", Execution: execution}
	for i, stage := range run.Stages() {
		task := Task{ID: fmt.Sprintf("2.%d", i), Agent: analyst, Purpose: purposes[stage], Input: "run_id", OutputVar: stage,
			Dependencies: []string{"1.1"}, Tools: []string{stage}, Status: "waived"}
		if kept := b.kept[stage]; kept != nil {
			task.ran(Span{kept.Started, kept.Finished})
			if i > 0 {
				gate.Passed = append(gate.Passed, stage)
			}
		}
		if i == 0 {
			task.ID, task.Input, task.Dependencies = "1.1", "window, as_of, dimensions, alert_threshold", []string{}
			pull.Tasks = []Task{task}
			if b.checked != nil {
				check := Task{ID: "1.2", Agent: analyst, Purpose: "Check the data feeds", Input: "", OutputVar: "feeds", Dependencies: []string{}, Tools: []string{"check_feeds"}}
				check.ran(*b.checked)
				pull.Tasks, pull.Execution = append(pull.Tasks, check), "parallel"
			}
			continue
		}
		middle.Tasks = append(middle.Tasks, task)
	}
	now := b.now.UTC()
	written := Task{ID: "3.1", Agent: strategist, Purpose: "Write the plan", Input: "run_id and the analyst's report", OutputVar: "plan",
		Dependencies: []string{"2.1", "2.2", "2.3"}, Tools: []string{"write_plan"}}
	written.ran(Span{now, now})
	plan := Stage{ID: "3", Name: "action plan", Execution: "sequential", Tasks: []Task{written,
		{ID: "3.2", Agent: strategist, Purpose: "Review the plan before it is distributed", Input: "plan_id", OutputVar: "review",
			Dependencies: []string{"3.1"}, Tools: []string{"review_plan"}, Status: "open"}}}
	p.Stages = []Stage{pull, middle, plan}
	p.Complexity = complexity(p.Stages)
	p.Header.MergeGates = []Gate{gate}
	p.Header.Segments = []Segment{{"pull", []string{run.PullMetrics}, "sequential"}, {"branches", branches, execution}, {"plan", []string{"write_plan", "review_plan"}, "sequential"}}
	p.Parallelization = Parallelization{MaxConcurrent: 1, Groups: []ParallelGroup{}}
	if execution == "parallel" {
		p.Parallelization = Parallelization{MaxConcurrent: 3, Groups: []ParallelGroup{{"branches", []string{"2.1", "2.2", "2.3"}, []string{"1.1"}}}}
	}
}

// ran records when a task ran.
func (t *Task) ran(s Span) {
	started, finished := s.Started.UTC(), s.Finished.UTC()
	t.Status, t.Seconds, t.Started, t.Finished = "done", run.Round(finished.Sub(started).Seconds()), &started, &finished
}

// complexity is the blueprint's: by the number of tasks.
func complexity(stages []Stage) string {
	n := 0
	for _, s := range stages {
		n += len(s.Tasks)
	}
	switch {
	case n <= 2:
		return "simple"
	case n <= 5:
		return "medium"
	case n < 10:
		return "complex"
	}
	return "very-complex"
}

func (b *builder) overlapped(stages []string) bool {
	for i, one := range stages {
		for _, other := range stages[i+1:] {
			x, y := b.kept[one], b.kept[other]
			if x != nil && y != nil && x.Started.Before(y.Finished) && y.Started.Before(x.Finished) {
				return true
			}
		}
	}
	return false
}

// sides says which feeds each side of the house answers for.
var sides = map[string]string{"experiments": "experimentation", "assignments": "experimentation", "outcomes": "experimentation",
	"members": "CRM", "tiers": "CRM", "tier_history": "CRM", "engagement": "CRM", "surveys": "CRM"}

func (b *builder) feeds(p *Plan) {
	p.Feeds = []Feed{}
	p.DependencyGraph = DependencyGraph{BI: []string{}, CRM: []string{}, Experimentation: []string{}}
	zone := b.desk.Config.Zone()
	for _, f := range b.run.Feeds {
		out := Feed{Name: f.Name, Rows: f.Rows, Status: "ok"}
		if f.Rows == 0 {
			out.Status = "empty"
		}
		if f.First != nil && f.Last != nil {
			out.First, out.Last = run.Day(f.First.In(zone)), run.Day(f.Last.In(zone))
			if late(f, b.run.AsOf) {
				out.Status = "stale"
			}
		}
		p.Feeds = append(p.Feeds, out)
		switch sides[f.Name] {
		case "CRM":
			p.DependencyGraph.CRM = append(p.DependencyGraph.CRM, f.Name)
		case "experimentation":
			p.DependencyGraph.Experimentation = append(p.DependencyGraph.Experimentation, f.Name)
		default:
			p.DependencyGraph.BI = append(p.DependencyGraph.BI, f.Name)
		}
	}
}

// late reports whether a feed of events ends before the end of what counts by more
// than chance: by more than three days, and more than ten times the mean time
// between its rows, which a Poisson process leaves once in 22,000 times.
func late(f run.FeedState, asOf time.Time) bool {
	if !run.Events(f.Name) || f.Rows < 2 {
		return false
	}
	lag := asOf.Sub(*f.Last)
	between := f.Last.Sub(*f.First) / time.Duration(f.Rows)
	return lag > days(3) && lag > 10*between
}
