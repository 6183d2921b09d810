package diagnosehealth

import (
	"fmt"
	"math"
	"strings"

	"loyaltymcp/stats/reserve"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/diagnosehealth/liabilitymodel"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// Estimate is how the redemptions of the outstanding points were estimated, and
// what speaks against it.
type Estimate struct {
	Basis string `json:"basis"`
	// The standard error in points, and its parts: what chance does, months that
	// hit everyone, the coefficients, and what earlier predictions were off by
	// and choices of method differ by.
	SE           *float64 `json:"se"`
	Chance       *float64 `json:"chance"`
	Months       *float64 `json:"months"`
	Coefficients *float64 `json:"coefficients"`
	Model        *float64 `json:"model"`
	// Unseen is the share of the redemptions at ages or in months the data don't
	// have.
	Unseen      *float64      `json:"unseen_share"`
	Backtests   []PastClosing `json:"backtests"`
	Methods     []Method      `json:"methods"`
	Disagree    string        `json:"disagree,omitempty"`
	OneYear     OneYear       `json:"one_year"`
	Sensitivity []Sensitivity `json:"sensitivity"` // of the expected cost; empty where it is unknown
}

// PastClosing is what the model would have expected at an earlier month, and what
// came until the end of the last complete one.
type PastClosing struct {
	At       string   `json:"at"`
	Expected *float64 `json:"expected_points"`
	Actual   *float64 `json:"actual_points"`
	Ratio    *float64 `json:"ratio"`
}

// Method is another method's estimate of the same redemptions.
type Method struct {
	Method   string   `json:"method"`
	Redeemed *float64 `json:"redeemed_points"` // null with the reason
	SE       *float64 `json:"se,omitempty"`
	Reason   string   `json:"reason,omitempty"`
	Refused  string   `json:"refused,omitempty"` // why it must not be used here
}

// OneYear is by how far the estimate may move within a year.
type OneYear struct {
	SE     *float64 `json:"se"` // points; null with the reason
	Basis  string   `json:"basis,omitempty"`
	Reason string   `json:"reason,omitempty"`
}

// Sensitivity is a change of one assumption and what it changes the expected cost
// by.
type Sensitivity struct {
	What   string   `json:"what"`
	Change *float64 `json:"change"`
}

func newEstimate(e *liabilitymodel.Estimate, b *liabilitymodel.Book, lots string, program config.Program) *Estimate {
	checks, year := e.Checks(b)
	out := &Estimate{Basis: basisOf(e, lots), SE: run.Round(math.Round(e.SE)), Chance: run.Round(math.Round(e.Process)), Months: run.Round(math.Round(e.Shock)),
		Coefficients: run.Round(math.Round(e.Parameter)), Model: run.Round(math.Round(e.Model)), Backtests: []PastClosing{}, Methods: []Method{}, Sensitivity: []Sensitivity{},
		Disagree: methodsDisagree(e, checks), OneYear: OneYear{Basis: year.Method, Reason: year.Reason}}
	if e.Redeemed > 0 {
		out.Unseen = run.Round(e.Unseen / e.Redeemed)
	}
	if year.Reason == "" {
		out.OneYear.SE = run.Round(math.Round(year.SE))
	}
	for _, c := range e.Past {
		out.Backtests = append(out.Backtests, PastClosing{monthName(c.At), run.Round(math.Round(c.Expected)), run.Round(math.Round(c.Actual)), run.Round(1 + c.Error())})
	}
	for _, c := range checks {
		m := Method{Method: c.Method, Reason: c.Reason, Refused: c.Refused}
		if c.Reason == "" {
			m.Redeemed, m.SE = run.Round(math.Round(c.Redeemed)), run.Round(math.Round(c.SE))
		}
		out.Methods = append(out.Methods, m)
	}
	if program.CostPerPoint != nil {
		for _, s := range (reserve.Liability{Points: e.Points, Rate: e.Rate(), Cost: *program.CostPerPoint}).Sensitivities() {
			out.Sensitivity = append(out.Sensitivity, Sensitivity{s.What, run.Round(cents(s.Change))})
		}
	}
	return out
}

func (e *Estimate) points() []run.Point {
	if e == nil {
		return nil
	}
	var out []run.Point
	add := func(id string, value *float64, unit metric.Unit) {
		if value != nil {
			out = append(out, run.Point{ID: "health/liability/" + id, Value: *value, Unit: unit})
		}
	}
	add("expected_redemptions_se", e.SE, metric.Points)
	add("one_year_se", e.OneYear.SE, metric.Points)
	for _, c := range e.Backtests {
		add(fmt.Sprintf("backtest_ratio{closing=%s}", c.At), c.Ratio, metric.Share)
	}
	for _, m := range e.Methods {
		add(fmt.Sprintf("expected_redemptions{method=%s}", m.Method), m.Redeemed, metric.Points)
	}
	for _, s := range e.Sensitivity {
		add(fmt.Sprintf("expected_cost_change{assumption=%s}", s.What), s.Change, metric.Money)
	}
	return out
}

// trim drops the sensitivities, then the parts of the error and the backtests.
func (e *Estimate) trim() int {
	if e == nil {
		return 0
	}
	for _, rows := range []func() int{
		func() int { n := len(e.Sensitivity); e.Sensitivity = []Sensitivity{}; return n },
		func() int { n := len(e.Backtests); e.Backtests = []PastClosing{}; return n },
	} {
		if n := rows(); n > 0 {
			return n
		}
	}
	return 0
}

func (e *Estimate) markdown(b *strings.Builder, currency string) {
	if e == nil {
		return
	}
	fmt.Fprintf(b, "\nRedemptions of the outstanding points: %s.\n", e.Basis)
	if len(e.Methods) > 0 {
		b.WriteString("\n| by another method | points | standard error |\n|---|---|---|\n")
		for _, m := range e.Methods {
			text := run.Show(m.Redeemed, metric.Points, "")
			if m.Reason != "" {
				text += " (" + m.Reason + ")"
			}
			if m.Refused != "" {
				text += " (not to be used: " + m.Refused + ")"
			}
			fmt.Fprintf(b, "| %s | %s | %s |\n", m.Method, text, run.Show(m.SE, metric.Points, ""))
		}
	}
	if e.Disagree != "" {
		fmt.Fprintf(b, "\n%s.\n", e.Disagree)
	}
	for _, c := range e.Backtests {
		fmt.Fprintf(b, "- expected at the start of %s for the time since: %s points; came: %s\n", c.At, run.Show(c.Expected, metric.Points, ""), run.Show(c.Actual, metric.Points, ""))
	}
	if len(e.Sensitivity) > 0 {
		b.WriteString("\n| if | expected cost changes by |\n|---|---|\n")
		for _, s := range e.Sensitivity {
			fmt.Fprintf(b, "| %s | %s |\n", s.What, run.Show(s.Change, metric.Money, currency))
		}
	}
}
