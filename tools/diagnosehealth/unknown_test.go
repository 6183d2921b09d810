package diagnosehealth_test

import (
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/run"
)

// Members whose tier is unknown have a cell only where there are some.
func TestNobodyHasNoCell(t *testing.T) {
	r := diagnose(t, testdesk.Demo(t), run.Request{Window: "90d", Dimensions: []string{"tier"}})
	for _, b := range r.Breakdowns {
		if len(b.Cells) == 0 {
			t.Errorf("%s by %s has no cell", b.Figure, b.Dimension)
		}
		for _, c := range b.Cells {
			if c.Cell == "(unknown)" && !c.Suppressed && (c.N == nil || *c.N == 0) {
				t.Errorf("%s by %s has a cell %+v of nobody", b.Figure, b.Dimension, c)
			}
		}
	}
}
