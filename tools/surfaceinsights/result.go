package surfaceinsights

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// Result is what surface_insights finds.
type Result struct {
	run.Head
	Verdict     string         `json:"verdict"`
	Segments    []Segment      `json:"segments"`       // by priority
	Total       *float64       `json:"members_in_any"` // members in at least one segment, each counted once
	Unavailable []Unavailable  `json:"unavailable"`
	Caveats     []string       `json:"caveats"`
	Truncated   *run.Truncated `json:"truncated,omitempty"`
	Next        string         `json:"next"`
}

// Segment is a group of members worth an action. Its numbers are null when it
// is too small to be shown.
type Segment struct {
	ID          string      `json:"id"`
	Label       string      `json:"label"`
	Play        string      `json:"play"`    // suppress, protect, win_back, upgrade or nudge
	Urgency     string      `json:"urgency"` // high, medium or low
	Owner       string      `json:"owner"`
	Members     *float64    `json:"members"`
	Share       *float64    `json:"share"` // of open members
	Interval    *[2]float64 `json:"interval"`
	Unique      *float64    `json:"unique"`      // in no segment of higher priority
	Contactable *float64    `json:"contactable"` // consented to marketing; null when not known
	Value       *float64    `json:"value"`
	ValueUnit   metric.Unit `json:"value_unit,omitempty"`
	ValueBasis  string      `json:"value_basis"`
	Trigger     string      `json:"trigger"` // why now
	Action      string      `json:"action"`
	Metric      string      `json:"metric,omitempty"` // the KPI that should move
	Suppressed  bool        `json:"suppressed"`
}

// Unavailable is a segment that the mapping or the data can't tell.
type Unavailable struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Points implements run.Figures.
func (r *Result) Points() []run.Point {
	var out []run.Point
	if r.Total != nil {
		out = append(out, run.Point{ID: "insights/members_in_any", Value: *r.Total, Unit: metric.Count})
	}
	for _, s := range r.Segments {
		for _, p := range []struct {
			name  string
			value *float64
			unit  metric.Unit
		}{{"members", s.Members, metric.Count}, {"share", s.Share, metric.Share}, {"unique", s.Unique, metric.Count}, {"contactable", s.Contactable, metric.Count}, {"value", s.Value, s.ValueUnit}} {
			if p.value != nil {
				out = append(out, run.Point{ID: "insights/" + s.ID + "/" + p.name, Value: *p.value, Unit: p.unit})
			}
		}
	}
	return out
}

// Caveat implements run.Stage.
func (r *Result) Caveat(text string) { r.Caveats = append(r.Caveats, text) }

// Trim implements tools.Trimmer: the last segments go.
func (r *Result) Trim() bool {
	n := len(r.Segments)
	if n <= 3 {
		return false
	}
	if r.Truncated == nil {
		r.Truncated = &run.Truncated{What: "segments", How: "detail full, or resource run://" + r.RunID + "/surface_insights for all"}
	}
	r.Segments = r.Segments[:n-1]
	r.Truncated.Dropped++
	return true
}

// Markdown implements tools.View.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**, as of %s. %s\n\n| segment | play | members | share | value | owner |\n|---|---|---|---|---|---|\n", run.Cell(r.Program), r.AsOf, r.Verdict)
	for _, s := range r.Segments {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", s.Label, s.Play, run.Show(s.Members, metric.Count, ""),
			run.Show(s.Share, metric.Share, ""), run.Show(s.Value, s.ValueUnit, r.Currency), s.Owner)
	}
	for _, u := range r.Unavailable {
		fmt.Fprintf(&b, "\n- %s is unavailable: %s", u.ID, u.Reason)
	}
	for _, c := range r.Caveats {
		fmt.Fprintf(&b, "\n- %s", c)
	}
	fmt.Fprintf(&b, "\n\n%s\n", r.Next)
	return b.String()
}
