package writeplan

import (
	"time"

	"loyaltymcp/tools/basis"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// Plan is the system of record of one run: what was found, what is to be done
// about it, by whom and on which evidence. schemas/plan.schema.json is its
// contract; the first block of fields is the orchestrator blueprint's.
type Plan struct {
	ID              string            `json:"plan_id"`
	Revision        int               `json:"revision"`
	Status          string            `json:"status"` // draft, approved or rejected
	CreatedAt       time.Time         `json:"created_at"`
	UpdatedAt       *time.Time        `json:"updated_at,omitempty"` // nil for the first revision
	Objective       string            `json:"objective"`
	Complexity      string            `json:"complexity"`
	Strategy        string            `json:"strategy"`
	Header          Header            `json:"header"`
	Stages          []Stage           `json:"stages"`
	Parallelization Parallelization   `json:"parallelization"`
	ContextPassing  ContextPassing    `json:"context_passing"`
	ErrorHandling   ErrorHandling     `json:"error_handling"`
	SuccessCriteria string            `json:"success_criteria"`
	Deliverables    []string          `json:"deliverables"`
	Program         string            `json:"program"`
	Currency        string            `json:"currency"`
	Run             RunRef            `json:"run"`
	Window          run.HeadSpan      `json:"window"`
	Dimensions      []string          `json:"dimensions"`
	Feeds           []Feed            `json:"feeds"`
	DependencyGraph DependencyGraph   `json:"dependency_graph"`
	SuccessMetrics  SuccessMetrics    `json:"success_metrics"`
	Alerts          []Alert           `json:"alerts"`
	DataAlarms      []DataAlarm       `json:"data_alarms"`
	Escalations     []Escalation      `json:"escalations"`
	Backlog         []Item            `json:"backlog"`
	Dropped         []Dropped         `json:"dropped,omitempty"`
	ScoreFormula    string            `json:"score_formula"`
	Approvals       []Approval        `json:"approvals"`
	Review          *Review           `json:"review,omitempty"` // older plans have none
	Ladder          []string          `json:"ladder,omitempty"` // owners by rung, the lowest first
	FallbackAgents  map[string]string `json:"fallback_agents"`
	Definitions     map[string]string `json:"definitions"`     // metric id -> hash
	Basis           *basis.Basis      `json:"basis,omitempty"` // by what the run computed; older plans have none
	KPIs            []basis.Figure    `json:"kpis,omitempty"`  // of the window, so that a later run can tell what was restated
	ChangeLog       []Change          `json:"change_log"`
	Seal            string            `json:"seal,omitempty"` // of all other fields; see Sealed
}

// Header says how the stages were run.
type Header struct {
	Pattern    string    `json:"pattern"` // pipeline or diamond
	Segments   []Segment `json:"segments"`
	MergeGates []Gate    `json:"merge_gates"`
}

// Segment is a stretch of the pattern.
type Segment struct {
	Name      string   `json:"name"`
	Stages    []string `json:"stages"`
	Execution string   `json:"execution"` // sequential or parallel
}

// Gate is where branches meet: what it waited for, what passed it, and what
// was waived.
type Gate struct {
	Name     string   `json:"gate"`
	WaitsFor []string `json:"waits_for"`
	Passed   []string `json:"passed"`
	Waived   []Waiver `json:"waived"`
}

// Waiver lets a plan go on without a stage.
type Waiver struct {
	Stage  string `json:"stage"`
	Reason string `json:"reason"`
}

// Stage, Task, Parallelization, ContextPassing and ErrorHandling are the
// blueprint's.
type Stage struct {
	ID        string `json:"stage_id"`
	Name      string `json:"name"`
	Execution string `json:"execution"`
	Tasks     []Task `json:"tasks"`
}

// Task is one tool call of a stage.
type Task struct {
	ID           string   `json:"task_id"`
	Agent        string   `json:"agent"`
	Purpose      string   `json:"purpose"`
	Input        string   `json:"input"`
	OutputVar    string   `json:"output_var"`
	Dependencies []string `json:"dependencies"`
	Tools        []string `json:"tools_required"`
	Status       string   `json:"status"`  // done, waived, or open for what is still to come
	Seconds      *float64 `json:"seconds"` // null when it has not run
	// Started and Finished are the clock's, nil when it has not run.
	Started  *time.Time `json:"started_at,omitempty"`
	Finished *time.Time `json:"finished_at,omitempty"`
}

// Parallelization says what ran side by side.
type Parallelization struct {
	MaxConcurrent int             `json:"max_concurrent"`
	Groups        []ParallelGroup `json:"parallel_groups"`
}

// ParallelGroup is a set of tasks that may run side by side.
type ParallelGroup struct {
	ID      string   `json:"group_id"`
	Tasks   []string `json:"tasks"`
	WaitFor []string `json:"wait_for"`
}

// ContextPassing says how stages hand results on.
type ContextPassing struct {
	Method   string `json:"method"`
	Location string `json:"artifacts_location"`
}

// ErrorHandling says what happens when a stage fails: the server itself tries
// a pull of data again when its error may pass, and the ladder has the rest.
type ErrorHandling struct {
	RetryStrategy string            `json:"retry_strategy"` // "immediate": the same thing again, unchanged, after a wait
	MaxRetries    int               `json:"max_retries"`
	Waits         []int64           `json:"retry_waits_ms,omitempty"` // the longest wait before each retry
	Retries       []warehouse.Retry `json:"retries"`                  // those that the run took
	Fallback      string            `json:"fallback_plan"`
	Escalation    string            `json:"escalation"`
}

// RunRef is the run that the plan is made of.
type RunRef struct {
	ID         string `json:"run_id"`
	AsOf       string `json:"as_of"`
	Zone       string `json:"time_zone"`
	Engine     string `json:"engine"`
	Generation string `json:"data_generation"`
	Config     string `json:"config_hash"`
	Version    string `json:"version"`
}

// Feed is a feed as the run found it.
type Feed struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	First  string `json:"first"`
	Last   string `json:"last"`
	Status string `json:"status"`
}

