package reviewexperiments

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// Result is what review_experiments finds.
type Result struct {
	run.Head
	Verdict     string         `json:"verdict"`
	Experiments []Readout      `json:"experiments"`
	Unavailable []Unavailable  `json:"unavailable"`
	Caveats     []string       `json:"caveats"`
	Truncated   *run.Truncated `json:"truncated,omitempty"`
	Next        string         `json:"next"`
}

// The decisions.
const (
	Ship          = "ship"
	Stop          = "stop"
	Continue      = "continue"
	Inconclusive  = "inconclusive"
	DontTrust     = "dont_trust"
	Observational = "observational"
	Unreadable    = "unavailable"
)

// Readout is one experiment.
type Readout struct {
	ID         string       `json:"id"`
	Name       string       `json:"name"`
	Status     string       `json:"status"` // running or ended
	Decision   string       `json:"decision"`
	Says       string       `json:"says"` // the decision's reason
	Hypothesis string       `json:"hypothesis"`
	Owner      string       `json:"owner"`
	Assignment string       `json:"assignment"` // randomized or observational
	Started    string       `json:"started"`
	Ended      string       `json:"ended"` // "" while it runs
	Control    string       `json:"control_arm"`
	Arms       []Arm        `json:"arms"`
	Checks     []Check      `json:"checks"`
	Results    []Comparison `json:"results"`
	NextTest   string       `json:"next_test"`
}

// Arm is one arm and its units.
type Arm struct {
	Arm     string   `json:"arm"`
	Units   int64    `json:"units"`
	Planned *float64 `json:"planned_share"`
}

// Check is one validity check.
type Check struct {
	ID     string `json:"id"`
	Status string `json:"status"` // ok, warning, failed or unknown
	Says   string `json:"says"`
}

// Comparison is one metric of one arm against control.
type Comparison struct {
	Metric     string      `json:"metric"`
	Role       string      `json:"role"`   // primary or guardrail
	Better     string      `json:"better"` // higher or lower
	Arm        string      `json:"arm"`
	Unit       metric.Unit `json:"unit"`
	Control    *float64    `json:"control"` // mean per unit
	Treatment  *float64    `json:"treatment"`
	Difference *float64    `json:"difference"` // treatment - control
	Interval   *[2]float64 `json:"interval"`   // 95 %
	P          *float64    `json:"p_value"`
	PAdjusted  *float64    `json:"p_adjusted,omitempty"` // Holm, over arms of the primary metric
	Lift       *float64    `json:"lift"`                 // relative to control
	LiftRange  *[2]float64 `json:"lift_interval"`        // 95 %, Fieller; null when unbounded
	NControl   int64       `json:"n_control"`
	NTreatment int64       `json:"n_treatment"`
	Label      string      `json:"label"` // causal or observational
	Reason     string      `json:"reason,omitempty"`
	Point      string      `json:"point"` // of the difference
}

// UnitsPoint is the id of the number of units in an arm.
func (x Readout) UnitsPoint(arm string) string {
	return fmt.Sprintf("experiments/%s/units{arm=%s}", x.ID, arm)
}

// PointOf is the id of one figure of the comparison: difference, lift,
// control, treatment or p_value. Of an observational comparison the id says so,
// wherever it is cited.
func (c Comparison) PointOf(name string) string {
	base := c.Point[:strings.LastIndexByte(c.Point, '/')+1]
	if c.Label == Observational {
		return base + "observational_" + name
	}
	return base + name
}

// Unavailable is an experiment or feed that can't be read.
type Unavailable struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Points implements run.Figures.
func (r *Result) Points() []run.Point {
	var out []run.Point
	for _, x := range r.Experiments {
		for _, a := range x.Arms {
			out = append(out, run.Point{ID: x.UnitsPoint(a.Arm), Value: float64(a.Units), Unit: metric.Count})
		}
		if x.Decision == DontTrust {
			continue // what can't be trusted can't be cited
		}
		for _, c := range x.Results {
			for _, p := range []struct {
				name  string
				value *float64
				unit  metric.Unit
			}{{"difference", c.Difference, c.Unit}, {"lift", c.Lift, metric.Share}, {"control", c.Control, c.Unit}, {"treatment", c.Treatment, c.Unit}, {"p_value", c.P, metric.Share}} {
				if p.value != nil {
					out = append(out, run.Point{ID: c.PointOf(p.name), Value: *p.value, Unit: p.unit})
				}
			}
		}
	}
	return out
}

// Caveat implements run.Stage.
func (r *Result) Caveat(text string) { r.Caveats = append(r.Caveats, text) }

// Trim implements tools.Trimmer: first the guardrails that are not harmed go,
// then the hypotheses.
func (r *Result) Trim() bool {
	if r.Truncated == nil {
		r.Truncated = &run.Truncated{What: "guardrails and hypotheses", How: "name experiments, or resource run://" + r.RunID + "/review_experiments for all"}
	}
	for i := range r.Experiments {
		x := &r.Experiments[i]
		for j, c := range x.Results {
			if c.Role == guardrail && !harmed(c) {
				x.Results = append(x.Results[:j:j], x.Results[j+1:]...)
				r.Truncated.Dropped++
				return true
			}
		}
	}
	for i := range r.Experiments {
		if r.Experiments[i].Hypothesis != "" {
			r.Experiments[i].Hypothesis = ""
			r.Truncated.Dropped++
			return true
		}
	}
	return false
}

// Markdown implements tools.View.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**, as of %s. %s\n", run.Cell(r.Program), r.AsOf, r.Verdict)
	for _, x := range r.Experiments {
		fmt.Fprintf(&b, "\n**%s** (%s): **%s**. %s\n", run.Cell(x.Name), x.Status, x.Decision, run.Cell(x.Says))
		for _, c := range x.Results {
			fmt.Fprintf(&b, "- %s %s, %s: %s vs %s, difference %s", c.Role, run.Cell(c.Metric), run.Cell(c.Arm),
				run.Show(c.Treatment, c.Unit, r.Currency), run.Show(c.Control, c.Unit, r.Currency), run.Show(c.Difference, c.Unit, r.Currency))
			if c.Interval != nil {
				fmt.Fprintf(&b, " [%s, %s]", run.Show(&c.Interval[0], c.Unit, r.Currency), run.Show(&c.Interval[1], c.Unit, r.Currency))
			}
			fmt.Fprintf(&b, ", lift %s (%s)\n", run.ShowChange(c.Lift), c.Label)
		}
		for _, c := range x.Checks {
			fmt.Fprintf(&b, "- check %s: %s. %s\n", c.ID, c.Status, run.Cell(c.Says))
		}
		fmt.Fprintf(&b, "- next: %s\n", x.NextTest)
	}
	for _, u := range r.Unavailable {
		fmt.Fprintf(&b, "\n- %s: %s", run.Cell(u.ID), u.Reason)
	}
	fmt.Fprintf(&b, "\n\n%s\n", r.Next)
	return b.String()
}
