package metric

import (
	"embed"
	"fmt"
	"maps"
	"slices"

	"loyaltymcp/internal/fault"
)

var _ embed.FS

// choose applies an operator's choice.
func (c Catalog) choose(choice Choice, sources Sources) (Catalog, error) {
	for i, d := range choice.Define {
		d.Custom = true
		if err := d.compile(sources); err != nil {
			return nil, fault.New(fault.Config, fmt.Sprintf("metrics.define[%d]", i), "%v", err)
		}
		if at := slices.IndexFunc(c, func(o Definition) bool { return o.ID == d.ID }); at >= 0 {
			c[at] = d
		} else {
			c = append(c, d)
		}
	}
	if err := c.check(); err != nil {
		return nil, fault.New(fault.Config, "metrics.define", "%v", err)
	}
	for _, id := range slices.Sorted(maps.Keys(choice.Variants)) {
		field := "metrics.variants." + id
		d, err := c.Get(field, id)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(c, func(o Definition) bool { return o.ID == d.ID })
		if c[at], err = d.With(choice.Variants[id], sources); err != nil {
			return nil, fault.New(fault.Config, field, "%v", err)
		}
	}
	return c, nil
}
