package writeplan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"loyaltymcp/tools/run"
)

// owner returns who owns items of a type.
func (f *facts) owner(kind string) string {
	switch kind {
	case "rewards":
		return f.desk.Config.Owners.Rewards
	case "messaging":
		return f.desk.Config.Owners.Messaging
	}
	return f.desk.Config.Owners.Journey
}

// ScoreFormula is how items are ranked, in words that the plan carries.
const ScoreFormula = "score = urgency (high 3, medium 2, low 1) x confidence (high 0.8, medium 0.5, low 0.3) / effort (low 1, medium 2, high 3)"

var (
	urgencies   = map[string]float64{"high": 3, "medium": 2, "low": 1}
	confidences = map[string]float64{"high": 0.8, "medium": 0.5, "low": 0.3}
	efforts     = map[string]float64{"low": 1, "medium": 2, "high": 3}
	dueDays     = map[string]int{"high": 7, "medium": 14, "low": 30}
)

// finish fills in what an item does not say.
func (f *facts) finish(it *Item) {
	it.Urgency = orElse(it.Urgency, "medium")
	it.Effort = orElse(it.Effort, "medium")
	it.Owner = orElse(it.Owner, f.owner(it.Type))
	it.Due = orElse(it.Due, run.Day(f.now.AddDate(0, 0, dueDays[it.Urgency])))
	if target, ok := f.desk.Config.Targets[it.Metric]; ok {
		if it.Target == nil { // one that stands is of the run's own config
			it.Target = &target
		}
	}
	if it.Window == "" {
		it.Window = "30 days from the start, against a random holdout"
	}
	if it.Expected.Value == nil && it.Expected.Reason == "" {
		it.Expected.Reason = "no experiment of this program has shown what the action adds"
	}
	if it.Proof == nil {
		it.Proof = f.proof(*it)
	}
	it.Score = *run.Round(urgencies[it.Urgency] * confidences[it.Confidence] / efforts[it.Effort])
}

// place puts the items in their order: by score, the highest first, then by title,
// but for those whose place was given.
func place(items []Item) []Item {
	given, rest := []Item{}, []Item{}
	for _, it := range items {
		if it.Rank != nil {
			given = append(given, it)
		} else {
			rest = append(rest, it)
		}
	}
	slices.SortStableFunc(rest, func(x, y Item) int {
		return cmp.Or(cmp.Compare(y.Score, x.Score), strings.Compare(x.Title, y.Title))
	})
	slices.SortStableFunc(given, func(x, y Item) int { return cmp.Compare(*x.Rank, *y.Rank) })
	out := rest
	for _, it := range given {
		out = slices.Insert(out, min(*it.Rank-1, len(out)), it)
	}
	return out
}

// identify gives the items without an id the next free ones.
func identify(items []Item, dropped []Dropped) {
	last := 0
	note := func(id string) {
		n := 0
		if _, err := fmt.Sscanf(id, "B%d", &n); err == nil {
			last = max(last, n)
		}
	}
	for _, it := range items {
		note(it.ID)
	}
	for _, d := range dropped {
		note(d.Item.ID)
	}
	for i := range items {
		if items[i].ID == "" {
			last++
			items[i].ID = fmt.Sprintf("B%02d", last)
		}
	}
}

// days is a number of days as a duration, for clocks, not calendars.
func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
