package diagnosehealth

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// TierMix is how open members spread over the tiers.
type TierMix struct {
	Diagnosis
	Basis string `json:"basis"` // which tier was taken
	Tiers []Tier `json:"tiers"`
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

func (m *TierMix) opening() *Diagnosis   { return &m.Diagnosis }
func (m *TierMix) figures() []run.Figure { return nil }
func (m *TierMix) trim() int             { return 0 }

func (m *TierMix) points() []run.Point {
	var out []run.Point
	for _, t := range m.Tiers {
		for _, p := range []struct {
			name  string
			value *float64
			unit  metric.Unit
		}{{"members", t.Members, metric.Count}, {"share", t.Share, metric.Share}, {"share_before", t.ShareBefore, metric.Share}, {"points_outstanding", t.Points, metric.Points}} {
			if p.value != nil {
				out = append(out, run.Point{ID: fmt.Sprintf("health/tier_mix/%s{tier=%s}", p.name, t.Tier), Value: *p.value, Unit: p.unit})
			}
		}
	}
	return out
}

func (m *TierMix) markdown(b *strings.Builder, _ string) {
	if len(m.Tiers) == 0 {
		return
	}
	b.WriteString("\n| tier | members | share | before |\n|---|---|---|---|\n")
	for _, t := range m.Tiers {
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", run.Cell(t.Tier), run.Show(t.Members, metric.Count, ""), run.Show(t.Share, metric.Share, ""), run.Show(t.ShareBefore, metric.Share, ""))
	}
}
