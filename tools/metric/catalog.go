// Package metric is the catalogue of KPI definitions. A definition is data: a
// file of the catalogue says what it is called, of what kind it is and, as
// expressions over the sources (sources.yaml), which sums make it. It travels,
// by id and hash, with every value made by it.
package metric

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v3"

	"loyaltymcp/internal/fault"
)

//go:embed catalog/*.yaml
var catalogFiles embed.FS

// Catalog is the definitions in reading order.
type Catalog []Definition

// Choice is what an operator chooses where vendors disagree.
type Choice struct {
	// Preset names a vendor's variants (presets.yaml); "" for none.
	Preset string `json:"preset,omitempty"`
	// Variants are the variants chosen, by metric id; they stand before those
	// of the preset. Standard is a metric's own formula.
	Variants map[string]string `json:"variants,omitempty"`
	// Define are further metrics, and other definitions of known ones.
	Define []Definition `json:"define,omitempty"`
}

// Load reads the catalogue, checks it and applies a choice. What is wrong with
// the choice is a *fault.Error of kind config whose field is the part of the
// choice at fault, such as metrics.define[0].numerator.
func Load(choice Choice) (Catalog, error) {
	sources, err := LoadSources()
	if err != nil {
		return nil, err
	}
	c, err := load(catalogFiles, sources)
	if err != nil {
		return nil, err
	}
	return c.choose(choice, sources)
}

// load reads every file of definitions.
func load(files fs.FS, sources Sources) (Catalog, error) {
	names, err := fs.Glob(files, "catalog/*.yaml")
	if err != nil {
		return nil, err
	}
	var c Catalog
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		decoder := yaml.NewDecoder(bytes.NewReader(text))
		decoder.KnownFields(true)
		var part Catalog
		if err := decoder.Decode(&part); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		c = append(c, part...)
	}
	for i := range c {
		if err := c[i].whole(sources); err != nil {
			return nil, fmt.Errorf("metric catalogue: %s: %w", c[i].ID, err)
		}
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("metric catalogue: %w", err)
	}
	return c, nil
}

// check refuses names that stand for two metrics, and followed stocks that are
// none.
func (c Catalog) check() error {
	owner := map[string]string{}
	for _, d := range c {
		for _, name := range append([]string{d.ID}, d.Aliases...) {
			if other, taken := owner[name]; taken {
				return wrong("%s names both %s and %s", name, other, d.ID)
			}
			owner[name] = d.ID
		}
	}
	for _, d := range c {
		if err := c.follows(d); err != nil {
			return within(d.ID, err)
		}
		for _, name := range d.VariantNames() {
			if v := d.Variants[name]; v.Daily != nil {
				d.Daily = v.Daily
				if err := c.follows(d); err != nil {
					return within(d.ID+".variants."+name, err)
				}
			}
		}
	}
	return nil
}

// follows refuses a daily denominator that is neither an expression nor a
// stock that says its change.
func (c Catalog) follows(d Definition) error {
	if d.Daily == nil || !isName(d.Daily.Denominator) {
		return nil
	}
	s, found := c.Find(d.Daily.Denominator)
	if found && s.Moves() != nil {
		return nil
	}
	var stocks []string
	for _, o := range c {
		if o.Moves() != nil {
			stocks = append(stocks, o.ID)
		}
	}
	return fault.New(fault.Config, "daily.denominator", "%q is neither an expression nor a stock that says its change", d.Daily.Denominator).
		OneOf(d.Daily.Denominator, stocks)
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
