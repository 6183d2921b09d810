package pullmetrics

import (
	_ "embed"

	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/tools/run"
)

//go:embed description.md
var description string

// Tool returns the pull_metrics tool.
func Tool(set *schemas.Set, open run.Opener) (tools.Tool, error) {
	return run.Tool(set, open, tools.Spec{Name: run.PullMetrics, Title: "Pull loyalty KPIs", Description: description}, Compute)
}
