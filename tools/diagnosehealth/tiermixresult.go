package diagnosehealth

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// TierMix is how open members spread over the tiers, and how that changes.
type TierMix struct {
	Diagnosis
	Basis      string          `json:"basis"` // which tier was taken
	Figures    []run.Figure    `json:"figures,omitempty"`
	Tiers      []Tier          `json:"tiers"`
	Moves      *TierMoves      `json:"moves,omitempty"`
	Projection *TierProjection `json:"projection,omitempty"`
	Reviews    *Reviews        `json:"reviews,omitempty"`
}

// Tier is one tier of the mix.
type Tier struct {
	Tier         string      `json:"tier"`
	Members      *float64    `json:"members"`
	Share        *float64    `json:"share"`
	Interval     *[2]float64 `json:"interval"`
	ShareBefore  *float64    `json:"share_before"`             // at the start of the window
	ShareYearAgo *float64    `json:"share_year_ago,omitempty"` // null where the tiers of then are unknown
	SalesShare   *float64    `json:"sales_share,omitempty"`    // of members' sales in the window, by the tier at the time
	Points       *float64    `json:"points_outstanding"`
	PointsShare  *float64    `json:"points_share,omitempty"`
	Suppressed   bool        `json:"suppressed,omitempty"`

	name string // as the data have it
}

// Mix returns the mix alone, without how it changes.
func (m TierMix) Mix() TierMix {
	m.Figures, m.Moves, m.Projection, m.Reviews = nil, nil, nil, nil
	return m
}

func (m *TierMix) opening() *Diagnosis { return &m.Diagnosis }

func (m *TierMix) figures() []run.Figure {
	out := append([]run.Figure(nil), m.Figures...)
	if m.Moves != nil {
		out = append(out, m.Moves.Figures...)
	}
	if m.Reviews != nil {
		out = append(out, m.Reviews.Figures...)
	}
	return out
}

func (m *TierMix) points() []run.Point {
	var out []run.Point
	for _, t := range m.Tiers {
		for _, p := range []struct {
			name  string
			value *float64
			unit  metric.Unit
		}{{"members", t.Members, metric.Count}, {"share", t.Share, metric.Share}, {"share_before", t.ShareBefore, metric.Share},
			{"share_year_ago", t.ShareYearAgo, metric.Share}, {"sales_share", t.SalesShare, metric.Share},
			{"points_outstanding", t.Points, metric.Points}, {"points_share", t.PointsShare, metric.Share}} {
			if p.value != nil {
				out = append(out, run.Point{ID: fmt.Sprintf("health/tier_mix/%s{tier=%s}", p.name, t.Tier), Value: *p.value, Unit: p.unit})
			}
		}
	}
	out = append(out, m.Moves.points()...)
	out = append(out, m.Projection.points()...)
	return append(out, m.Reviews.points()...)
}

// trim drops the matrix, then the projection, the reviews by tier, and the moves.
func (m *TierMix) trim() int {
	switch {
	case m.Moves != nil && len(m.Moves.Matrix) > 0:
		n := len(m.Moves.Matrix)
		m.Moves.Matrix = []TierRow{}
		return n
	case m.Projection != nil:
		m.Projection = nil
		return 1
	case m.Reviews != nil && len(m.Reviews.Tiers) > 0:
		n := len(m.Reviews.Tiers)
		m.Reviews.Tiers = []ReviewedTier{}
		return n
	case m.Moves != nil:
		m.Moves = nil
		return 1
	case m.Reviews != nil:
		m.Reviews = nil
		return 1
	}
	n := 0
	for i := range m.Tiers {
		if t := &m.Tiers[i]; t.PointsShare != nil || t.ShareYearAgo != nil || t.SalesShare != nil || t.Interval != nil {
			t.PointsShare, t.ShareYearAgo, t.SalesShare, t.Interval = nil, nil, nil, nil
			n++
		}
	}
	return n
}

func (m *TierMix) markdown(b *strings.Builder, _ string) {
	if len(m.Tiers) == 0 {
		return
	}
	show := func(x *float64) string { return run.Show(x, metric.Share, "") }
	b.WriteString("\n| tier | members | share | before | a year ago | of sales | of points |\n|---|---|---|---|---|---|---|\n")
	for _, t := range m.Tiers {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s |\n", run.Cell(t.Tier), run.Show(t.Members, metric.Count, ""), show(t.Share), show(t.ShareBefore),
			show(t.ShareYearAgo), show(t.SalesShare), show(t.PointsShare))
	}
	m.Moves.markdown(b)
	m.Projection.markdown(b)
	m.Reviews.markdown(b)
}
