package surfaceinsights

import (
	"fmt"
	"slices"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// Result is what surface_insights finds.
type Result struct {
	run.Head
	Verdict     string         `json:"verdict"`
	Segments    []Segment      `json:"segments"`           // by priority
	Total       *float64       `json:"members_in_any"`     // members in at least one segment, each counted once
	Everyone    *Stake         `json:"everyone,omitempty"` // of all open members: what the stakes of a partition add up to
	Reach       Reach          `json:"reach"`
	Lifecycle   Lifecycle      `json:"lifecycle"`
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
	// Satisfaction is the share of survey answers of the last 12 months in the top
	// two of five, Channel the one with the best response in the last 90 days.
	Satisfaction  *float64 `json:"satisfaction,omitempty"`
	SatisfactionN *int64   `json:"satisfaction_n,omitempty"`
	Channel       string   `json:"channel,omitempty"`
	ClickRate     *float64 `json:"click_rate,omitempty"`
	Stake         *Stake   `json:"stake,omitempty"`
	Case          *Case    `json:"case,omitempty"`
}

// Reach is who is left out of segments or of their actions.
type Reach struct {
	Open        *float64 `json:"open"`
	Contactable *float64 `json:"contactable"` // null where consent is not known
	Closed      *float64 `json:"closed"`      // cancelled by then
	Test        *float64 `json:"test"`        // test members; null where the feed doesn't mark them
}

// Stake is what is expected of the members of a segment if nothing is done.
type Stake struct {
	Value    *float64    `json:"value"` // null with the reason
	Interval *[2]float64 `json:"interval,omitempty"`
	Alive    *float64    `json:"alive,omitempty"` // mean chance that they are still customers
	Days     int         `json:"days"`
	Basis    string      `json:"basis"`
	Reason   string      `json:"reason,omitempty"`
}

// Case is the business case of the play.
type Case struct {
	Reach       *float64    `json:"reach"` // members who may be contacted
	WindowDays  int         `json:"window_days"`
	Uplift      *float64    `json:"uplift"`
	Source      string      `json:"source"` // of the uplift
	Assumption  string      `json:"assumption"`
	Incremental *float64    `json:"incremental"`        // net sales, if the assumption holds
	Interval    *[2]float64 `json:"interval,omitempty"` // of it, by the experiment the lift is from; a prior has none
	Cost        *float64    `json:"cost"`               // null with the reason
	CostReason  string      `json:"cost_reason,omitempty"`
	Margin      *float64    `json:"incremental_margin,omitempty"` // left over of it; absent where margin is not known
	BreakEven   *float64    `json:"break_even_uplift"`            // at which the cost is earned
	BreakEvenOf string      `json:"break_even_of,omitempty"`      // margin, or net sales where margin is not known
	Holdout     *Holdout    `json:"holdout"`
}

// Holdout is the random holdout that would show the uplift.
type Holdout struct {
	Members  *float64 `json:"members"`
	Baseline *float64 `json:"baseline"`               // share of members who buy in the window without an action
	Shows    *float64 `json:"shows_uplift,omitempty"` // the least uplift that it shows, where it can't show the one assumed
	Reason   string   `json:"reason,omitempty"`
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
	for _, p := range []struct {
		name  string
		value *float64
	}{{"open", r.Reach.Open}, {"contactable", r.Reach.Contactable}, {"closed", r.Reach.Closed}, {"test", r.Reach.Test}} {
		if p.value != nil {
			out = append(out, run.Point{ID: "insights/reach/" + p.name, Value: *p.value, Unit: metric.Count})
		}
	}
	if e := r.Everyone; e != nil && e.Value != nil {
		out = append(out, run.Point{ID: "insights/stake", Value: *e.Value, Unit: metric.Money})
	}
	out = append(out, r.Lifecycle.points()...)
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
		out = append(out, s.priced()...)
	}
	return out
}

// Caveat implements run.Stage.
func (r *Result) Caveat(text string) { r.Caveats = append(r.Caveats, text) }

// Trim implements tools.Trimmer: the flows and the heatmap go, then what the cases
// rest on, then the last segments, then the cases.
func (r *Result) Trim() bool {
	if r.Truncated == nil {
		r.Truncated = &run.Truncated{What: "segments, flows, cells and what cases rest on", How: "detail full, or resource run://" + r.RunID + "/surface_insights for all"}
	}
	drop := func(n int) bool {
		r.Truncated.Dropped += n
		return n > 0
	}
	if n := len(r.Lifecycle.Flows) + len(r.Lifecycle.Heatmap); n > 0 {
		r.Lifecycle.Flows, r.Lifecycle.Heatmap = []Flow{}, []Heat{}
		return drop(n)
	}
	if n := len(r.Lifecycle.States); n > 0 && r.Lifecycle.Basis != "" {
		r.Lifecycle.Basis = ""
		return drop(1)
	}
	short := func(clear func(s *Segment) bool) bool {
		n := 0
		for i := range r.Segments {
			if clear(&r.Segments[i]) {
				n++
			}
		}
		return drop(n)
	}
	if short(func(s *Segment) bool {
		if s.Case == nil || s.Case.Source == "" {
			return false
		}
		s.Case.Source, s.Case.Holdout.Reason, s.Stake.Basis, s.Case.BreakEvenOf = "", "", "", ""
		return true
	}) {
		return true
	}
	if n := len(r.Segments); n > 6 {
		// The least urgent goes, of those the last.
		at := n - 1
		for _, urgency := range []string{"low", "medium"} {
			if i := lastOf(r.Segments, urgency); i >= 0 {
				at = i
				break
			}
		}
		r.Segments = slices.Delete(slices.Clone(r.Segments), at, at+1)
		return drop(1)
	}
	if short(func(s *Segment) bool {
		had := s.Case != nil
		s.Case = nil
		return had
	}) {
		return true
	}
	if n := len(r.Segments); n > 3 {
		r.Segments = r.Segments[:n-1]
		return drop(1)
	}
	return false
}

func lastOf(segments []Segment, urgency string) int {
	for i, s := range slices.Backward(segments) {
		if s.Urgency == urgency {
			return i
		}
	}
	return -1
}

// Markdown implements tools.View.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**, as of %s. %s\n\n| segment | play | members | share | value | at stake | pays from | owner |\n|---|---|---|---|---|---|---|---|\n", run.Cell(r.Program), r.AsOf, r.Verdict)
	for _, s := range r.Segments {
		stake, pays := "n/a", "n/a"
		if s.Stake != nil {
			stake = run.Show(s.Stake.Value, metric.Money, r.Currency)
		}
		if s.Case != nil && s.Case.BreakEven != nil {
			pays = "a lift of " + run.Show(s.Case.BreakEven, metric.Share, "")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", run.Cell(s.Label), s.Play, run.Show(s.Members, metric.Count, ""),
			run.Show(s.Share, metric.Share, ""), run.Show(s.Value, s.ValueUnit, r.Currency), stake, pays, run.Cell(s.Owner))
	}
	r.Lifecycle.markdown(&b)
	for _, u := range r.Unavailable {
		fmt.Fprintf(&b, "\n- %s is unavailable: %s", u.ID, u.Reason)
	}
	for _, c := range r.Caveats {
		fmt.Fprintf(&b, "\n- %s", c)
	}
	fmt.Fprintf(&b, "\n\n%s\n", r.Next)
	return b.String()
}
