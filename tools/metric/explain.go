package metric

import (
	"maps"
	"slices"
	"strings"
)

// Explanation is a definition as people and agents read it.
type Explanation struct {
	ID        string   `json:"id"`
	Label     string   `json:"label"`
	Aliases   []string `json:"aliases,omitempty"`
	Group     string   `json:"group"`
	Kind      Kind     `json:"kind"`
	Unit      Unit     `json:"unit"`
	Better    string   `json:"better"`
	Ref       string   `json:"ref"`               // id@hash, as results carry it
	Hash      string   `json:"hash"`              // of the formula in force
	Variant   string   `json:"variant,omitempty"` // in force; "" for the formula of the catalogue
	Custom    bool     `json:"custom,omitempty"`  // defined in loyalty.yaml
	ByMember  bool     `json:"by_member"`         // may be broken down by what members are
	Formula            // in force
	Change    string   `json:"change,omitempty"` // of a stock
	Needs     []string `json:"needs"`            // feeds and columns, in words
	Variants  []Other  `json:"variants"`         // none where there is one formula only
	Fallback  string   `json:"fallback,omitempty"`
	Available *bool    `json:"available,omitempty"` // in the program's data, where those were looked at
	Reason    string   `json:"reason,omitempty"`    // why it isn't
}

// Other is one of the formulas that a metric may go by.
type Other struct {
	Name    string   `json:"name"` // Standard, or that of a variant
	InForce bool     `json:"in_force,omitempty"`
	Hash    string   `json:"hash"`
	Presets []string `json:"presets,omitempty"` // that choose it
	Formula
}

// Explain says what a definition means, what it needs, and what else may be
// meant by it.
func (d Definition) Explain() (Explanation, error) {
	sources, err := LoadSources()
	if err != nil {
		return Explanation{}, err
	}
	presets, err := Presets()
	if err != nil {
		return Explanation{}, err
	}
	e := Explanation{ID: d.ID, Label: d.Label, Aliases: d.Aliases, Group: d.Group, Kind: d.Kind, Unit: d.Unit, Better: d.Better, Ref: d.Ref(), Hash: d.Hash(),
		Variant: d.Variant, Custom: d.Custom, ByMember: d.ByMember(), Formula: d.Formula, Change: d.Change, Needs: d.Needs(sources), Variants: []Other{}, Fallback: d.Fallback}
	if len(d.Variants) == 0 {
		return e, nil
	}
	for _, name := range append([]string{Standard}, d.VariantNames()...) {
		v, err := d.With(name, sources)
		if err != nil {
			return Explanation{}, err
		}
		other := Other{Name: name, InForce: v.Variant == d.Variant, Hash: v.Hash(), Formula: v.Formula}
		for _, p := range presets {
			if !d.Custom && p.Variants[d.ID] == name {
				other.Presets = append(other.Presets, p.Name)
			}
		}
		e.Variants = append(e.Variants, other)
	}
	return e, nil
}

// Needs returns what the formula in force needs of the feeds, in words:
// "orders", "orders.member_id", "points or points_monthly". The required columns
// of a feed go without saying.
func (d Definition) Needs(sources Sources) []string {
	out := map[string]bool{}
	for _, m := range d.Measures() {
		source, ok := sources.Find(m.Source)
		if !ok {
			continue
		}
		feeds := slices.DeleteFunc(slices.Clone(source.Feeds), func(feed string) bool {
			return slices.ContainsFunc(m.Columns(), func(name string) bool { c, _ := source.Column(name); return c.SQL[feed] == "" })
		})
		out[strings.Join(feeds, " or ")] = true
		for _, name := range m.Columns() {
			c, _ := source.Column(name)
			for _, feed := range feeds {
				for _, column := range c.Needs[feed] {
					need := feed + "." + column
					if len(feeds) > 1 {
						need += " where the points are in " + feed
					}
					out[need] = true
				}
			}
		}
		for _, need := range source.needs(m) {
			out[inWords(need)] = true
		}
	}
	return slices.Sorted(maps.Keys(out))
}

// inWords says what a need of sources.yaml means.
func inWords(need string) string {
	switch need {
	case NeedsPoints:
		return "points or points_monthly"
	case NeedsActivity:
		return "a feed that holds an event of " + ActiveEvents
	}
	if both := sides(need); len(both) == 2 {
		return both[0] + " and " + both[1] + ", of one type"
	}
	return need
}
