package diagnosehealth

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// Churn is churn risk: by the program's lapse definition, by a model of
// purchases, and by who cancelled.
type Churn struct {
	Diagnosis
	LapseDays int          `json:"lapse_days"`
	Figures   []run.Figure `json:"figures"`
	Model     *ChurnModel  `json:"model,omitempty"`
	Backtest  *Backtest    `json:"backtest,omitempty"`
	Retention *Retention   `json:"retention,omitempty"`
}

// Retention is how many members have not cancelled by the time since they
// enrolled.
type Retention struct {
	Basis   string            `json:"basis"`
	Cohorts []CohortRetention `json:"cohorts"`  // all members first
	LogRank *LogRank          `json:"log_rank"` // null where cohorts can't be compared
}

// CohortRetention is the retention of members who enrolled in one year or
// quarter.
type CohortRetention struct {
	Cohort     string        `json:"cohort"`
	Members    int64         `json:"members"`
	Cancelled  int64         `json:"cancelled"`
	At         []RetentionAt `json:"at"`
	Suppressed bool          `json:"suppressed,omitempty"`
}

// RetentionAt is the share not cancelled so many days after enrolment.
type RetentionAt struct {
	Days     int         `json:"days"`
	Value    *float64    `json:"value"`
	Interval *[2]float64 `json:"interval,omitempty"`
	Reason   string      `json:"reason,omitempty"`
}

// LogRank is the log-rank test that cohorts cancel alike.
type LogRank struct {
	ChiSquare float64 `json:"chi_square"`
	DF        int     `json:"df"`
	P         float64 `json:"p"`
}

func (c *Churn) opening() *Diagnosis   { return &c.Diagnosis }
func (c *Churn) figures() []run.Figure { return c.Figures }

func (c *Churn) points() []run.Point {
	var out []run.Point
	out = append(out, c.Model.points()...)
	out = append(out, c.Backtest.points()...)
	if c.Retention == nil {
		return out
	}
	for _, cohort := range c.Retention.Cohorts {
		for _, at := range cohort.At {
			if at.Value == nil {
				continue
			}
			id := fmt.Sprintf("health/churn/retention_%d", at.Days)
			if cohort.Cohort != everyone {
				id += fmt.Sprintf("{enrolled=%s}", cohort.Cohort)
			}
			out = append(out, run.Point{ID: id, Value: *at.Value, Unit: metric.Share})
		}
	}
	if l := c.Retention.LogRank; l != nil {
		out = append(out, run.Point{ID: "health/churn/retention_log_rank_p", Value: l.P, Unit: metric.Score})
	}
	return out
}

// trim drops the bands of the backtest, then the cohorts from the oldest, then
// the models that are not used, the retention, how the model was come by, and
// last the figures that the verdict can do without.
func (c *Churn) trim() int {
	if c.Backtest != nil && len(c.Backtest.Bands) > 0 {
		n := len(c.Backtest.Bands)
		c.Backtest.Bands = nil
		return n
	}
	if r := c.Retention; r != nil && len(r.Cohorts) > 1 {
		r.Cohorts = append(r.Cohorts[:1:1], r.Cohorts[2:]...)
		return 1
	}
	if n := c.Model.trim(); n > 0 {
		return n
	}
	if c.Retention != nil {
		c.Retention = nil
		return 1
	}
	if c.Model.shorten() {
		return 1
	}
	if n := drop(&c.Figures, pointNeverActive, pointLapsed, PointPurchases, pointReactivation, PointRevenue, PointAlive); n > 0 {
		return n
	}
	if c.Backtest != nil && c.Backtest.Passed { // one that failed is told by the verdict
		c.Backtest = nil
		return 1
	}
	return 0
}

func (c *Churn) markdown(b *strings.Builder, _ string) {
	c.Model.markdown(b)
	c.Backtest.markdown(b)
	if c.Retention == nil {
		return
	}
	b.WriteString("\n| enrolled | members |")
	for _, days := range retentionDays {
		fmt.Fprintf(b, " still a member after %d days |", days)
	}
	b.WriteString("\n|---|---|" + strings.Repeat("---|", len(retentionDays)) + "\n")
	for _, cohort := range c.Retention.Cohorts {
		if cohort.Suppressed {
			fmt.Fprintf(b, "| %s | few |%s\n", run.Cell(cohort.Cohort), strings.Repeat(" |", len(retentionDays)))
			continue
		}
		fmt.Fprintf(b, "| %s | %d |", run.Cell(cohort.Cohort), cohort.Members)
		for _, at := range cohort.At {
			fmt.Fprintf(b, " %s |", run.Show(at.Value, metric.Share, ""))
		}
		b.WriteString("\n")
	}
	if l := c.Retention.LogRank; l != nil {
		fmt.Fprintf(b, "\nCohorts cancel alike: log-rank χ² = %.1f, df = %d, p = %.2g.\n", l.ChiSquare, l.DF, l.P)
	}
}
