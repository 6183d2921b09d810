package metric

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"loyaltymcp/internal/fault"
)

//go:embed presets.yaml
var presetsFile []byte

// Preset is what a vendor means by the metrics of which it means something
// else than the catalogue.
type Preset struct {
	Name     string            `yaml:"name" json:"name"`
	Label    string            `yaml:"label" json:"label"` // the vendor
	Variants map[string]string `yaml:"variants" json:"variants"`
}

// Presets returns the presets in reading order.
func Presets() ([]Preset, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(presetsFile))
	decoder.KnownFields(true)
	var all []Preset
	if err := decoder.Decode(&all); err != nil {
		return nil, fmt.Errorf("presets of metrics: %w", err)
	}
	return all, nil
}

// choose applies an operator's choice: definitions first, then the variants of
// the preset, then the operator's.
func (c Catalog) choose(choice Choice, sources Sources) (Catalog, error) {
	c, err := c.define(choice.Define, sources)
	if err != nil {
		return nil, err
	}
	preset, err := preset(choice.Preset)
	if err != nil {
		return nil, err
	}
	own := map[string]string{} // by id, not alias
	for _, name := range slices.Sorted(maps.Keys(choice.Variants)) {
		field := "metrics.variants." + name
		d, err := c.Get(field, name)
		if err != nil {
			return nil, asConfig(err)
		}
		if _, twice := own[d.ID]; twice {
			return nil, fault.New(fault.Config, field, "%s is %s, whose variant is chosen already", name, d.ID).Then("Leave one of them out")
		}
		own[d.ID] = choice.Variants[name]
	}
	for i, d := range c {
		variant, chosen := own[d.ID]
		if !chosen && !d.Custom { // an operator's definition stands before a vendor's
			variant = preset.Variants[d.ID]
		}
		if variant == "" {
			continue
		}
		if c[i], err = d.With(variant, sources); err != nil {
			return nil, within("metrics.variants."+d.ID, err)
		}
	}
	return c, nil
}

// define adds an operator's definitions, or puts them in the place of those
// with the same id.
func (c Catalog) define(own []Definition, sources Sources) (Catalog, error) {
	for i, d := range own {
		field := fmt.Sprintf("metrics.define[%d]", i)
		if slices.ContainsFunc(own[:i], func(o Definition) bool { return o.ID == d.ID }) {
			return nil, fault.New(fault.Config, field, "%s is defined twice", d.ID).Then("Leave one of them out")
		}
		d.Custom = true
		if err := d.whole(sources); err != nil {
			err = within(field, err)
			var e *fault.Error
			if errors.As(err, &e) && e.Next == "" {
				e.Next = "Write it as `loyalty-mcp metrics` shows those of the catalogue"
			}
			return nil, err
		}
		if at := slices.IndexFunc(c, func(o Definition) bool { return o.ID == d.ID }); at >= 0 {
			c[at] = d
		} else {
			c = append(c, d)
		}
		if err := c.check(); err != nil {
			return nil, mine(field, d.ID, err)
		}
	}
	return c, nil
}

// mine puts what check finds under the definition that brought it about,
// which may be another than the one at fault.
func mine(field, id string, err error) error {
	var e *fault.Error
	if !errors.As(err, &e) {
		return within(field, err)
	}
	under := *e
	if rest, own := strings.CutPrefix(e.Field, id+"."); own {
		under.Field = field + "." + rest
	} else if under.Field = field; e.Field != "" {
		under.Message = e.Field + ": " + e.Message
	}
	return &under
}

// preset returns the preset with the name, an empty one for none.
func preset(name string) (Preset, error) {
	all, err := Presets()
	if err != nil || name == "" {
		return Preset{}, err
	}
	names := make([]string, len(all))
	for i, p := range all {
		if names[i] = p.Name; p.Name == name {
			return p, nil
		}
	}
	return Preset{}, fault.New(fault.Config, "metrics.preset", "there is no preset %q", name).OneOf(name, names)
}

// asConfig says that a mistake is the config's, not the caller's.
func asConfig(err error) error {
	var e *fault.Error
	if errors.As(err, &e) {
		e.Kind = fault.Config
	}
	return err
}
