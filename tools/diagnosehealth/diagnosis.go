package diagnosehealth

import (
	"fmt"
	"slices"
	"strings"

	"loyaltymcp/tools/config"
	"loyaltymcp/tools/run"
)

// The states of a diagnosis: how much of it could be made.
const (
	ok          = "ok"
	partial     = "partial"
	unavailable = "unavailable"
)

// The verdicts of a diagnosis.
const (
	Healthy = "healthy"
	Watch   = "watch"
	Act     = "act"
	Unknown = "unknown" // the rule's figures are not known
)

// Diagnosis is how each of the four opens: what was found, by which rule, from
// which figures, and whose it is.
type Diagnosis struct {
	Status  string   `json:"status"`
	Reason  string   `json:"reason,omitempty"` // why it is not whole
	Health  string   `json:"health"`
	Says    string   `json:"says,omitempty"` // in a sentence
	Rule    string   `json:"rule,omitempty"` // that decided it, with its thresholds
	Because []string `json:"because"`        // the two or three data points behind it
	Owner   string   `json:"owner"`
}

// section is one diagnosis, as the result holds it.
type section interface {
	opening() *Diagnosis
	// figures returns its plain figures.
	figures() []run.Figure
	// points returns its further data points.
	points() []run.Point
	// trim drops the least of what it can do without, and returns how many rows
	// that were; 0 when there is nothing left to drop.
	trim() int
	// markdown writes what people read after the opening and the plain figures.
	markdown(b *strings.Builder, currency string)
}

// named is a section under the name that people read.
type named struct {
	name string
	section
}

// TierMixName is the name of the diagnosis of the tier mix.
const TierMixName = "Tier mix"

// sections returns the four diagnoses in order.
func (r *Result) sections() []named {
	return []named{{TierMixName, &r.TierMix}, {"Churn risk", &r.Churn}, {"Point liability", &r.Liability}, {"Breakage", &r.Breakage}}
}

// Opening is a diagnosis's opening under the name that people read.
type Opening struct {
	Name string
	Diagnosis
	Figures []run.Figure
}

// Openings returns the four diagnoses in short, in order.
func (r *Result) Openings() []Opening {
	var out []Opening
	for _, s := range r.sections() {
		out = append(out, Opening{s.name, *s.opening(), s.figures()})
	}
	return out
}

// own says whose each diagnosis is. One that was not decided is unknown.
func (r *Result) own(o config.Owners) {
	owners := []string{o.Journey, o.Journey, o.Finance, o.Rewards} // in the order of sections
	for i, s := range r.sections() {
		d := s.opening()
		d.Owner = owners[i]
		if d.Health == "" {
			d.Health = Unknown
		}
	}
}

// decide takes the verdict by a rule: act or watch where the first condition
// that holds says so, else healthy.
func (d *Diagnosis) decide(rule, says string, act, watch bool, because ...string) {
	d.Rule, d.Says, d.Because = rule, says, because
	switch {
	case act:
		d.Health = Act
	case watch:
		d.Health = Watch
	default:
		d.Health = Healthy
	}
}

// drop takes the first of the points that is there out of the figures, and
// returns how many that were: 1, or 0.
func drop(figures *[]run.Figure, points ...string) int {
	for _, point := range points {
		if i := slices.IndexFunc(*figures, func(f run.Figure) bool { return f.Point == point }); i >= 0 {
			*figures = slices.Concat((*figures)[:i], (*figures)[i+1:])
			return 1
		}
	}
	return 0
}

// line is the opening as people read it.
func (d *Diagnosis) line(name string) string {
	text := fmt.Sprintf("**%s: %s.** %s", name, d.Health, run.Cell(d.Says))
	if d.Reason != "" {
		text += " (" + d.Status + ": " + run.Cell(d.Reason) + ")"
	}
	return strings.TrimSpace(text)
}
