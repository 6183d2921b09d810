package diagnosehealth

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// Breakage is the share of points that nobody redeems.
type Breakage struct {
	Diagnosis
	Figures []run.Figure `json:"figures"`
	Cohorts []Cohort     `json:"cohorts,omitempty"`
}

// Cohort is the points issued in one month. The interval of its rate takes its
// open points to be as uncertain, relative to what is expected of them, as all
// are.
type Cohort struct {
	Issued   string      `json:"issued"`
	Points   *float64    `json:"points"`
	Redeemed *float64    `json:"redeemed"` // to date
	Expired  *float64    `json:"expired"`
	Open     *float64    `json:"open"`
	Rate     *float64    `json:"ultimate_redemption_rate"`
	Interval *[2]float64 `json:"interval,omitempty"`

	points, spent, expired, open, future float64
}

func (b *Breakage) opening() *Diagnosis   { return &b.Diagnosis }
func (b *Breakage) figures() []run.Figure { return b.Figures }

func (b *Breakage) points() []run.Point {
	var out []run.Point
	for _, c := range b.Cohorts {
		if c.Rate != nil {
			out = append(out, run.Point{ID: fmt.Sprintf("%s{issued=%s}", PointUltimate, c.Issued), Value: *c.Rate, Unit: metric.Share})
		}
	}
	return out
}

// trim drops the oldest cohort.
func (b *Breakage) trim() int {
	if len(b.Cohorts) == 0 {
		return drop(&b.Figures, "health/breakage/matured_points", "health/breakage/released", "health/breakage/unredeemed_to_date", PointUltimate)
	}
	b.Cohorts = b.Cohorts[1:]
	return 1
}

func (b *Breakage) markdown(s *strings.Builder, _ string) {
	if len(b.Cohorts) == 0 {
		return
	}
	s.WriteString("\n| issued in | points | redeemed | expired | open | redeemed in the end |\n|---|---|---|---|---|---|\n")
	for _, c := range b.Cohorts {
		fmt.Fprintf(s, "| %s | %s | %s | %s | %s | %s |\n", c.Issued, run.Show(c.Points, metric.Points, ""), run.Show(c.Redeemed, metric.Points, ""),
			run.Show(c.Expired, metric.Points, ""), run.Show(c.Open, metric.Points, ""), run.Show(c.Rate, metric.Share, ""))
	}
}
