package pullmetrics

import (
	"context"
	_ "embed"

	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/tools/run"
)

//go:embed description.md
var description string

// Tool returns the pull_metrics tool.
func Tool(set *schemas.Set, open run.Opener) (tools.Tool, error) {
	spec := tools.Spec{Name: run.PullMetrics, Title: "Pull loyalty KPIs", Description: description,
		Hints: tools.Hints{ReadOnly: true, Idempotent: true}}
	return tools.Define(set, spec, func(ctx context.Context, request run.Request) (*Result, error) {
		d, err := open(ctx)
		if err != nil {
			return nil, err
		}
		r, err := d.Open(ctx, request)
		if err != nil {
			return nil, err
		}
		result, err := Compute(ctx, d, r)
		if err != nil {
			return nil, err
		}
		return result, tools.Fit(result, r.Request.Detail == run.Full)
	})
}