// DependencyGraph says which feeds each side depends on.
type DependencyGraph struct {
	BI              []string `json:"BI"`
	CRM             []string `json:"CRM"`
	Experimentation []string `json:"experimentation"`
}

// SuccessMetrics are the four by which the plan is judged.
type SuccessMetrics struct {
	Retention       Measure `json:"retention"`
	Liability       Measure `json:"liability"`
	EngagementLift  Measure `json:"engagement_lift"`
	RemediationTime Measure `json:"alert_remediation_time"`
}

// Measure is a success metric; what isn't known is null, with the reason.
type Measure struct {
	Baseline *float64 `json:"baseline"`
	Target   *float64 `json:"target"`
	Actual   *float64 `json:"actual"`
	Unit     string   `json:"unit"`
	Point    string   `json:"point"`
	Reason   string   `json:"reason"`
	// BaselineAsOf is the day of which the baseline is; empty in older plans.
	BaselineAsOf string `json:"baseline_as_of,omitempty"`
}

// Alert is a KPI in one of its bands, with its memory over plans.
type Alert struct {
	KPI         string      `json:"kpi"`
	Severity    string      `json:"severity"`
	Threshold   string      `json:"threshold"`
	Value       *float64    `json:"value"`
	Unit        metric.Unit `json:"unit"`
	Point       string      `json:"point"`
	Source      string      `json:"source"` // config or request
	BreachCount int         `json:"breach_count"`
	FirstBreach string      `json:"first_breach"` // as_of of the first breach in a row
	State       string      `json:"state"`
}

// DataAlarm is a fault of the data and who mends it.
type DataAlarm struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	Says     string `json:"says"`
	Owner    string `json:"owner"`
}

