package pullmetrics

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/basis"
	"loyaltymcp/tools/comparedefinitions"
	"loyaltymcp/tools/run"
)

// mostChanges is how many changes since the last plan a result names.
const mostChanges = 20

// remember holds the result against what earlier runs and plans recorded: what
// changed in the definitions, and which figures late rows changed.
func remember(d *run.Desk, r *run.Run, result *Result) error {
	compared, err := comparedefinitions.AgainstLastPlan(d, r)
	if err != nil {
		return err
	}
	if compared != nil && len(compared.NotComparable) > 0 {
		result.Changed = &Changed{Plan: compared.Plan, NotComparable: compared.NotComparable}
		for i, c := range compared.Changes {
			if i == mostChanges {
				result.Changed.Changes = append(result.Changed.Changes, fmt.Sprintf("and %d more: see compare_definitions", len(compared.Changes)-i))
				break
			}
			result.Changed.Changes = append(result.Changed.Changes, c.Title())
		}
	}
	now := comparedefinitions.Figures{Window: result.Window}
	before := comparedefinitions.Figures{Window: result.Previous}
	for _, k := range result.KPIs {
		now.KPIs = append(now.KPIs, basis.Figure{KPI: k.ID, Definition: k.Definition, Value: k.Value})
		before.KPIs = append(before.KPIs, basis.Figure{KPI: k.ID, Definition: k.Definition, Value: k.Previous})
	}
	restated, err := comparedefinitions.Restated(d, r, now, before)
	for _, x := range restated {
		result.Restated = append(result.Restated, Restated{x.KPI, x.Window.Start + ".." + x.Window.End, x.Before, x.After, x.From})
	}
	return err
}

// memories are the caveats of what was remembered.
func memories(r *Result) (out []string) {
	if c := r.Changed; c != nil {
		out = append(out, fmt.Sprintf("NOT COMPARABLE with %s: %s; their definitions, choices or feeds changed since. compare_definitions tells what.", c.Plan, listed(c.NotComparable)))
	}
	if n := len(r.Restated); n > 0 {
		x := r.Restated[0]
		out = append(out, fmt.Sprintf("Late or corrected rows changed %d figures since %s recorded them, such as %s of %s, from %v to %v.", n, x.From, x.KPI, x.Window, x.Before, x.Now))
	}
	return out
}

// mostListed is how many names a caveat lists.
const mostListed = 8

func listed(names []string) string {
	if len(names) > mostListed {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:mostListed], ", "), len(names)-mostListed)
	}
	return strings.Join(names, ", ")
}
