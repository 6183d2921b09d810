package writeplan

import (
	"encoding/json"
	"time"

	"loyaltymcp/tools/run"
)

// Args are the tool's arguments: a run of which a plan is made, or a plan and the
// revision of it that is changed.
type Args struct {
	run.Args
	PlanID       string           `json:"plan_id"`
	Revision     int              `json:"revision"`
	By           string           `json:"by"` // who asks, for the change log
	Objective    string           `json:"objective"`
	Items        []ItemArg        `json:"items"`
	Remediations []RemediationArg `json:"remediations"`
	Waivers      []Waiver         `json:"waivers"`

	// Checked is when check_feeds ran beside the stages, nil when it did not, and
	// Alarms what it found that makes figures wrong.
	Checked *Span       `json:"-"`
	Alarms  []DataAlarm `json:"-"`
}

// Span is from when to when something ran.
type Span struct{ Started, Finished time.Time }

// ItemArg is a backlog item as an agent writes it. Without an id it is a new one;
// with one, what it says replaces what the item said, for the reason given.
type ItemArg struct {
	ID       string        `json:"id"`
	Type     string        `json:"type"`
	Title    string        `json:"title"`
	Why      string        `json:"why"`
	Evidence []EvidenceArg `json:"evidence"`
	Owner    string        `json:"owner"`
	Due      string        `json:"due"`
	Metric   string        `json:"metric"`
	Effort   string        `json:"effort"`
	Rank     *int          `json:"rank"` // place in the backlog, 1 is the first
	Drop     bool          `json:"drop"`
	Reason   string        `json:"reason"`
}

// EvidenceArg is a citation, its number as written.
type EvidenceArg struct {
	Point string      `json:"point"`
	Value json.Number `json:"value"`
}

// RemediationArg says what is done about an escalation.
type RemediationArg struct {
	Subject string `json:"subject"` // the KPI, or liability_spike
	Says    string `json:"says"`
	Due     string `json:"due"`
}
