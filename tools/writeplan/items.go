package writeplan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/run"
)

// items turns an agent's items into backlog items, each checked.
func (b *builder) items(args []ItemArg) ([]Item, error) {
	var out []Item
	for i, a := range args {
		field := fmt.Sprintf("items[%d]", i)
		evidence, err := check(field+".evidence", a.Evidence, b.points)
		if err != nil {
			return nil, err
		}
		for _, part := range []struct{ name, text string }{{"title", a.Title}, {"why", a.Why}} {
			if err := b.quote(field+"."+part.name, part.text, evidence); err != nil {
				return nil, err
			}
		}
		item := Item{Type: a.Type, Title: run.Clean(a.Title, 160), Why: run.Clean(a.Why, 1000), Evidence: evidence,
			Owner: a.Owner, Due: a.Due, Metric: a.Metric, Effort: a.Effort, Confidence: "low", urgency: "medium", Source: "agent"}
		if item.Owner == "" {
			item.Owner = b.owner(a.Type)
		}
		if item.Due != "" {
			day, err := run.ParseDay(field+".due", item.Due, b.desk.Config.Zone())
			if err != nil {
				return nil, err
			}
			if day.AddDate(0, 0, 1).Before(b.now) {
				return nil, fault.New(fault.Invalid, field+".due", "%s is past", item.Due).Then("Name a day from %s on", run.Day(b.now))
			}
		}
		if item.Metric != "" {
			if _, err := b.desk.Metrics.Get(field+".metric", item.Metric); err != nil {
				return nil, err
			}
		}
		out = append(out, item)
	}
	return out, nil
}

// owner returns who owns items of a type.
func (b *builder) owner(kind string) string {
	switch kind {
	case "rewards":
		return b.desk.Config.Owners.Rewards
	case "messaging":
		return b.desk.Config.Owners.Messaging
	}
	return b.desk.Config.Owners.Journey
}

// ScoreFormula is how items are ranked, in words that the plan carries.
const ScoreFormula = "score = urgency (high 3, medium 2, low 1) x confidence (high 0.8, medium 0.5, low 0.3) / effort (low 1, medium 2, high 3)"

var (
	urgencies   = map[string]float64{"high": 3, "medium": 2, "low": 1}
	confidences = map[string]float64{"high": 0.8, "medium": 0.5, "low": 0.3}
	efforts     = map[string]float64{"low": 1, "medium": 2, "high": 3}
	dueDays     = map[string]int{"high": 7, "medium": 14, "low": 30}
)

// finish fills in what items have in common and ranks them.
func (b *builder) finish(items []Item) []Item {
	for i := range items {
		it := &items[i]
		if it.Effort == "" {
			it.Effort = "medium"
		}
		if it.Due == "" {
			it.Due = run.Day(b.now.AddDate(0, 0, dueDays[it.urgency]))
		}
		if target, ok := b.desk.Config.Targets[it.Metric]; ok {
			it.Target = &target
		}
		it.Window = "30 days from the start, against a random holdout"
		if it.Expected.Reason == "" {
			it.Expected.Reason = "no experiment of this program has shown what the action adds"
		}
		it.Score = *run.Round(urgencies[it.urgency] * confidences[it.Confidence] / efforts[it.Effort])
	}
	slices.SortStableFunc(items, func(x, y Item) int {
		if x.Score != y.Score {
			if x.Score > y.Score {
				return -1
			}
			return 1
		}
		return strings.Compare(x.Title, y.Title)
	})
	for i := range items {
		items[i].ID = fmt.Sprintf("B%02d", i+1)
	}
	return items
}

// days is a number of days as a duration, for clocks, not calendars.
func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
