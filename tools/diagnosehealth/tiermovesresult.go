package diagnosehealth

import (
	"fmt"
	"strings"

	"loyaltymcp/stats/migration"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// TierMoves is who moved between tiers in the window.
type TierMoves struct {
	Figures []run.Figure `json:"figures"`
	Matrix  []TierRow    `json:"matrix"`
}

// TierRow is where the members went who were in a tier at the window's start.
type TierRow struct {
	From       string     `json:"from"`
	Members    int64      `json:"members"`
	To         []TierCell `json:"to"`
	Suppressed bool       `json:"suppressed,omitempty"`
}

// TierCell is the share of a row that is in a tier at the window's end, or has
// cancelled.
type TierCell struct {
	To       string      `json:"to"`
	Share    *float64    `json:"share"`
	Interval *[2]float64 `json:"interval,omitempty"`
}

// TierProjection is where today's members will be one qualification period from
// now, if they move as they did by month in the last year. Members to come are not
// in it.
type TierProjection struct {
	At          string          `json:"at"`
	Months      int             `json:"months"`
	FromMonths  int             `json:"from_months"` // of moves that it is made from
	Tiers       []ProjectedTier `json:"tiers"`
	Order       *MarkovTest     `json:"order_test"`       // that the way here does not matter; null where it can't be made
	Homogeneity *MarkovTest     `json:"homogeneity_test"` // that the calendar does not matter
	Says        string          `json:"says"`
}

// ProjectedTier is one tier then. Members is null for a tier of few.
type ProjectedTier struct {
	Tier     string      `json:"tier"`
	Members  *float64    `json:"members"`
	Interval *[2]float64 `json:"interval,omitempty"`
	Share    *float64    `json:"share"`
}

// MarkovTest is a likelihood-ratio test of what a Markov chain assumes.
type MarkovTest struct {
	G2 *float64 `json:"g2"`
	DF int      `json:"df"`
	P  *float64 `json:"p"`
}

func markovTest(t migration.Test, err error) *MarkovTest {
	if err != nil {
		return nil
	}
	return &MarkovTest{run.Significant(t.G2), t.DF, run.Significant(t.P)}
}

// caution says what the tests make of the projection.
func (p *TierProjection) caution() string {
	var against []string
	for _, t := range []struct {
		test *MarkovTest
		says string
	}{{p.Order, "where members go next depends on where they came from"}, {p.Homogeneity, "months differ, as they do where tiers are reviewed on fixed dates"}} {
		if t.test != nil && t.test.P != nil && *t.test.P < 0.01 {
			against = append(against, t.says)
		}
	}
	switch {
	case len(against) > 0:
		return "A sketch, not a forecast: " + strings.Join(against, ", and ") + "."
	case p.Order == nil && p.Homogeneity == nil:
		return "A sketch: too few moves to test whether a Markov chain holds."
	}
	return "Its tests have nothing against a Markov chain."
}

func (m *TierMoves) points() []run.Point {
	if m == nil {
		return nil
	}
	var out []run.Point
	for _, row := range m.Matrix {
		for _, c := range row.To {
			if c.Share != nil {
				out = append(out, run.Point{ID: fmt.Sprintf("health/tier_mix/moved{from=%s,to=%s}", row.From, c.To), Value: *c.Share, Unit: metric.Share})
			}
		}
	}
	return out
}

func (m *TierMoves) markdown(b *strings.Builder) {
	if m == nil || len(m.Matrix) == 0 {
		return
	}
	b.WriteString("\nOf members in a tier at the start, the share at the end in")
	b.WriteString("\n\n| from |")
	for _, row := range m.Matrix {
		fmt.Fprintf(b, " %s |", run.Cell(row.From))
	}
	b.WriteString(" cancelled |\n|---|---|" + strings.Repeat("---|", len(m.Matrix)) + "\n")
	for _, row := range m.Matrix {
		fmt.Fprintf(b, "| %s |", run.Cell(row.From))
		if row.Suppressed {
			b.WriteString(" few" + strings.Repeat(" |", len(m.Matrix)+1) + "\n")
			continue
		}
		for _, c := range row.To {
			fmt.Fprintf(b, " %s |", run.Show(c.Share, metric.Share, ""))
		}
		b.WriteString("\n")
	}
}

func (p *TierProjection) points() []run.Point {
	if p == nil {
		return nil
	}
	var out []run.Point
	for _, t := range p.Tiers {
		if t.Members != nil {
			out = append(out, run.Point{ID: fmt.Sprintf("health/tier_mix/projected_members{tier=%s}", t.Tier), Value: *t.Members, Unit: metric.Count},
				run.Point{ID: fmt.Sprintf("health/tier_mix/projected_share{tier=%s}", t.Tier), Value: *t.Share, Unit: metric.Share})
		}
	}
	return out
}

func (p *TierProjection) markdown(b *strings.Builder) {
	if p == nil {
		return
	}
	fmt.Fprintf(b, "\nToday's members on %s, by the moves of %d months. %s\n\n| tier | members | 95 %% |\n|---|---|---|\n", p.At, p.FromMonths, p.Says)
	for _, t := range p.Tiers {
		between := ""
		if t.Interval != nil {
			between = fmt.Sprintf("%.0f to %.0f", t.Interval[0], t.Interval[1])
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", run.Cell(t.Tier), run.Show(t.Members, metric.Count, ""), between)
	}
}
