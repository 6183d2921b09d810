package diagnosehealth

import (
	"strings"

	"loyaltymcp/tools/run"
)

// Churn is churn risk by the program's lapse definition.
type Churn struct {
	Diagnosis
	LapseDays int          `json:"lapse_days"`
	Figures   []run.Figure `json:"figures"`
}

func (c *Churn) opening() *Diagnosis               { return &c.Diagnosis }
func (c *Churn) figures() []run.Figure             { return c.Figures }
func (c *Churn) points() []run.Point               { return nil }
func (c *Churn) trim() int                         { return 0 }
func (c *Churn) markdown(*strings.Builder, string) {}
