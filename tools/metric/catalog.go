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
	Preset   string            // a vendor's variants; "" for none
	Variants map[string]string // variant by metric id; before those of the preset
	Define   []Definition      // further metrics, and other definitions of known ones
}

// Load reads the catalogue, checks it and applies a choice. What is wrong with
// the choice is an error for the operator.
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
		if err := c[i].compile(sources); err != nil {
			return nil, fmt.Errorf("metric catalogue: %w", err)
		}
	}
	return c, c.check()
}

// check refuses names that stand for two metrics, and followed stocks that are
// none.
func (c Catalog) check() error {
	seen := map[string]bool{}
	for _, d := range c {
		for _, name := range append([]string{d.ID}, d.Aliases...) {
			if seen[name] {
				return fmt.Errorf("metric catalogue: %s is defined twice", name)
			}
			seen[name] = true
		}
	}
	for _, d := range c {
		if _, _, stock, ok := d.ByDay(); ok && stock != "" {
			if s, found := c.Find(stock); !found || s.Moves() == nil {
				return fmt.Errorf("metric catalogue: %s: daily.denominator %q is neither an expression nor a stock that says its change", d.ID, stock)
			}
		}
	}
	return nil
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