// Escalation takes a trigger up the ladder.
type Escalation struct {
	Subject     string    `json:"subject,omitempty"` // the KPI, or liability_spike
	Trigger     string    `json:"trigger"`
	Rung        int       `json:"rung"` // 1 is the lowest
	Owner       string    `json:"owner"`
	At          time.Time `json:"at"` // when it was opened
	RipCord     bool      `json:"rip_cord"`
	Stops       string    `json:"stops"`
	Remediation string    `json:"remediation"`
	// WindowDays is how long the window was in which it was opened; 0 in older plans.
	WindowDays int `json:"window_days,omitempty"`
	// Stated says that a person or an agent has said what is done about it.
	Stated   bool       `json:"stated,omitempty"`
	Due      string     `json:"due"`
	ClosedAt *time.Time `json:"closed_at"`
	// RemediationDays is how long it took to close.
	RemediationDays *float64 `json:"remediation_days,omitempty"`
}

// Item is a backlog item.
type Item struct {
	ID         string     `json:"id"`
	Type       string     `json:"type"` // journey, rewards or messaging
	Title      string     `json:"title"`
	Why        string     `json:"why"`
	Evidence   []Evidence `json:"evidence"`
	Owner      string     `json:"owner"`
	Due        string     `json:"due"`
	Metric     string     `json:"metric"`
	Target     *float64   `json:"target"`
	Window     string     `json:"measurement_window"`
	Expected   Expected   `json:"expected_value"`
	Confidence string     `json:"confidence"`
	Effort     string     `json:"effort"`
	Score      float64    `json:"score"`
	Source     string     `json:"source"` // server or agent
	Urgency    string     `json:"urgency,omitempty"`
	// Proof is the experiment that would prove the item; nil in older plans.
	Proof *Proof `json:"proof,omitempty"`
	// Rank is the place that was given to the item whatever its score, nil when
	// the score places it.
	Rank *int `json:"rank,omitempty"`
}

// Dropped is an item that was taken out of the backlog, and why.
type Dropped struct {
	Item   Item      `json:"item"`
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// Evidence is a data point that an item rests on.
type Evidence struct {
	Point string      `json:"point"`
	Value float64     `json:"value"` // as computed
	Cited string      `json:"cited"` // as it was written
	Unit  metric.Unit `json:"unit"`
}

// Expected is what an item is expected to add, in the program's currency.
type Expected struct {
	// Value is what an experiment of this program has shown, with its interval of
	// 95 %; nil with the reason.
	Value    *float64    `json:"value"`
	Interval *[2]float64 `json:"interval,omitempty"`
	Basis    string      `json:"basis,omitempty"` // what the value counts, over whom and how long
	Reason   string      `json:"reason"`
	// Assumed is what the item adds if an assumption holds that no experiment has
	// tried: no basis for a decision, but for what a test is worth.
	Assumed    *float64 `json:"assumed,omitempty"`
	Assumption string   `json:"assumption,omitempty"`
}

// Proof is the experiment that would prove an item.
type Proof struct {
	Hypothesis string   `json:"hypothesis"`
	Metric     string   `json:"metric,omitempty"`
	Control    string   `json:"control"`              // who is kept apart
	Units      *float64 `json:"units,omitempty"`      // in the smaller arm
	Detectable *float64 `json:"detectable,omitempty"` // relative change that so many show
	Days       *float64 `json:"days,omitempty"`
	Says       string   `json:"says"`
}

// Approval is one sign-off.
type Approval struct {
	Role   string `json:"role"`
	Status string `json:"status"` // open, approved or rejected
	// What follows is of the sign-off, empty while it is open.
	By       string     `json:"by,omitempty"`
	Reason   string     `json:"reason,omitempty"`
	At       *time.Time `json:"at,omitempty"`
	Revision int        `json:"revision,omitempty"` // that was signed
}

// Change is a line of the change log.
type Change struct {
	At       time.Time `json:"at"`
	By       string    `json:"by"`
	What     string    `json:"what"`
	Before   string    `json:"before"`
	After    string    `json:"after"`
	Revision int       `json:"revision,omitempty"` // that it made; older plans don't say
}
