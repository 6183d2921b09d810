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
}

// Line is a line of the roll-forward, signed as it adds to the balance.
type Line struct {
	Line   string           `json:"line"`
	Points *warehouse.Exact `json:"points"` // null when unknown
	Point  string           `json:"point"`
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
	return out
}

// trim drops a line of the roll-forward that is zero, then what expires later
// than in a month.
func (l *Liability) trim() int {
	for i, line := range l.RollForward {
		if line.Points != nil && *line.Points == 0 && line.Line != "unexplained" {
			l.RollForward = append(l.RollForward[:i:i], l.RollForward[i+1:]...)
			return 1
		}
	}
	return drop(&l.Figures, pointExpiring90, pointExpiring60)
}

func (l *Liability) markdown(b *strings.Builder, _ string) {
	b.WriteString("\n| roll-forward | points |\n|---|---|\n")
	for _, line := range l.RollForward {
		points := "n/a"
		if line.Points != nil {
			points = line.Points.String()
		}
		fmt.Fprintf(b, "| %s | %s |\n", line.Line, points)
	}
	fmt.Fprintf(b, "\nLiability: %s.\n", l.Statement)
}
