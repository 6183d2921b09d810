// Package metric is the catalogue of KPI definitions. A definition is data
// (metrics.yaml) and travels, by id and hash, with every value made by it.
package metric

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"loyaltymcp/internal/fault"
)

//go:embed metrics.yaml
var file []byte

// Kind is which rule a metric follows over time.
type Kind string

// The kinds of metric.
const (
	Flow  Kind = "flow"  // sum in the window
	Stock Kind = "stock" // state at the end of the window
	Ratio Kind = "ratio" // sum over sum in the window, never a mean of ratios
)

// Unit is what a value is counted in.
type Unit string

// The units.
const (
	Count  Unit = "count"
	Points Unit = "points"
	Money  Unit = "money"
	Share  Unit = "ratio" // 0 to 1
	Score  Unit = "score"
)

// Definition is one metric.
type Definition struct {
	ID          string   `yaml:"id" json:"id"`
	Label       string   `yaml:"label" json:"label"`
	Aliases     []string `yaml:"aliases" json:"aliases,omitempty"`
	Group       string   `yaml:"group" json:"group"` // enrollment, engagement, redemption, csat, revenue
	Kind        Kind     `yaml:"kind" json:"kind"`
	Unit        Unit     `yaml:"unit" json:"unit"`
	Better      string   `yaml:"better" json:"better"` // higher, lower or neutral
	Numerator   string   `yaml:"numerator" json:"numerator"`
	Denominator string   `yaml:"denominator" json:"denominator,omitempty"`
	N           string   `yaml:"n" json:"n"`
	Interval    string   `yaml:"interval" json:"interval,omitempty"` // wilson, nps or ""
	Members     *bool    `yaml:"members" json:"members,omitempty"`
	Requires    []string `yaml:"requires" json:"requires,omitempty"` // feed.column beyond what the measures need
	Headline    bool     `yaml:"headline" json:"headline,omitempty"`
	Text        string   `yaml:"definition" json:"definition"`
}

// Measures returns the names of the measures that the metric is made of.
func (d Definition) Measures() []string {
	measures := []string{d.Numerator, d.N}
	if d.Denominator != "" {
		measures = append(measures, d.Denominator)
	}
	return measures
}

// ByMember reports whether the metric can be broken down by what members are.
func (d Definition) ByMember() bool { return d.Members == nil || *d.Members }

// Hash identifies the definition: what it says, not how it is shown.
func (d Definition) Hash() string {
	d.Label, d.Headline, d.Aliases = "", false, nil
	b, err := json.Marshal(d)
	if err != nil {
		panic("metric: marshalling a definition: " + err.Error()) // plain data
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])[:8]
}

// Ref is the definition's id and hash, as results carry it.
func (d Definition) Ref() string { return d.ID + "@" + d.Hash() }

// Catalog is the definitions in reading order.
type Catalog []Definition

// Load reads the catalogue and checks it.
func Load() (Catalog, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(file))
	decoder.KnownFields(true)
	var c Catalog
	if err := decoder.Decode(&c); err != nil {
		return nil, fmt.Errorf("metric catalogue: %w", err)
	}
	seen := map[string]bool{}
	for _, d := range c {
		for _, name := range append([]string{d.ID}, d.Aliases...) {
			if seen[name] {
				return nil, fmt.Errorf("metric catalogue: %s is defined twice", name)
			}
			seen[name] = true
		}
		if (d.Kind == Ratio) != (d.Denominator != "") {
			return nil, fmt.Errorf("metric catalogue: %s: a ratio, and only a ratio, has a denominator", d.ID)
		}
		if !slices.Contains([]string{"higher", "lower", "neutral"}, d.Better) {
			return nil, fmt.Errorf("metric catalogue: %s: better is %q, not higher, lower or neutral", d.ID, d.Better)
		}
		if !slices.Contains([]string{"", "wilson", "nps"}, d.Interval) {
			return nil, fmt.Errorf("metric catalogue: %s: no interval is called %q", d.ID, d.Interval)
		}
	}
	return c, nil
}

// Find returns the definition with the id or alias.
func (c Catalog) Find(name string) (Definition, bool) {
	i := slices.IndexFunc(c, func(d Definition) bool { return d.ID == name || slices.Contains(d.Aliases, name) })
	if i < 0 {
		return Definition{}, false
	}
	return c[i], true
}

// Get is Find with an error that names the nearest ids.
func (c Catalog) Get(field, name string) (Definition, error) {
	d, ok := c.Find(name)
	if !ok {
		return Definition{}, fault.New(fault.Invalid, field, "there is no KPI %q", name).OneOf(name, c.IDs())
	}
	return d, nil
}

// IDs returns the ids in reading order.
func (c Catalog) IDs() []string {
	ids := make([]string, len(c))
	for i, d := range c {
		ids[i] = d.ID
	}
	return ids
}
