package basis

import (
	"maps"
	"slices"
	"strings"
)

// What is which part of a basis changed.
type What string

// The parts, the weightiest first.
const (
	OfDefinition What = "definition"
	OfVariant    What = "variant" // another formula of the same metric was chosen
	OfChoice     What = "choice"
	OfFeed       What = "feed"
	OfColumn     What = "column"
	OfConfig     What = "config" // settings that the basis knows by their hash only
	OfThreshold  What = "threshold"
	OfTarget     What = "target"
	OfEngine     What = "engine"
	OfVersion    What = "version" // of this program, whose queries may have changed
)

// Change is one difference of two bases.
type Change struct {
	What   What     `json:"what"`
	ID     string   `json:"id"`
	Before string   `json:"before"` // "" where there was none
	After  string   `json:"after"`  // "" where there is none
	KPIs   []string `json:"kpis"`   // that are not comparable for it, sorted
}

// Title says in a few words what changed.
func (c Change) Title() string {
	subject := string(c.What) + " of " + c.ID
	switch c.What {
	case OfDefinition:
		if c.Before == "" || c.After == "" {
			subject = "metric " + c.ID
		}
	case OfChoice, OfConfig:
		subject = c.ID
	case OfFeed, OfColumn:
		subject = string(c.What) + " " + c.ID
	case OfEngine:
		subject = "engine"
	case OfVersion:
		subject = "program version"
	}
	switch {
	case c.Before == "":
		return subject + " added"
	case c.After == "":
		return subject + " removed"
	}
	return subject + " changed"
}

// Compare returns what differs, the weightiest first, each with the KPIs whose
// values of the two are therefore not comparable: those by another definition,
// with a choice, feed or column that their value hangs on. Thresholds, targets,
// the engine and the program's version make none incomparable. Where a basis is
// partial, only what both tell is compared, and another loyalty.yaml makes every
// KPI incomparable, as nobody can say what changed in it.
func Compare(before, after *Basis) []Change {
	c := comparison{before: before, after: after}
	c.definitions()
	c.choices()
	if before.Whole() && after.Whole() {
		c.feeds()
		c.differ(OfConfig, "loyalty.yaml", before.Other, after.Other, nil)
		c.thresholds()
		c.targets()
	} else {
		c.differ(OfConfig, "loyalty.yaml", before.Config, after.Config, c.all())
	}
	c.differ(OfEngine, "engine", before.Engine, after.Engine, nil)
	c.differ(OfVersion, "loyalty-mcp", before.Version, after.Version, nil)
	return c.out
}

// NotComparable returns the KPIs that any of the changes makes incomparable,
// sorted.
func NotComparable(changes []Change) []string {
	var out []string
	for _, c := range changes {
		out = append(out, c.KPIs...)
	}
	return sorted(out)
}

// comparison gathers the changes.
type comparison struct {
	before, after *Basis
	out           []Change
}

// differ adds a change where the two differ.
func (c *comparison) differ(what What, id, before, after string, kpis []string) {
	if before != after {
		c.out = append(c.out, Change{What: what, ID: id, Before: before, After: after, KPIs: append([]string{}, sorted(kpis)...)})
	}
}

// hanging returns the KPIs of which either basis says so.
func (c *comparison) hanging(so func(Definition) bool) []string {
	var out []string
	for _, d := range slices.Concat(c.before.Definitions, c.after.Definitions) {
		if so(d) {
			out = append(out, d.ID)
		}
	}
	return out
}

func (c *comparison) all() []string { return c.hanging(func(Definition) bool { return true }) }

// keys returns the keys of either map, sorted.
func keys[V any](before, after map[string]V) []string {
	return sorted(slices.AppendSeq(slices.Collect(maps.Keys(before)), maps.Keys(after)))
}

// pairs lines up two lists by name, in the order of names.
func pairs[T any](before, after []T, name func(T) string, each func(id string, before, after *T)) {
	index := func(list []T) map[string]*T {
		out := map[string]*T{}
		for i := range list {
			out[name(list[i])] = &list[i]
		}
		return out
	}
	b, a := index(before), index(after)
	for _, id := range keys(b, a) {
		each(id, b[id], a[id])
	}
}

func (c *comparison) choices() {
	both := c.before.Whole() && c.after.Whole()
	for _, key := range keys(c.before.Choices, c.after.Choices) {
		before, had := c.before.Choices[key]
		after, has := c.after.Choices[key]
		if !both && !(had && has) {
			continue
		}
		c.differ(OfChoice, key, before, after, c.hanging(func(d Definition) bool {
			switch key {
			case choiceProgram, choiceZone, choiceScope:
				return true
			case choiceCurrency:
				return d.Unit == "money" || !d.told()
			}
			return slices.Contains(d.Choices, key)
		}))
	}
}

func (c *comparison) thresholds() {
	name := func(t Threshold) string {
		id := t.KPI + " " + t.Severity
		if t.Source == "request" {
			id = t.KPI + " as requested"
		}
		return id
	}
	// A request may hold several bands of one KPI.
	gather := func(list []Threshold) map[string][]string {
		out := map[string][]string{}
		for _, t := range list {
			out[name(t)] = append(out[name(t)], t.Band)
		}
		return out
	}
	before, after := gather(c.before.Thresholds), gather(c.after.Thresholds)
	for _, id := range keys(before, after) {
		c.differ(OfThreshold, id, strings.Join(sorted(before[id]), ", "), strings.Join(sorted(after[id]), ", "), nil)
	}
}

func (c *comparison) targets() {
	text := func(targets map[string]float64, kpi string) string {
		if target, ok := targets[kpi]; ok {
			return number(target)
		}
		return ""
	}
	for _, kpi := range keys(c.before.Targets, c.after.Targets) {
		c.differ(OfTarget, kpi, text(c.before.Targets, kpi), text(c.after.Targets, kpi), nil)
	}
}
