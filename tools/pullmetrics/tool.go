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
	return run.Tool(set, open, tools.Spec{Name: run.PullMetrics, Title: "Pull loyalty KPIs", Description: description},
		func(ctx context.Context, d *run.Desk, r *run.Run) (*Result, error) {
			result, err := Compute(ctx, d, r)
			if err != nil {
				return nil, err
			}
			// The check costs more than the pull, so it is the caller's to ask for.
			result.Caveats = append([]string{unchecked}, result.Caveats...)
			result.Next = "Next: check_feeds, unless it was called on these data; then diagnose_health, surface_insights and review_experiments with this run_id, side by side; then write_plan."
			if len(result.Alerts) > 0 {
				result.Next += " An alert that is breached in two runs in a row climbs the ladder, by write_plan's count (sop://escalation)."
			}
			return result, nil
		})
}

// unchecked is what the tool says of its figures. Monitor_loyalty, which checks
// the data beside them, says what it found.
const unchecked = "The data were not checked for these figures: errors in them (rows loaded twice, wrong signs, mixed currencies) go unseen here. check_feeds finds them."
