package diagnosehealth

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// Reviews is the members whose tier is reviewed next.
type Reviews struct {
	Days    int            `json:"days"`
	Basis   string         `json:"basis"`
	Figures []run.Figure   `json:"figures"`
	Tiers   []ReviewedTier `json:"tiers"`
}

// ReviewedTier is those of one tier: due, secured already, and keeping it at their
// pace, the secured among them.
type ReviewedTier struct {
	Tier       string      `json:"tier"`
	Due        *float64    `json:"due"`
	Secured    *float64    `json:"secured"`
	Keeping    *float64    `json:"keeping"`
	Share      *float64    `json:"keeping_share"`
	Interval   *[2]float64 `json:"interval,omitempty"`
	Suppressed bool        `json:"suppressed,omitempty"`
}

func (r *Reviews) points() []run.Point {
	if r == nil {
		return nil
	}
	var out []run.Point
	for _, t := range r.Tiers {
		for _, v := range []struct {
			name  string
			value *float64
			unit  metric.Unit
		}{{"reviews_due", t.Due, metric.Count}, {"secured", t.Secured, metric.Count}, {"keeping_members", t.Keeping, metric.Count}, {"keeping", t.Share, metric.Share}} {
			if v.value != nil {
				out = append(out, run.Point{ID: fmt.Sprintf("health/tier_mix/%s{tier=%s}", v.name, t.Tier), Value: *v.value, Unit: v.unit})
			}
		}
	}
	return out
}

func (r *Reviews) markdown(b *strings.Builder) {
	if r == nil || len(r.Tiers) == 0 {
		return
	}
	fmt.Fprintf(b, "\nTiers reviewed within %d days (%s).\n\n| tier | due | secured | keep it at their pace |\n|---|---|---|---|\n", r.Days, r.Basis)
	for _, t := range r.Tiers {
		if t.Suppressed {
			fmt.Fprintf(b, "| %s | few | | |\n", run.Cell(t.Tier))
			continue
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s (%s) |\n", run.Cell(t.Tier), run.Show(t.Due, metric.Count, ""), run.Show(t.Secured, metric.Count, ""),
			run.Show(t.Keeping, metric.Count, ""), run.Show(t.Share, metric.Share, ""))
	}
}
