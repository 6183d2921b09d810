package demo

import (
	"encoding/json"
	"fmt"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
)

// Plant is what to plant in the program: faults, which an analysis should
// find, and further experiments, which it should read rightly. It is the
// content of a plant file.
type Plant struct {
	Experiments []PlantedExperiment `json:"experiments,omitempty"`
	Faults      []Fault             `json:"faults,omitempty"`
}

// Fault is one fault: what goes wrong, where, when, and how much. [Kinds]
// lists the kinds with the meaning of their size.
type Fault struct {
	ID    string `json:"id"` // by default the kind with a number
	Kind  string `json:"kind"`
	Mode  string `json:"mode,omitempty"` // which form of the kind
	Place Place  `json:"place"`
	From  Day    `json:"from,omitzero"` // inclusive
	To    Day    `json:"to,omitzero"`   // exclusive
	Date  Day    `json:"date,omitzero"` // of an expiry wall
	// Size is in the unit that the kind says.
	Size         float64 `json:"size"`
	HalfLifeDays float64 `json:"half_life_days,omitempty"` // of a novelty effect
	DelayDays    float64 `json:"delay_days,omitempty"`     // mean delay of late data
}

// Place is where a fault acts; what is empty doesn't narrow it. Region and
// channel are the member's, as in the table of members. Tier is the one that
// the member holds when the fault begins.
type Place struct {
	Region     string `json:"region,omitempty"`
	Channel    string `json:"channel,omitempty"`
	Tier       string `json:"tier,omitempty"`
	Feed       string `json:"feed,omitempty"`
	Column     string `json:"column,omitempty"`
	Experiment string `json:"experiment,omitempty"`
	Arm        string `json:"arm,omitempty"`
	Reward     int64  `json:"reward,omitempty"`
}

// PlantedExperiment is an experiment on top of the built-in ones. Its units
// are open members with an order in the half year before it begins.
type PlantedExperiment struct {
	ID         string       `json:"id"`
	Name       string       `json:"name,omitempty"`
	Hypothesis string       `json:"hypothesis,omitempty"`
	From       Day          `json:"from"`
	To         Day          `json:"to,omitzero"` // exclusive; still running if absent
	Control    string       `json:"control"`
	Arms       []PlantedArm `json:"arms"`
	Primary    string       `json:"primary_metric,omitempty"`
	Guardrails string       `json:"guardrails,omitempty"`
	Owner      string       `json:"owner,omitempty"`
}

// PlantedArm is an arm with its true effects: factors on what its units do
// while the experiment runs. A factor that is absent is 1.
type PlantedArm struct {
	Arm          string   `json:"arm"`
	Share        float64  `json:"share"`
	PurchaseRate *float64 `json:"purchase_rate,omitempty"`
	OrderValue   *float64 `json:"order_value,omitempty"`
	Redemption   *float64 `json:"redemption,omitempty"` // on the chance to redeem
}

// Day is a date, written as "2026-05-01".
type Day struct{ time.Time }

// MarshalJSON writes the date alone.
func (d Day) MarshalJSON() ([]byte, error) { return json.Marshal(d.Format(time.DateOnly)) }

// UnmarshalJSON reads a date.
func (d *Day) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	t, err := time.Parse(time.DateOnly, s)
	d.Time = t
	return err
}

// instant returns the date's midnight, or a stand-in for an absent date.
func (d Day) instant(absent instant) instant {
	if d.IsZero() {
		return absent
	}
	return instant(d.Sub(launch) / time.Second)
}

// ReadPlant reads a plant file and checks it against plant.schema.json and
// against the program: its regions, channels, tiers, feeds, experiments and
// dates. A mistake is a [fault.Error] that names its place below name.
func ReadPlant(name string, text []byte, set *schemas.Set) (*Plant, error) {
	value, err := schemas.Decode(text)
	if err != nil {
		return nil, fault.New(fault.Invalid, name, "is no JSON").Because(err).
			Then("loyalty-mcp demo --help shows a plant file")
	}
	schema, ok := set.Get("plant")
	if !ok {
		return nil, fmt.Errorf("demo: no schema named plant")
	}
	if err := schema.Check(fault.Invalid, name, value); err != nil {
		return nil, err.Then("The schema is schemas/plant.schema.json; loyalty-mcp demo --help lists the kinds")
	}
	var p Plant
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, fmt.Errorf("demo: reading %s: %w", name, err)
	}
	return &p, p.check(name)
}
