// Package toolset is the list of all tools.
package toolset

import (
	"fmt"

	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/tools/checkfeeds"
	"loyaltymcp/tools/comparedefinitions"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/exportsegment"
	"loyaltymcp/tools/monitor"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/renderdashboard"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/reviewplan"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/surfaceinsights"
	"loyaltymcp/tools/writeplan"
)

// New defines every tool, in the order in which they are used.
func New(set *schemas.Set, open run.Opener) ([]tools.Tool, error) {
	var out []tools.Tool
	for _, define := range []func(*schemas.Set, run.Opener) (tools.Tool, error){
		checkfeeds.Tool, pullmetrics.Tool, diagnosehealth.Tool, surfaceinsights.Tool, reviewexperiments.Tool, writeplan.Tool, reviewplan.Tool, renderdashboard.Tool, monitor.Tool, comparedefinitions.Tool, exportsegment.Tool,
	} {
		t, err := define(set, open)
		if err != nil {
			return nil, fmt.Errorf("defining the tools: %w", err)
		}
		out = append(out, t)
	}
	return out, nil
}
