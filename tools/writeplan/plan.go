package writeplan

import (
	"encoding/json"
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
	Status          string            `json:"status"` // draft or approved
	CreatedAt       time.Time         `json:"created_at"`
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
	ScoreFormula    string            `json:"score_formula"`
	Approvals       []Approval        `json:"approvals"`
	FallbackAgents  map[string]string `json:"fallback_agents"`
	Definitions     map[string]string `json:"definitions"`     // metric id -> hash
	Basis           *basis.Basis      `json:"basis,omitempty"` // by what the run computed; older plans have none
	KPIs            []basis.Figure    `json:"kpis,omitempty"`  // of the window, so that a later run can tell what was restated
	ChangeLog       []Change          `json:"change_log"`
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
	Status       string   `json:"status"`  // done or waived
	Seconds      *float64 `json:"seconds"` // null when waived
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
	Subject     string     `json:"subject,omitempty"` // the KPI, or liability_spike
	Trigger     string     `json:"trigger"`
	Rung        int        `json:"rung"` // 1 is the lowest
	Owner       string     `json:"owner"`
	At          time.Time  `json:"at"` // when it was opened
	RipCord     bool       `json:"rip_cord"`
	Stops       string     `json:"stops"`
	Remediation string     `json:"remediation"`
	Due         string     `json:"due"`
	ClosedAt    *time.Time `json:"closed_at"`
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

	urgency string
}

// Evidence is a data point that an item rests on.
type Evidence struct {
	Point string      `json:"point"`
	Value float64     `json:"value"` // as computed
	Cited string      `json:"cited"` // as it was written
	Unit  metric.Unit `json:"unit"`
}

// Expected is an item's incremental value.
type Expected struct {
	Value  *float64 `json:"value"`
	Reason string   `json:"reason"`
}

// Approval is one sign-off.
type Approval struct {
	Role   string `json:"role"`
	Status string `json:"status"`
}

// Change is a line of the change log.
type Change struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	What   string    `json:"what"`
	Before string    `json:"before"`
	After  string    `json:"after"`
}

// Args are the tool's arguments.
type Args struct {
	run.Args
	Objective string    `json:"objective"`
	Items     []ItemArg `json:"items"`
	Waivers   []Waiver  `json:"waivers"`
}

// ItemArg is a backlog item as an agent writes it.
type ItemArg struct {
	Type     string        `json:"type"`
	Title    string        `json:"title"`
	Why      string        `json:"why"`
	Evidence []EvidenceArg `json:"evidence"`
	Owner    string        `json:"owner"`
	Due      string        `json:"due"`
	Metric   string        `json:"metric"`
	Effort   string        `json:"effort"`
}

// EvidenceArg is a citation, its number as written.
type EvidenceArg struct {
	Point string      `json:"point"`
	Value json.Number `json:"value"`
}
