package diagnosehealth

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// Statement is what every liability says of itself.
const Statement = "management estimate, not an accounting opinion"

// Liability is what the program owes its members.
type Liability struct {
	Diagnosis
	Statement   string       `json:"statement"`
	SpikeOver   *float64     `json:"spike_over"` // growth in the window beyond which it is a spike
	Spike       *bool        `json:"spike"`      // null where the growth is unknown
	Figures     []run.Figure `json:"figures"`
	RollForward []Line       `json:"roll_forward"`
	Rolls       []Roll       `json:"roll_forward_by,omitempty"`
	Estimate    *Estimate    `json:"estimate,omitempty"`
	Schedule    []Month      `json:"schedule,omitempty"`
	Ages        []Age        `json:"ages,omitempty"`
}

// Line is a line of the roll-forward, signed as it adds to the balance.
type Line struct {
	Line   string           `json:"line"`
	Points *warehouse.Exact `json:"points"`          // null when unknown
	Point  string           `json:"point,omitempty"` // short results leave it out: it is health/liability/roll_forward/ and the line
}

func (l *Liability) opening() *Diagnosis   { return &l.Diagnosis }
func (l *Liability) figures() []run.Figure { return l.Figures }

func (l *Liability) points() []run.Point {
	var out []run.Point
	for _, line := range l.RollForward {
		if line.Points != nil {
			out = append(out, run.Point{ID: line.Point, Value: line.Points.Float(), Unit: metric.Points})
		}
	}
	for _, r := range l.Rolls {
		out = append(out, r.points()...)
	}
	out = append(out, l.Estimate.points()...)
	for _, m := range l.Schedule {
		out = append(out, m.points()...)
	}
	for _, a := range l.Ages {
		out = append(out, run.Point{ID: fmt.Sprintf("health/liability/age_share{age=%s}", a.Age), Value: *a.Share, Unit: metric.Share})
	}
	return out
}

// trim drops the last month of the schedule, the roll-forwards by dimension, what
// the estimate can do without and the rest of the schedule, the ages, a line of
// the roll-forward that is zero, then what expires later than in a month.
func (l *Liability) trim() int {
	if n := len(l.Schedule); n > 3 {
		l.Schedule = l.Schedule[:n-1]
		return 1
	}
	if n := len(l.Rolls); n > 0 {
		l.Rolls = l.Rolls[:n-1]
		return 1
	}
	if n := l.Estimate.trim(); n > 0 {
		return n
	}
	if n := len(l.Schedule) + len(l.Ages); n > 0 {
		l.Schedule, l.Ages = nil, nil
		return n
	}
	if l.Estimate != nil {
		l.Estimate = nil
		return 1
	}
	for i, line := range l.RollForward {
		if line.Points != nil && *line.Points == 0 && line.Line != "unexplained" {
			l.RollForward = append(l.RollForward[:i:i], l.RollForward[i+1:]...)
			return 1
		}
	}
	if n := len(l.RollForward); n > 0 && l.RollForward[0].Point != "" {
		for i := range l.RollForward {
			l.RollForward[i].Point = ""
		}
		return n
	}
	return drop(&l.Figures, pointExpiring90, pointExpiring60, pointGrossCost, pointExpiringMembers, PointRate)
}

func (l *Liability) markdown(b *strings.Builder, currency string) {
	b.WriteString("\n| roll-forward | points |\n|---|---|\n")
	for _, line := range l.RollForward {
		points := "n/a"
		if line.Points != nil {
			points = line.Points.String()
		}
		fmt.Fprintf(b, "| %s | %s |\n", line.Line, points)
	}
	for _, r := range l.Rolls {
		r.markdown(b)
	}
	l.Estimate.markdown(b, currency)
	scheduleTable(b, l.Schedule, currency)
	for _, a := range l.Ages {
		fmt.Fprintf(b, "- outstanding for %s: %s points, %s\n", a.Age, run.Show(a.Points, metric.Points, ""), run.Show(a.Share, metric.Share, ""))
	}
	fmt.Fprintf(b, "\nLiability: %s.\n", l.Statement)
}
