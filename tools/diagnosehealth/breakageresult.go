package diagnosehealth

import (
	"strings"

	"loyaltymcp/tools/run"
)

// Breakage is the share of points that nobody redeems.
type Breakage struct {
	Diagnosis
	Figures []run.Figure `json:"figures"`
}

func (b *Breakage) opening() *Diagnosis               { return &b.Diagnosis }
func (b *Breakage) figures() []run.Figure             { return b.Figures }
func (b *Breakage) points() []run.Point               { return nil }
func (b *Breakage) trim() int                         { return 0 }
func (b *Breakage) markdown(*strings.Builder, string) {}
