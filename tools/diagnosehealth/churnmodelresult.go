package diagnosehealth

import (
	"fmt"
	"math"
	"strings"

	"loyaltymcp/tools/diagnosehealth/churnmodel"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// ChurnModel is the models of purchases and which of them is used.
type ChurnModel struct {
	Used        string      `json:"used"`              // "" for none
	Refused     string      `json:"refused,omitempty"` // why none is
	Basis       string      `json:"basis"`
	HorizonDays int         `json:"horizon_days"`
	Candidates  []Candidate `json:"candidates"`
	Spend       *SpendModel `json:"spend,omitempty"`
}

// Candidate is one model, fitted to all members up to the end of the window.
type Candidate struct {
	Model         string      `json:"model"`
	LogLikelihood *float64    `json:"log_likelihood"`
	HoldoutScore  *float64    `json:"holdout_score"` // mean log-probability of what members did
	Behind        *float64    `json:"behind,omitempty"`
	BehindSE      *float64    `json:"behind_se,omitempty"`
	RevenueAtRisk *float64    `json:"revenue_at_risk,omitempty"` // were this the one used
	Parameters    []Parameter `json:"parameters"`
	Note          string      `json:"note,omitempty"`
}

// Parameter is a parameter with its standard error, null where the data don't
// determine it.
type Parameter struct {
	Name  string   `json:"name"`
	Value float64  `json:"value"`
	SE    *float64 `json:"se"`
}

// SpendModel is how a purchase is valued.
type SpendModel struct {
	Method      string      `json:"method"`
	Correlation *float64    `json:"correlation"` // of number and mean of purchases
	Parameters  []Parameter `json:"parameters,omitempty"`
}

// notes are what is to be known of the models.
var notes = map[string]string{
	churnmodel.BGNBD: "for comparison only: it takes everyone who never bought again for alive",
}

func newModel(fits []churnmodel.Fit, test *churnmodel.Test, o observation, horizon int) *ChurnModel {
	m := &ChurnModel{Used: test.Chosen, Basis: basis(o), HorizonDays: horizon}
	for _, f := range fits {
		c := Candidate{Model: f.Name, Parameters: parameters(f.Names, f.Params, f.SE), Note: notes[f.Name]}
		if f.Model != nil {
			c.LogLikelihood = run.Round(f.LogLik)
		}
		for _, r := range test.Ranked {
			if r.Name == f.Name {
				c.HoldoutScore, c.Behind = run.Round(r.Score), run.Round(r.Behind)
				if r.Behind > 0 {
					c.BehindSE = run.Round(r.SE)
				}
			}
		}
		for _, text := range []string{f.Problem, f.Boundary} {
			if text != "" {
				c.Note = strings.TrimPrefix(c.Note+"; "+text, "; ")
			}
		}
		m.Candidates = append(m.Candidates, c)
	}
	return m
}

// basis says what the models are fitted to.
func basis(o observation) string {
	text := "Time starts at the first purchase in the feed, and a member may leave right after it"
	if o.fromEnrolment {
		text = "Time starts at enrolment, and a member may leave right after it, so that those who never bought are told too; purchases count from the next day"
	}
	text += "; a day with orders is one purchase; members who cancelled count up to then"
	if !o.since.IsZero() {
		text += "; members who enrolled before the orders feed starts on " + run.Day(o.since) + " are left out"
	}
	if o.step > 1 {
		text += fmt.Sprintf("; times are to the nearest %d days", o.step)
	}
	return text + ". Times are in days. MBG/NBD is taken unless Pareto/NBD is likelier and predicts the backtest better by two standard errors."
}

func parameters(names []string, values, se []float64) []Parameter {
	out := []Parameter{}
	for i, name := range names {
		p := Parameter{Name: name, Value: *run.Significant(values[i])}
		if !math.IsNaN(se[i]) {
			p.SE = run.Significant(se[i])
		}
		out = append(out, p)
	}
	return out
}

func (m *ChurnModel) spend(s *churnmodel.Spend) {
	if s == nil {
		return
	}
	m.Spend = &SpendModel{Method: s.Method, Correlation: run.Round(s.Correlation), Parameters: parameters(s.Names, s.Params, s.SE)}
}

// slug is a model's name in points.
func slug(name string) string { return strings.ToLower(strings.ReplaceAll(name, "/", "_")) }

func (m *ChurnModel) points() []run.Point {
	if m == nil {
		return nil
	}
	var out []run.Point
	add := func(id string, value *float64) {
		if value != nil {
			out = append(out, run.Point{ID: "health/churn/model/" + id, Value: *value, Unit: metric.Score})
		}
	}
	for _, c := range m.Candidates {
		add(slug(c.Model)+"/log_likelihood", c.LogLikelihood)
		add(slug(c.Model)+"/holdout_score", c.HoldoutScore)
		if c.RevenueAtRisk != nil {
			out = append(out, run.Point{ID: "health/churn/model/" + slug(c.Model) + "/revenue_at_risk", Value: *c.RevenueAtRisk, Unit: metric.Money})
		}
		for _, p := range c.Parameters {
			add(slug(c.Model)+"/"+p.Name, &p.Value)
		}
	}
	if m.Spend != nil {
		add("spend_correlation", m.Spend.Correlation)
	}
	return out
}

// trim drops a model that is not used.
func (m *ChurnModel) trim() int {
	if m == nil {
		return 0
	}
	for i := len(m.Candidates) - 1; i >= 0; i-- {
		if m.Candidates[i].Model != m.Used {
			m.Candidates = append(m.Candidates[:i:i], m.Candidates[i+1:]...)
			return 1
		}
	}
	return 0
}

// shorten leaves of the model which it is, and whether it is refused.
func (m *ChurnModel) shorten() bool {
	if m == nil || m.Basis == "" && len(m.Candidates) == 0 && m.Spend == nil {
		return false
	}
	m.Basis, m.Candidates, m.Spend = "", []Candidate{}, nil
	return true
}

func (m *ChurnModel) markdown(b *strings.Builder) {
	if m == nil {
		return
	}
	if m.Used != "" {
		fmt.Fprintf(b, "\nModel: %s. %s\n", m.Used, run.Cell(m.Basis))
	} else {
		fmt.Fprintf(b, "\nNo model is used: %s.\n", run.Cell(m.Refused))
	}
	if len(m.Candidates) == 0 {
		return
	}
	b.WriteString("\n| model | log-likelihood | holdout score | parameters (standard error) |\n|---|---|---|---|\n")
	for _, c := range m.Candidates {
		var list []string
		for _, p := range c.Parameters {
			se := "unknown"
			if p.SE != nil {
				se = fmt.Sprintf("%.3g", *p.SE)
			}
			list = append(list, fmt.Sprintf("%s %.4g (%s)", p.Name, p.Value, se))
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", c.Model, number(c.LogLikelihood, 1), number(c.HoldoutScore, 4), strings.Join(list, ", "))
	}
}

func number(value *float64, decimals int) string {
	if value == nil {
		return "n/a"
	}
	return fmt.Sprintf("%.*f", decimals, *value)
}
