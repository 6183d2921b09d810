package diagnosehealth

import (
	"fmt"
	"slices"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
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

// DataAlarm is a fault of the data that a figure would hide.
type DataAlarm struct {
	ID       string       `json:"id"`
	Severity string       `json:"severity"` // warning or critical
	Says     string       `json:"says"`
	Figures  []run.Figure `json:"figures"`
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
	Cell       string      `json:"cell"`
	Value      *float64    `json:"value"`
	N          *int64      `json:"n,omitempty"`
	Interval   *[2]float64 `json:"interval,omitempty"` // 95 %
	Suppressed bool        `json:"suppressed,omitempty"`
}

// Figures returns all plain figures of the result.
func (r *Result) Figures() []run.Figure {
	var out []run.Figure
	for _, a := range r.DataAlarms {
		out = append(out, a.Figures...)
	}
	for _, s := range r.sections() {
		out = append(out, s.figures()...)
	}
	return out
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
	for _, s := range r.sections() {
		out = append(out, s.points()...)
	}
	for _, b := range r.Breakdowns {
		for _, c := range b.Cells {
			if c.Value != nil {
				out = append(out, run.Point{ID: fmt.Sprintf("%s{%s=%s}", b.Figure, b.Dimension, c.Cell), Value: *c.Value, Unit: b.Unit})
			}
		}
	}
	return out
}

// Caveat implements run.Stage.
func (r *Result) Caveat(text string) { r.Caveats = append(r.Caveats, text) }

// Trim implements tools.Trimmer: breakdowns go first, then what the diagnoses can
// do without, from the last diagnosis to the first.
func (r *Result) Trim() bool {
	if r.Truncated == nil {
		r.Truncated = &run.Truncated{What: "breakdowns and rows of the diagnoses", How: "detail full, fewer dimensions, or resource run://" + r.RunID + "/diagnose_health for all"}
	}
	if n := len(r.Breakdowns); n > 0 {
		r.Breakdowns = r.Breakdowns[:n-1]
		r.Truncated.Dropped++
		return true
	}
	for _, s := range slices.Backward(r.sections()) {
		if n := s.trim(); n > 0 {
			r.Truncated.Dropped += n
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
	b.WriteString("\n")
	for _, s := range r.sections() {
		fmt.Fprintf(&b, "\n%s\n", s.opening().line(s.name))
		if figures := s.figures(); len(figures) > 0 {
			b.WriteString("\n| figure | value |\n|---|---|\n")
			for _, f := range figures {
				value := run.Show(f.Value, f.Unit, r.Currency)
				if f.Value == nil {
					value += " (" + f.Reason + ")"
				}
				fmt.Fprintf(&b, "| %s | %s |\n", f.Label, value)
			}
		}
		s.markdown(&b, r.Currency)
	}
	for _, c := range r.Caveats {
		fmt.Fprintf(&b, "\n- %s", c)
	}
	fmt.Fprintf(&b, "\n\n%s\n", r.Next)
	return b.String()
}
