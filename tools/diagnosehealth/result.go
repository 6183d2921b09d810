package diagnosehealth

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// Result is what diagnose_health finds.
type Result struct {
	run.Head
	Verdict    string         `json:"verdict"`
	DataAlarms []DataAlarm    `json:"data_alarms"` // faults of the data, not of the business
	TierMix    TierMix        `json:"tier_mix"`
	Churn      Churn          `json:"churn"`
	Liability  Liability      `json:"liability"`
	Breakage   Breakage       `json:"breakage"`
	Breakdowns []Breakdown    `json:"breakdowns"`
	Caveats    []string       `json:"caveats"`
	Truncated  *run.Truncated `json:"truncated,omitempty"`
	Next       string         `json:"next"`
}

// The states of a section.
const (
	ok          = "ok"
	partial     = "partial"
	unavailable = "unavailable"
)

// DataAlarm is a fault of the data that a figure would hide.
type DataAlarm struct {
	ID       string       `json:"id"`
	Severity string       `json:"severity"` // warning or critical
	Says     string       `json:"says"`
	Figures  []run.Figure `json:"figures"`
}

// TierMix is how open members spread over the tiers.
type TierMix struct {
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
	Basis  string `json:"basis"` // which tier was taken
	Tiers  []Tier `json:"tiers"`
}

// Tier is one tier of the mix.
type Tier struct {
	Tier        string      `json:"tier"`
	Members     *float64    `json:"members"`
	Share       *float64    `json:"share"`
	Interval    *[2]float64 `json:"interval"`
	ShareBefore *float64    `json:"share_before"` // at the start of the window
	Points      *float64    `json:"points_outstanding"`
	Suppressed  bool        `json:"suppressed,omitempty"`
}

// Churn is churn risk by the program's lapse definition.
type Churn struct {
	Status    string       `json:"status"`
	Reason    string       `json:"reason,omitempty"`
	LapseDays int          `json:"lapse_days"`
	Figures   []run.Figure `json:"figures"`
}

// Statement is what every liability says of itself.
const Statement = "management estimate, not an accounting opinion"

// Liability is what the program owes its members.
type Liability struct {
	Status      string       `json:"status"`
	Reason      string       `json:"reason,omitempty"`
	Statement   string       `json:"statement"`
	Figures     []run.Figure `json:"figures"`
	RollForward []Line       `json:"roll_forward"`
}

// Line is a line of the roll-forward, signed as it adds to the balance.
type Line struct {
	Line   string           `json:"line"`
	Points *warehouse.Exact `json:"points"` // null when unknown
	Point  string           `json:"point"`
}

// Breakage is the share of points that nobody redeems.
type Breakage struct {
	Status  string       `json:"status"`
	Reason  string       `json:"reason,omitempty"`
	Figures []run.Figure `json:"figures"`
}

// Breakdown is a figure by one dimension.
type Breakdown struct {
	Figure    string      `json:"figure"`
	Dimension string      `json:"dimension"`
	Unit      metric.Unit `json:"unit"`
	Cells     []Cell      `json:"cells"`
}

// Cell is one cell of a breakdown.
type Cell struct {
	Cell       string   `json:"cell"`
	Value      *float64 `json:"value"`
	N          *int64   `json:"n,omitempty"`
	Suppressed bool     `json:"suppressed,omitempty"`
}

// Figures returns all plain figures of the result.
func (r *Result) Figures() []run.Figure {
	var out []run.Figure
	for _, a := range r.DataAlarms {
		out = append(out, a.Figures...)
	}
	out = append(out, r.Churn.Figures...)
	out = append(out, r.Liability.Figures...)
	return append(out, r.Breakage.Figures...)
}

// Figure returns the plain figure with the point id, or nil.
func (r *Result) Figure(point string) *run.Figure {
	for _, f := range r.Figures() {
		if f.Point == point {
			return &f
		}
	}
	return nil
}

// Points implements run.Figures.
func (r *Result) Points() []run.Point {
	out := run.Known(r.Figures())
	add := func(id string, value *float64, unit metric.Unit) {
		if value != nil {
			out = append(out, run.Point{ID: id, Value: *value, Unit: unit})
		}
	}
	for _, t := range r.TierMix.Tiers {
		id := fmt.Sprintf("{tier=%s}", t.Tier)
		add("health/tier_mix/members"+id, t.Members, metric.Count)
		add("health/tier_mix/share"+id, t.Share, metric.Share)
		add("health/tier_mix/share_before"+id, t.ShareBefore, metric.Share)
		add("health/tier_mix/points_outstanding"+id, t.Points, metric.Points)
	}
	for _, l := range r.Liability.RollForward {
		if l.Points != nil {
			out = append(out, run.Point{ID: l.Point, Value: l.Points.Float(), Unit: metric.Points})
		}
	}
	for _, b := range r.Breakdowns {
		for _, c := range b.Cells {
			add(fmt.Sprintf("%s{%s=%s}", b.Figure, b.Dimension, c.Cell), c.Value, b.Unit)
		}
	}
	return out
}

// Caveat implements run.Stage.
func (r *Result) Caveat(text string) { r.Caveats = append(r.Caveats, text) }

// Trim implements tools.Trimmer: breakdowns go first, then the lines of the
// roll-forward that are zero.
func (r *Result) Trim() bool {
	if r.Truncated == nil {
		r.Truncated = &run.Truncated{What: "breakdowns and zero lines", How: "detail full, fewer dimensions, or resource run://" + r.RunID + "/diagnose_health for all"}
	}
	if n := len(r.Breakdowns); n > 0 {
		r.Breakdowns = r.Breakdowns[:n-1]
		r.Truncated.Dropped++
		return true
	}
	for i, l := range r.Liability.RollForward {
		if l.Points != nil && *l.Points == 0 && l.Line != "unexplained" {
			r.Liability.RollForward = append(r.Liability.RollForward[:i:i], r.Liability.RollForward[i+1:]...)
			r.Truncated.Dropped++
			return true
		}
	}
	return false
}

// Markdown implements tools.View.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**, %s..%s. %s\n", run.Cell(r.Program), r.Window.Start, r.Window.End, r.Verdict)
	for _, a := range r.DataAlarms {
		fmt.Fprintf(&b, "\n- **data alarm (%s)** %s", a.Severity, run.Cell(a.Says))
	}
	b.WriteString("\n\n| tier | members | share | before |\n|---|---|---|---|\n")
	for _, t := range r.TierMix.Tiers {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", run.Cell(t.Tier), run.Show(t.Members, metric.Count, ""), run.Show(t.Share, metric.Share, ""), run.Show(t.ShareBefore, metric.Share, ""))
	}
	b.WriteString("\n| figure | value |\n|---|---|\n")
	for _, f := range r.Figures() {
		value := run.Show(f.Value, f.Unit, r.Currency)
		if f.Value == nil {
			value += " (" + f.Reason + ")"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", f.Label, value)
	}
	b.WriteString("\n| roll-forward | points |\n|---|---|\n")
	for _, l := range r.Liability.RollForward {
		points := "n/a"
		if l.Points != nil {
			points = l.Points.String()
		}
		fmt.Fprintf(&b, "| %s | %s |\n", l.Line, points)
	}
	fmt.Fprintf(&b, "\nLiability: %s.\n", r.Liability.Statement)
	for _, c := range r.Caveats {
		fmt.Fprintf(&b, "\n- %s", c)
	}
	fmt.Fprintf(&b, "\n\n%s\n", r.Next)
	return b.String()
}
