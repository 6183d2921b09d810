package config

// Experiment is an experiment, or what is known of one of the feed beside the
// feed: what is empty here is as the feed has it.
type Experiment struct {
	ID               string             `json:"id"`
	Name             string             `json:"name"`
	StartedAt        string             `json:"started_at"`
	EndedAt          string             `json:"ended_at"`
	Hypothesis       string             `json:"hypothesis"`
	ControlArm       string             `json:"control_arm"`
	PlannedShares    map[string]float64 `json:"planned_shares"`
	PrimaryMetric    string             `json:"primary_metric"`
	SecondaryMetrics []string           `json:"secondary_metrics"`
	Guardrails       []string           `json:"guardrails"`
	Owner            string             `json:"owner"`
	Assignment       string             `json:"assignment"`     // randomized or observational
	WindowDays       int                `json:"window_days"`    // 0: until the end
	CountFrom        string             `json:"count_from"`     // FromAssignment or FromExposure
	Winsorize        float64            `json:"winsorize"`      // a quantile; 0 for none
	MinimumEffect    float64            `json:"minimum_effect"` // relative; 0 for the default
	PlannedUnits     int64              `json:"planned_units"`  // of all arms; 0 when not planned
	CostPerUnit      float64            `json:"cost_per_unit"`  // in the currency, beside points
	Peeked           bool               `json:"peeked"`
}

// From when on the outcomes of a unit count.
const (
	FromAssignment = "assignment"
	FromExposure   = "exposure"
)

// Trials is how experiments are read that don't say so themselves.
type Trials struct {
	GuardrailMargin float64 `json:"guardrail_margin"` // relative to control
	MinimumEffect   float64 `json:"minimum_effect"`   // relative to control
	Power           float64 `json:"power"`
	BalanceDays     int     `json:"balance_days"` // before a unit's assignment
}
