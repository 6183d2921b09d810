package surfaceinsights

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/metric"
)

//go:embed members.yaml
var membersFile []byte

//go:embed segments.yaml
var segmentsFile []byte

// The plays, in order of priority: the first that fits a member counts.
const (
	Suppress = "suppress"
	Protect  = "protect"
	WinBack  = "win_back"
	Upgrade  = "upgrade"
	Nudge    = "nudge"
)

// Definition is a segment as data: who is in it, why now, what to do, and what of
// theirs is counted as its value.
type Definition struct {
	ID      string `yaml:"id"`
	Label   string `yaml:"label"`
	Play    string `yaml:"play"`
	Urgency string `yaml:"urgency"` // high, medium or low
	Owner   string `yaml:"owner"`   // the kind of action whose owner it is: journey, rewards, messaging, data or finance
	Where   string `yaml:"where"`   // the condition, over the columns of members.yaml
	Value   string `yaml:"value"`   // the column that is summed
	Unit    string `yaml:"unit"`    // money, points, count, or sales, worth or gap, which hang on the program
	Trigger string `yaml:"trigger"`
	Action  string `yaml:"action"`
	Metric  string `yaml:"metric"` // the KPI that should move

	condition *metric.Condition
}

// sums are the columns that may be a value: amounts, which add up, and their unit.
var sums = map[string]string{"spend_year": "sales", "spend_ever": "money", "spend_to_last": "sales", "balance": "worth", "expiring": "worth",
	"next_tier_gap": "gap", "orders_year": "count", "orders_ever": "count"}

// memberSource reads what is known of a member.
func memberSource() (metric.Source, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(membersFile))
	decoder.KnownFields(true)
	var s metric.Source
	if err := decoder.Decode(&s); err != nil {
		return s, fmt.Errorf("columns of members: %w", err)
	}
	return s, nil
}

// definitions returns the segments of a program in order of priority: those of
// every program, and the operator's own, by their plays.
func definitions(c *config.Config, source metric.Source, texts *strings.Replacer) ([]Definition, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(segmentsFile))
	decoder.KnownFields(true)
	var out []Definition
	if err := decoder.Decode(&out); err != nil {
		return nil, fmt.Errorf("segments: %w", err)
	}
	for i, s := range c.Segments {
		own := Definition{ID: s.ID, Label: s.Label, Play: s.Play, Urgency: s.Urgency, Owner: s.Owner, Where: s.Where, Value: s.Value,
			Trigger: s.Trigger, Action: s.Action, Metric: s.Metric}
		at := fmt.Sprintf("segments[%d]", i)
		unit, ok := sums[own.Value]
		if !ok {
			return nil, fault.New(fault.Config, at+".value", "%q can't be summed", own.Value).OneOf(own.Value, sortedKeys(sums))
		}
		own.Unit, own.Urgency, own.Owner = unit, orElse(own.Urgency, "medium"), orElse(own.Owner, "journey")
		// One of the same id takes the place of ours.
		if k := slices.IndexFunc(out, func(d Definition) bool { return d.ID == own.ID }); k >= 0 {
			out[k] = own
			continue
		}
		last := -1
		for k, d := range out {
			if slices.Index(plays, d.Play) <= slices.Index(plays, own.Play) {
				last = k
			}
		}
		out = slices.Insert(out, last+1, own)
	}
	for i := range out {
		d := &out[i]
		for _, text := range []*string{&d.Where, &d.Trigger, &d.Action} {
			*text = texts.Replace(*text)
		}
		condition, err := metric.ParseCondition(d.Where, source)
		if err != nil {
			if k := slices.IndexFunc(c.Segments, func(s config.Segment) bool { return s.ID == d.ID }); k >= 0 {
				return nil, fault.New(fault.Config, fmt.Sprintf("segments[%d].where", k), "%s", faultText(err)).
					Then("Compare what is known of a member, joined by and, or, not: above_lowest and quiet_days > 45")
			}
			return nil, fmt.Errorf("segment %s: %w", d.ID, err)
		}
		d.condition = condition
	}
	return out, nil
}

var plays = []string{Suppress, Protect, WinBack, Upgrade, Nudge}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func faultText(err error) string { return strings.TrimPrefix(err.Error(), ": ") }

func sortedKeys(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
